"""The page on plug-ins that misbehave: each row and each command of it, in real processes."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from pathlib import Path

import pytest

from plugreg.starts import VARIABLE
from tests.conditions import require_module
from tests.pages import TOP, Reader, blocks, is_as_said

from .conftest import GREETER

PAGE = TOP / "docs" / "explanation" / "misbehaving-plugins.md"
TEXT = PAGE.read_text(encoding="utf-8")
PATIENCE_S = 60
SPECS = """
import pluggy
class Specs:
    @pluggy.HookspecMarker("testhost")
    def greet(self, name): pass
pm = pluggy.PluginManager("testhost")
pm.add_hookspecs(Specs)
"""
LOADING = SPECS + "from plugreg import plugins\nprint(plugins.load(pm))\n"
UNMODIFIED = (
    SPECS + "pm.load_setuptools_entrypoints('testhost')\nprint(*pm.hook.greet(name='you'))\n"
)
HOOKIMPL = "import pluggy; hookimpl = pluggy.HookimplMarker('testhost')\n"


def rows() -> list[tuple[str, ...]]:
    """Return code, what the report says, and the word for what `plugreg run` does, row by row."""
    table = re.findall(r"^\| ``(.+?)`` \| ``(.+?)`` \| ([a-z ]+) \|$", TEXT, re.MULTILINE)
    assert len(table) == TEXT.partition("\n- *")[0].count("\n| ") - 2
    return table


def said(word: str) -> str:
    """Return the line that the page says for a word of the last column."""
    paragraph = TEXT.partition(f"- *{word.capitalize()}*")[2].partition("\n- ")[0]
    [line] = re.findall(r"``(.+?) ?``\.", paragraph, re.DOTALL)
    return str(line)


@pytest.fixture
def host(catalog, tmp_path, monkeypatch):
    """Start a host in a process of its own; one that hangs is killed while it imports."""
    monkeypatch.setenv("PLUGREG_CATALOG", catalog)
    monkeypatch.setenv(VARIABLE, "")
    monkeypatch.chdir(tmp_path)

    def start(*words: str, hangs: bool) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, *words]
        pipe = subprocess.PIPE
        with subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True) as running:
            try:
                if hangs:
                    wait_for_import(f"{catalog}.starts", running)
                    running.kill()
                out, err = running.communicate(timeout=PATIENCE_S)
            finally:
                running.kill()  # a test that fails does not wait for what hangs
        return subprocess.CompletedProcess(command, running.returncode, out, err)

    return start


def wait_for_import(place: str, running: subprocess.Popen[str]) -> None:
    """Wait until a start has written which plug-in it imports, or is over."""
    end = time.monotonic() + PATIENCE_S
    while running.poll() is None and time.monotonic() < end:
        records = Path(place).glob(f"importing-{running.pid}-*")
        if any(record.stat().st_size for record in records):
            return
        time.sleep(0.01)


@pytest.mark.parametrize(("code", "line", "word"), rows())
def test_the_report_says_so(host, add_project, code, line, word):
    """Whatever `bad` does, the host goes on with the others, at the third start at the latest."""
    add_project("bad", HOOKIMPL + code)
    add_project("good", GREETER)
    hangs = "sleep" in code
    for _ in range(2 if word == "left out" else 0):
        assert host("-c", LOADING, hangs=hangs).returncode != 0
    done = host("-c", LOADING, hangs=False)
    assert done.returncode == 0, done.stderr
    found = [text.strip() for text in done.stdout.splitlines() if " bad of bad " in text]
    assert len(found) == 1
    assert is_as_said(found[0], line), found
    assert "  loaded   good of good 1.0 (" in done.stdout


@pytest.mark.parametrize(("code", "line", "word"), rows())
def test_an_unmodified_host_is_told_so(host, add_project, code, line, word):
    """The last line on stderr, or none; the other plug-ins work where the host starts."""
    add_project("bad", HOOKIMPL + code)
    add_project("good", GREETER)
    run = ("-m", "plugreg", "run", "--", sys.executable, "-c", UNMODIFIED)
    for _ in range(2 if word == "left out" else 0):
        assert host(*run, hangs="sleep" in code).returncode != 0
    done = host(*run, hangs=False)
    lines = done.stderr.splitlines()
    if word == "nothing":
        assert lines == []
    else:
        assert is_as_said(lines[-1], said(word)), lines
        assert done.stderr.count("plugreg: ") == 1
    assert (done.returncode == 0) == (word != "named")
    assert ("good greets you" in done.stdout) == (word != "named")


def test_the_page_has_every_kind():
    """What raises, asserts, exits, kills, crashes, hangs, prints, starts, changes and misfits."""
    codes = " ".join(code for code, _, _ in rows())
    for part in ("raise", "assert", "sys.exit", "os._exit", "string_at", "sleep", "print"):
        assert part in codes
    for part in ("Thread", "sys.path", "hookimpl", "import megaphone"):
        assert part in codes
    assert {word for _, _, word in rows()} == {"named", "left out", "nothing"}


def test_the_commands_of_the_page(tmp_path):
    """Word for word, with what they print on both streams."""
    require_module("datasette")
    [block] = blocks(PAGE, "console")
    reader = Reader(tmp_path, tmp_path, {"XDG_DATA_HOME": str(tmp_path / "data"), VARIABLE: ""})
    reader.follows(block)
