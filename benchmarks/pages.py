"""The figures in README.md: written by the benchmarks between two marks, never by hand.

A place begins with `<!-- made by make bench: NAME -->` and ends with `<!-- end -->`. The pages in
docs/ show all figures, from the files in docs/figures.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

TOP = Path(__file__).parents[1]
README = TOP / "README.md"
_PLACE = re.compile(
    r"(?P<begin><!-- made by make bench: (?P<name>[\w-]+) -->\n).*?(?P<end><!-- end -->)", re.DOTALL
)


def write_places(texts: Mapping[str, str], page: Path = README) -> None:
    """Write each text into its place in a page.

    Raises:
        KeyError: There is no place of such a name; nothing was written.
    """
    before = page.read_text(encoding="utf-8")
    left = texts.keys() - {place["name"] for place in _PLACE.finditer(before)}
    if left:
        raise KeyError(f"{page} has no place for {', '.join(sorted(left))}")
    after = _PLACE.sub(lambda place: _filled(place, texts), before)
    page.write_text(after, encoding="utf-8")


def _filled(place: re.Match[str], texts: Mapping[str, str]) -> str:
    text = texts.get(place["name"])
    return place[0] if text is None else f"{place['begin']}{text.strip()}\n{place['end']}"


def markdown(head: Sequence[str], lines: Iterable[Sequence[str]]) -> str:
    """Return a table in Markdown."""
    ruled = [head, ["---"] * len(head), *lines]
    return "\n".join(f"| {' | '.join(line)} |" for line in ruled)
