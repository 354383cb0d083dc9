"""The layers of the environment, the user and the site, as commands see and change them."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from plugreg import Registry, backends
from plugreg.writing_layer import may_write
from tests.other_user import NOBODY, in_child, open_to_others
from tests.plugins.hosts.conftest import install
from tests.virtual_environment import catalog_of, make_environment, site_of
from tests.warm import WarmPython

from .conftest import Outcome, attempt, damage, make_project


@pytest.fixture
def layered(environment, tmp_path):
    """The environment variables of a user who names no catalog."""
    places = {"PLUGREG_CATALOG": "", "XDG_DATA_DIRS": str(tmp_path / "site")}
    return {**environment, **places, "XDG_CACHE_HOME": str(tmp_path / "cache")}


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """An environment, with a copy of it as it was made."""
    folder = tmp_path_factory.mktemp("environment")
    make_environment(folder / "venv")
    shutil.copytree(folder / "venv", folder / "as-made", symlinks=True)
    return folder


@pytest.fixture(scope="module")
def warm_inside(made):
    """Runs commands with the Python of that environment."""
    with WarmPython(made / "venv" / "bin" / "python") as python:
        yield python


@pytest.fixture
def venv(made):
    """A virtual environment as it was made: each test has one anew, in the same place."""
    shutil.rmtree(made / "venv")
    shutil.copytree(made / "as-made", made / "venv", symlinks=True)
    return made / "venv"


@pytest.fixture
def inside(warm_inside, venv, layered, tmp_path):
    """Run a command with the Python of a virtual environment: `inside("list")`."""

    def run(*arguments, **extra):
        done = warm_inside.run(arguments, env={**layered, **extra}, cwd=tmp_path)
        return Outcome(done.returncode, done.stdout.decode(), done.stderr.decode())

    return run


@pytest.fixture
def own(venv):
    """The path of the virtual environment's own catalog."""
    return catalog_of(venv)


def record(path, *projects):
    """Record projects in a catalog, whose folder is made."""
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with Registry.open(path) as registry:
        for project in projects:
            registry.add(project)


def source(tmp_path, name):
    """Return a project's directory."""
    folder = tmp_path / "sources" / name
    folder.mkdir(parents=True)
    module = name.replace("-", "_")
    (folder / f"{module}.py").write_text("")
    (folder / "pyproject.toml").write_text(
        f'[project]\nname = "{name}"\nversion = "1.0"\n'
        f'[project.entry-points.datasette]\n{module} = "{module}"\n'
    )
    return str(folder)


def seen(outcome):
    """Return name, version and layer of each project in the envelope."""
    projects = outcome.object["data"]["projects"]
    return [(one["name"], one["version"], one["layer"]) for one in projects]


def names_in(path):
    """Return the names and switches in one catalog, none where it is not there."""
    with Registry.open(path, read_only=True) as registry:
        return {project.name: project.enabled for project in registry}


@pytest.fixture
def three(user, site, own, inside):
    """Three layers that have `twice`, and a project of their own each."""
    for path, name, version in ((own, "near", "3"), (user, "mine", "2"), (site, "far", "1")):
        record(path, make_project(name), make_project("twice", version=version))
    return inside


def test_the_nearer_layer_wins_by_name(three):
    """Each project is listed once, with the layer that it is seen in."""
    assert seen(three("list", "--json")) == [
        ("far", "1.0", "site"),
        ("mine", "1.0", "user"),
        ("near", "1.0", "environment"),
        ("twice", "3", "environment"),
    ]
    rows = [line.split("\t") for line in three("list").lines]
    assert [(row[0], row[6]) for row in rows[:1]] == [("far", "site")]
    assert seen(three("list", "--layer", "user", "--json")) == [
        ("mine", "1.0", "user"),
        ("twice", "2", "user"),
    ]


def test_show_says_what_a_project_hides(three, own, user, site):
    """The layer, the catalog, and those of the same name that are not seen."""
    [project] = three("show", "twice", "--json").object["data"]["projects"]
    assert (project["layer"], project["catalog"]) == ("environment", own)
    assert project["hides"] == [
        {"layer": "user", "catalog": user, "version": "2", "enabled": True},
        {"layer": "site", "catalog": site, "version": "1", "enabled": True},
    ]
    lines = three("show", "twice").lines
    assert f"layer        environment, {own}" in lines
    assert f"hides        that of the site layer (1, on), {site}" in lines


def test_where_lists_the_layers(three, own, user, site):
    """The catalog is the one that new projects go to; all layers are told."""
    found = three("where", "--json").object["data"]["catalog"]
    assert (found["path"], found["layer"]) == (own, "environment")
    told = [(one["layer"], one["path"], one["projects"]) for one in found["layers"]]
    assert told == [("environment", own, 2), ("user", user, 2), ("site", site, 2)]
    assert f"site\tyes\t2\tyes\t{site}" in three("where").lines


def test_counts_and_exports_see_all_layers(three):
    """Groups and exports are of what is seen, and count a name once."""
    [group] = three("groups", "--json").object["data"]["groups"]
    assert (group["group"], group["projects"]) == ("datasette", 4)
    exported = three("export", "--json").object["data"]["projects"]
    assert [one["version"] for one in exported if one["name"] == "twice"] == ["3"]
    assert len(exported) == 4


def test_a_named_catalog_is_that_one_alone(three, catalog, user):
    """Neither --catalog nor the environment variable adds layers to it."""
    record(catalog, make_project("alone"))
    assert seen(three("list", "--json", PLUGREG_CATALOG=catalog)) == [("alone", "1.0", None)]
    assert seen(three("list", "--json", "--catalog", catalog)) == [("alone", "1.0", None)]
    assert len(three("list", PLUGREG_CATALOG=catalog).lines[0].split("\t")) == 6
    of_layer = three("list", "--json", "--layer", "user", PLUGREG_CATALOG=catalog)
    assert [name for name, _, _ in seen(of_layer)] == ["mine", "twice"]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (["--layer", "planet"], "no layer `planet`; choose one of environment, user, site"),
        (["--layer", "user", "--catalog", "c"], "--layer and --catalog each name a catalog"),
    ],
)
def test_what_options_contradict(inside, line, words):
    """Wrong usage, in one line."""
    outcome = inside("list", *line)
    assert outcome.status == 2
    assert words in outcome.err


@pytest.mark.parametrize("command", [["list"], ["show", "x"], ["where"]])
def test_an_environment_says_nothing_of_a_catalog_that_is_named(inside, command):
    """What would be ignored is wrong usage."""
    outcome = inside(*command, "--python", "venv", "--catalog", "c")
    assert outcome.status == 2
    assert "--python and --catalog each name a catalog; give one of them" in outcome.err


@pytest.mark.parametrize("command", [["list"], ["show", "near"], ["where"]])
def test_an_environment_says_nothing_where_the_variable_names_a_catalog(
    three, venv, command, catalog
):
    """It is not ignored: --layer goes before the variable, and what contradicts it is said."""
    named, line = {"PLUGREG_CATALOG": catalog}, [*command, "--python", str(venv)]
    outcome = three(*line, **named)
    assert (outcome.status, outcome.out) == (2, "")
    assert "--python is for layers, and PLUGREG_CATALOG names the one catalog" in outcome.err
    assert "unset PLUGREG_CATALOG, or say --layer environment" in outcome.err
    assert three(*line, "--layer", "environment", **named).status == 0
    assert three(*line).status == 0


def test_a_new_project_goes_to_the_user(inside, tmp_path, user, own):
    """Where the environment has no catalog yet, and none is made for it."""
    assert seen(inside("add", source(tmp_path, "new"), "--json")) == [("new", "1.0", "user")]
    assert names_in(user) == {"new": True}
    assert not os.path.exists(own)


def test_a_new_project_goes_to_the_environment_that_has_a_catalog(inside, tmp_path, user, own):
    """One that was made on purpose gets what is added in that environment from then on."""
    first, second = source(tmp_path, "first"), source(tmp_path, "second")
    assert inside("add", first, "--layer", "environment").status == 0
    assert seen(inside("add", second, "--json")) == [("second", "1.0", "environment")]
    assert (set(names_in(own)), names_in(user)) == ({"first", "second"}, {})


def test_a_known_project_is_updated_where_it_is_seen(three, tmp_path, user, own, site):
    """Adding it again never makes a second record that nobody sees."""
    outcome = three("add", source(tmp_path, "far"), "--json")
    assert seen(outcome) == [("far", "1.0", "site")]
    assert ("far" in names_in(own), "far" in names_in(user)) == (False, False)
    with Registry.open(site) as registry:
        assert registry["far"].source.location == str(tmp_path / "sources" / "far")


def test_adding_to_a_layer_that_is_hidden_is_said(three, tmp_path, own):
    """The record is made where --layer says, and a warning names the one that hides it."""
    outcome = three("add", source(tmp_path, "near"), "--layer", "user")
    assert outcome.status == 0
    assert f"the environment layer, {own}, has a near of its own, which hides this" in outcome.err


def test_changes_act_where_the_project_is_seen(three, user, own, site):
    """One command changes several layers, and each keeps it in its own history."""
    outcome = three("disable", "near", "mine", "far", "--json")
    assert [layer for _, _, layer in seen(outcome)] == ["environment", "user", "site"]
    assert [
        names_in(path)[name] for path, name in ((own, "near"), (user, "mine"), (site, "far"))
    ] == [False] * 3
    assert names_in(user)["twice"]


def test_a_layer_that_is_named_gets_a_record_of_its_own(three, user, site):
    """Also where the project's own layer could be written."""
    outcome = three("disable", "far", "--layer", "user")
    assert outcome.status == 0
    assert f"far is in the site layer, {site}; a record in {user} hides it" in outcome.err
    assert (names_in(user)["far"], names_in(site)["far"]) == (False, True)
    outcome = three("remove", "far")
    assert f"far is still in the site layer, {site}" in outcome.err
    assert ("far" in names_in(user), names_in(site)["far"]) == (False, True)
    assert three("remove", "far", "--layer", "user").err.startswith(
        "plugreg: error: no project `far` in the user layer; it is in the site layer"
    )


@pytest.mark.parametrize(("verb", "on"), [("enable", True), ("disable", False)])
def test_a_layer_that_is_named_gets_its_record_also_of_what_is_so(three, user, site, verb, on):
    """Whatever the farther layer says later: that is what naming one is for."""
    three(verb, "far")
    outcome = three(verb, "far", "--layer", "user", "--json")
    assert seen(outcome) == [("far", "1.0", "user")]
    assert f"far is in the site layer, {site}; a record in {user} hides it" in outcome.err
    assert names_in(user)["far"] is on


def test_an_order_may_name_a_project_of_any_layer(three):
    """Hosts see them all, whichever layer is changed; of none there is a warning."""
    assert three("set", "mine", "--before", "far", "--layer", "user").err == ""
    outcome = three("set", "mine", "--before", "nobody", "--layer", "user")
    assert "`nobody`, which is not in the catalog" in outcome.err


def test_a_farther_layer_is_no_place_to_switch_what_is_seen_nearer(three, site):
    """A record there would change nothing."""
    outcome = three("disable", "near", "--layer", "site")
    assert outcome.status == 1
    assert "no project `near` in the site layer; it is in the environment layer" in outcome.err


def test_there_is_no_environment_layer_outside_one(layered):
    """It is said so, with what to name instead."""
    places = [entry for entry in sys.path if entry.endswith("-packages")]
    program = f"import site; [site.addsitedir(one) for one in {places}]\n"
    program += "from plugreg.cli import main; main()"
    base = [getattr(sys, "_base_executable", sys.executable), "-c", program]
    done = subprocess.run(
        [*base, "list", "--layer", "environment"], env=layered, capture_output=True, text=True
    )
    assert done.returncode == 1, done.stderr
    assert "in no virtual environment; name the environment by --python" in done.stderr


@pytest.fixture
def within_a_second(three, user, site):
    """Three layers, of which two were changed within the same second, the farther one last."""
    with Registry.open(user) as nearer, Registry.open(site) as farther:
        time.sleep(1.05 - time.time() % 1)
        nearer.disable("mine")
        farther.disable("far")
        assert len({next(one.history()).at for one in (nearer, farther)}) == 1
    return three


def test_changes_within_a_second_are_in_order(within_a_second, user, site):
    """For `history`, `undo` and `undo --redo`, whichever layer is nearer."""
    told = within_a_second("history", "--json").object["data"]["changes"][:2]
    assert [change["layer"] for change in told] == ["site", "user"]
    assert len({change["at"] for change in told}) == 1
    within_a_second("undo")
    assert (names_in(site)["far"], names_in(user)["mine"]) == (True, False)
    within_a_second("undo")
    assert names_in(user)["mine"]
    within_a_second("undo", "--redo")
    assert (names_in(site)["far"], names_in(user)["mine"]) == (True, False)


def test_undo_takes_the_last_change_of_all_back(three, user, site):
    """Further back, layer by layer, in the order in which the changes were made."""
    three("disable", "mine")
    three("disable", "far")
    [change] = three("undo", "--json").object["data"]["changes"]
    assert (change["layer"], names_in(site)["far"]) == ("site", True)
    assert not names_in(user)["mine"]
    [change] = three("undo", "--json").object["data"]["changes"]
    assert (change["layer"], names_in(user)["mine"]) == ("user", True)
    outcome = three("undo", "1")
    assert outcome.status == 2
    assert "each have a change 1; say --layer LAYER" in outcome.err
    assert three("undo", "1", "--layer", "user").status == 0
    assert set(names_in(user)) == {"twice"}


def test_history_is_that_of_all_layers(three, user):
    """Each change has its layer; --layer and NAME choose."""
    three("disable", "mine")
    changes = three("history", "--json").object["data"]["changes"]
    assert {one["layer"] for one in changes} == {"environment", "user", "site"}
    assert (changes[0]["command"], changes[0]["catalog"]) == ("plugreg disable mine", user)
    assert three("history").lines[0].endswith("\tuser")
    of_user = three("history", "--layer", "user", "--json").object["data"]["changes"]
    assert {one["layer"] for one in of_user} == {"user"}
    assert len(three("history", "far").lines) == 1
    assert "3 changes are forgotten" in three("history", "--keep", "1").err.replace("4 ", "3 ")


def test_nothing_is_made_only_to_find_nothing_in_it(inside, tmp_path):
    """Where no layer has a catalog yet, what has nothing to change makes none."""
    for line in (["undo"], ["restore", "x@1"], ["enable", "x"], ["remove", "x"], ["refresh"]):
        assert "Traceback" not in inside(*line).err
    assert not (tmp_path / "data").exists()


def test_show_and_restore_look_into_the_layer_that_tells(three, user):
    """Also of a project that was removed."""
    three("remove", "mine")
    number = three("history", "mine", "--json").object["data"]["changes"][0]["number"]
    [project] = three("show", f"mine@{number - 1}", "--json").object["data"]["projects"]
    assert (project["layer"], project["version"]) == ("user", "1.0")
    assert seen(three("restore", f"mine@{number - 1}", "--json")) == [("mine", "1.0", "user")]
    assert names_in(user)["mine"]


def test_a_damaged_layer_is_named_and_the_others_are_seen(three, site):
    """The command fails for the one, and does its work for the others."""
    Path(site).write_bytes(b"no catalog at all" * 300)
    outcome = three("list", "--json")
    assert (outcome.status, outcome.object["status"]) == (1, "partial")
    assert [name for name, _, _ in seen(outcome)] == ["mine", "near", "twice"]
    [error] = outcome.object["errors"]
    assert error["layer"] == "site"
    assert error["message"].startswith("the site layer is left out: ")
    where = three("where", "--json").object["data"]["catalog"]
    assert [one["projects"] for one in where["layers"]] == [2, 2, None]


@pytest.mark.parametrize(
    "line",
    [
        ["disable", "mine"],
        ["enable", "mine"],
        ["set", "mine", "--tag", "t"],
        ["remove", "mine"],
        ["restore", "mine@1"],
    ],
)
def test_a_change_beside_a_damaged_layer_is_made_and_the_layer_is_an_error(three, user, site, line):
    """The project might be in that layer, too, so the command fails for it."""
    Path(site).write_bytes(b"no catalog at all" * 300)
    outcome = three(*line, "--json")
    assert (outcome.status, outcome.object["status"]) == (1, "partial")
    assert seen(outcome) == [("mine", "1.0", "user")]
    assert [error["layer"] for error in outcome.object["errors"]] == ["site"]


def test_a_change_of_a_layer_that_is_named_fails_for_no_other(three, site):
    """What is damaged elsewhere is a warning."""
    Path(site).write_bytes(b"no catalog at all" * 300)
    outcome = three("disable", "mine", "--layer", "user")
    assert outcome.status == 0
    assert "warning: the site layer is left out" in outcome.err


@pytest.mark.parametrize("named", [[], ["--layer", "user"]], ids=["any", "named"])
@pytest.mark.parametrize(
    "line",
    [
        ["add", "source"],
        ["sync", "--group", "pytest11"],
        ["import", "file"],
        ["import", "file", "--dry-run"],
    ],
    ids=" ".join,
)
def test_what_is_recorded_beside_a_damaged_layer_is_a_warning_with_the_way_out(
    inside, tmp_path, site, line, named
):
    """It may hide something of that layer; the command does its work all the same."""
    file = str(tmp_path / "plugins.json")
    inside("export", file)
    os.makedirs(os.path.dirname(site))
    Path(site).write_bytes(bytes(range(256)) * 16)
    words = {"source": source(tmp_path, "new"), "file": file}
    outcome = inside(*(words.get(word, word) for word in line), *named)
    [warned] = [one for one in outcome.err.splitlines() if "layer is left out" in one]
    assert outcome.status == 0
    assert warned.startswith(f"plugreg: warning: the site layer is left out: {site} is not a DBM")
    assert warned.endswith("; mend it, move it away, or ask whoever may")


def test_check_tells_of_a_damaged_layer(inside, tmp_path, site):
    """What is checked may be hidden, or hide another: exit status 1, with all findings."""
    inside("add", source(tmp_path, "mine"), "--layer", "user")
    os.makedirs(os.path.dirname(site))
    Path(site).write_bytes(b"no catalog at all" * 300)
    outcome = inside("check", "mine", "--json")
    assert (outcome.status, outcome.object["status"]) == (1, "partial")
    assert outcome.object["data"]["checks"]
    assert [error.get("layer") for error in outcome.object["errors"]] == ["site"]
    assert inside("check", "mine", "--layer", "user").status == 0


def test_undo_does_not_pass_over_an_entry_that_cannot_be_read(three, user, own):
    """The last change of all may be that one: no older one of another layer is taken back."""
    three("disable", "mine", "--layer", "user")
    with backends.open(user, mode="w") as store:
        store[max(key for key in store if key.startswith(b"@history/"))] = b"damaged"
    before = names_in(user), names_in(own)
    for line in ["undo"], ["undo", "--redo"]:
        outcome = three(*line)
        assert (outcome.status, outcome.out) == (1, "")
        assert f"the user layer, {user}: change " in outcome.err
        assert "of the history cannot be read" in outcome.err
        assert "say --layer LAYER" in outcome.err
        assert (names_in(user), names_in(own)) == before
    assert "`plugreg undo N`" in three("undo", "--layer", "user").err
    assert three("undo", "--layer", "environment").status == 0
    assert names_in(own) != before[1]


@pytest.mark.parametrize("line", [["undo"], ["undo", "2"], ["undo", "--redo"]])
def test_undo_beside_a_damaged_layer_asks_for_the_layer(three, user, site, line):
    """The last change of all may be in that one: another is not taken back in its stead."""
    three("disable", "mine")
    if "--redo" in line:
        three("undo", "--layer", "user")
    before = names_in(user)
    Path(site).write_bytes(b"no catalog at all" * 300)
    outcome = three(*line)
    assert (outcome.status, outcome.out) == (1, "")
    assert "the site layer is left out: " in outcome.err
    assert "say --layer LAYER" in outcome.err
    assert names_in(user) == before
    assert three(*line, "--layer", "user").status == 0
    assert names_in(user) != before


def test_a_damaged_record_hides_the_farther_one(three, user, site):
    """What it said is not known: the other's project might be switched off by it."""
    damage(user, "far")
    [unreadable] = [
        one for one in three("list", "--json").object["data"]["projects"] if one["name"] == "far"
    ]
    assert (unreadable["state"], unreadable["layer"]) == ("unreadable", "user")
    assert three("remove", "far").status == 0
    assert ("far", "1.0", "site") in seen(three("list", "--json"))


def test_a_record_under_another_name_is_removed_from_its_own_layer(three, user, site):
    """Not the project of a nearer layer of which its name is a spelling."""
    with backends.open(site, mode="w") as store:
        store[b"Mine"] = store[b"far"]
    outcome = three("remove", "Mine")
    assert outcome.out == "removed Mine\n"
    assert set(names_in(user)) == {"mine", "twice"}
    assert three("remove", "Mine").out.startswith("removed mine 1.0")


def test_a_site_catalog_that_all_may_write_is_pointed_out(three, site):
    """On stderr, with the file, by every command that looks into it."""
    os.chmod(site, 0o666)
    assert f"{site} can be changed by others: every user may write it" in three("list").err


def test_doctor_looks_into_all_layers(three, site, own):
    """Of a project that is hidden nothing is said; each file is looked at."""
    os.chmod(site, 0o666)
    Path(f"{own}-journal").write_bytes(b"left behind")
    problems = three("doctor", "--json").object["data"]["problems"]
    assert {"changeable-by-others", "source-missing"} <= {one["code"] for one in problems}
    assert [one["project"] for one in problems if one["code"] == "source-missing"] == [
        "far", "mine", "near", "twice",
    ]  # fmt: skip
    assert site in {one["file"] for one in problems}


def test_doctor_mends_each_project_in_its_layer(inside, tmp_path, user, site):
    """One change of each catalog; the records stay where they are."""
    for name, layer in (("here", "user"), ("there", "site")):
        folder = source(tmp_path, name)
        inside("add", folder, "--layer", layer)
        text = (tmp_path / "sources" / name / "pyproject.toml").read_text()
        (tmp_path / "sources" / name / "pyproject.toml").write_text(text.replace("1.0", "2.0"))
    outcome = inside("doctor", "--fix", "--json")
    fixed = [one["project"] for one in outcome.object["data"]["problems"] if one["fixed"]]
    assert sorted(fixed) == ["here", "there"]
    assert seen(inside("list", "--json")) == [("here", "2.0", "user"), ("there", "2.0", "site")]


def test_refresh_reads_each_project_into_its_layer(inside, tmp_path):
    """By name and without."""
    for name, layer in (("here", "user"), ("there", "site")):
        inside("add", source(tmp_path, name), "--layer", layer)
    assert seen(inside("refresh", "--json")) == [("here", "1.0", "user"), ("there", "1.0", "site")]
    assert seen(inside("refresh", "there", "--json")) == [("there", "1.0", "site")]


def test_import_makes_one_layer_match(three, tmp_path, user, site):
    """The one that is named, or that new projects go to; the others stay."""
    file = str(tmp_path / "plugins.json")
    three("export", file, "--layer", "site")
    assert three("import", file, "--layer", "user").status == 0
    assert names_in(user) == names_in(site) == {"far": True, "twice": True}


def test_completion_of_names_sees_all_layers(three):
    """What a shell asks for."""
    told = three("plugreg", "show", "", _PLUGREG_COMPLETE="zsh").lines
    assert {line.partition("\t")[0] for line in told} >= {"far", "mine", "near", "twice"}


def test_the_code_of_a_wheel_lies_where_the_readers_of_its_layer_can_read_it(
    inside, real_plugins, tmp_path, site
):
    """Beside the site's catalog, and gone with its last user; a copied record has no claim."""
    wheel = str(real_plugins["pytest-timeout"].wheel)
    assert inside("add", wheel, "--layer", "site").status == 0
    with Registry.open(site) as registry:
        root = Path(registry["pytest-timeout"].root)
    assert root.is_relative_to(tmp_path / "site" / "plugreg" / "unpacked")
    for folder in (root, *root.parents[:3]):
        assert os.stat(folder).st_mode & 0o055 == 0o055
    assert not (tmp_path / "data").exists()
    file = str(tmp_path / "plugins.json")
    inside("export", file)
    assert '"root": "@unpacked/' in Path(file).read_text()
    shutil.rmtree(tmp_path / "site")
    assert inside("import", file, "--layer", "site").status == 0
    assert (root / "pytest_timeout.py").exists()
    inside("add", wheel)  # known there: updated there
    assert not list((tmp_path / "data").rglob("pytest_timeout.py"))
    inside("disable", "pytest-timeout", "--layer", "user")
    inside("remove", "pytest-timeout", "--layer", "user")
    assert (root / "pytest_timeout.py").exists()
    inside("remove", "pytest-timeout")
    assert not root.exists()


def test_the_code_of_a_wheel_lies_beside_a_layers_catalog_that_is_named(
    plugreg, inside, real_plugins, tmp_path, own
):
    """As the layer's own readers would have it; an export of it is portable from both sides."""
    os.makedirs(os.path.dirname(own))
    wheel = str(real_plugins["pytest-timeout"].wheel)
    assert plugreg("add", wheel, "--catalog", own).status == 0
    with Registry.open(own, read_only=True) as registry:
        root = Path(registry["pytest-timeout"].root)
    assert root.is_relative_to(Path(own).parent / "unpacked")
    there, here = str(tmp_path / "there.json"), str(tmp_path / "here.json")
    inside("export", there, "--layer", "environment")
    plugreg("export", here, "--catalog", own)
    assert '"root": "@unpacked/' in Path(here).read_text()
    assert Path(here).read_text() == Path(there).read_text()
    assert plugreg("remove", "pytest-timeout", "--catalog", own).status == 0
    assert not root.exists()


@pytest.mark.parametrize("flavour", ["dumb", "gnu-ndbm"])
def test_a_layer_without_a_file_of_its_name_is_there(three, user, site, own, flavour):
    """Some flavours put suffixes to it; tables tell the layers."""
    shutil.rmtree(os.path.dirname(site))
    for path in (own, user):
        with Registry.open(path) as registry:
            projects = list(registry)
        os.unlink(path)
        with Registry.open(path, flavour=flavour) as registry:
            for project in projects:
                registry.add(project)
    assert not os.path.exists(own)
    assert "environment" in three("list").out


def test_each_file_of_a_layer_has_to_be_writable(tmp_path):
    """One that is not makes the catalog read-only, whatever its folder allows."""
    open_to_others(tmp_path)
    (tmp_path / "place").mkdir()
    os.chmod(tmp_path / "place", 0o777)
    catalog = str(tmp_path / "place" / "catalog")
    Registry.open(catalog, flavour="dumb").close()
    for mode in (0o666, 0o444):
        os.chmod(f"{catalog}.dir", 0o666)
        os.chmod(f"{catalog}.dat", mode)
        writable = in_child(lambda: may_write(catalog), drop_rights=True)
        assert writable is (mode == 0o666)


@pytest.fixture
def as_reader(site, user, tmp_path, monkeypatch):
    """Run commands as another user, who may read the site's catalog and has a folder of his own."""
    open_to_others(tmp_path)
    record(site, make_project("far"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("XDG_DATA_DIRS", str(tmp_path / "site"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "data" / "cache"))
    monkeypatch.setenv("PLUGREG_CATALOG", "")
    monkeypatch.setenv("NO_COLOR", "1")
    for line in (["list"], ["disable", "far"], ["undo"], ["remove", "far"], ["undo"], ["history"]):
        assert attempt(*line)[0] == 0, line  # imports what the child may not read
    assert attempt("add", source(tmp_path / "before", "far"))[0] == 0
    attempt("remove", "far")
    record(site, make_project("far"))
    attempt("disable", "far", "--layer", "user")
    attempt("remove", "nobody")
    shutil.rmtree(tmp_path / "data")
    os.mkdir(tmp_path / "data")
    os.chmod(site, 0o444)
    os.chmod(os.path.dirname(site), 0o555)
    if os.geteuid() == 0:
        os.chown(tmp_path / "data", NOBODY, NOBODY)
    yield lambda *line: in_child(lambda: attempt(*line), drop_rights=True)
    os.chmod(os.path.dirname(site), 0o755)


def test_a_reader_switches_the_sites_project_off_for_himself(as_reader, user, site):
    """By a record of his own, which `remove` takes out; the site's is as it was."""
    before = Path(site).read_bytes()
    status, out, err = as_reader("disable", "far")
    assert (status, out) == (0, "disabled far 1.0 (datasette)\n")
    assert f"far is in the site layer, {site}; a record in {user} hides it from now on" in err
    assert (names_in(user), names_in(site)) == ({"far": False}, {"far": True})
    assert as_reader("list")[1].startswith("far\t1.0\toff")
    status, _, err = as_reader("remove", "far")
    assert (status, f"far is still in the site layer, {site}" in err) == (0, True)
    assert as_reader("list")[1].startswith("far\t1.0\ton")
    assert Path(site).read_bytes() == before


def test_what_is_as_wanted_gets_no_record_of_its_own(as_reader, user, site):
    """Enabling what the site has on, say to release it, hides nothing."""
    assert as_reader("enable", "far") == (0, "enabled far 1.0 (datasette)\n", "")
    assert (names_in(user), os.path.exists(user)) == ({}, False)


def test_adding_what_a_farther_layer_has_keeps_its_switches(as_reader, user, site, tmp_path):
    """A nearer record is a copy: what the site switched off is not switched on by it."""
    folder = source(tmp_path, "far")
    with Registry.open(site) as registry:
        registry.set("far", priority=7, tags=["t"], before=["other"])
        registry.disable("far")
    os.chmod(site, 0o444)
    status, out, err = as_reader("add", folder)
    assert (status, out) == (0, "added far 1.0 (datasette), switched off\n")
    assert f"far is in the site layer, {site}; a record in {user} hides it from now on" in err
    with Registry.open(user, read_only=True) as registry:
        far = registry["far"]
    assert (far.enabled, far.priority, far.tags, far.before) == (False, 7, ("t",), ("other",))
    assert far.source.location == folder
    assert as_reader("add", folder) == (0, "updated far 1.0 (datasette), switched off\n", "")


def test_adding_a_copy_to_a_layer_that_is_named_keeps_the_switches(three, user, site, tmp_path):
    """Those that the command gives are set on top of them."""
    three("disable", "far")
    outcome = three("add", source(tmp_path, "far"), "--layer", "user", "--priority", "3")
    assert f"far is in the site layer, {site}; a record in {user} hides it" in outcome.err
    with Registry.open(user, read_only=True) as registry:
        assert (registry["far"].enabled, registry["far"].priority) == (False, 3)


def test_adding_hides_a_damaged_record_of_a_farther_layer(three, user, site, tmp_path):
    """Its switches are not known; the new record is as a new one is."""
    damage(site, "far")
    outcome = three("add", source(tmp_path, "far"), "--layer", "user")
    assert (outcome.status, names_in(user)["far"]) == (0, True)
    assert f"far is in the site layer, {site}; a record in {user} hides it" in outcome.err


def test_a_reader_cannot_remove_what_is_the_sites(as_reader, site):
    """He is told whose it is, and how to switch it off for himself."""
    status, out, err = as_reader("remove", "far")
    assert (status, out) == (1, "")
    assert f"far is in the site layer, {site}, which you may not write" in err
    assert "`plugreg disable far`, which switches it off for you alone" in err


def test_a_hint_names_no_command_that_would_fail_alike(as_reader, user, tmp_path):
    """Where his own catalog may not be written, either, nobody can switch it off for himself."""
    os.makedirs(os.path.dirname(user))
    os.chmod(os.path.dirname(user), 0o555)
    for verb in ("disable", "remove"):
        status, _, err = as_reader(verb, "far")
        assert status == 1
        assert "which you may not write; ask whoever may write it\n" in err


def test_a_readers_undo_is_his_own(as_reader, user, site):
    """The site's changes are not his to take back; his own come and go as one change."""
    assert "nothing to undo" in as_reader("undo")[2]
    as_reader("disable", "far")
    assert as_reader("undo")[0] == 0
    assert (names_in(user), names_in(site)) == ({}, {"far": True})


def test_a_readers_undo_needs_no_layer_that_he_may_not_write(as_reader, user, site):
    """A site that is damaged has no change that he could take back."""
    as_reader("disable", "far")
    os.chmod(site, 0o644)
    Path(site).write_bytes(b"no catalog at all" * 300)
    os.chmod(site, 0o444)
    assert as_reader("undo")[0] == 0
    assert names_in(user) == {}


def test_a_layer_that_may_not_be_read_is_named(as_reader, user, site):
    """The reader's own projects are seen all the same."""
    record(user, make_project("mine"))
    for path in (user, os.path.dirname(user)):
        os.chmod(path, 0o755)
        if os.geteuid() == 0:
            os.chown(path, NOBODY, NOBODY)
    os.chmod(site, 0o000)
    status, out, err = as_reader("list")
    assert (status, out.split("\t")[0]) == (1, "mine")
    assert "the site layer is left out" in err
    assert site in err


def test_python_says_whose_layer_is_meant(plugreg, tmp_path, own, venv):
    """A plugreg of elsewhere sees and fills the catalog of the environment that is named."""
    record(own, make_project("near"))
    env = str(venv)
    quiet = {"PLUGREG_CATALOG": "", "XDG_DATA_DIRS": str(tmp_path / "site")}
    assert seen(plugreg("list", "--python", env, "--json", **quiet)) == [
        ("near", "1.0", "environment")
    ]
    shown = plugreg("show", "near", "--python", f"{env}/bin/python", "--json", **quiet)
    assert shown.object["data"]["projects"][0]["catalog"] == own
    info = site_of(venv) / "fresh-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: fresh\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[datasette]\nfresh = fresh\n")
    done = plugreg("sync", "--group", "datasette", "--python", env, "--json", **quiet)
    assert ("fresh", "1.0", "environment") in seen(done)
    assert "fresh" in names_in(own)
    outcome = plugreg("list", "--python", str(tmp_path / "nowhere"), **quiet)
    assert outcome.status == 1
    assert "nowhere is no Python environment: it does not exist; pass the folder" in outcome.err


def test_doctor_holds_requirements_against_the_environment_that_is_named(
    plugreg, tmp_path, catalog, venv
):
    """What is missing there is a problem, and what is missing here is none."""
    folder = source(tmp_path, "needy")
    text = '[project]\nname = "needy"\nversion = "1.0"\ndependencies = ["only-there"]\n'
    text += '[project.entry-points.datasette]\nneedy = "needy"\n'
    Path(folder, "pyproject.toml").write_text(text)
    plugreg("add", folder)
    info = site_of(venv) / "only_there-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: only-there\nVersion: 1.0\n")
    here = plugreg("doctor", "--json").object["data"]["problems"]
    assert [one["code"] for one in here] == ["requirement-unmet"]
    assert plugreg("doctor", "--python", str(venv)).status == 0
    shutil.rmtree(info)
    [there] = plugreg("doctor", "--python", str(venv), "--json").object["data"]["problems"]
    assert (there["code"], there["file"]) == ("requirement-unmet", str(venv))


def test_doctor_tells_what_the_environment_that_is_named_does_not_have(
    plugreg, catalog, venv, tmp_path
):
    """A host there would leave it out; where there is no such host, nobody asks for it."""
    here, there = tmp_path / "here" / "site-packages", site_of(venv)
    here.mkdir(parents=True)
    info = install(here, "fresh")
    (info / "entry_points.txt").write_text("[somehost]\nfresh = pluggy\n")
    plugreg("add", "fresh", "--python", str(here))
    env = ("doctor", "--python", str(venv))
    assert plugreg(*env).status == 0
    install(there, "somehost")
    [problem] = plugreg(*env, "--json").object["data"]["problems"]
    assert problem["code"] == "installed-elsewhere"
    assert problem["message"] == f"it is installed in another environment: {info}"
    assert problem["hint"] == "pip install fresh here, or plugreg disable fresh"
    assert problem["file"] == str(venv)
    assert plugreg("doctor").status == 0
    install(there, "fresh")
    assert plugreg(*env).status == 0
    shutil.rmtree(there / "fresh-1.0.dist-info")
    plugreg("disable", "fresh")
    assert plugreg(*env).status == 0


def test_doctor_finds_entry_points_of_another_environment(plugreg, catalog, venv):
    """Modules are looked for where that Python looks for them; nothing is imported."""
    where = site_of(venv)
    info = where / "fresh-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: fresh\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[datasette]\nfresh = fresh\nold = fresh_old.part\n")
    (where / "fresh.py").write_text("raise SystemExit")
    env = str(venv)
    plugreg("add", "fresh", "--python", env)
    assert plugreg("doctor", "--json").object["data"]["problems"] == []
    [problem] = plugreg("doctor", "--python", env, "--json").object["data"]["problems"]
    assert (problem["code"], "fresh_old.part" in problem["message"]) == (
        "entry-point-unresolved",
        True,
    )
    (where / "fresh_old").mkdir()
    (where / "fresh_old" / "part.py").write_text("")
    assert "entry-point-unresolved" not in plugreg("doctor", "--python", env).out


def test_check_imports_with_the_python_that_is_named(plugreg, tmp_path, venv):
    """A module that is there only is found, and here it is not."""
    folder = source(tmp_path, "importer")
    Path(folder, "importer.py").write_text("import only_in_there\n")
    (site_of(venv) / "only_in_there.py").write_text("")
    assert plugreg("check", folder).status == 1
    assert plugreg("check", folder, "--python", str(venv)).status == 0


def test_run_sees_the_layer_of_the_hosts_environment(plugreg, inside, tmp_path, venv):
    """The command's own environment counts, not the one that plugreg is in."""
    folder = source(tmp_path, "near")
    inside("add", folder, "--layer", "environment")
    program = "from importlib.metadata import entry_points as e; print(list(e(name='near')))"
    quiet = {"PLUGREG_CATALOG": "", "XDG_DATA_DIRS": str(tmp_path / "site")}
    line = ["run", "--", str(venv / "bin" / "python"), "-c", program]
    assert "value='near'" in plugreg(*line, **quiet).out
    assert plugreg(*line, **quiet, PLUGREG_DISABLE="near").out == "[]\n"
    off = inside("disable", "near")
    assert off.status == 0
    assert plugreg(*line, **quiet).out == "[]\n"


def test_a_python_outside_an_environment_has_no_layer_of_its_own(inside, tmp_path, own, venv):
    """Plugreg's own is not taken in its place: it is neither changed nor seen."""
    folder = source(tmp_path, "near")
    outside = os.path.realpath(venv / "bin" / "python")
    link = tmp_path / "linked" / "bin" / "python3"
    link.parent.mkdir(parents=True)
    link.symlink_to(outside)
    for python in (outside, str(link)):
        refused = inside("add", folder, "--layer", "environment", "--python", python)
        assert (refused.status, os.path.exists(own)) == (1, False)
        assert "that Python is in no virtual environment; name the environment" in refused.err
    assert inside("add", folder, "--layer", "environment").status == 0
    program = "import importlib.metadata as m; print('near' in str(m.entry_points()))"
    for python in (outside, str(link)):
        assert seen(inside("list", "--python", python, "--json")) == []
        refused = inside("doctor", "--layer", "environment", "--python", python)
        assert "there is no environment layer" in refused.err
        assert inside("run", "--", python, "-c", program).out == "False\n"
    new = source(tmp_path, "new")
    assert seen(inside("add", new, "--python", outside, "--json")) == [("new", "1.0", "user")]
    assert set(names_in(own)) == {"near"}


def test_the_environments_layer_alone_is_that_of_the_hosts_environment(
    plugreg, inside, tmp_path, venv
):
    """By `--layer environment`, of `run` and of `bisect`, wherever plugreg itself is."""
    folder = source(tmp_path, "near")
    inside("add", folder, "--layer", "environment")
    program = "import importlib.metadata as m; print('near' in str(m.entry_points()))"
    quiet = {"PLUGREG_CATALOG": "", "XDG_DATA_DIRS": str(tmp_path / "site")}
    line = ["--layer", "environment", "--", str(venv / "bin" / "python"), "-c"]
    assert plugreg("run", *line, program, **quiet).out == "True\n"
    os.chmod(catalog_of(venv), 0o666)
    failing = "import importlib.metadata as m, sys; sys.exit('near' in str(m.entry_points()))"
    found = plugreg("bisect", *line, failing, **quiet)
    assert found.out.startswith("near makes it fail")
    assert "can be changed by others" in found.err


def test_run_takes_plugregs_own_layer_where_no_python_is_known(inside, tmp_path, venv):
    """A shell may start any."""
    inside("add", source(tmp_path, "near"), "--layer", "environment")
    program = "import importlib.metadata as m; print('near' in str(m.entry_points()))"
    line = shlex.join([str(venv / "bin" / "python"), "-c", program])
    assert inside("run", "--", "sh", "-c", line).out == "True\n"
