"""`export` and `import`: a catalog in git, on another machine, in another flavour."""

from __future__ import annotations

import csv
import json
import os
import shutil

import pytest

from plugreg import EntryPoint, Project, Registry, Source
from tests.plugins.conftest import REAL_PLUGINS

from .conftest import damage, make_project


def whole(catalog):
    """Return all that a catalog says of its projects."""
    with Registry.open(catalog, read_only=True) as registry:
        return [project.to_record() for project in registry]


@pytest.fixture
def several(catalog, tmp_path):
    """A catalog of projects with something in every field, below its folder and elsewhere."""
    rich = Project(
        name="Rich_One",
        version="1.2.post3",
        source=Source("directory", str(tmp_path / "plugins" / "rich")),
        entry_points=[EntryPoint("datasette", "b", "rich:b"), EntryPoint("datasette", "a", "rich")],
        summary="naïve ☃ = 'quoted' \"twice\"\n",
        requires_python=">=3.9",
        dependencies=["httpx>=0.2; extra == 'x'"],
        root=str(tmp_path / "plugins" / "rich" / "src"),
        modules={"z": "z", "a.b": "a/b.py"},
        fingerprint="1 2 pyproject.toml\tabsent - setup.cfg",
        enabled=False,
        priority=-5,
        tags=["web", "geo"],
        before=["other"],
        after=["third"],
    )
    with Registry.open(catalog) as registry:
        registry.add(rich)
        registry.add(make_project("plain"))
        registry.add(make_project("odd", source=Source("directory", os.fsdecode(b"/caf\xe9"))))
        registry.add(make_project("installed", source=Source("distribution", "/env/x.dist-info")))
    return catalog


@pytest.mark.parametrize("flavour", ["sqlite3", "dumb", "gnu"])
def test_a_round_trip_is_exact(plugreg, several, tmp_path, flavour):
    """Into another catalog of any flavour, for a user of another HOME, every field is the same."""
    assert plugreg("export", "plugins.json").status == 0
    other = str(tmp_path / "other")
    Registry.open(other, flavour=flavour).close()
    theirs = {"HOME": str(tmp_path / "home2"), "XDG_DATA_HOME": str(tmp_path / "data2")}
    outcome = plugreg("import", "plugins.json", "--catalog", other, **theirs)
    assert outcome.status == 0, outcome.err
    assert whole(other) == whole(several) != []
    again = plugreg("export", "--catalog", other, **theirs)
    assert again.out == (tmp_path / "plugins.json").read_text()


def test_paths_below_the_file_move_with_it(plugreg, several, tmp_path):
    """A clone of the folder elsewhere has its own projects in it; what lies elsewhere stays."""
    plugreg("export", "plugins.json")
    clone = tmp_path / "clone"
    clone.mkdir()
    shutil.move(tmp_path / "plugins.json", clone)
    other = str(tmp_path / "other")
    plugreg("import", "clone/plugins.json", "--catalog", other)
    places = {record["name"]: (record["source"], record["root"]) for record in whole(other)}
    rich = f"{clone}/plugins/rich"
    assert places["rich-one"] == (f"directory:{rich}", f"{rich}/src")
    assert places["plain"] == ("directory:/nowhere/plain", "")
    plugreg("import", "clone/plugins.json", "--root", str(tmp_path), "--catalog", other)
    assert whole(other) == whole(several)


def test_the_file_is_sorted_and_fit_for_git(plugreg, several, tmp_path):
    """The same catalog is the same text; one switch changes one line."""
    plugreg("export", "one.json")
    plugreg("enable", "rich-one")
    assert plugreg("export", "two.json").out == f"exported 4 projects to {tmp_path}/two.json\n"
    one, two = ((tmp_path / f).read_text().splitlines() for f in ("one.json", "two.json"))
    different = [(a.strip(), b.strip()) for a, b in zip(one, two, strict=True) if a != b]
    assert ('"enabled": false,', '"enabled": true,') in different
    assert all(a.startswith(('"enabled"', '"updated_at"')) for a, _ in different)
    names = [item["name"] for item in json.loads("\n".join(two))["projects"]]
    assert names == sorted(names)
    assert all(line.isascii() for line in two)


def test_export_replaces_a_file_whole(plugreg, several, tmp_path):
    """Keeps its mode; a folder of that name is an error, and nothing else is left."""
    out = tmp_path / "out"
    out.mkdir()
    (out / "x.json").write_text("old")
    (out / "x.json").chmod(0o640)
    assert plugreg("export", "out/x.json").status == 0
    assert (out / "x.json").stat().st_mode & 0o777 == 0o640
    assert plugreg("export", "out").status == 1
    for place in ("missing/x.json", "out/x.json/y.json"):
        outcome = plugreg("export", place)
        assert outcome.status == 1
        assert "; nothing was changed; name a folder that is there, and try again" in outcome.err
    assert os.listdir(out) == ["x.json"]


def test_a_dash_is_standard_output(plugreg, several, tmp_path):
    """As it is standard input for import; no file is called so."""
    assert plugreg("export", "-").out == plugreg("export").out
    assert not (tmp_path / "-").exists()


def test_one_project_is_told_as_one(plugreg, catalog, tmp_path):
    """In what was exported, and in what was not."""
    with Registry.open(catalog) as registry:
        registry.add(make_project("one"))
    told = plugreg("export", "one.json").out
    assert told == f"exported 1 project to {tmp_path / 'one.json'}\n"
    told = plugreg("export", "--requirements").err
    assert told == "plugreg: warning: 1 project is no installed distribution\n"


def test_an_unreadable_record_is_not_exported(plugreg, several):
    """The others are, and the exit status says that something is missing."""
    damage(several, "broken")
    outcome = plugreg("export", "--json")
    assert (outcome.status, outcome.object["status"]) == (1, "partial")
    assert len(outcome.object["data"]["projects"]) == 4
    assert "broken" in outcome.err


def test_import_makes_it_match(plugreg, several, tmp_path):
    """What was changed, added and removed since is as in the file; it is one change."""
    plugreg("export", "plugins.json")
    before = whole(several)
    plugreg("remove", "plain")
    plugreg("set", "rich-one", "--priority", "9")
    with Registry.open(several) as registry:
        registry.add(make_project("new"))
    after = whole(several)
    planned = plugreg("import", "plugins.json", "--dry-run")
    assert planned.lines == [
        "- new  removed 1.0",
        "+ plain  added 1.0",
        "~ rich-one  set: priority 9 -> -5",
        "would be: 1 added, 1 removed, 1 changed, 2 unchanged",
    ]
    assert whole(several) == after
    done = plugreg("import", "plugins.json")
    assert done.lines == [*planned.lines[:3], "1 added, 1 removed, 1 changed, 2 unchanged"]
    assert whole(several) == before
    assert plugreg("history").lines[0].split("\t")[3] == "plugreg import plugins.json"
    assert plugreg("import", "plugins.json").lines == ["0 added, 0 removed, 0 changed, 4 unchanged"]
    plugreg("undo")
    assert whole(several) == after


def test_how_files_look_here_is_no_difference(plugreg, catalog, directory, tmp_path):
    """Their times are another machine's in the export; what this one took up stays."""
    plugreg("add", str(directory))
    plugreg("export", "plugins.json")
    os.utime(directory / "pyproject.toml", (0, 0))
    plugreg("import", "plugins.json")
    (shown,) = plugreg("list", "--json").object["data"]["projects"]
    assert shown["state"] == "changed"
    assert plugreg("refresh").status == 0
    here = whole(catalog)
    assert plugreg("import", "plugins.json").lines == ["0 added, 0 removed, 0 changed, 1 unchanged"]
    assert whole(catalog) == here
    plugreg("set", "my-plugin", "--priority", "3")
    assert plugreg("import", "plugins.json").lines[-1] == (
        "0 added, 0 removed, 1 changed, 0 unchanged"
    )


def test_a_dry_run_makes_no_catalog(plugreg, several, tmp_path):
    """Into one that does not exist yet all would be added, and still it does not exist."""
    plugreg("export", "plugins.json")
    other = tmp_path / "other"
    outcome = plugreg("import", "plugins.json", "--dry-run", "--catalog", str(other), "--json")
    plan = outcome.object["data"]["plan"]
    assert (plan["dry_run"], len(plan["differences"]), plan["unchanged"]) == (True, 4, [])
    assert not other.exists()


def test_import_names_what_is_not_here(plugreg, several):
    """The projects are recorded all the same, and refresh finds them later."""
    plugreg("export", "plugins.json")
    outcome = plugreg("import", "plugins.json")
    assert outcome.status == 0
    assert "odd, plain, rich-one is not here" in outcome.err
    assert "`plugreg refresh odd plain rich-one`" in outcome.err
    assert "`pip install installed==1.0` here, then `plugreg sync --group datasette`" in outcome.err


def test_a_local_version_is_of_no_index(plugreg, catalog, tmp_path):
    """Import names its project, and no command of pip that cannot work."""
    with Registry.open(catalog) as registry:
        where = Source("distribution", "/env/x.dist-info")
        registry.add(make_project("of-pypi", source=where))
        registry.add(make_project("built", version="1.0+local.1", source=where))
    plugreg("export", "plugins.json")
    told = plugreg("import", "plugins.json").err
    assert "`pip install of-pypi==1.0` here and install built from where it was built" in told


def test_what_has_no_end_is_not_read_to_it(plugreg, catalog):
    """A device, or another program's file, is refused by its size; the catalog stays as it was."""
    outcome = plugreg("import", "/dev/zero", "--catalog", str(catalog))
    assert outcome.status == 1
    assert "/dev/zero cannot be read: it has more than 268,435,456 bytes" in outcome.err


def test_import_from_standard_input(environment, plugreg, several, tmp_path):
    """Its paths are relative to the working directory."""
    import subprocess
    import sys

    text = plugreg("export").out
    command = [sys.executable, "-m", "plugreg", "import", "-", "--catalog", str(tmp_path / "o")]
    subprocess.run(
        command, input=text.encode(), env=environment, cwd=tmp_path, check=True, capture_output=True
    )
    assert whole(str(tmp_path / "o")) == whole(several)


def _without(field):
    return lambda item: item.pop(field)


SPOILT = {
    "no name": (_without("name"), "project number 1: name is missing"),
    "no source": (_without("source"), "project 'installed': source is missing"),
    "a number as version": (lambda it: it.update(version=1), "version is int, not str"),
    "a text as tags": (lambda it: it.update(tags="x"), "tags is str, not list"),
    "a truth as priority": (lambda it: it.update(priority=True), "priority is bool, not int"),
    "more": (lambda it: it.update(more=1), "no field is called more"),
    "more in a source": (lambda it: it["source"].update(x=1), "no field of source is called x"),
    "less in a source": (lambda it: it["source"].pop("kind"), "kind of source is missing"),
    "no source at all": (lambda it: it.update(source=None), "source is no object"),
    "a word as moment": (lambda it: it.update(added_at="yesterday"), "added_at is no moment"),
    "nothing as hosts": (lambda it: it.update(hosts=None), "hosts is NoneType, not dict"),
    "an impossible name": (lambda it: it.update(name="a b"), "`a b` is not a valid project name"),
    "a name that is not normalised": (
        lambda it: it.update(name="A_b"),
        "export of a catalog: project 'A_b': its name is not normalised: a-b",
    ),
    "a module outside": (lambda it: it.update(modules={"m": "../m"}), "is no module of a project"),
    "no entry point": (lambda it: it.update(entry_points=[5]), "project 'installed'"),
    "a name twice": (lambda it: it.update(name="odd"), "project 'odd': it is there twice"),
    "a path of no text": (lambda it: it.update(root=None), "root is NoneType, not str"),
}


@pytest.mark.parametrize("kind", SPOILT)
def test_a_bad_project_spoils_the_import(plugreg, several, tmp_path, kind):
    """It is named with what is wrong, and nothing is changed."""
    spoil, said = SPOILT[kind]
    exported = json.loads(plugreg("export").out)
    spoil(exported["projects"][0])
    (tmp_path / "bad.json").write_text(json.dumps(exported))
    before = whole(several)
    outcome = plugreg("import", "bad.json", "--json")
    assert (outcome.status, outcome.object["status"]) == (1, "error")
    assert said in outcome.err
    assert "Traceback" not in outcome.err
    assert whole(several) == before


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"", "it is no JSON"),
        (b"[1]", '"format": "plugreg-catalog"'),
        (b'{"format": "plugreg-catalog", "version": 1}', "no version, or no list"),
        (b'{"format": "plugreg-catalog", "version": 2, "projects": []}', "upgrade plugreg"),
        (
            b'{"format": "plugreg-catalog", "version": 1, "projects": [], "by": "me"}',
            "no field is called by",
        ),
        (b'{"format": "plugreg-catalog", "version": true, "projects": []}', "no version"),
        (b"\xff\xfe", "not UTF-8"),
        (b"{\n<<<<<<< HEAD\n", "git could not merge line 2"),
        (b"[" * 100_000, "lists in lists without end"),
    ],
)
def test_what_is_no_export(plugreg, several, tmp_path, text, said):
    """Is refused with what is wrong with it, in one line."""
    (tmp_path / "bad.json").write_bytes(text)
    outcome = plugreg("import", "bad.json")
    assert (outcome.status, len(outcome.err.splitlines())) == (1, 1)
    assert outcome.err.startswith("plugreg: error: bad.json ")
    assert said in outcome.err


def test_a_record_of_a_later_plugreg_is_in_the_way(plugreg, several):
    """It would be lost: it is named, and nothing is changed."""
    plugreg("export", "plugins.json")
    with Registry.open(several) as registry:
        record = {**make_project("newer").to_record(), "schema": 99}
        registry.add(make_project("newer"))
        from plugreg.plain import dumps

        registry._catalog.store[b"newer"] = dumps(record)
    outcome = plugreg("import", "plugins.json")
    assert outcome.status == 1
    assert "a later plugreg wrote newer" in outcome.err


def test_requirements(plugreg, several):
    """Pip's lines for what is installed; how many others there are is said on stderr."""
    outcome = plugreg("export", "--requirements")
    assert outcome.lines == ["installed==1.0"]
    assert "3 projects are no installed distributions" in outcome.err
    assert plugreg("export", "--requirements", "--csv").status == 2


def test_requirements_of_what_no_index_has(plugreg, catalog, tmp_path):
    """The folder that pip had it from is named, and on stderr that it is of this machine."""
    said = {"url": "file:///at/home/built", "dir_info": {"editable": True}}
    (tmp_path / "direct_url.json").write_text(json.dumps(said))
    with Registry.open(catalog) as registry:
        where = Source("distribution", str(tmp_path))
        registry.add(make_project("built", version="1.0+local.1", source=where))
    outcome = plugreg("export", "--requirements")
    assert outcome.lines == ["-e /at/home/built"]
    assert "built: installed from folders or files of this machine" in outcome.err
    plugreg("export", "requirements.txt", "--requirements")
    assert (tmp_path / "requirements.txt").read_text() == "-e /at/home/built\n"


def test_csv_is_safe_in_a_spreadsheet(plugreg, catalog):
    """Read back it has every project; no text of one is a formula."""
    with Registry.open(catalog) as registry:
        registry.add(make_project("evil", summary='=HYPERLINK("http://x","y")', priority=-3))
        registry.add(make_project("many\\lines".replace("\\", "-"), summary='a "b"\nc,d'))
    rows = list(csv.DictReader(plugreg("export", "--csv").out.splitlines(keepends=True)))
    assert [(row["name"], row["priority"]) for row in rows] == [("evil", "-3"), ("many-lines", "0")]
    assert rows[0]["summary"] == '\'=HYPERLINK("http://x","y")'
    assert rows[1]["summary"] == 'a "b"\nc,d'


def test_a_wheel_moves_to_another_home(plugreg, catalog, real_plugins, tmp_path):
    """Its code is unpacked there, from the archive that was recorded, and is that catalog's own."""
    name = next(iter(REAL_PLUGINS))
    plugreg("add", str(real_plugins[name].wheel))
    plugreg("export", "plugins.json")
    assert '"root": "@unpacked/' in (tmp_path / "plugins.json").read_text()
    other, theirs = str(tmp_path / "other"), {"XDG_DATA_HOME": str(tmp_path / "data2")}
    planned = plugreg("import", "plugins.json", "--catalog", other, "--dry-run", **theirs)
    assert (planned.status, planned.err) == (0, "")
    assert not (tmp_path / "data2").exists()
    outcome = plugreg("import", "plugins.json", "--catalog", other, **theirs)
    assert (outcome.status, outcome.err) == (0, "")
    (record,) = whole(other)
    assert record["root"].startswith(str(tmp_path / "data2"))
    assert record["source"] == f"wheel:{real_plugins[name].wheel}"
    assert plugreg("doctor", "--catalog", other, **theirs).out.count("code-") == 0
    plugreg("remove", name, "--catalog", other, **theirs)
    assert os.listdir(tmp_path / "data2" / "plugreg" / "unpacked") == []


@pytest.mark.parametrize("there", ["nothing", "another archive", "no archive"])
def test_a_wheel_that_is_not_there_as_it_was(plugreg, catalog, real_plugins, tmp_path, there):
    """No other code stands in for it; it is told, and refresh takes the archive that comes."""
    plugin = real_plugins["datasette-pretty-json"]
    wheel = tmp_path / plugin.wheel.name
    shutil.copy(plugin.wheel, wheel)
    plugreg("add", wheel.name)
    plugreg("export", "plugins.json")
    wheel.unlink()
    if there == "another archive":
        shutil.copy(real_plugins["datasette-json-html"].wheel, wheel)
    elif there == "no archive":
        wheel.write_text("words")
    other, theirs = str(tmp_path / "other"), {"XDG_DATA_HOME": str(tmp_path / "data2")}
    outcome = plugreg("import", "plugins.json", "--catalog", other, **theirs)
    assert outcome.status == 0
    if there == "nothing":
        told = f"the source of {plugin.name} is not here; bring it there, and `plugreg refresh"
    else:
        told = f"{plugin.name}: its code is gone, and {wheel} is not the archive that it was;"
    assert told in outcome.err
    planned = plugreg("import", "plugins.json", "--catalog", other, "--dry-run", **theirs)
    assert planned.err == outcome.err
    assert not (tmp_path / "data2").exists()
    shutil.copy(plugin.wheel, wheel)
    assert plugreg("refresh", "--catalog", other, **theirs).status == 0
    (shown,) = plugreg("list", "--catalog", other, "--json", **theirs).object["data"]["projects"]
    assert shown["state"] == "ok"
