"""A session in a real terminal, 80 and 120 columns wide; the same data in a pipe and as JSON."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys

import pytest

from examples import screens
from plugreg.cli.screen import columns_of
from tests.conditions import once, skip_or_fail

from .conftest import schema

pytestmark = once("a terminal is the same for every Python")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with the projects, the catalog and the large database of the session."""
    if shutil.which("tmux") is None:
        skip_or_fail("this machine has no tmux")
    there = tmp_path_factory.mktemp("session")
    screens.prepare(there)
    return there


@pytest.fixture(scope="module", params=screens.WIDTHS)
def session(request, folder):
    """The width of a terminal, and the screens of a session in it by their names."""
    return request.param, dict(screens.take(folder, request.param))


def in_pipe(folder, name, *extra):
    """Return what the command of a screen prints in a pipe."""
    words = screens.SCREENS[name].split()[1:]
    return subprocess.run(
        [sys.executable, "-m", "plugreg", *words, *extra],
        cwd=folder,
        env=screens.environment_of(folder),
        stdout=subprocess.PIPE,
        text=True,
    ).stdout


def squeezed(text):
    """Return a text without blanks and line ends: what a table has wrapped is whole again."""
    return re.sub(r"\s", "", text)


def columns_squeezed(text):
    """Return the text of a table column by column, squeezed: a cell goes on in the line below."""
    head, *rows = text.splitlines()
    starts = [found.start() for found in re.finditer(r"(?:^|(?<=  ))\S", head)]
    ends = [*starts[1:], None]
    columns = [
        "".join(row[start:end] for row in rows) for start, end in zip(starts, ends, strict=True)
    ]
    return squeezed("".join(columns))


def body(shot):
    """Return what a command has written: without its own line, and without the next prompt."""
    _, _, rest = shot.text.partition("\n")
    return rest.rstrip().removesuffix(screens.PROMPT).rstrip("\n")


def test_no_line_is_wider_than_the_terminal(session):
    """Nothing is left to the terminal to break, not even a message."""
    width, shots = session
    for name, shot in shots.items():
        lines = shot.text.splitlines()
        assert max(map(columns_of, map(str.rstrip, lines))) <= width, name


@pytest.mark.parametrize("name", ["list", "history"])
def test_every_cell_of_a_table_is_all_there(session, folder, name):
    """What a pipe gets in a line stands in the table, wrapped, and nothing else does."""
    shown = columns_squeezed(body(session[1][name]))
    cells = [
        squeezed(cell) for line in in_pipe(folder, name).splitlines() for cell in line.split("\t")
    ]
    assert len(cells) > 10
    for cell in cells:
        assert cell in shown
    assert sum(map(len, cells)) == len(shown)


@pytest.mark.parametrize("name", ["show", "doctor"])
def test_everything_that_a_pipe_gets_is_shown(session, folder, name):
    """Each field of a project, and each part of a problem but the word for its state."""
    shown = squeezed(body(session[1][name]))
    for line in in_pipe(folder, name).splitlines():
        parts = line.split("\t")[1:] if name == "doctor" else [line]
        for part in parts:
            assert part == "-" or squeezed(part) in shown


@pytest.mark.parametrize("name", screens.SCREENS)
def test_json_has_the_same(session, folder, name):
    """As the schema says, and each project of it is on the screen."""
    whole = json.loads(in_pipe(folder, name, "--json"))
    schema("envelope").validate(whole)
    assert whole["command"] == name
    [items] = whole["data"].values()
    shown = squeezed(session[1][name].text)
    for item in items:
        for word in (item.get("name"), item.get("project"), item.get("message"), item.get("at")):
            assert squeezed(word or "") in shown


def test_colour_has_a_meaning_that_words_have_too(session):
    """On, off, changed and missing have different colours, and are written out."""
    shot = session[1]["list"]
    found = dict(re.findall(r"\x1b\[(?:0;)?(\d+)m(on|off|ok|changed|missing)\b", shot.coloured))
    by_word = {word: colour for colour, word in found.items()}
    assert {"off", "changed", "missing"} <= set(by_word)
    assert len(set(by_word.values())) == len(by_word)
    assert {"on", "off", "ok", "changed", "missing"} <= set(shot.text.split())


def test_a_bar_that_comes_and_goes(session):
    """While a large database is migrated it is there; afterwards the result stands in its place."""
    shots = session[1]
    assert re.search(r"^(copy|compare) \[#+-*\] +\d+ %  [\d,]+ records$", body(shots["migrate"]))
    done = body(shots["migrated"])
    assert done.startswith("migrated ")
    assert "[#" not in done
    assert f"{screens.RECORDS:,} records" in " ".join(done.split())
