"""`history`, `undo`, `restore` and `show NAME@N`, as an operator uses them."""

from __future__ import annotations

import getpass
import os
import pickle
import re
import shlex
import shutil
import zipfile

import pytest

from plugreg import Registry, backends
from tests.plugins.conftest import REAL_PLUGINS

from .conftest import damage


@pytest.fixture
def changed(plugreg, catalog, tmp_path):
    """A catalog whose history is three commands: two modules added, one disabled, one set."""
    for name in ("one", "two"):
        (tmp_path / f"{name}.py").write_text("")
    plugreg("add", "one.py", "two.py", "--group", "g")
    plugreg("disable", "one", "--json")
    plugreg("set", "two", "--priority", "5", "--tag", "t")
    return catalog


def names_on(plugreg):
    """Return the names of the projects that are on."""
    return [
        project["name"]
        for project in plugreg("list", "--enabled", "--json").object["data"]["projects"]
    ]


def test_history_is_one_line_a_command(plugreg, changed):
    """Number, moment, user, the words that were typed, what they did; the last one first."""
    rows = [line.split("\t") for line in plugreg("history").lines]
    assert [(row[0], row[3], row[4]) for row in rows] == [
        ("3", "plugreg set two --priority 5 --tag t", "set two"),
        ("2", "plugreg disable one", "disabled one"),
        ("1", "plugreg add one.py two.py --group g", "added one, two"),
    ]
    assert {row[2] for row in rows} == {getpass.getuser()}
    assert all(row[1].endswith("Z") for row in rows)


def test_history_of_one_project(plugreg, changed):
    """What was done to it, field by field; it may be named by its entry point, or be gone."""
    rows = [line.split("\t") for line in plugreg("history", "two").lines]
    assert [row[4] for row in rows] == ["set: priority 0 -> 5, tags none -> t", "added 0"]
    plugreg("remove", "two")
    assert len(plugreg("history", "Two").lines) == 3
    outcome = plugreg("history", "three")
    assert (outcome.status, outcome.out) == (1, "")
    assert "no project `three`" in outcome.err


def test_history_in_json(plugreg, changed):
    """The whole records before and after, and which fields differ."""
    change = plugreg("history", "--json").object["data"]["changes"][0]
    assert (change["number"], change["undoes"], change["redoes"]) == (3, None, None)
    (project,) = change["projects"]
    assert (project["change"], project["fields"]) == ("set", ["priority", "tags"])
    assert (project["before"]["priority"], project["after"]["priority"]) == (0, 5)
    assert project["after"]["root"]


@pytest.mark.parametrize(
    ("since", "count"),
    [("1h", 3), ("2000-01-01", 3), ("2000-01-01T10:00+02:00", 3), ("2999-01-01", 0), ("0m", None)],
)
def test_history_since(plugreg, changed, since, count):
    """A day, a time of it, or how long ago."""
    outcome = plugreg("history", "--since", since)
    assert outcome.status == 0
    assert count is None or len(outcome.lines) == count


@pytest.mark.parametrize("since", ["yesterday", "5y", "-3d", "2026-13-01", "9" * 30 + "w"])
def test_history_since_nonsense(plugreg, changed, since):
    """Is wrong usage, and the error shows the forms."""
    outcome = plugreg("history", f"--since={since}")
    assert outcome.status == 2
    assert "2026-01-31T12:00" in outcome.err


def test_history_keeps_what_is_said(plugreg, changed):
    """The others are forgotten, and it says how many; numbers go on."""
    outcome = plugreg("history", "--keep", "1")
    assert [line.split("\t")[0] for line in outcome.lines] == ["3"]
    assert "2 changes are forgotten" in outcome.err
    assert "0 changes are forgotten" in plugreg("history", "--keep", "1").err
    plugreg("enable", "one")
    assert plugreg("history").lines[0].startswith("4\t")
    assert plugreg("history", "--keep", "0").status == 2


@pytest.mark.parametrize("number", [1, 2, 3])
def test_history_forgets_what_cannot_be_read(plugreg, changed, number):
    """As doctor says, and nothing else: undo goes back by what is left."""
    damage(changed, f"@history/000000000{number}")
    [problem] = plugreg("doctor", "--json").object["data"]["problems"]
    assert problem["code"] == "history-unreadable"
    told = re.search("`plugreg (history .*?)` forgets", problem["hint"])
    outcome = plugreg(*shlex.split(told[1]))
    assert [int(line.split("\t")[0]) for line in outcome.lines] == [
        one for one in (3, 2, 1) if one != number
    ]
    assert outcome.err == "plugreg: warning: 1 change is forgotten\n"
    assert plugreg("doctor").status == 0
    assert plugreg("undo").status == 0


def test_a_change_of_a_later_plugreg_is_not_forgotten(plugreg, changed):
    """It is no damage; doctor says what reads it."""
    later = pickle.dumps({"schema": 2, "at": "", "projects": {}}, 4)
    with backends.open(changed, mode="w") as store:
        store[b"@history/0000000002"] = later
    [problem] = plugreg("doctor", "--json").object["data"]["problems"]
    assert "upgrade plugreg" in problem["hint"]
    assert "forget" not in problem["hint"]
    assert "0 changes are forgotten" in plugreg("history", "--forget-unreadable").err
    with backends.open(changed) as store:
        assert store[b"@history/0000000002"] == later


def test_history_of_a_missing_catalog(plugreg, catalog):
    """Is empty, there is nothing to undo or restore, and no file is made."""
    assert (plugreg("history").status, plugreg("history", "--keep", "5").out) == (0, "")
    for line in (["undo"], ["undo", "--redo"], ["undo", "3"], ["restore", "x@1"], ["show", "x@1"]):
        outcome = plugreg(*line)
        assert (outcome.status, len(outcome.err.splitlines())) == (1, 1)
    assert not os.path.exists(catalog)


def test_undo_goes_back_and_redo_returns(plugreg, changed):
    """Repeated, further and further, until there is nothing left."""
    assert plugreg("undo").out == "undid change 3\n  set two\n"
    assert plugreg("undo").out == "undid change 2\n  enabled one\n"
    assert names_on(plugreg) == ["one", "two"]
    assert plugreg("undo").out == "undid change 1\n  removed one, two\n"
    outcome = plugreg("undo")
    assert (outcome.status, "nothing to undo" in outcome.err) == (1, True)
    assert plugreg("undo", "--redo").out == "redid change 1\n  added one, two\n"
    assert plugreg("undo", "--redo").out == "redid change 2\n  disabled one\n"
    assert names_on(plugreg) == ["two"]
    did = [line.split("\t")[4] for line in plugreg("history").lines][:3]
    assert did == ["redid 2: disabled one", "redid 1: added one, two", "undid 1: removed one, two"]


def test_undo_of_one_number(plugreg, changed):
    """Alone, where no later change is lost; else the error names the project and the way out."""
    assert plugreg("undo", "2").out == "undid change 2\n  enabled one\n"
    outcome = plugreg("undo", "1")
    assert outcome.status == 1
    assert "another one came after it to" in outcome.err
    assert "plugreg history" in outcome.err
    assert plugreg("undo", "4").out == "redid change 2\n  disabled one\n"
    assert plugreg("undo", "2", "--redo").status == 2


def test_restore_and_show_of_then(plugreg, changed):
    """One project is shown and made again what it was; the others stay."""
    plugreg("remove", "one", "two")
    shown = dict(line.split(maxsplit=1) for line in plugreg("show", "Two@1").lines)
    assert shown["priority"] == "0"
    assert plugreg("restore", "two@2").out == "restored two 0 (g)\n"
    with Registry.open(changed) as registry:
        assert [(project.name, project.priority) for project in registry] == [("two", 0)]
    assert plugreg("undo").out == "undid change 5\n  removed two\n"


def test_any_name_of_a_project_does_for_what_it_was(plugreg, catalog, tmp_path):
    """Also with @N: that of an entry point or of a module; what was removed has its own alone."""
    (tmp_path / "odd_mod.py").write_text("")
    plugreg("add", "odd_mod.py", "--group", "g", "--name", "pt")
    plugreg("disable", "odd-mod")
    for name in ("odd-mod", "odd_mod", "Odd.Mod", "pt"):
        [shown] = plugreg("show", f"{name}@1", "--json").object["data"]["projects"]
        assert (shown["name"], shown["enabled"]) == ("odd-mod", True)
        assert len(plugreg("history", name).lines) == 2
    assert plugreg("restore", "pt@1").out == "restored odd-mod 0 (g)\n"
    assert names_on(plugreg) == ["odd-mod"]
    assert plugreg("history").lines[0].split("\t")[3] == "plugreg restore pt@1"
    plugreg("remove", "odd-mod")
    assert plugreg("restore", "pt@1").status == 1
    assert plugreg("restore", "Odd_Mod@1").status == 0


def test_what_a_damaged_change_hides_is_not_guessed(plugreg, changed):
    """Not by `show`, nor by `restore`; `history` tells of it, and is of nobody for all that."""
    damage(changed, "@history/0000000002")
    for line in (["show", "one@2"], ["restore", "one@2"]):
        outcome = plugreg(*line)
        assert (outcome.status, outcome.out) == (1, "")
        assert "change 2 of the history cannot be read" in outcome.err
        assert "it may have changed one" in outcome.err
    assert names_on(plugreg) == ["two"]
    outcome = plugreg("history", "one")
    assert (len(outcome.lines), outcome.err.count("change 2 of the history")) == (1, 1)
    assert "no project `nobody`" in plugreg("history", "nobody").err


@pytest.mark.parametrize(
    ("line", "status", "said"),
    [
        (["show", "one@4"], 1, "goes from 1 to 3"),
        (["show", "one@x"], 2, "write NAME@N"),
        (["show", "@3"], 2, "write NAME@N"),
        (["show", "one@0"], 1, "was not in the catalog after change 0"),
        (["restore", "one@0"], 1, "was not in the catalog after change 0"),
        (["restore", "one"], 2, "plugreg history one"),
        (["restore", "nobody@2"], 1, "no project `nobody`"),
    ],
)
def test_no_such_revision(plugreg, changed, line, status, said):
    """The error says what there is, on one line."""
    outcome = plugreg(*line)
    assert (outcome.status, outcome.out) == (status, "")
    assert said in outcome.err
    assert len(outcome.err.splitlines()) == 1


WAYS_BACK = {"undo": ["undo"], "restore": ["restore", "{name}@1"]}


@pytest.fixture
def removed_wheel(plugreg, real_plugins, tmp_path):
    """The name and the file of a wheel that was added and removed, and its code with it."""
    name = next(iter(REAL_PLUGINS))
    wheel = shutil.copy(real_plugins[name].wheel, tmp_path)
    plugreg("add", wheel)
    plugreg("remove", name)
    return name, wheel


@pytest.fixture(params=WAYS_BACK)
def back(plugreg, removed_wheel, request):
    """Bring it back."""
    words = WAYS_BACK[request.param]
    return lambda: plugreg(*(word.format(name=removed_wheel[0]) for word in words))


def test_a_removed_wheel_comes_back_with_its_code(plugreg, catalog, removed_wheel, back):
    """Which went with the removal, and is the catalog's again: the next removal takes it, too."""
    name, _ = removed_wheel
    outcome = back()
    assert (outcome.status, outcome.err) == (0, "")
    assert plugreg("show", name, "--json").object["data"]["projects"][0]["state"] == "ok"
    with Registry.open(catalog, read_only=True) as registry:
        root = registry[name].root
        assert os.path.isdir(root)
    assert "code-" not in plugreg("doctor").out
    plugreg("remove", name)
    assert not os.path.isdir(root)


def test_redo_brings_the_code_of_a_wheel(plugreg, removed_wheel):
    """What an undo of `add` took away."""
    name, _ = removed_wheel
    plugreg("undo")
    plugreg("undo")
    outcome = plugreg("undo", "--redo")
    assert (outcome.status, outcome.err) == (0, "")
    assert plugreg("show", name, "--json").object["data"]["projects"][0]["state"] == "ok"


def test_a_wheel_that_is_gone_is_told(plugreg, removed_wheel, back):
    """With what to do, which helps."""
    name, wheel = removed_wheel
    os.rename(wheel, wheel + ".away")
    outcome = back()
    assert outcome.status == 0
    assert outcome.err == (
        f"plugreg: warning: {name} is in the catalog again, but {wheel} is gone;"
        f" bring it back, and `plugreg refresh {name}`, or `plugreg remove {name}`\n"
    )
    os.rename(wheel + ".away", wheel)
    assert plugreg("refresh", name).status == 0
    assert plugreg("show", name, "--json").object["data"]["projects"][0]["state"] == "ok"


def test_a_wheel_that_is_another_is_told(plugreg, removed_wheel, back):
    """Its code is not that of the record: nobody is given it unasked."""
    name, wheel = removed_wheel
    with zipfile.ZipFile(wheel, "a") as archive:
        archive.writestr("one_more.py", "")
    outcome = back()
    assert outcome.status == 0
    assert outcome.err == (
        f"plugreg: warning: {name} is in the catalog again, but its code is gone, and {wheel} is"
        f" not the archive that it was; `plugreg refresh {name}` takes what is there now\n"
    )
    assert plugreg("refresh", name).status == 0
    assert plugreg("show", name, "--json").object["data"]["projects"][0]["state"] == "ok"


def test_a_wheel_that_cannot_be_unpacked_is_told(plugreg, removed_wheel, tmp_path, back):
    """The record is back all the same, and the error says what hinders the code."""
    name, _ = removed_wheel
    folder = tmp_path / "data" / "plugreg" / "unpacked"
    shutil.rmtree(folder, ignore_errors=True)
    folder.write_text("in the way")
    outcome = back()
    assert outcome.status == 0
    assert f"plugreg: warning: {name} is in the catalog again, but not its code: " in outcome.err
    assert "could not be unpacked" in outcome.err
    assert plugreg("list", "--columns", "name").lines == [name]


def append_changes(catalog, last):
    """Let a catalog of three changes remember changes up to a number."""
    with Registry.open(catalog) as registry, registry._catalog.store.transaction():
        for number in range(4, last + 1):
            entry = {"at": "", "by": "", "command": "", "projects": {}}
            registry._history().append(number, 0, entry)


@pytest.mark.parametrize(
    ("last", "told"),
    [(1001, "1 change of the history is"), (2001, "1,001 changes of the history are")],
)
def test_how_many_changes_migrating_takes(plugreg, changed, last, told):
    """One is no number of them."""
    append_changes(changed, last)
    [warning] = plugreg("migrate", changed, "--to", "gnu", "--json").object["warnings"]
    assert warning.startswith(f"{told} forgotten: ")


def test_migrating_out_of_the_pinned_flavour(plugreg, changed):
    """What of the history is not kept there is told, with where it still is."""
    append_changes(changed, 1050)
    outcome = plugreg("migrate", changed, "--to", "gnu", "--json")
    told = "50 changes of the history are forgotten: a catalog in gnu keeps the last 1,000"
    assert outcome.object["warnings"] == [f"{told}; the backup has them"]
    assert len(plugreg("history").lines) == 1000
    assert plugreg("undo").status == 1
    backup = outcome.object["data"]["migration"]["backup"]
    assert len(plugreg("history", "--catalog", backup).lines) == 1050
    assert plugreg("migrate", changed, "--to", "dumb", "--json").object["warnings"] == []
