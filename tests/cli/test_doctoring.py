"""`doctor`: what it tells, in which form, and its exit status."""

from __future__ import annotations

import re

import pytest

from plugreg import Registry
from tests.cli.conftest import declare


@pytest.fixture
def directory(plugreg, directory, tmp_path):
    """The directory of a project that the catalog has, which nobody else may enter."""
    tmp_path.chmod(0o700)
    assert plugreg("add", str(directory)).status == 0
    return directory


def problems(outcome):
    """Return code, project and whether it was fixed, of each problem in the envelope."""
    return [
        (each["code"], each["project"], each["fixed"])
        for each in outcome.object["data"]["problems"]
    ]


def test_nothing_is_wrong(plugreg, terminal, directory):
    """Exit status 0; a person is told so, a pipe gets nothing, JSON an empty list."""
    outcome = plugreg("doctor")
    assert (outcome.status, outcome.out, outcome.err) == (0, "", "")
    assert problems(plugreg("doctor", "--json")) == []
    shown = terminal("doctor", NO_COLOR="1")
    assert (shown.status, shown.out) == (0, "no problems found\n")


def test_problems(plugreg, directory):
    """Exit status 1, one line a problem in a pipe, and the error says what --fix mends."""
    declare(directory, "2.0")
    outcome = plugreg("doctor")
    assert outcome.status == 1
    cells = [line.split("\t") for line in outcome.lines]
    assert [row[:4] for row in cells] == [
        ["fixable", "source-changed", "my-plugin", str(directory)],
        ["open", "code-changed", "my-plugin", str(directory)],
    ]
    assert "2 problems found; `plugreg doctor --fix` mends 1 of them" in outcome.err


@pytest.mark.parametrize("named", [True, False])
def test_each_entry_point_that_leads_nowhere_is_told(plugreg, catalog, tmp_path, named):
    """Two of one project are two problems, also where the catalog is a layer."""
    folder = tmp_path / "astray"
    folder.mkdir()
    (folder / "pyproject.toml").write_text(
        '[project]\nname = "astray"\nversion = "1"\n'
        '[project.entry-points.g]\none = "no_module"\ntwo = "none_either"\n'
    )
    variable = {"PLUGREG_CATALOG": catalog if named else ""}
    plugreg("add", str(folder), **variable)
    outcome = plugreg("doctor", "--json", **variable)
    assert problems(outcome) == [("entry-point-unresolved", "astray", False)] * 2


def test_the_fix(plugreg, directory):
    """It says what it did and what is left; the history has the words; undo takes it back."""
    declare(directory, "2.0")
    outcome = plugreg("doctor", "--fix", "--json")
    assert outcome.status == 1
    expected = [("source-changed", "my-plugin", True), ("code-changed", "my-plugin", False)]
    assert problems(outcome) == expected
    assert plugreg("history").lines[0].split("\t")[3] == "plugreg doctor --fix"
    assert plugreg("refresh").status == plugreg("doctor").status == 0
    assert plugreg("undo").status == plugreg("undo").status == 0
    assert "1.0" in plugreg("list").out


def test_all_was_fixed(plugreg, directory, tmp_path):
    """Exit status 0."""
    (tmp_path / ".catalog.sqlite3.abcd1234.tmp").write_text("")
    outcome = plugreg("doctor", "--fix", "--json")
    assert (outcome.status, problems(outcome)) == (0, [("leftover", None, True)])
    assert plugreg("doctor").status == 0


@pytest.mark.parametrize("columns", [40, 80])
def test_on_a_terminal(terminal, plugreg, directory, columns):
    """Lines fit but for one word or command, and nothing of a problem or of its fix is lost."""
    (directory / "my_plugin.py").unlink()
    shown = terminal("doctor", columns=columns, NO_COLOR="1")
    assert shown.status == 1
    longer = [line.strip() for line in shown.lines if len(line) > columns]
    assert all(len(re.findall(r"`[^`]*`\S*|\S+", line)) == 1 for line in longer)
    told = "".join("".join(shown.lines).split())
    for problem in plugreg("doctor", "--json").object["data"]["problems"]:
        for part in ("code", "project", "file", "message", "hint"):
            assert "".join(problem[part].split()) in told


@pytest.mark.parametrize("columns", [40, 50, 80])
def test_a_command_stays_in_one_piece(terminal, plugreg, tmp_path, columns):
    """However long it is: somebody may copy it."""
    folder = tmp_path / "a folder with a very long name" / "and-another-one-that-is-long-as-well"
    folder.mkdir(parents=True)
    Registry.open(folder / "catalog", flavour="dumb").close()
    shown = terminal("doctor", "--catalog", str(folder / "catalog"), columns=columns)
    assert f"`plugreg migrate '{folder / 'catalog'}" in shown.out
    assert [line for line in shown.lines if line.count("`") % 2] == []


def test_no_code_is_run(plugreg, directory):
    """Not that of a plug-in which ends the process."""
    (directory / "my_plugin.py").write_text("import os\nos._exit(7)\n")
    assert plugreg("doctor").status == 1
    assert plugreg("refresh").status == plugreg("doctor").status == 0


def test_a_catalog_that_cannot_be_read(plugreg, catalog, tmp_path):
    """It is the problem, with --fix, too; a catalog that is not there is none."""
    assert plugreg("doctor", "--fix").status == 0
    assert not (tmp_path / "catalog.sqlite3").exists()
    tmp_path.chmod(0o700)
    (tmp_path / "catalog.sqlite3").write_text("words\n")
    outcome = plugreg("doctor", "--fix", "--json")
    assert (outcome.status, problems(outcome)) == (1, [("not-a-database", None, False)])
