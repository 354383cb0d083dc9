"""Rows of cells as lines: a table that fits a terminal and cuts nothing, or one line a row."""

from __future__ import annotations

from typing import NamedTuple

from plugreg.printable import safe

from .screen import columns_of, unpainted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from .screen import Screen

_GAP = "  "
_NARROWEST = 8
# Where a long cell is broken, if it can be: after a blank, a slash, a comma or a hyphen.
_PIECES = r"[^ /,-]*[ /,-]|[^ /,-]+"
_UNBROKEN = r"`[^`]*`[^ ]* ?|[^ ]* |[^ ]+"
_WORDS = r"[^ ]* |[^ ]+"


class Column(NamedTuple):
    """A column.

    Attributes:
        title: What stands above it.
        styles: The style of those cells that say exactly this.
        whole: Whether to break its cells only where breaking those of the others is not enough.
    """

    title: str
    styles: Mapping[str, str] = {}
    whole: bool = False


def show_rows(
    columns: tuple[Column, ...], rows: Iterable[tuple[str, ...]], screen: Screen
) -> Iterator[str]:
    """Yield the lines of a table on a terminal, or one line a row, cells between tabs, in a pipe.

    Every cell is made safe to show, and none is ever cut. A terminal too narrow for the columns
    gets one line a cell.
    """
    cells = (tuple(map(safe, row)) for row in rows)
    if not screen.terminal:
        return ("\t".join(_painted(columns, row, row, screen)) for row in cells)
    whole = list(cells)
    widths = _fitted(columns, whole, screen.width)
    if not widths:
        return _blocks(columns, whole, screen)
    return _table(columns, whole, widths, screen)


def show_fields(
    fields: Iterable[tuple[str, str]], screen: Screen, styles: Mapping[str, Mapping[str, str]] = {}
) -> Iterator[str]:
    """Yield one line for each field of one thing: its title, then its value, made safe.

    A terminal gets a long value in several, with nothing cut.

    Args:
        fields: The titles and values.
        screen: What they are shown on.
        styles: Of some titles, the style of a value that says exactly this.
    """
    shown = [(title, safe(value)) for title, value in fields]
    width = max((len(title) for title, _ in shown), default=0)
    room = max(screen.width - width - len(_GAP), _NARROWEST)
    for title, value in shown:
        lines = wrap(value, room) if screen.terminal else [value]
        style = styles.get(title, {}).get(value)
        painted = (screen.paint(line, style) if style else line for line in lines)
        for number, line in enumerate(painted):
            name = screen.paint(title.ljust(width), "faint") if not number else " " * width
            yield f"{name}{_GAP}{line}".rstrip()


def wrap(text: str, width: int, *, at_blanks: bool = False) -> list[str]:
    """Return a text in lines of at most `width` columns, with nothing left out but end blanks.

    Args:
        text: One line of any length.
        width: In columns.
        at_blanks: Break it after a blank only, where that is possible.

    >>> wrap("/home/me/plugins/one", 10)
    ['/home/me/', 'plugins/', 'one']
    """
    import re  # a pipe has no need of it

    lines: list[str] = []
    line = ""
    for whole in re.findall(_WORDS if at_blanks else _PIECES, text):
        piece = whole
        if columns_of((line + piece).rstrip()) > width and line:
            lines.append(line)
            line = ""
        while columns_of(piece.rstrip()) > width:
            head = _head(piece, width)
            lines.append(head)
            piece = piece[len(head) :]
        line += piece
    return [part.rstrip() for part in (*lines, line)] if line or not lines else lines


def fold(line: str, width: int) -> list[str]:
    """Return a line, painted or not, in lines broken at blanks, the later ones set in.

    What is longer than a line stays whole, and so does a `command`: somebody may copy it.

    >>> fold("no project `a-b`; did you mean `a c`?", 32)
    ['no project `a-b`; did you mean', '  `a c`?']
    """
    if columns_of(unpainted(line)) <= width:
        return [line]
    import re

    lines: list[str] = []
    indent = " " * (len(line) - len(line.lstrip()))
    current = indent
    for piece in re.findall(_UNBROKEN, line.lstrip()):
        if current.strip() and columns_of(unpainted(current + piece).rstrip()) > width:
            lines.append(current.rstrip())
            current = indent + _GAP
        current += piece
    return [*lines, current.rstrip()]


def _head(text: str, width: int) -> str:
    """Return as many characters as fit in `width` columns, and at least one."""
    end = min(len(text), width)
    while end > 1 and columns_of(text[:end]) > width:
        end -= 1
    return text[: max(end, 1)]


def _fitted(columns: tuple[Column, ...], rows: list[tuple[str, ...]], width: int) -> list[int]:
    """Return widths at which all columns fit, or [] where they cannot."""
    titles = [len(column.title) for column in columns]
    widths = [
        max([title, *(columns_of(row[place]) for row in rows)])
        for place, title in enumerate(titles)
    ]
    available = width - len(_GAP) * (len(columns) - 1)
    lowest = [min(size, max(title, _NARROWEST)) for size, title in zip(widths, titles, strict=True)]
    if sum(lowest) > available:
        return []
    wished = [
        size if column.whole else low
        for column, size, low in zip(columns, widths, lowest, strict=True)
    ]
    return _narrowed(widths, wished if sum(wished) <= available else lowest, available)


def _narrowed(widths: list[int], floors: list[int], available: int) -> list[int]:
    """Return the widths with the widest narrowed, step by step and to its floor, until all fit."""
    widths = list(widths)
    while sum(widths) > available:
        spare = [size if size > floor else 0 for size, floor in zip(widths, floors, strict=True)]
        widths[spare.index(max(spare))] -= 1
    return widths


def _table(
    columns: tuple[Column, ...], rows: list[tuple[str, ...]], widths: list[int], screen: Screen
) -> Iterator[str]:
    titles = (column.title.ljust(width) for column, width in zip(columns, widths, strict=True))
    yield screen.paint(_GAP.join(titles).rstrip(), "strong")
    for row in rows:
        wrapped = [wrap(cell, width) for cell, width in zip(row, widths, strict=True)]
        for number in range(max(map(len, wrapped))):
            line = tuple(lines[number] if number < len(lines) else "" for lines in wrapped)
            padded = (
                shown + " " * (width - columns_of(part))
                for shown, part, width in zip(
                    _painted(columns, row, line, screen), line, widths, strict=True
                )
            )
            yield _GAP.join(padded).rstrip()


def _blocks(
    columns: tuple[Column, ...], rows: list[tuple[str, ...]], screen: Screen
) -> Iterator[str]:
    for number, row in enumerate(rows):
        if number:
            yield ""
        for column, shown in zip(columns, _painted(columns, row, row, screen), strict=True):
            yield f"{column.title}: {shown}".rstrip()


def _painted(
    columns: tuple[Column, ...], row: tuple[str, ...], parts: tuple[str, ...], screen: Screen
) -> Iterator[str]:
    """Yield each part of a row in the style that the column has for the whole cell."""
    for column, cell, part in zip(columns, row, parts, strict=True):
        style = column.styles.get(cell)
        yield screen.paint(part, style) if style else part
