"""The code blocks of a Markdown page, and a reader who tries them.

A page is true when each command in its console blocks prints what stands below it, and when its
Python blocks run. In what a command is said to print, `...` stands for any text within the line,
and a line that is nothing but `...` for any number of lines, none included. A block below a line
that ends with a file's name in back quotes and a colon is what the reader writes into that file.
"""

from __future__ import annotations

import difflib
import os
import re
import subprocess
import sys
import tempfile
import termios
import textwrap
import threading
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Self

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
    file: str = ""

    def __str__(self) -> str:
        """Return where it stands, to name a test: `README.md:40`."""
        return f"{self.page}:{self.line}"

    def steps(self) -> list[tuple[str, str]]:
        """Return (command, what it prints) of a console block.

        A command stands behind `$ `, and goes on in the lines below it that begin with `> `.
        """
        parts = re.split(r"^\$ ", self.text, flags=re.MULTILINE)[1:]
        return [_command_and_output(part.splitlines(keepends=True)) for part in parts]


def blocks(page: Path, language: str = "") -> list[Block]:
    """Return a page's blocks in a language, such as "console", or all of them, in their order."""
    text, name = page.read_text(encoding="utf-8"), page.relative_to(TOP).as_posix()
    return [
        Block(
            name,
            text.count("\n", 0, found.start()) + 1,
            found[2],
            textwrap.dedent(found[3]),
            "" if found[2] == "console" else _file_named_above(text[: found.start()]),
        )
        for found in _FENCED.finditer(text)
        if language in ("", found[2])
    ]


def _file_named_above(text: str) -> str:
    found = re.search(r"`([^`\s]+\.\w+)`:\n\n\Z", text)
    return found[1] if found else ""


def _command_and_output(lines: list[str]) -> tuple[str, str]:
    end = next((n for n, line in enumerate(lines) if n and not line.startswith("> ")), len(lines))
    command = "".join([lines[0], *(line.removeprefix("> ") for line in lines[1:end])])
    return command.rstrip("\n"), "".join(lines[end:])


@dataclass
class Reader:
    """Someone who types a page's commands, one after another, with the plugreg that is tested.

    `folder` is where the commands are typed and `home` a folder for what they leave: the catalog,
    unless the environment names another, and temporary files. What a command changes of its folder
    or of its environment holds for those that follow, and `$?` is the status of the one before. At
    a `terminal` commands see one of that many columns as their stdout; what they write to stderr is
    shown below it.
    """

    folder: Path
    home: Path
    environment: dict[str, str] = field(default_factory=dict)
    terminal: int = 0
    status: int = 0

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
        script = f"(exit {self.status})\n{command}{_KEEP}"
        done = self._run(["sh", "-c", script], {"READER_KEPT": str(kept)})
        self.status = done.returncode
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

    def writes(self, block: Block) -> None:
        """Write a block into the file that the page names above it."""
        file = self.folder / block.file
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(block.text, encoding="utf-8")

    def converses(self, block: Block) -> None:
        """Type a dialogue with Python, and fail where it answers something else."""
        dialogue = self.home / "dialogue.txt"
        dialogue.write_text(block.text, encoding="utf-8")
        command = [sys.executable, "-W", "error", "-m", "doctest", "-o", "ELLIPSIS", str(dialogue)]
        done = self._run(command)
        assert done.returncode == 0, f"{block}: {done.stdout}"

    def _run(
        self, command: list[str], extra: dict[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        run = partial(
            subprocess.run,
            command,
            cwd=self.folder,
            env={**self.environment, **(extra or {})},
            stdin=subprocess.DEVNULL,
            text=True,
        )
        if not self.terminal:
            return run(stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        with tempfile.TemporaryFile("w+") as errors, Terminal(self.terminal) as terminal:
            done = run(stdout=terminal.inside, stderr=errors)
            errors.seek(0)
            return subprocess.CompletedProcess(
                command, done.returncode, terminal.shown() + errors.read()
            )


class Terminal:
    """A terminal of so many columns, which keeps what it shows; a context manager."""

    def __init__(self, columns: int) -> None:
        """Open it; `inside` is the side that programs write to."""
        self._outside, self.inside = os.openpty()
        termios.tcsetwinsize(self.inside, (24, columns))
        self._bytes = bytearray()
        self._watcher = threading.Thread(target=self._watch)
        self._watcher.start()

    def shown(self) -> str:
        """Return all that was written, after the last writer is done."""
        self._shut()
        return self._bytes.decode().replace("\r\n", "\n")

    def _watch(self) -> None:
        with suppress(OSError):  # that nobody has the inside open any more
            while part := os.read(self._outside, 65536):
                self._bytes += part

    def _shut(self) -> None:
        if self.inside >= 0:
            os.close(self.inside)
            self.inside = -1
        self._watcher.join()

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close both sides."""
        self._shut()
        os.close(self._outside)


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
