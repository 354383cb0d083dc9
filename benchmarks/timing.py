"""Measuring side by side: every case once a round, round after round, then medians and ratios.

Machines are shared and noisy: what one case suffers in a round, its neighbours suffer, too, and
only ratios within one run mean anything.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True)
class Row:
    """One line of a table.

    Attributes:
        case: What was measured.
        median: Its median, in `unit`.
        ratio: The median as a multiple of the baseline's, or None for the baseline.
        target: What the ratio should be at most, of a rate at least; None where none is set.
        unit: "ms", "us" or the like; of a rate it ends with "/s".
    """

    case: str
    median: float
    ratio: float | None
    target: float | None
    unit: str


def interleaved(cases: Mapping[str, Callable[[], float]], rounds: int) -> dict[str, list[float]]:
    """Return each case's measurements; a case is called once a round and returns its own time."""
    times: dict[str, list[float]] = {case: [] for case in cases}
    for done in range(rounds):
        for case, measure in cases.items():
            times[case].append(measure())
        if sys.stderr.isatty():
            print(f"\rround {done + 1} of {rounds}", end="", file=sys.stderr)
    if sys.stderr.isatty():
        print(file=sys.stderr)
    return times


def user_environment(**changes: str) -> dict[str, str]:
    """Return the environment of an ordinary user: byte code is kept, nothing names a catalog."""
    left_out = ("PYTHONDONTWRITEBYTECODE", "PYTHONUNBUFFERED", "PLUGREG_CATALOG")
    kept = {name: value for name, value in os.environ.items() if name not in left_out}
    return {**kept, **changes}


def process_ms(arguments: Sequence[str], environment: Mapping[str, str]) -> Callable[[], float]:
    """Return a measurement of a fresh process, start to end, in milliseconds."""

    def measure() -> float:
        began = time.perf_counter()
        subprocess.run(arguments, env=environment, stdout=subprocess.DEVNULL, check=True)
        return (time.perf_counter() - began) * 1000

    return measure


def rows(
    times: Mapping[str, Sequence[float]],
    baseline: str,
    *,
    unit: str,
    offset: str | None = None,
    targets: Mapping[str, float] | None = None,
) -> list[Row]:
    """Return a row a case: medians, less that of `offset`, and their ratios to the baseline's."""
    zero = statistics.median(times[offset]) if offset else 0.0
    medians = {
        case: statistics.median(taken) - zero for case, taken in times.items() if case != offset
    }
    return [
        Row(
            case,
            median,
            None if case == baseline else median / medians[baseline],
            (targets or {}).get(case),
            unit,
        )
        for case, median in medians.items()
    ]


def show(title: str, table: Sequence[Row]) -> None:
    """Print a table as Markdown."""
    print(f"\n### {title}\n")
    print("| case | median | ratio | target |")
    print("| --- | ---: | ---: | ---: |")
    for row in table:
        ratio = "1" if row.ratio is None else f"{row.ratio:.2f}"
        bound = "at least" if row.unit.endswith("/s") else "at most"
        target = "" if row.target is None else f"{bound} {row.target:g}"
        print(f"| {row.case} | {row.median:.1f} {row.unit} | {ratio} | {target} |")


def run(
    measure: Callable[..., Mapping[str, Sequence[Row]]], default_rounds: int, **numbers: int
) -> None:
    """Run a benchmark as a script: `--rounds N`, and `--json FILE` for the figures as data.

    Each of `numbers` is one more option with its default, and a keyword of `measure`.
    """
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=default_rounds)
    for name, default in numbers.items():
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--json", type=Path, help="also write the figures here")
    options = parser.parse_args()
    tables = measure(options.rounds, **{name: getattr(options, name) for name in numbers})
    for title, table in tables.items():
        show(title, table)
    if options.json:
        figures = {title: [asdict(row) for row in table] for title, table in tables.items()}
        text = json.dumps({"python": sys.version, "tables": figures}, indent=2)
        options.json.write_text(text + "\n", encoding="utf-8")
