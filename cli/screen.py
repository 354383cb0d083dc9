"""What a stream can show: its width, its colours, and how many columns a text takes on it."""

from __future__ import annotations

import os
import re
from typing import NamedTuple

from plugreg.printable import safe

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TextIO

STYLES = {"good": "32", "bad": "31", "warn": "33", "strong": "1", "faint": "2"}
# What may stand in a line beside text: the tabs between its cells, and what `paint` makes.
_TABS = re.compile("(\t)")
_PAINT = re.compile(rf"\x1b\[(?:0|{'|'.join(STYLES.values())})m")
_TABS_AND_PAINT = re.compile(rf"(\t|{_PAINT.pattern})")


class Screen(NamedTuple):
    """What a stream can show now.

    Attributes:
        terminal: Whether a person looks at it.
        width: Its width in columns; only a terminal has one that matters.
        colour: Whether to colour.
    """

    terminal: bool
    width: int
    colour: bool

    def paint(self, text: str, style: str) -> str:
        """Return the text in one of `STYLES`, or as it is where there is no colour."""
        return f"\x1b[{STYLES[style]}m{text}\x1b[0m" if self.colour and text else text

    def harmless(self, line: str) -> str:
        """Return a line with what could steer a terminal shown as escapes; `paint`'s stay."""
        if line.isprintable():
            return line
        parts = (_TABS_AND_PAINT if self.colour else _TABS).split(line)
        parts[::2] = map(safe, parts[::2])
        return "".join(parts)


def screen_of(stream: TextIO | None) -> Screen:
    """Return what a stream can show, decided now: NO_COLOR wins over FORCE_COLOR over its kind."""
    if stream is None:  # closed by whoever started this process
        return Screen(terminal=False, width=80, colour=False)
    terminal = stream.isatty()
    if os.environ.get("NO_COLOR"):
        colour = False
    elif os.environ.get("FORCE_COLOR"):
        colour = True
    else:
        colour = terminal and os.environ.get("TERM") != "dumb"
    return Screen(terminal, _width_of(stream) if terminal else 80, colour)


def _width_of(stream: TextIO) -> int:
    """Return COLUMNS where it is a number, else what the terminal says, else 80."""
    columns = os.environ.get("COLUMNS", "")
    if columns.isdecimal() and int(columns):
        return int(columns)
    try:
        return os.get_terminal_size(stream.fileno()).columns or 80
    except (OSError, ValueError):
        return 80


def unpainted(text: str) -> str:
    """Return a text without its colours."""
    return _PAINT.sub("", text) if "\x1b" in text else text


def columns_of(text: str) -> int:
    """Return how many columns of a terminal a text takes."""
    if text.isascii():
        return len(text)
    from unicodedata import combining, east_asian_width

    return sum(
        0 if combining(char) else 2 if east_asian_width(char) in "WF" else 1 for char in text
    )
