"""What a person sees: commands typed in a real terminal of 80 and of 120 columns, as SVG.

Needs tmux. Usage: python screens.py FOLDER
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).parent))

from picture import write_picture
from terminal import Terminal

from plugreg import backends

EXAMPLES = Path(__file__).parent
WIDTHS = (80, 120)
LINES = 36
PROJECTS = ("greeter-polite", "greeter-shout", "datasette-hello", "pytest-stars")
PREPARATION = (
    f"plugreg add {' '.join(PROJECTS)} --tag example",
    "plugreg disable greeter-shout",
    "plugreg set greeter-polite --before greeter-shout --priority -5",
    "mv pytest-stars elsewhere",
    "echo >> datasette-hello/pyproject.toml",
)
# The name of a picture, and what is typed for it.
SCREENS = {
    "list": "plugreg list",
    "show": "plugreg show datasette-hello",
    "doctor": "plugreg doctor",
    "history": "plugreg history",
}
MIGRATION = "plugreg migrate big.db new.db --to gnu"
# So many that they take some seconds.
RECORDS = 400_000
PROMPT = "$"


class Shot(NamedTuple):
    """A screen.

    Attributes:
        text: What stands on it, the lines that the terminal itself broke put together again.
        coloured: The same line by line, with its colours.
    """

    text: str
    coloured: str


def environment_of(folder: Path) -> dict[str, str]:
    """Return the environment of somebody whose catalog lies in a folder."""
    left_out = ("NO_COLOR", "FORCE_COLOR", "COLUMNS", "LINES", "BASH_ENV", "ENV")
    kept = {name: value for name, value in os.environ.items() if name not in left_out}
    paths = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    own = {"PATH": paths, "PLUGREG_CATALOG": str(folder / "catalog")}
    return {**kept, **own, "HOME": str(folder), "LC_ALL": "C.UTF-8"}


def prepare(folder: Path) -> None:
    """Fill a folder with projects, a catalog that has seen some changes, and a large database."""
    for name in PROJECTS:
        shutil.copytree(EXAMPLES / name, folder / name)
    records = ((b"key %d" % number, b"value %d" % number) for number in range(RECORDS))
    backends.require_flavour("sqlite3").write_fresh(str(folder / "big.db"), records)
    with _shell(folder, WIDTHS[0]) as terminal:
        for line in PREPARATION:
            _enter(terminal, line)


def take(folder: Path, columns: int) -> Iterator[tuple[str, Shot]]:
    """Yield the name of each screen, and what is on it in a terminal of so many columns."""
    with _shell(folder, columns) as terminal:
        for name, line in SCREENS.items():
            _enter(terminal, line)
            yield name, _shot(terminal)
        (folder / "new.db").unlink(missing_ok=True)
        _clear(terminal)
        terminal.type(MIGRATION)
        terminal.press("Enter")
        terminal.wait_for(lambda screen: "[#" in screen)
        yield "migrate", _shot(terminal)
        terminal.wait_for(_is_done)
        yield "migrated", _shot(terminal)


def _shell(folder: Path, columns: int) -> Terminal:
    settings = folder / ".bashrc"
    # No history: a shell would write it when the terminal, and perhaps the folder, is gone.
    settings.write_text(f"PS1='{PROMPT} '\nunset HISTFILE\n", encoding="utf-8")
    command = ["bash", "--rcfile", str(settings), "-i"]
    return Terminal(
        command, columns=columns, lines=LINES, environment=environment_of(folder), folder=folder
    )


def _enter(terminal: Terminal, line: str) -> None:
    """Type a line on a clear screen, and wait for the end of what it does."""
    _clear(terminal)
    terminal.type(line)
    terminal.press("Enter")
    terminal.wait_for(_is_done)


def _clear(terminal: Terminal) -> None:
    terminal.wait_for(lambda screen: screen.endswith(PROMPT))
    terminal.press("C-l")
    terminal.wait_for(lambda screen: screen.strip() == PROMPT)


def _is_done(screen: str) -> bool:
    return screen.endswith(f"\n{PROMPT}")


def _shot(terminal: Terminal) -> Shot:
    coloured = terminal.screen(colours=True)
    return Shot(terminal.screen(joined=True), coloured)


def main() -> None:
    """Take all of them and write the pictures."""
    target = Path(sys.argv[1])
    target.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="plug-ins-") as folder:
        prepare(Path(folder))
        for columns in WIDTHS:
            for name, shot in take(Path(folder), columns):
                path = target / f"{name}-{columns}.svg"
                write_picture(str(path), [shot.coloured], columns=columns)


if __name__ == "__main__":
    main()
