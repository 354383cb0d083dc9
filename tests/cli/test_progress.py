"""The progress bar: only where a person looks, only for long work, and gone afterwards.

Nothing here depends on how quick the machine is: what "long" means is told to the process.
"""

from __future__ import annotations

import re
import sys

import pytest

from plugreg.cli import progress as bar
from plugreg.cli.screen import Screen
from tests.pages import Terminal
from tests.warm import PIPE

CLEAR = "\r\x1b[K"
# The real command line, whose patience with long work is that of the first argument.
PATIENT = """
import sys
from plugreg.cli import progress
progress._PATIENCE_S = float(sys.argv.pop(1))
from plugreg.cli import main
main()
"""
AT_ONCE, NEVER = "-1", "1e9"


@pytest.fixture
def at_terminal(warm, environment, tmp_path):
    """Run a command with stderr, or both, at a terminal of 80 columns; stdout, stderr, status."""

    def run(patience, *arguments, both=False):
        with Terminal(80) as screen:
            done = warm.run(
                [patience, *arguments],
                program=PATIENT,
                env=environment,
                cwd=tmp_path,
                stdout=screen.inside if both else PIPE,
                stderr=screen.inside,
            )
            return (done.stdout or b"").decode(), screen.shown(), done.returncode

    return run


@pytest.fixture
def places(catalog, tmp_path, plugreg):
    """A catalog of three modules, its export and its dump."""
    for name in ("a", "b", "c"):
        (tmp_path / f"{name}.py").write_text(f"name = '{name}'\n")
        done = plugreg("add", f"{name}.py", "--group", "g", "--name", name)
        assert done.status == 0, done.err
    (tmp_path / "export.json").write_text(plugreg("export").out)
    (tmp_path / "dump.jsonl").write_text(plugreg("dump", catalog).out)
    return catalog


LONG = {
    "add": (["add", "a.py", "b.py", "--group", "g", "--name", "n"], "projects"),
    "refresh": (["refresh"], "projects"),
    "import": (["import", "export.json", "--dry-run"], "projects"),
    "doctor": (["doctor"], "projects"),
    "dump": (["dump", "{catalog}"], "records"),
    "load": (["load", "loaded", "dump.jsonl"], "records"),
    "migrate": (["migrate", "{catalog}", "migrated", "--to", "gnu"], "records"),
    "bisect": (["bisect", "--", sys.executable, "-c", "import sys; sys.exit('x')"], "trials"),
}

# What is to come of those that do not end with 0.
STATUSES = {"bisect": 1}


@pytest.mark.parametrize("command", LONG)
def test_a_bar_that_is_gone_afterwards(at_terminal, places, command):
    """Each line takes the place of the one before, and after the last there is nothing of it."""
    words, things = LONG[command]
    out, err, _ = at_terminal(AT_ONCE, *(word.format(catalog=places) for word in words))
    *shown, rest = err.split(CLEAR)
    assert shown[0] == ""
    lines = [line for line in shown if line]
    form = rf"[\w ]+( \[#*-*\] +\d+ %)?  [\d,]+ {things}"
    assert lines, err
    assert [line for line in lines if not re.fullmatch(form, line)] == []
    assert max(map(len, lines)) < 80
    assert rest == "" or rest.startswith("plugreg: ")
    assert "\x1b" not in out


@pytest.mark.parametrize("command", LONG)
def test_none_for_short_work(at_terminal, places, command):
    """What does not take long has no bar."""
    words = [word.format(catalog=places) for word in LONG[command][0]]
    _, shown, status = at_terminal(NEVER, *words)
    assert status == STATUSES.get(command, 0), shown
    assert CLEAR not in shown


@pytest.mark.parametrize("command", LONG)
def test_none_in_a_pipe(warm, environment, places, tmp_path, command):
    """What nobody looks at has no bar, however long it takes."""
    words = [word.format(catalog=places) for word in LONG[command][0]]
    in_pipe = warm.run([AT_ONCE, *words], program=PATIENT, env=environment, cwd=tmp_path)
    assert in_pipe.returncode == STATUSES.get(command, 0), in_pipe.stderr
    assert b"\x1b" not in in_pipe.stderr


def test_long_is_more_than_a_second(monkeypatch):
    """Not before it, and then not at each of a thousand calls."""
    shown = []
    now = [0.0]
    monkeypatch.setattr(bar, "screen_of", lambda _: Screen(terminal=True, width=40, colour=False))
    with bar.Progress("things", lambda: now[0]) as progress:
        monkeypatch.setattr(progress, "_show", shown.append)
        for _ in progress.over("count", range(1000)):
            now[0] += 0.002
        assert len(shown) == 10
        assert shown[0].startswith("count [")
        assert all(len(line) < 40 for line in shown)
    assert shown[-1] == ""
    shown.clear()
    with bar.Progress("things", lambda: 0.0) as progress:
        monkeypatch.setattr(progress, "_show", shown.append)
        list(progress.over("count", range(1000)))
    assert shown == []


def test_a_dump_that_is_read_as_it_comes_has_no_bar(at_terminal, places):
    """At one terminal with its lines, a bar would stand between them."""
    _, shown, status = at_terminal(AT_ONCE, "dump", places, both=True)
    assert status == 0
    assert shown.count('"key"') > 3
    assert CLEAR not in shown
