"""What the benchmarks measured, from the files that they write: a table and a graph of each."""

from __future__ import annotations

import json
import os

from .words import as_text, table

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

FOLDER = os.path.join(os.path.dirname(os.path.dirname(__file__)), "figures")
# The benchmarks in their order on the page, with what each is about.
TITLES = {
    "host_start": "A host's start",
    "command_line": "Commands",
    "stores": "Records",
    "history": "A long history",
}
# Of a table that holds the rows of one above against another baseline.
AGAIN = "against the"
_LABEL, _BAR, _ROW = 330, 300, 24


def write() -> str:
    """Return a section for each benchmark that was run."""
    return "\n".join(_section(name, figures_of(name)) for name in TITLES if _is_there(name))


def figures_of(name: str) -> Any:
    """Return what a benchmark wrote: {"tables": {title: [{"case", "median", "doubt", ...}]}}."""
    with open(_path(name), encoding="utf-8") as file:
        return json.load(file)


def _path(name: str) -> str:
    return os.path.join(FOLDER, f"{name}.json")


def _is_there(name: str) -> bool:
    return os.path.exists(_path(name))


def _section(name: str, figures: Any) -> str:
    python = figures["python"].split()[0]
    parts = [f"## {TITLES[name]}\n", f"Measured on Python {python}.\n"]
    for title, rows in figures["tables"].items():
        picture = "" if AGAIN in title else graph(title, rows)
        parts += [f"### {as_text(title)}\n", picture, table_of(rows)]
    return "\n".join(parts)


def table_of(rows: list[dict[str, Any]]) -> str:
    """Return a table of a benchmark's rows."""
    return table(("", "median", "95 % within", "ratio", "target"), map(_cells, rows))


def _cells(row: dict[str, Any]) -> Iterator[str]:
    faster = row["unit"].endswith("/s")
    yield as_text(row["case"])
    yield f"{row['median']:,.1f} {row['unit']}"
    yield f"± {row['doubt']:,.1f}"
    yield "1" if row["ratio"] is None else f"{row['ratio']:.2f}"
    yield "" if row["target"] is None else f"at {'least' if faster else 'most'} {row['target']:g}"


def graph(title: str, rows: list[dict[str, Any]]) -> str:
    """Return a graph of bars as SVG, which takes its colours from the page."""
    most = max(row["median"] for row in rows) or 1.0
    height = _ROW * len(rows) + 8
    lines = [
        f'<svg class="bars" role="img" viewBox="0 0 {_LABEL + _BAR + 90} {height}">',
        f"<title>{_xml(title)}</title>",
        *(part for number, row in enumerate(rows) for part in _bar(number, row, most)),
        "</svg>",
    ]
    return "```{raw} html\n" + "\n".join(lines) + "\n```\n"


def _bar(number: int, row: dict[str, Any], most: float) -> Iterator[str]:
    top, wide = number * _ROW + 4, max(2.0, _BAR * row["median"] / most)
    kind = "own" if "plugreg" in row["case"] else "other"
    yield f'<text x="{_LABEL - 8}" y="{top + 14}" text-anchor="end">{_xml(row["case"])}</text>'
    yield f'<rect class="{kind}" x="{_LABEL}" y="{top}" width="{wide:.1f}" height="{_ROW - 8}"/>'
    value = f"{row['median']:,.1f} {row['unit']}"
    yield f'<text x="{_LABEL + wide + 6:.1f}" y="{top + 14}">{_xml(value)}</text>'


def _xml(text: str) -> str:
    return text.replace("`", "").replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
