"""The README's commands, run word for word, show what it says they show."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

TOP = Path(__file__).parents[1]
README = TOP / "README.md"


def blocks(language: str, page: Path = README) -> list[str]:
    """Return a page's code blocks in a language."""
    return re.findall(
        rf"^```{language}\n(.*?)^```$", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL
    )


def steps(block: str) -> list[tuple[str, str]]:
    """Return (command, what it shows) of a console block."""
    parts = re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]
    return [(head, shown) for head, _, shown in (part.partition("\n") for part in parts)]


STORIES = [
    (page, block)
    for page in (README, TOP / "examples" / "README.md")
    for block in blocks("console", page)
    if "plugreg add" in block or "plugreg migrate" in block
]


@pytest.mark.parametrize("block", [block for _, block in STORIES])
def test_the_commands_show_what_the_page_says(tmp_path, block):
    """Every command of a story, with its real output, errors included."""
    environment = {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "PLUGREG_CATALOG": str(tmp_path / "catalog"),
    }
    environment.pop("PYTEST_ADDOPTS", None)
    for command, expected in steps(block):
        if command.startswith((". .venv", "export ")):
            continue
        done = subprocess.run(
            command,
            shell=True,
            cwd=TOP,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert done.stdout == expected, command


def test_the_stories_are_there():
    """Hosts that were changed and hosts that were not, an old file, and the examples."""
    words = ("greeter_host", "plugreg run", "plugreg migrate")
    shown = [[word for word in words if word in block] for _, block in STORIES]
    assert shown == [["greeter_host"], ["plugreg run"], ["plugreg migrate"], ["greeter_host"]]


def test_the_two_commands_are_targets_of_the_makefile():
    """`make demo` and `make test` exist."""
    makefile = (TOP / "Makefile").read_text(encoding="utf-8")
    for command in ("demo", "test"):
        assert any(f"$ make {command}" in block for block in blocks("console"))
        assert re.search(rf"^{command}:", makefile, re.MULTILINE)


@pytest.mark.parametrize("block", blocks("python"))
def test_python_blocks_run(block, tmp_path, monkeypatch):
    """They are what a reader types first."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PLUGREG_CATALOG", str(tmp_path / "catalog"))
    exec(compile(block, "README.md", "exec"), {"__name__": "readme"})


def test_every_command_that_is_named_exists():
    """`plugreg NAME` in the README is a command of plugreg."""
    text = README.read_text(encoding="utf-8")
    named = set(re.findall(r"(?:`|\$ )plugreg ([a-z]+)\b", text))
    shown = subprocess.run(
        [sys.executable, "-m", "plugreg", "--help"], capture_output=True, text=True
    ).stdout
    assert len(named) > 4
    for command in named:
        assert re.search(rf"^\W*{command}\b", shown, re.MULTILINE), command
