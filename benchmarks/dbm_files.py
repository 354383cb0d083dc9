"""Reading DBM files without their C libraries: plugreg against the C modules and the dump tools.

Each measurement is a process of its own, with the Python that has the C module (the running one,
else Debian's), so that plugreg is compared within the same Python. Files are made by the original
libraries. Rates are by CPU time, the system's included: files that the system has in memory are
read without waiting, and a shared machine's other work stays out of it. Where a module or tool is
missing, what needs it is left out and named on stderr.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from timing import Row, interleaved, rows, run

WORKER = str(Path(__file__).with_name("dbm_worker.py"))
UNIT = "k records/s"
UNVERIFIED = "plugreg, hashes not verified"


@dataclass(frozen=True)
class Contest:
    """One format, and who reads it.

    Attributes:
        title: What the format is called.
        file: The name of its file.
        maker: How the worker makes it.
        peers: Modules to compare with, the best first; the first that some Python here has.
        targets: The least ratio of plugreg's rate to the peer's, by case.
        tool: The program that dumps such files.
        look_ups: Whether a key is found without a scan.
        migrated: Whether migration into SQLite is measured, too.
    """

    title: str
    file: str
    maker: str
    peers: Sequence[str]
    targets: Mapping[str, float]
    tool: str = ""
    look_ups: bool = False
    migrated: bool = False


CONTESTS = (
    Contest(
        "GDBM",
        "gnu",
        "dbm.gnu",
        ["dbm.gnu"],
        {"plugreg": 0.35, UNVERIFIED: 0.8},
        tool="gdbm_dump",
        look_ups=True,
        migrated=True,
    ),
    Contest(
        "Berkeley DB hash",
        "hash.db",
        "hash",
        ["berkeleydb", "bsddb3", "dbm.ndbm"],
        {"plugreg": 1.0, UNVERIFIED: 1.0},
        tool="db_dump",
        look_ups=True,
        migrated=True,
    ),
    Contest(
        "Berkeley DB btree",
        "btree",
        "btree",
        ["berkeleydb", "bsddb3"],
        {"plugreg": 0.45},
        tool="db_dump",
    ),
    Contest("dumb", "dumb", "dbm.dumb", ["dbm.dumb"], {"plugreg": 4}),
    Contest("SQLite", "sqlite3", "sqlite3", ["dbm.sqlite3"], {"plugreg": 15}, look_ups=True),
)


def main(rounds: int, records: int) -> Mapping[str, Sequence[Row]]:
    """Measure reading in order, and look-ups at random."""
    tables: dict[str, Sequence[Row]] = {}
    with tempfile.TemporaryDirectory() as folder:
        for contest in CONTESTS:
            found = _found(contest.peers)
            if found is None:
                _leave_out(contest.title, f"no Python here has {' or '.join(contest.peers)}")
            else:
                tables |= _Bench(contest, Path(folder), *found, records).tables(rounds)
    return tables


class _Bench:
    """The cases of one format, over one file."""

    def __init__(
        self, contest: Contest, folder: Path, peer: str, python: str, records: int
    ) -> None:
        self.contest = contest
        self.path = folder / contest.file
        self.python = python
        self.records = records
        self.peer = f"{peer}, a cursor" if peer in {"berkeleydb", "bsddb3"} else peer
        self.way = "cursor" if peer in {"berkeleydb", "bsddb3"} else peer

    def tables(self, rounds: int) -> Iterator[tuple[str, Sequence[Row]]]:
        """Yield the titles and rows; the file is there meanwhile."""
        title = f"{self.contest.title}, {self.records:,} records"
        maker = "dbm.ndbm" if self.way == "dbm.ndbm" else self.contest.maker
        self._worked("make", maker)
        try:
            yield (
                f"{title}: read in order",
                rows(
                    interleaved(self._reading(), rounds),
                    self.peer,
                    unit=UNIT,
                    targets=self.contest.targets,
                ),
            )
            if self.contest.look_ups:
                looked = interleaved(self._looking(), rounds)
                yield f"{title}: look up at random", rows(looked, self.peer, unit=UNIT)
            if self.contest.migrated:
                yield f"{title}: migrate into SQLite", self._migrating(rounds)
                yield f"{self.contest.title}: memory of a migration", self._memory()
        finally:
            for file in self.path.parent.iterdir():
                file.unlink()

    def _reading(self) -> dict[str, Callable[[], float]]:
        cases = {self.peer: self._case("read", self.way)}
        for case in ("plugreg", UNVERIFIED):
            if case in self.contest.targets:
                cases[case] = self._case("read", case)
        tool = shutil.which(self.contest.tool) if self.contest.tool else None
        if tool:
            cases[self.contest.tool] = self._dumping(tool)
        elif self.contest.tool:
            _leave_out(self.contest.tool, "it is not on the PATH")
        return cases

    def _looking(self) -> dict[str, Callable[[], float]]:
        return {
            self.peer: self._case("look-up", self.way),
            "plugreg": self._case("look-up", "plugreg"),
        }

    def _migrating(self, rounds: int) -> Sequence[Row]:
        bare = f"{self.peer} and executemany"
        cases = {bare: self._case("migrate", self.way), "plugreg": self._case("migrate", "plugreg")}
        return rows(interleaved(cases, rounds), bare, unit=UNIT, targets={"plugreg": 0.6})

    def _memory(self) -> Sequence[Row]:
        """Return the peak of a fresh process that migrates these records, and a hundredth."""
        many, few = (f"{count:,} records" for count in (self.records, self.records // 100))
        peaks = {many: [self._worked("migrate", "plugreg")["peak_mib"]]}
        with tempfile.TemporaryDirectory() as folder:
            small = _Bench(self.contest, Path(folder), self.way, self.python, self.records // 100)
            small._worked("make", self.contest.maker)
            peaks[few] = [small._worked("migrate", "plugreg")["peak_mib"]]
        return rows(peaks, few, unit="MiB", targets={many: 1.1})

    def _case(self, work: str, way: str) -> Callable[[], float]:
        return lambda: self._worked(work, way)["rate"]

    def _worked(self, work: str, way: str) -> dict[str, float]:
        """Return the worker's figures: its rate, in thousands a second, and its peak memory."""
        site = sysconfig.get_paths()["purelib"]
        command = [self.python, WORKER, site, work, way, str(self.path), str(self.records)]
        done = subprocess.run(command, stdout=subprocess.PIPE, check=True)
        figures: dict[str, float] = json.loads(done.stdout)
        return figures

    def _dumping(self, tool: str) -> Callable[[], float]:
        command = [tool, str(self.path), *(["-"] if tool.endswith("gdbm_dump") else [])]

        def measure() -> float:
            began = _cpu_s_of_children()
            subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
            return self.records / (_cpu_s_of_children() - began) / 1000

        return measure


def _cpu_s_of_children() -> float:
    used = os.times()
    return used.children_user + used.children_system


def _found(modules: Sequence[str]) -> tuple[str, str] | None:
    """Return the first module that a Python here has, and that Python; None where none has one."""
    newer = [shutil.which(f"python3.{minor}") for minor in (13, 14)]
    named = [sys.executable, "/usr/bin/python3", os.environ.get("PLUGREG_PYTHON_313"), *newer]
    for module in modules:
        for python in named:
            if python and os.path.exists(python) and _imports(python, module):
                return module, python
    return None


def _imports(python: str, module: str) -> bool:
    """Tell whether that Python can run plugreg, and has the module."""
    code = f"import sys, {module}; sys.exit(sys.version_info < (3, 11))"
    return subprocess.run([python, "-c", code], capture_output=True, check=False).returncode == 0


def _leave_out(what: str, why: str) -> None:
    print(f"left out: {what}, for {why}", file=sys.stderr)


if __name__ == "__main__":
    run(main, default_rounds=5, records=1_000_000)
