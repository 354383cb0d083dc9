"""`plugreg add` of twenty directories at once: one change, and one screen that says all."""

from __future__ import annotations

import re

import pytest

from plugreg import Registry
from plugreg.cli.screen import columns_of
from tests.pages import Terminal

LINES, COLUMNS = 24, 80


def make_directory(folder, name, *, group="datasette"):
    """Make a project directory."""
    (folder / name).mkdir(parents=True)
    text = f'[project]\nname = "{name}"\nversion = "1.0"\n'
    if group:
        text += f'[project.entry-points.{group}]\n{name} = "{name.replace("-", "_")}"\n'
    (folder / name / "pyproject.toml").write_text(text)
    (folder / name / f"{name.replace('-', '_')}.py").write_text("")
    return str(folder / name)


@pytest.fixture
def twenty(tmp_path):
    """Eighteen good directories, one of them without entry points, a bad one and a missing one."""
    good = [make_directory(tmp_path / "src", f"datasette-plugin-{n:02}") for n in range(17)]
    useless = make_directory(tmp_path / "src", "useless", group="")
    bad = make_directory(tmp_path / "src", "broken")
    (tmp_path / "src" / "broken" / "pyproject.toml").write_text("[project\n")
    return [*good, useless, bad, str(tmp_path / "src" / "nowhere")]


@pytest.fixture
def both_at_terminal(warm, environment, tmp_path):
    """Run a command with stdout and stderr at one terminal; return what it shows."""

    def run(*arguments):
        with Terminal(COLUMNS) as screen:
            streams = dict.fromkeys(("stdin", "stdout", "stderr"), screen.inside)
            warm.run(arguments, env=environment, cwd=tmp_path, **streams)
            return screen.shown()

    return run


def rows(text):
    """Return how many rows of the screen a text takes."""
    plain = re.sub(r"\x1b\[\d*m", "", text)
    return sum(max(1, -(-columns_of(line) // COLUMNS)) for line in plain.splitlines())


def test_one_screen_and_one_change(terminal, twenty, catalog):
    """What was added, what has no use, and what failed and why, in 24 lines of 80 columns."""
    outcome = terminal("add", *twenty, columns=COLUMNS)
    assert outcome.status == 1
    assert rows(outcome.out) + rows(outcome.err) < LINES
    for number in range(17):
        assert f"datasette-plugin-{number:02} 1.0" in outcome.out
    assert "added" in outcome.out
    assert "18 projects" in outcome.out
    for what in ("useless has no entry points", "broken", "nowhere"):
        assert what in outcome.err
    with Registry.open(catalog, read_only=True) as registry:
        assert len(registry) == 18
        assert len(list(registry.history())) == 1


def test_all_of_them_are_useless_or_moved(terminal, tmp_path):
    """Warnings of one kind are one."""
    first = [make_directory(tmp_path / "a", f"useless-{n:02}", group="") for n in range(20)]
    outcome = terminal("add", *first, columns=COLUMNS)
    assert outcome.err.count("warning") == 1
    assert rows(outcome.out) + rows(outcome.err) < LINES
    second = [make_directory(tmp_path / "b", f"useless-{n:02}", group="") for n in range(20)]
    outcome = terminal("add", *second, columns=COLUMNS)
    assert outcome.err.count("warning") == 2
    assert "are now taken from elsewhere" in outcome.err
    assert rows(outcome.out) + rows(outcome.err) < LINES


def test_many_that_are_changed_otherwise(terminal, twenty):
    """What `disable` and `refresh` say of many is as short."""
    names = [f"datasette-plugin-{n:02}" for n in range(17)]
    terminal("add", *twenty)
    for line in (["disable", *names], ["refresh"], ["remove", *names]):
        outcome = terminal(*line, columns=COLUMNS)
        assert outcome.status == 0
        assert rows(outcome.out) < 12
        assert all(f"{name} 1.0" in outcome.out for name in names)


def test_a_pipe_gets_a_line_each(plugreg, twenty):
    """What a program reads does not depend on how many there are."""
    lines = plugreg("add", *twenty).lines
    assert len(lines) == 18
    assert lines[0] == "added datasette-plugin-00 1.0 (datasette)"


def test_many_that_fail_alike(both_at_terminal, plugreg, catalog, tmp_path):
    """One message has the cause and the fix, and names all; another cause has its own."""
    bad = [f"bad-{number:02}" for number in range(20)]
    for name in bad:
        (tmp_path / name).mkdir()
    good = make_directory(tmp_path, "good")
    missing = [f"missing{number}" for number in range(5)]
    shown = both_at_terminal("add", *bad, good, *missing)
    assert rows(shown) < LINES
    assert shown.count("holds no metadata of a project") == 1
    assert " ".join(shown.split()).count(f"so it is with 19 more: {', '.join(bad[1:])}") == 1
    assert shown.count("nothing is called") == 1
    assert "so it is with 4 more: missing1, missing2, missing3, missing4" in " ".join(shown.split())
    assert "good 1.0 (datasette)" in shown
    assert len(plugreg("add", *bad, *missing).err.splitlines()) == 25
    errors = plugreg("add", *bad, "--json").object["errors"]
    assert [error["source"] for error in errors] == bad
    few = both_at_terminal("add", *bad[:2])
    assert few.count("holds no metadata") == 2
