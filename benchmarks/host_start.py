"""A host's start, in fresh processes: plugreg, pluggy's scan, stevedore, importlib.metadata.

Among N installed distributions a tenth are plug-ins of the host. Figures are milliseconds of CPU
over a bare interpreter, in an environment that did not change since the last start; gates and
staleness checks are part of them. "floor" is a pluggy host fed by the shortest possible code from
one SQLite table: it imports the same plug-ins by the same statement, from the same folder, or, to
compare with those that are not installed, from one folder at the end of the path, where plugreg has
to put them. "rows" is the reading of N such rows.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from pages import TOP, markdown
from start_graph import drawn
from start_parts import PARTS, parts_ms
from start_site import STEVEDORE_COLD, Site
from timing import Row, interleaved, rows, run

SIZES = (50, 200, 1000)
# The graph's: the same plug-ins among more and more distributions.
GRAPH_SIZES = (50, 250, 500, 750, 1000)
GRAPH_PLUGINS = 20
GRAPH = "docs/host-start.svg"
BASELINE = "pluggy load_setuptools_entrypoints"
INSTALLED = "plugreg load, plug-ins installed"
ELSEWHERE = "plugreg load, plug-ins not installed"
OWN = "plugreg load, the user's own catalog"
STEVEDORE = "stevedore, warm cache"
DISCOVER = "plugreg discover, nothing imported"
# What is measured against the shortest code, and how many times that it may take.
AGAINST = {
    "floor": {INSTALLED: 1.25, ELSEWHERE: 1.25, OWN: 1.5},
    "floor, plug-ins in a last folder": {ELSEWHERE: 1.25},
    "rows": {DISCOVER: 1.5},
}
# The README's words for the cases, and which of them it gives against pluggy's scan.
SHOWN = {
    BASELINE: "pluggy, `load_setuptools_entrypoints`",
    STEVEDORE_COLD: "stevedore, cold cache",
    STEVEDORE: "stevedore, warm cache",
    INSTALLED: "plugreg, `plugins.load`, plug-ins installed",
    ELSEWHERE: "plugreg, `plugins.load`, plug-ins not installed",
    OWN: "plugreg, the user's own catalog",
    "floor": "the shortest code that could do it, from a SQLite table",
    DISCOVER: "plugreg, `plugins.discover`, nothing imported",
    "rows": "reading and unpickling a row for each distribution",
}
DRAWN = {
    BASELINE: "pluggy",
    STEVEDORE_COLD: "stevedore, cold",
    STEVEDORE: "stevedore, warm",
    INSTALLED: "plugreg",
    "floor": "shortest code",
}


def main(rounds: int) -> Mapping[str, Sequence[Row]]:
    """Measure every program among 50, 200 and 1,000 installed distributions, parts and graph."""
    tables = {}
    for size in SIZES:
        with tempfile.TemporaryDirectory() as folder:
            site = Site(Path(folder), size, size // 10)
            times = interleaved(site.cases(), rounds)
            tables[_title(size)] = _against_pluggy(times, size)
            for floor, most in AGAINST.items():
                some = {case: times[case] for case in ("bare", floor, *most)}
                tables[f"{_title(size)}, against the {floor}"] = rows(
                    some, floor, unit="ms", offset="bare", targets=most
                )
            tables[_parts_title(size)] = rows(parts_ms(site, rounds), PARTS[0], unit="ms")
    for size in GRAPH_SIZES:
        with tempfile.TemporaryDirectory() as folder:
            cases = Site(Path(folder), size, GRAPH_PLUGINS).cases()
            some_cases = {case: cases[case] for case in ("bare", *DRAWN) if case in cases}
            times = interleaved(some_cases, max(3, rounds // 2))
            tables[_graph_title(size)] = rows(times, BASELINE, unit="ms", offset="bare")
    return tables


def _title(size: int) -> str:
    return f"Host start among {size} installed distributions, {size // 10} plug-ins"


def _parts_title(size: int) -> str:
    return f"Parts of a host start, {size // 10} plug-ins not installed"


def _graph_title(size: int) -> str:
    return f"Host start among {size} installed distributions, {GRAPH_PLUGINS} plug-ins always"


def _against_pluggy(times: Mapping[str, Sequence[float]], size: int) -> list[Row]:
    target = 0.5 if size >= SIZES[-1] else 0.75
    targets = {case: target for case in times if case.startswith("plugreg load")}
    return rows(times, BASELINE, unit="ms", offset="bare", targets=targets)


def readme(tables: Mapping[str, Sequence[Row]]) -> Mapping[str, str]:
    """Return the README's tables, and draw its graph."""
    lines = {name: _points(tables, case) for case, name in DRAWN.items()}
    lines = {name: points for name, points in lines.items() if points}  # stevedore may be missing
    (TOP / GRAPH).write_text(drawn(lines, f"{GRAPH_PLUGINS} plug-ins"), encoding="utf-8")
    return {"host-start": _starts(tables), "start-parts": _parts(tables)}


def _points(tables: Mapping[str, Sequence[Row]], case: str) -> list[tuple[int, float]]:
    found = ((size, row) for size in GRAPH_SIZES for row in tables[_graph_title(size)])
    return [(size, row.median) for size, row in found if row.case == case]


def _starts(tables: Mapping[str, Sequence[Row]]) -> str:
    by_size = [{row.case: row for row in tables[_title(size)]} for size in SIZES]
    table = [["plug-ins of the host", *(f"{size // 10}" for size in SIZES)]]
    for case, shown in SHOWN.items():
        if case in by_size[0]:
            table.append([shown, *(_cell(measured[case]) for measured in by_size)])
    return markdown(["among installed distributions", *(f"{size:,}" for size in SIZES)], table)


def _cell(row: Row) -> str:
    milliseconds = f"{row.median:.0f} ms"
    if row.ratio is None or row.case in (DISCOVER, "rows"):
        return milliseconds
    return f"{milliseconds}, **{row.ratio:.2f}**"


def _parts(tables: Mapping[str, Sequence[Row]]) -> str:
    sizes = (SIZES[0], SIZES[-1])
    measured = [{row.case: row.median for row in tables[_parts_title(size)]} for size in sizes]
    table = [[part, *(f"{found[part]:.2f}" for found in measured)] for part in PARTS]
    return markdown(["part", *(f"{size // 10} plug-ins, ms" for size in sizes)], table)


if __name__ == "__main__":
    run(main, default_rounds=31, readme=readme)
