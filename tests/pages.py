"""The code blocks of a Markdown page, and a reader who tries them.

A page is true when each command in its console blocks prints what stands below it, and when its
Python blocks run. In what a command is said to print, `...` stands for any text within the line,
and a line that is nothing but `...` for any number of lines, none included.
"""

from __future__ import annotations

import difflib
import os
import re
import subprocess
import sys
import textwrap
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

TOP = Path(__file__).parents[1]
_FENCED = re.compile(r"^( *)```(\w+)[^\n]*\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)
# What follows a command so that the next one finds the folder and the variables that it left.
_KEEP = '\n{ status=$?; pwd; env -0; } >"$READER_KEPT"; exit "$status"'


@dataclass(frozen=True)
class Block:
    """A page's code block: the text between its fences, without the indentation they have."""

    page: str
    line: int
    language: str
    text: str

    def __str__(self) -> str:
        """Return where it stands, to name a test: `README.md:40`."""
        return f"{self.page}:{self.line}"

    def steps(self) -> list[tuple[str, str]]:
        """Return (command, what it prints) of a console block.

        A command stands behind `$ `, and goes on in the lines below it that begin with `> `.
        """
        parts = re.split(r"^\$ ", self.text, flags=re.MULTILINE)[1:]
        return [_command_and_output(part.splitlines(keepends=True)) for part in parts]


def blocks(page: Path, language: str) -> list[Block]:
    """Return a page's blocks in a language, such as "console", in their order."""
    text, name = page.read_text(encoding="utf-8"), page.relative_to(TOP).as_posix()
    return [
        Block(name, text.count("\n", 0, found.start()) + 1, language, textwrap.dedent(found[3]))
        for found in _FENCED.finditer(text)
        if found[2] == language
    ]


def _command_and_output(lines: list[str]) -> tuple[str, str]:
    end = next((n for n, line in enumerate(lines) if n and not line.startswith("> ")), len(lines))
    command = "".join([lines[0], *(line.removeprefix("> ") for line in lines[1:end])])
    return command.rstrip("\n"), "".join(lines[end:])


@dataclass
class Reader:
    """Someone who types a page's commands, one after another, with the plugreg that is tested.

    `folder` is where the commands are typed and `home` a folder for what they leave: the catalog,
    unless the environment names another, and temporary files. What a command changes of its folder
    or of its environment holds for those that follow.
    """

    folder: Path
    home: Path
    environment: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Give the environment what the reader of a page has: plugreg, and nothing of pytest's."""
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        own = {
            "PATH": path,
            "TMPDIR": str(self.home),
            "PLUGREG_CATALOG": str(self.home / "catalog"),
        }
        inherited = {name: text for name, text in os.environ.items() if name != "PYTEST_ADDOPTS"}
        self.environment = {**inherited, **own, **self.environment}

    def types(self, command: str) -> str:
        """Return what a command prints, errors included."""
        kept = self.home / "kept"
        kept.unlink(missing_ok=True)
        done = self._run(["sh", "-c", f"{command}{_KEEP}"], {"READER_KEPT": str(kept)})
        if kept.exists():  # not where the command was `exit`
            folder, _, pairs = os.fsdecode(kept.read_bytes()).partition("\n")
            self.folder = Path(folder)
            self.environment = dict(pair.split("=", 1) for pair in pairs.split("\0")[:-1])
        return done.stdout

    def follows(
        self,
        block: Block,
        *,
        leaves_out: tuple[str, ...] = (),
        ignoring: Callable[[str], str] = str,
    ) -> None:
        """Type all commands of a block and fail at the first that prints something else.

        Commands that begin with one of `leaves_out` are not typed. `ignoring` is given what is
        printed and what was expected and takes away what may differ, such as numbers.
        """
        for command, expected in block.steps():
            if not command.startswith(leaves_out):
                shown = ignoring(self.types(command))
                assert is_as_said(shown, ignoring(expected)), _difference(
                    f"{block}: $ {command}", shown, ignoring(expected)
                )

    def runs(self, block: Block) -> str:
        """Return what a Python block prints, run as a script; fail where it ends with an error."""
        done = self._run([sys.executable, "-W", "error", "-c", block.text])
        assert done.returncode == 0, f"{block}: {done.stdout}"
        return done.stdout

    def _run(
        self, command: list[str], extra: dict[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command,
            cwd=self.folder,
            env={**self.environment, **(extra or {})},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )


def is_as_said(shown: str, expected: str) -> bool:
    """Return whether a text is the expected one, where `...` stands for what varies."""
    pattern = "".join(map(_pattern, expected.splitlines(keepends=True)))
    return re.fullmatch(pattern, shown) is not None


def _pattern(line: str) -> str:
    if line == "...\n":
        return r"(?:.*\n)*"
    return ".*".join(map(re.escape, line.split("...")))


def _difference(title: str, shown: str, expected: str) -> str:
    lines = difflib.unified_diff(
        expected.splitlines(), shown.splitlines(), "the page", "printed", lineterm=""
    )
    return "\n".join([title, *lines])
