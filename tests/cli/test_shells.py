"""Completion in real shells, each typed to in a terminal."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import pytest

from examples.terminal import Terminal
from plugreg import Registry
from tests.conditions import once, skip_or_fail

from .conftest import make_project

pytestmark = once("shells know nothing of the Python that they ask")
# Of each shell: how it starts with nobody's settings, and what loads the completion.
SHELLS = {
    "bash": (["bash", "--norc", "--noprofile", "-i"], 'eval "$(plugreg completion bash)"'),
    "zsh": (["zsh", "-f", "-i"], 'eval "$(plugreg completion zsh)"'),
    "fish": (
        ["fish", "--no-config", "-i", "-C", "set -g fish_autosuggestion_enabled 0"],
        "plugreg completion fish | source",
    ),
}


@pytest.fixture(params=SHELLS)
def shell(request, tmp_path, environment, catalog):
    """A shell at a terminal, with the completion loaded and the catalog of `names`."""
    for tool in ("tmux", request.param):
        if shutil.which(tool) is None:
            skip_or_fail(f"this machine has no {tool}")
    with Registry.open(catalog) as registry, registry.batch():
        registry.add(make_project("one-on"))
        registry.add(make_project("one-off", enabled=False, tags=["my tag", "it's"]))
        registry.add(make_project("alone-two", tags=["$(touch evil)"]))
        registry.add(make_project("alone-three"))
    folder = tmp_path / "home"
    folder.mkdir()
    (folder / "old-shelf.db").write_text("")
    command, load = SHELLS[request.param]
    bin_folder = tmp_path / "bin"
    bin_folder.mkdir()
    (bin_folder / "plugreg").write_text(f'#!/bin/sh\nexec {sys.executable} -m plugreg "$@"\n')
    (bin_folder / "plugreg").chmod(0o755)
    home = {"HOME": str(folder), "PATH": f"{bin_folder}{os.pathsep}{os.environ['PATH']}"}
    home["LC_ALL"] = "C.UTF-8"
    with Terminal(
        command, columns=100, lines=30, environment={**environment, **home}, folder=folder
    ) as terminal:
        terminal.wait_for(bool)  # the prompt: before it, a shell may throw away what is typed
        line = f"{load} && echo load''ed"
        terminal.type(line)
        terminal.wait_for(lambda screen: screen.endswith(line))
        terminal.press("Enter")
        terminal.wait_for(lambda screen: "loaded" in screen)
        yield terminal


def completed(terminal: Terminal, typed: str, wanted: str) -> None:
    """Type, press Tab, and wait until the line is as wanted."""
    terminal.press("C-u", "C-l")
    terminal.type(typed)
    terminal.wait_for(lambda screen: screen.endswith(typed))
    terminal.press("Tab")
    terminal.wait_for(lambda screen: wanted in screen)


def test_completion(shell, tmp_path):
    """Commands, options, names that fit the verb, values, words to quote, files; nothing is run."""
    completed(shell, "plugreg comp", "plugreg completion")
    completed(shell, "plugreg migrate --sal", "--salvage")
    completed(shell, "plugreg enable o", "plugreg enable one-off")
    completed(shell, "plugreg disable o", "plugreg disable one-on")
    completed(shell, "plugreg list --group=da", "--group=datasette")
    completed(shell, "plugreg migrate x --to dum", "--to dumb")
    completed(shell, "plugreg list --tag my", r"--tag my\ tag")
    completed(shell, "plugreg list --tag 'my", "--tag 'my tag'")
    completed(shell, "plugreg restore alone-th", "plugreg restore alone-three@1")
    completed(shell, "plugreg identify old", "plugreg identify old-shelf.db")
    completed(shell, "plugreg identify ./old", "plugreg identify ./old-shelf.db")
    completed(shell, "plugreg run -- prin", "plugreg run -- print")
    assert not (tmp_path / "home" / "evil").exists()


def test_a_choice(shell):
    """What all candidates share is put in, and the next Tab shows them."""
    shell.press("C-l")
    shell.type("plugreg show alone")
    shell.press("Tab")
    shell.wait_for(lambda screen: "plugreg show alone-t" in screen)
    shell.press("Tab", "Tab")
    shell.wait_for(lambda screen: "alone-two" in screen and "alone-three" in screen)


def test_a_catalog_on_the_line(shell, tmp_path):
    """Its names are told, also of a path with a blank; those of a damaged one are not."""
    folder = tmp_path / "home"
    with Registry.open(folder / "an other") as registry:
        registry.add(make_project("elsewhere"))
    Path(folder / "damaged").write_text("no database")
    completed(shell, r"plugreg show --catalog an\ other e", "other elsewhere")
    completed(shell, "plugreg show --catalog './an other' e", "other' elsewhere")
    completed(shell, "plugreg show --catalog ~/an\\ other e", "other elsewhere")
    shell.press("C-u", "C-l")
    shell.type("plugreg show --catalog damaged e")
    shell.press("Tab")
    shell.type("nd")
    shown = shell.wait_for(lambda screen: "damaged end" in screen)
    assert len([line for line in shown.splitlines() if line.strip()]) == 1
