"""At a terminal: a table that fits, and colour where it is wanted."""

from __future__ import annotations

import re

import pytest

from plugreg import Registry, Source

from .conftest import make_project

COLOUR = "\x1b["


def _plain(text):
    return re.sub(r"\x1b\[\d*m", "", text)


def test_a_terminal_gets_a_table_with_titles(terminal, filled):
    """The first line names the columns, the others are the projects."""
    lines = _plain(terminal("list", columns=120).out).splitlines()
    assert lines[0].split() == ["name", "version", "on", "groups", "source", "state"]
    assert lines[1].split()[:3] == ["datasette-auth", "1.0", "off"]
    assert len(lines) == 4


@pytest.mark.parametrize("columns", [200, 80, 60, 50, 30])
def test_a_table_fits_and_cuts_nothing(terminal, catalog, columns):
    """No line is wider than the terminal, and a long path is all there, wrapped."""
    location = "/home/somebody/" + "plugins/" * 15 + "the-end"
    with Registry.open(catalog) as registry:
        registry.add(make_project("a-name-of-some-length", source=Source("directory", location)))
    lines = _plain(terminal("list", columns=columns).out).splitlines()
    if columns > 30:  # narrower, each cell is a line of its own, which the terminal wraps
        assert max(map(len, lines)) <= columns
    squeezed = "".join(lines).replace(" ", "")
    assert squeezed.count("plugins/") == 15
    for part in ("the-end", "missing"):
        assert part in squeezed


@pytest.mark.parametrize(
    ("wishes", "coloured"),
    [
        ({}, True),
        ({"NO_COLOR": "1"}, False),
        ({"NO_COLOR": "1", "FORCE_COLOR": "1"}, False),
        ({"TERM": "dumb"}, False),
        ({"TERM": "dumb", "FORCE_COLOR": "1"}, True),
    ],
)
def test_a_terminal_is_coloured_unless_told(terminal, filled, wishes, coloured):
    """Colour follows NO_COLOR, then FORCE_COLOR, then the terminal."""
    assert (COLOUR in terminal("list", **wishes).out) is coloured


@pytest.mark.parametrize(("wishes", "coloured"), [({}, False), ({"FORCE_COLOR": "1"}, True)])
def test_a_pipe_is_not_coloured_unless_told(plugreg, filled, wishes, coloured):
    """A pipe gets plain text, for stdout and stderr alike, unless colour is forced."""
    assert (COLOUR in plugreg("list", **wishes).out) is coloured
    assert (COLOUR in plugreg("show", "nobody", **wishes).err) is coloured


def test_each_stream_decides_for_itself(terminal, filled):
    """With stdout at a terminal and stderr in a pipe, only stdout is coloured."""
    outcome = terminal("enable", "datasette-map", "nobody")
    assert COLOUR in outcome.out
    assert "nobody" in outcome.err
    assert COLOUR not in outcome.err


def test_json_is_the_same_at_a_terminal(terminal, plugreg, filled):
    """`--json` knows neither colour nor width."""
    assert terminal("list", "--json", columns=20).out == plugreg("list", "--json").out


def test_an_empty_list_tells_a_person_what_to_do(terminal, plugreg, catalog):
    """A person is told on stderr how to begin; a pipe is not."""
    at_terminal = terminal("list")
    assert at_terminal.out == ""
    assert "plugreg add" in at_terminal.err
    assert plugreg("list").err == ""
