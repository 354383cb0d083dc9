"""The README's commands, run word for word, show what it says they show."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from tests.conditions import once
from tests.pages import TOP, Reader, blocks

pytestmark = once("a page says the same for every Python")
README = TOP / "README.md"
STORIES = [
    block
    for page in (README, TOP / "examples" / "README.md")
    for block in blocks(page, "console")
    if "plugreg add" in block.text or "plugreg migrate" in block.text
]


@pytest.mark.parametrize("block", STORIES, ids=str)
def test_the_commands_show_what_the_page_says(tmp_path, block):
    """Every command of a story, with its real output, errors included."""
    Reader(TOP, tmp_path).follows(block, leaves_out=(". .venv",))


def test_the_stories_are_there():
    """Hosts that were changed and hosts that were not, an old file, and the examples."""
    words = ("greeter_host", "plugreg run", "plugreg migrate")
    shown = [[word for word in words if word in block.text] for block in STORIES]
    assert shown == [["greeter_host"], ["plugreg run"], ["plugreg migrate"], ["greeter_host"]]


def test_the_two_commands_are_targets_of_the_makefile():
    """`make demo` and `make test` exist."""
    makefile = (TOP / "Makefile").read_text(encoding="utf-8")
    for command in ("demo", "test"):
        assert any(f"$ make {command}" in block.text for block in blocks(README, "console"))
        assert re.search(rf"^{command}:", makefile, re.MULTILINE)


@pytest.mark.parametrize("block", blocks(README, "python"), ids=str)
def test_python_blocks_run(block, tmp_path):
    """They are what a reader types first."""
    Reader(tmp_path, tmp_path).runs(block)


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
