"""A line graph as an SVG, readable on light and on dark pages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from xml.sax.saxutils import escape

WIDTH, HEIGHT = 720, 360
LEFT, RIGHT, TOP_EDGE, BOTTOM = 56, 150, 40, 48
STEP_MS = 20
# Middle tones of the Okabe-Ito palette, told apart also by those who see fewer colours.
COLOURS = ("#d55e00", "#cc79a7", "#e69f00", "#0090d0", "#808080")
_STYLE = """
text { font: 13px sans-serif; fill: #24292f; }
.grid { stroke: #8886; stroke-width: 1; }
.line { fill: none; stroke-width: 2.5; stroke-linejoin: round; }
@media (prefers-color-scheme: dark) { text { fill: #e6edf3; } }
"""


def drawn(lines: Mapping[str, Sequence[tuple[int, float]]], what: str) -> str:
    """Return the graph.

    Args:
        lines: Name to its points: how many distributions, and milliseconds.
        what: What the start loads.
    """
    points = [point for line in lines.values() for point in line]
    sizes = sorted({size for size, _ in points})
    top_ms = (int(max(ms for _, ms in points)) // STEP_MS + 1) * STEP_MS
    title = f"CPU time of a host's start with {what}, over a bare interpreter"
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img">',
            f"<title>{escape(title)}</title>",
            f"<style>{_STYLE}</style>",
            _text(LEFT, 20, title),
            *(_height(ms, top_ms) for ms in range(0, top_ms + 1, STEP_MS)),
            *(_size(size, sizes[-1]) for size in sizes),
            _text((LEFT + WIDTH - RIGHT) // 2, HEIGHT - 8, "installed distributions", "middle"),
            *_named(lines, sizes[-1], top_ms),
            "</svg>",
            "",
        ]
    )


def _x(size: float, most: int) -> float:
    return LEFT + size / most * (WIDTH - LEFT - RIGHT)


def _y(ms: float, most: int) -> float:
    return HEIGHT - BOTTOM - ms / most * (HEIGHT - TOP_EDGE - BOTTOM)


def _text(x: float, y: float, text: str, anchor: str = "start", more: str = "") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"{more}>{escape(text)}</text>'


def _height(ms: int, most: int) -> str:
    y = _y(ms, most)
    rule = f'<path class="grid" d="M{LEFT} {y:.1f}H{WIDTH - RIGHT}"/>'
    return rule + _text(LEFT - 6, y + 4, f"{ms} ms", "end")


def _size(size: int, most: int) -> str:
    return _text(_x(size, most), HEIGHT - BOTTOM + 18, f"{size:,}", "middle")


def _named(lines: Mapping[str, Sequence[tuple[int, float]]], widest: int, top_ms: int) -> list[str]:
    """Return the lines, each with its name at its end; names keep apart from each other."""
    parts, lowest = [], float(HEIGHT)
    named = sorted(zip(lines.items(), COLOURS, strict=False), key=lambda each: each[0][1][-1][1])
    for (name, points), colour in named:
        path = "L".join(f"{_x(size, widest):.1f} {_y(ms, top_ms):.1f}" for size, ms in points)
        parts.append(f'<path class="line" stroke="{colour}" d="M{path}"/>')
        lowest = min(_y(points[-1][1], top_ms) + 4, lowest - 16)
        parts.append(
            _text(WIDTH - RIGHT + 8, lowest, name, more=f' style="fill:{colour};font-weight:600"')
        )
    return parts
