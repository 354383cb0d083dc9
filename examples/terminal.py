"""A real terminal, driven by a program: tmux shows what a person would see.

Needs tmux.
"""

from __future__ import annotations

import shlex
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

_LONGEST_WAIT_S = 60.0
_PAUSE_S = 0.02
_NO_SETTINGS = ("-f", "/dev/null")


class Terminal:
    """A terminal of a given size in which one program runs. A context manager.

    Args:
        command: The program, such as a shell.
        columns: The terminal's width.
        lines: Its height.
        environment: The program's environment.
        folder: Its working directory.
    """

    def __init__(
        self,
        command: Sequence[str],
        *,
        columns: int,
        lines: int,
        environment: Mapping[str, str],
        folder: Path,
    ) -> None:
        self._temporary = tempfile.TemporaryDirectory(prefix="terminal-")
        self._environment = dict(environment)
        self._start = ["new-session", "-d", "-x", str(columns), "-y", str(lines)]
        self._start += ["-c", str(folder), shlex.join(command)]

    def __enter__(self) -> Self:
        """Start the program."""
        settings = ["set", "-g", "default-terminal", "screen-256color", ";", "set", "-g", "status"]
        self._tmux(*_NO_SETTINGS, "start-server", ";", *settings, "off", ";", *self._start)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """End the program and the terminal."""
        self._tmux("kill-server", check=False)
        self._temporary.cleanup()

    def type(self, text: str) -> None:
        """Type a text, as it is."""
        self._tmux("send-keys", "-l", "--", text)

    def press(self, *keys: str) -> None:
        """Press keys, by tmux's names: "Enter", "Tab", "C-c"."""
        self._tmux("send-keys", *keys)

    def screen(self, *, colours: bool = False, joined: bool = False) -> str:
        """Return what the screen shows now, without the blank lines at its end.

        Args:
            colours: Keep the colours, as escape sequences.
            joined: Put together the lines that the terminal itself has broken.
        """
        how = [*(["-e"] if colours else []), *(["-J"] if joined else [])]
        return self._tmux("capture-pane", "-p", *how).rstrip("\n")

    def wait_for(self, seen: Callable[[str], bool]) -> str:
        """Return the first screen on which something is seen.

        Raises:
            TimeoutError: It never came; the message is the last screen.
        """
        end = time.monotonic() + _LONGEST_WAIT_S
        while not seen(screen := self.screen()):
            if time.monotonic() > end:
                raise TimeoutError(screen)
            time.sleep(_PAUSE_S)
        return screen

    def _tmux(self, *words: str, check: bool = True) -> str:
        socket = str(Path(self._temporary.name) / "socket")
        done = subprocess.run(
            ["tmux", "-S", socket, *words],  # noqa: S607 - the user's own
            env=self._environment,
            capture_output=True,
            text=True,
            check=check,
        )
        return done.stdout
