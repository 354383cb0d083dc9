"""What a history costs: changes, lists and reads of a catalog with and without 100,000 of them.

Two catalogs of the same 1,000 projects, in the pinned flavour; one of them remembers 100,000
changes. What is measured takes turns between the two.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from stores import _project
from timing import Row, interleaved, process_ms, rows, run, user_environment

from plugreg import Registry

PROJECTS = 1_000
CHANGES = 100_000
SINGLE = 50
READS = 2_000
COUNTS = 20
MOST = 1.1
SHORT, LONG = "without a history", f"with {CHANGES:,} changes"
LIST = "from plugreg.cli import main; main()"
LOAD = """
import pluggy, sys
from plugreg import plugins
report = plugins.load(pluggy.PluginManager("datasette"), catalog=sys.argv[1])
assert len(report.failed) == 1000
"""


def main(rounds: int) -> Mapping[str, Sequence[Row]]:
    """Measure changes and reads in this process, and commands in fresh ones."""
    with tempfile.TemporaryDirectory() as folder:
        short, long = Path(folder) / "short", Path(folder) / "long"
        _fill(short, 0)
        _fill(long, CHANGES)
        catalogs = {SHORT: short, LONG: long}
        environment = user_environment()

        def compared(measure: Callable[[Path], Callable[[], float]], unit: str) -> list[Row]:
            cases = {case: measure(path) for case, path in catalogs.items()}
            return rows(interleaved(cases, rounds), SHORT, unit=unit, targets={LONG: MOST})

        def listing(path: Path) -> Callable[[], float]:
            command = [sys.executable, "-c", LIST, "list", "--catalog", str(path)]
            return process_ms(command, environment)

        def loading(path: Path) -> Callable[[], float]:
            return process_ms([sys.executable, "-c", LOAD, str(path)], environment)

        return {
            "One durable change": compared(_changing, "us"),
            "Read one record": compared(_reading, "us"),
            "Read all, per record": compared(_iterating, "us"),
            "Count the projects": compared(_counting, "us"),
            "plugreg list, a process": compared(listing, "ms"),
            "A host's start, a process": compared(loading, "ms"),
        }


def _fill(path: Path, changes: int) -> None:
    with Registry.open(path) as registry, registry.batch():
        for number in range(PROJECTS):
            registry.add(_project(number))
    with Registry.open(path) as registry, registry._catalog.store.transaction():
        history = registry._history()
        if not changes:
            history.trim(0)
        for number in range(2, changes + 1):
            record = registry[f"plug-{number % PROJECTS}"].to_record()
            entry = {"at": "2026-01-31T12:00:00Z", "by": "someone", "command": "plugreg set"}
            steps = {record["name"]: [record, {**record, "priority": number}]}
            history.append(number, 0, {**entry, "projects": steps})


def _timed(
    count: int, work: Callable[[], object], clock: Callable[[], float] = time.process_time
) -> float:
    began = clock()
    work()
    return (clock() - began) / count * 1_000_000


def _changing(path: Path) -> Callable[[], float]:
    registry = Registry.open(path)
    values = iter(range(1, 10**9))

    def change() -> None:
        for number in range(SINGLE):
            registry.set(f"plug-{number * 7}", priority=next(values))

    return lambda: _timed(SINGLE, change, time.perf_counter)  # the disk is most of it


def _reading(path: Path) -> Callable[[], float]:
    registry = Registry.open(path, read_only=True)
    names = [f"plug-{number * 7 % PROJECTS}" for number in range(READS)]
    return lambda: _timed(READS, lambda: [registry[name] for name in names])


def _iterating(path: Path) -> Callable[[], float]:
    registry = Registry.open(path, read_only=True)
    return lambda: _timed(PROJECTS, lambda: sum(1 for _ in registry))


def _counting(path: Path) -> Callable[[], float]:
    registry = Registry.open(path, read_only=True)
    return lambda: _timed(COUNTS, lambda: [len(registry) for _ in range(COUNTS)])


if __name__ == "__main__":
    run(main, default_rounds=31)
