"""Text from the code as Markdown: what is typed stands in back quotes."""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_QUOTED = re.compile(r"(`[^`]*`)")
_TYPED = re.compile(
    r"""(?<![\w`/-])(
        --?[a-z][a-z-]*(?:\ [A-Z]+\b)?      # an option, and its value
      | [A-Z]+_[A-Z_]+                      # a variable
      | \b[a-z]+\.[a-z0-9.]+[a-z0-9](?=\b)  # a module
      | \*\.[a-z]+
    )""",
    re.VERBOSE,
)


def markdown(text: str) -> str:
    """Return plain text as Markdown that shows it as it is."""
    return _outside(text, lambda part: _outside(_TYPED.sub(r"`\1`", part), _escaped))


def as_text(text: str) -> str:
    """Return text as Markdown, with what it has in back quotes as code and nothing else special."""
    return _outside(text, _escaped)


def cell(text: str) -> str:
    """Return Markdown as the cell of a table."""
    return text.replace("|", "\\|").replace("\n", " ")


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """Return a table of cells of Markdown."""
    titles = list(head)
    lines = [titles, ["---"] * len(titles), *([cell(text) for text in row] for row in rows)]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _outside(text: str, change: Callable[[str], str]) -> str:
    """Return the text, changed where no back quotes are around it."""
    parts = _QUOTED.split(text)
    return "".join(part if number % 2 else change(part) for number, part in enumerate(parts))


def _escaped(text: str) -> str:
    return re.sub(r"([\\*_<>\[\]{}|])", r"\\\1", text)
