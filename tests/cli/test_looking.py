"""`show`, `groups`, `where`, `flavours` and `identify`: the commands that only look."""

from __future__ import annotations

import os

import pytest

from plugreg import Registry, backends
from plugreg.backends import require_flavour
from tests.conditions import skip_or_fail

from .conftest import damage, make_project


def test_show_says_all_of_a_project(plugreg, filled):
    """Every field stands on a line of its own."""
    lines = plugreg("show", "datasette-map").lines
    fields = dict(line.split(maxsplit=1) for line in lines)
    assert (fields["name"], fields["summary"], fields["on"]) == ("datasette-map", "Maps", "on")
    assert any("datasette-map = datasette_map" in line for line in lines)


@pytest.mark.parametrize("name", ["pytest-sugar", "PyTest_Sugar", "s", "ps"])
def test_show_takes_any_name(plugreg, filled, name):
    """A project is found by its name in any spelling, by an entry point, and by a module."""
    (project,) = plugreg("show", name, "--json").object["data"]["projects"]
    assert project["name"] == "pytest-sugar"


def test_show_of_an_unknown_name_is_an_error(plugreg, filled):
    """The error is one line on stderr, the same in the envelope, and the exit is 1."""
    outcome = plugreg("show", "pytest-suger", "--json")
    assert outcome.status == 1
    (error,) = outcome.object["errors"]
    assert (error["code"], error["name"]) == ("project-not-found", "pytest-suger")
    assert error["hint"] == "did you mean `pytest-sugar`?"
    assert outcome.object["status"] == "error"
    assert len(outcome.err.splitlines()) == 1


def test_show_of_a_damaged_record_says_so(plugreg, filled):
    """The error names the record and what to do next."""
    damage(filled, "broken")
    outcome = plugreg("show", "broken")
    assert outcome.status == 1
    assert "plugreg remove broken" in outcome.err


def test_show_says_whether_the_code_changed(plugreg, tmp_path):
    """As it was added, changed since, or not known; a host's versions stand there, too."""
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "pyproject.toml").write_text(
        '[project]\nname = "mine"\nversion = "1"\n[tool.plugreg]\nhosts = {llm = ">=0.20"}\n'
        '[project.entry-points.llm]\nmine = "mine"\n'
    )
    (folder / "mine.py").write_text("one = 1\n")
    plugreg("add", str(folder))
    shown = [line.split(maxsplit=1) for line in plugreg("show", "mine").lines]
    assert ["code", "as it was added"] in shown
    assert ["host", "llm >=0.20"] in shown
    (folder / "mine.py").write_text("two = 2\n")
    assert "changed since it was added" in plugreg("show", "mine").out
    (project,) = plugreg("show", "mine", "--json").object["data"]["projects"]
    assert (project["code"], project["state"], len(project["digest"])) == ("changed", "ok", 64)


def test_show_says_where_no_digest_is(plugreg, filled):
    """Nothing is claimed of code that nobody looked at."""
    assert "no digest of it was recorded" in plugreg("show", "datasette-map").out


def test_groups_count(plugreg, filled):
    """Each host's group has its projects counted, and those that are on."""
    assert plugreg("groups").lines == ["datasette\t2\t1", "pytest11\t1\t1"]
    assert plugreg("groups", "--json").object["data"]["groups"] == [
        {"group": "datasette", "projects": 2, "enabled": 1},
        {"group": "pytest11", "projects": 1, "enabled": 1},
    ]


def test_where_says_which_catalog_and_why(plugreg, filled, tmp_path):
    """The path, the flavour, the size and the reason are those of the catalog in use."""
    found = plugreg("where", "--json").object["data"]["catalog"]
    assert found == {
        "path": filled,
        "reason": "PLUGREG_CATALOG names it",
        "exists": True,
        "flavour": "sqlite3",
        "size_bytes": os.path.getsize(filled),
        "projects": 3,
        "writable": True,
        "obstacle": None,
        "layer": None,
        "layers": [],
    }
    other = str(tmp_path / "other")
    named = plugreg("where", "--catalog", other, "--json").object["data"]["catalog"]
    assert (named["path"], named["exists"], named["projects"]) == (other, False, 0)
    assert named["reason"] != found["reason"]


def test_where_names_the_users_catalog(plugreg, tmp_path):
    """Without a choice, the catalog is in the user's data folder, which is not made to look."""
    found = plugreg("where", "--json", PLUGREG_CATALOG="").object["data"]["catalog"]
    assert found["path"].startswith(str(tmp_path / "data"))
    assert not (tmp_path / "data").exists()


def test_where_helps_with_a_catalog_that_is_none(plugreg, tmp_path):
    """The path and the reason are told along with the error."""
    text = tmp_path / "notes.txt"
    text.write_text("no catalog at all\n" * 300)
    outcome = plugreg("where", "--catalog", str(text), "--json")
    assert outcome.status == 1
    assert outcome.object["data"]["catalog"]["path"] == str(text)
    assert outcome.object["errors"][0]["code"] == "not-a-database"
    assert plugreg("where", "--catalog", str(text)).lines[0].endswith(str(text))


@pytest.mark.parametrize("flavour", ["dumb", "gnu", "ndbm"])
def test_where_of_other_flavours_counts_every_file(plugreg, tmp_path, flavour):
    """A catalog is as large as all its files, whatever the flavour calls them."""
    reason = require_flavour(flavour).unwritable_here()
    if reason:
        skip_or_fail(reason, required_by="PLUGREG_REQUIRE_DBM")
    path = str(tmp_path / "other")
    with Registry.open(path, flavour=flavour) as registry:
        registry.add(make_project("one"))
    found = plugreg("where", "--catalog", path, "--json").object["data"]["catalog"]
    files = [name for name in os.listdir(tmp_path) if name.startswith("other")]
    sizes = [os.path.getsize(tmp_path / name) for name in files if "lock" not in name]
    assert (found["exists"], found["projects"]) == (True, 1)
    assert found["size_bytes"] == sum(sizes) > 0


def test_flavours_say_what_can_be_done(plugreg):
    """The pinned flavour is read and written everywhere; one that is not says why."""
    flavours = plugreg("flavours", "--json").object["data"]["flavours"]
    assert [item["name"] for item in flavours if item["pinned"]] == ["sqlite3"]
    for item in flavours:
        assert item["title"]
        able = item["read"] and item["write"]
        assert (bool(item["reason"]) is not able) or "changes none" in item["reason"]
    assert plugreg("flavours").lines[0].startswith("sqlite3 (pinned)\tyes\tyes\t")


def test_a_broken_flavour_of_another_package_is_told(plugreg, tmp_path):
    """It is listed with its reason and warned of in one line; nothing else is affected."""
    info = tmp_path / "site" / "odd-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: odd\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[plugreg.flavours]\nodd = no_such_module:FLAVOUR\n")
    outcome = plugreg("flavours", "--json", PYTHONPATH=str(tmp_path / "site"))
    last = outcome.object["data"]["flavours"][-1]
    assert (outcome.status, last["name"], last["read"], last["write"]) == (0, "odd", False, False)
    assert "No module named 'no_such_module'" in last["reason"]
    (line,) = outcome.err.splitlines()
    assert line.startswith("plugreg: warning: the flavour `odd` of odd is unavailable: ")
    asked = plugreg("where", "--catalog", str(tmp_path / "x"), PYTHONPATH=str(tmp_path / "site"))
    assert (asked.status, asked.err) == (0, "")


def test_identify_says_flavour_and_evidence(plugreg, filled, tmp_path):
    """Each file gets its flavour; what is none is an error of its own."""
    text = tmp_path / "notes.txt"
    text.write_text("no database")
    gone = str(tmp_path / "gone")
    outcome = plugreg("identify", filled, str(text), gone, "--json")
    assert outcome.status == 1
    assert outcome.object["status"] == "partial"
    (file,) = outcome.object["data"]["files"]
    assert (file["path"], file["flavour"]) == (os.path.realpath(filled), "sqlite3")
    assert "Dict" in file["evidence"]
    with backends.open(filled) as store:
        assert file["records"] == len(store) > 0
        number = str(len(store))
    assert plugreg("identify", filled).lines[0].split("\t")[:3] == [filled, "sqlite3", number]
    codes = [(error["code"], error["given"]) for error in outcome.object["errors"]]
    assert codes == [("not-a-database", str(text)), ("catalog-not-found", gone)]


def test_identify_of_a_name_that_is_no_text(plugreg, tmp_path):
    """A file whose name is not UTF-8 is reported without a traceback."""
    name = os.fsdecode(b"caf\xe9.db")
    (tmp_path / name).write_text("no database")
    outcome = plugreg("identify", name)
    assert outcome.status == 1
    assert r"caf\xe9.db" in outcome.err
    assert "Traceback" not in outcome.err
