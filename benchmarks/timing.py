"""Measuring side by side: every case once a round, round after round, then medians and ratios.

Machines are shared and noisy: what one case suffers in a round, its neighbours suffer, too, and
only ratios within one run mean anything. Processes are measured by their CPU time, the system's
included, so that waiting for other work stays out of it.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import statistics
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from pages import write_places


@dataclass(frozen=True)
class Row:
    """One line of a table.

    Attributes:
        case: What was measured.
        median: Its median, in `unit`.
        ratio: The median as a multiple of the baseline's, or None for the baseline.
        target: What the ratio should be at most, of a rate at least; None where none is set.
        unit: "ms", "us" or the like; of a rate it ends with "/s".
        doubt: Half of the interval that the median lies in with 95 %, in `unit`.
    """

    case: str
    median: float
    ratio: float | None
    target: float | None
    unit: str
    doubt: float = 0.0


def interleaved(cases: Mapping[str, Callable[[], float]], rounds: int) -> dict[str, list[float]]:
    """Return each case's measurements; a case is called once a round and returns its own time.

    Each round has an order of its own: no case always runs behind the same neighbour.
    """
    times: dict[str, list[float]] = {case: [] for case in cases}
    order, chance = list(cases), random.Random(1)
    for done in range(rounds):
        chance.shuffle(order)
        for case in order:
            times[case].append(cases[case]())
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
    """Return a measurement of a fresh process: its CPU time, start to end, in milliseconds."""

    def measure() -> float:
        process = subprocess.Popen(arguments, env=environment, stdout=subprocess.DEVNULL)
        return spent_ms(process)

    return measure


def spent_ms(process: subprocess.Popen[bytes]) -> float:
    """Wait for the end of a process that must succeed, and return its CPU time in milliseconds."""
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, process.args)
    return (usage.ru_utime + usage.ru_stime) * 1000


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
            doubt_of(times[case]),
        )
        for case, median in medians.items()
    ]


def doubt_of(taken: Sequence[float]) -> float:
    """Return half of the interval that the median lies in with 95 %, by the order of the values.

    It needs no guess of how the values are spread: the ranks of such an interval follow from the
    binomial distribution, here by its normal approximation.
    """
    ordered = sorted(taken)
    below = max(0, int(len(ordered) / 2 - 0.98 * len(ordered) ** 0.5))
    return (ordered[-1 - below] - ordered[below]) / 2


def show(title: str, table: Sequence[Row]) -> None:
    """Print a table as Markdown."""
    print(f"\n### {title}\n")
    print("| case | median | 95 % within | ratio | target |")
    print("| --- | ---: | ---: | ---: | ---: |")
    for row in table:
        ratio = "1" if row.ratio is None else f"{row.ratio:.2f}"
        bound = "at least" if row.unit.endswith("/s") else "at most"
        target = "" if row.target is None else f"{bound} {row.target:g}"
        median, doubt = f"{row.median:.1f} {row.unit}", f"{row.doubt:.1f}"
        print(f"| {row.case} | {median} | ±{doubt} | {ratio} | {target} |")


def run(
    measure: Callable[..., Mapping[str, Sequence[Row]]],
    default_rounds: int,
    readme: Callable[[Mapping[str, Sequence[Row]]], Mapping[str, str]] | None = None,
    **numbers: int,
) -> None:
    """Run a benchmark as a script: `--rounds N`, and `--json FILE` for the figures as data.

    Args:
        measure: Returns the tables by their titles.
        default_rounds: How often every case is measured.
        readme: Returns what `--readme` writes into the README, by the name of its place.
        numbers: Each is one more option with its default, and a keyword of `measure`.
    """
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=default_rounds)
    for name, default in numbers.items():
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--json", type=Path, help="also write the figures here")
    if readme is not None:
        parser.add_argument("--readme", action="store_true", help="also write the README's figures")
    options = parser.parse_args()
    tables = measure(options.rounds, **{name: getattr(options, name) for name in numbers})
    for title, table in tables.items():
        show(title, table)
    if options.json:
        figures = {title: [asdict(row) for row in table] for title, table in tables.items()}
        text = json.dumps({"python": sys.version, "tables": figures}, indent=2)
        options.json.write_text(text + "\n", encoding="utf-8")
    if readme is not None and options.readme:
        write_places(readme(tables))
