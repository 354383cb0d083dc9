"""The README's picture: commands run for real in a terminal, and what it showed, as an SVG.

Usage: python picture.py FILE.svg
"""

from __future__ import annotations

import fcntl
import os
import pty
import shutil
import struct
import subprocess
import sys
import tempfile
import termios
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.text import Text

EXAMPLES = Path(__file__).parent
COLUMNS, LINES = 100, 40
PROJECTS = ("greeter-polite", "greeter-shout", "datasette-hello")
COMMANDS = [
    f"plugreg add {' '.join(PROJECTS)}",
    "plugreg disable greeter-shout",
    "plugreg list",
    "plugreg show greeter-polite",
    "plugreg enable greter-shout",
]


def main() -> None:
    """Run the commands and write the picture."""
    shown = []
    with tempfile.TemporaryDirectory(prefix="plug-ins-") as folder:
        for name in PROJECTS:
            shutil.copytree(EXAMPLES / name, Path(folder) / name)
        environment = {
            **os.environ,
            "PLUGREG_CATALOG": str(Path(folder) / "catalog"),
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "TERM": "xterm-256color",
        }
        environment.pop("NO_COLOR", None)
        for command in COMMANDS:
            shown += [f"\x1b[1m$ {command}\x1b[0m", _screen(command, environment, folder)]
    write_picture(sys.argv[1], shown, columns=COLUMNS)


def write_picture(path: str, parts: Sequence[str], *, columns: int) -> None:
    """Write what a terminal showed, with its colours, as an SVG."""
    with open(os.devnull, "w", encoding="utf-8") as nowhere:
        console = Console(record=True, width=columns, file=nowhere)
        for part in parts:
            console.print(Text.from_ansi(part))
    console.save_svg(path, title="plugreg")


def _screen(command: str, environment: dict[str, str], folder: str) -> str:
    """Return what a command shows on a terminal of the picture's size."""
    reader, terminal = pty.openpty()
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", LINES, COLUMNS, 0, 0))
    process = subprocess.Popen(
        command.split(), env=environment, cwd=folder, stdout=terminal, stderr=terminal
    )
    os.close(terminal)
    shown = bytearray()
    while True:
        try:
            part = os.read(reader, 65536)
        except OSError:  # Linux ends a terminal that nobody writes to any more with an error
            break
        if not part:
            break
        shown += part
    process.wait()
    os.close(reader)
    return shown.decode().replace("\r\n", "\n")


if __name__ == "__main__":
    main()
