"""`plugreg list`: what it shows, in which form, and how little it imports."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from plugreg import Registry, Source

from .conftest import damage, make_project


def _names(outcome):
    return [project["name"] for project in outcome.object["data"]["projects"]]


def test_a_missing_catalog_is_empty_and_is_not_made(plugreg, catalog):
    """Reading a catalog that does not exist shows nothing, is no error, and leaves no file."""
    assert (plugreg("list").status, plugreg("list").out) == (0, "")
    assert _names(plugreg("list", "--json")) == []
    assert not os.path.exists(catalog)


def test_a_pipe_gets_one_line_a_project(plugreg, filled):
    """Each project is one line with its six facts between tabs, sorted by name."""
    outcome = plugreg("list")
    assert outcome.status == 0
    assert [line.split("\t") for line in outcome.lines] == [
        ["datasette-auth", "1.0", "off", "datasette", "/nowhere/Datasette_Auth", "missing"],
        ["datasette-map", "1.0", "on", "datasette", "/nowhere/datasette-map", "missing"],
        ["pytest-sugar", "1.0", "on", "pytest11", "/nowhere/pytest-sugar", "missing"],
    ]


def test_a_long_line_is_not_cut_in_a_pipe(plugreg, catalog):
    """However narrow the user's terminal is, a pipe gets the whole of a long path."""
    location = "/nowhere/" + "long/" * 100
    with Registry.open(catalog) as registry:
        registry.add(make_project("far", source=Source("directory", location)))
    assert [line.split("\t")[4] for line in plugreg("list", COLUMNS="20").lines] == [location]


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        (["--group", "datasette"], ["datasette-auth", "datasette-map"]),
        (["--group", "data"], []),
        (["--enabled"], ["datasette-map", "pytest-sugar"]),
        (["--disabled"], ["datasette-auth"]),
        (["--tag", "web"], ["datasette-auth", "datasette-map"]),
        (["--tag", "web", "--tag", "geo"], ["datasette-map"]),
        (["--group", "datasette", "--enabled", "--tag", "web"], ["datasette-map"]),
    ],
)
def test_filters_choose(plugreg, filled, filters, expected):
    """Each filter lets only those projects through that it names, and all given ones count."""
    assert _names(plugreg("list", "--json", *filters)) == expected


def test_json_holds_all_of_a_project(plugreg, filled):
    """The project object has every field that programs are promised."""
    outcome = plugreg("list", "--json", "--tag", "geo")
    (project,) = outcome.object["data"]["projects"]
    assert project.pop("added_at") == project.pop("updated_at") != ""
    assert project == {
        "name": "datasette-map",
        "display_name": "datasette-map",
        "version": "1.0",
        "enabled": True,
        "priority": 0,
        "before": [],
        "after": [],
        "tags": ["geo", "web"],
        "groups": ["datasette"],
        "entry_points": [{"group": "datasette", "name": "datasette-map", "value": "datasette_map"}],
        "source": {"kind": "directory", "location": "/nowhere/datasette-map"},
        "state": "missing",
        "quarantine": [],
        "summary": "Maps",
        "requires_python": None,
        "dependencies": [],
        "hosts": {},
        "layer": None,
        "catalog": filled,
    }


def test_json_is_one_envelope(plugreg, filled):
    """The envelope says its format, the command, the status and that nothing failed."""
    envelope = plugreg("list", "--json").object
    assert set(envelope) == {"format", "command", "status", "data", "errors", "warnings"}
    assert (envelope["format"], envelope["command"]) == (1, "list")
    assert (envelope["status"], envelope["errors"]) == ("success", [])


def test_a_damaged_record_is_listed_and_warned_of(plugreg, filled):
    """One record that cannot be read is named with what to do, and the others are listed."""
    damage(filled, "broken")
    outcome = plugreg("list")
    assert outcome.status == 0
    assert outcome.lines[0].split("\t") == ["broken", "-", "-", "-", "-", "unreadable"]
    assert len(outcome.lines) == 4
    assert "broken" in outcome.err
    assert "plugreg remove broken" in outcome.err


def test_a_damaged_record_in_json_has_its_name_and_error(plugreg, filled):
    """Programs find the damaged record as an object with a name, a state and an error."""
    damage(filled, "broken")
    broken = plugreg("list", "--json").object["data"]["projects"][0]
    assert (broken["name"], broken["state"]) == ("broken", "unreadable")
    assert broken["error"]


def test_a_damaged_record_fits_no_filter(plugreg, filled):
    """Whether a damaged record is on is not known, so it is warned of and not listed."""
    damage(filled, "broken")
    outcome = plugreg("list", "--json", "--enabled")
    assert _names(outcome) == ["datasette-map", "pytest-sugar"]
    assert "broken" in outcome.err


def test_control_characters_are_shown_escaped(plugreg, catalog):
    """Text of a project can neither steer a terminal nor make a second line."""
    hostile = Source("directory", "/a\x1b]0;owned\x07\nfake-project\t1.0\u202e")
    with Registry.open(catalog) as registry:
        registry.add(make_project("evil", source=hostile))
    (line,) = plugreg("list").lines
    assert r"/a\x1b]0;owned\x07\nfake-project\t1.0\u202e" in line


@pytest.mark.parametrize("arguments", [["list"], ["list", "--json"], ["show", "odd"]])
@pytest.mark.parametrize(
    "locale",
    [
        {"LC_ALL": "C"},
        {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
        {"LC_ALL": "C.UTF-8", "PYTHONUTF8": "1"},
    ],
)
def test_any_text_is_shown_in_any_locale(plugreg, catalog, arguments, locale):
    """A path that is no UTF-8 and a summary beyond ASCII make no traceback anywhere."""
    with Registry.open(catalog) as registry:
        source = Source("directory", os.fsdecode(b"/caf\xe9"))
        registry.add(make_project("odd", summary="naïve ☃", source=source))
    outcome = plugreg(*arguments, **locale)
    assert (outcome.status, outcome.err) == (0, "")
    assert r"/caf\udce9" in outcome.out or r"/caf\xe9" in outcome.out


def test_json_goes_through_other_programs(plugreg, filled):
    """What `list --json` prints is read by the standard library's JSON tool in the C locale."""
    printed = plugreg("list", "--json", LC_ALL="C").out
    tool = subprocess.run(
        [sys.executable, "-m", "json.tool"],
        input=printed.encode(),
        env={**os.environ, "LC_ALL": "C"},
        capture_output=True,
        check=False,
    )
    assert (tool.returncode, tool.stderr) == (0, b"")


@pytest.mark.parametrize("arguments", [["list"], ["list", "--json"]])
def test_list_imports_nothing_heavy(environment, filled, arguments):
    """A list imports no other command, and none of the libraries that only others need."""
    code = (
        "import sys; from plugreg.cli.running import run; status = run(sys.argv[1:]);"
        " print(status, *sys.modules, file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    status, *modules = done.stderr.split()
    assert status == "0"
    assert "plugreg.cli.listing" in modules
    heavy = {"rich", "pluggy", "packaging", "platformdirs", "filelock", "importlib.metadata"}
    others = {f"plugreg.cli.{name}" for name in ("add", "show", "switching", "setting", "where")}
    assert not (heavy | others | {"plugreg.plugins"}) & set(modules)
