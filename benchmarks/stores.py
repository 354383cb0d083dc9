"""Writing and reading a catalog: plugreg against raw sqlite3 and, where installed, its peers.

10,000 records of about 600 bytes. All of them on the same disk, with the same journal and sync
settings where they have any; one round measures every case once.
"""

from __future__ import annotations

import contextlib
import importlib.util
import pickle
import random
import shelve
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, MutableMapping, Sequence
from pathlib import Path

from pages import markdown
from timing import Row, interleaved, rows, run

from plugreg import EntryPoint, Project, Registry, Source, open_shelf

COUNT = 10_000
SINGLE = 200  # durable changes a round
READS = 2_000
TABLE = "CREATE TABLE Dict (key BLOB UNIQUE NOT NULL, value BLOB NOT NULL)"
INSERT = "INSERT INTO Dict VALUES (?, ?)"
SELECT = "SELECT value FROM Dict WHERE key = ?"
RAW = "raw sqlite3, pickle in the loop"


def main(rounds: int) -> Mapping[str, Sequence[Row]]:
    """Measure bulk writing, single durable writes, and reading."""
    projects = [_project(number) for number in range(COUNT)]
    random.Random(1).shuffle(projects)
    with tempfile.TemporaryDirectory() as folder:
        bench = _Bench(Path(folder), projects)
        bulk = interleaved(bench.bulk(), max(5, rounds // 3))
        single = interleaved(bench.single(), rounds)
        reading = interleaved(bench.reading(), rounds)
        whole = interleaved(bench.iterating(), max(5, rounds // 3))
    return {
        "Bulk write, one transaction, per record": rows(
            bulk, RAW, unit="us", targets={"plugreg, batch()": 2.0}
        ),
        "One durable write": rows(
            single, "raw sqlite3", unit="us", targets={"plugreg, add()": 1.25}
        ),
        "Read one record": rows(
            reading,
            "raw sqlite3 and pickle.loads",
            unit="us",
            targets={"plugreg, registry[name]": 1.4},
        ),
        "Read all, per record": rows(whole, "raw sqlite3 and pickle.loads", unit="us"),
    }


def readme(tables: Mapping[str, Sequence[Row]]) -> Mapping[str, str]:
    """Return the README's table: plugreg's ratios to raw sqlite3."""
    shown = {
        "plugreg, batch()": "write all in one `batch()`, pickling included",
        "plugreg, add()": "one durable `add()`",
        "plugreg, registry[name]": "read one by name",
    }
    found = {row.case: row for table in tables.values() for row in table}
    lines = [[words, f"{found[case].ratio:.2f}"] for case, words in shown.items()]
    head = [f"per record, {COUNT:,} records of 600 bytes", "against raw sqlite3"]
    return {"stores": markdown(head, lines)}


def _project(number: int) -> Project:
    name = f"plug-{number}"
    return Project(
        name=name,
        version="1.0",
        summary="A plug-in that does a thing or two, and says which of them it does right here",
        source=Source("directory", f"/home/someone/projects/{name}"),
        entry_points=[EntryPoint("datasette", f"plug_{number}", f"plug_{number}.hooks")],
        requires_python=">=3.8",
        dependencies=["datasette>=0.60"],
        root=f"/home/someone/projects/{name}",
        modules={f"plug_{number}": f"plug_{number}"},
        fingerprint="123 1790000000123456789 pyproject.toml\tabsent - setup.cfg",
    )


class _Bench:
    """The cases, over one folder of files."""

    def __init__(self, folder: Path, projects: list[Project]) -> None:
        self.folder = folder
        self.projects = projects
        self.rows = [(p.name.encode(), pickle.dumps(p.to_record(), 4)) for p in projects]
        self.records = [(p.name, p.to_record()) for p in projects]
        self._number = 0

    def fresh(self) -> Path:
        """Return a path that no case has used yet."""
        self._number += 1
        return self.folder / f"store-{self._number}"

    def bulk(self) -> dict[str, Callable[[], float]]:
        """Write every record into a new file; microseconds a record."""

        def raw() -> float:
            with _raw(self.fresh()) as connection:
                return _timed(COUNT, lambda: _insert(connection, self.records))

        def raw_ready() -> float:
            with _raw(self.fresh()) as connection:
                return _timed(COUNT, lambda: _insert_rows(connection, self.rows))

        def batch() -> float:
            with Registry.open(self.fresh()) as registry:
                return _timed(COUNT, lambda: _add_all(registry, self.projects))

        cases = {RAW: raw, "raw sqlite3, rows pickled before": raw_ready, "plugreg, batch()": batch}
        for name, maker in _peers().items():

            def peer(maker: Callable[[str], MutableMapping[str, object]] = maker) -> float:
                store = maker(str(self.fresh()))
                return _timed(COUNT, lambda: _update_and_close(store, self.records))

            cases[name] = peer
        return cases

    def single(self) -> dict[str, Callable[[], float]]:
        """Write one record at a time, each on disk before the next; microseconds a record."""

        def raw() -> float:
            with _raw(self.fresh()) as connection:
                return _timed(SINGLE, lambda: _insert_singly(connection, self.rows[:SINGLE]))

        def add() -> float:
            with Registry.open(self.fresh()) as registry:
                return _timed(SINGLE, lambda: _add_singly(registry, self.projects[:SINGLE]))

        return {"raw sqlite3": raw, "plugreg, add()": add}

    def reading(self) -> dict[str, Callable[[], float]]:
        """Read single records in random order; microseconds a record."""
        connection = sqlite3.connect(self._filled(), isolation_level=None)
        registry = Registry.open(self._filled(), read_only=True)
        shelf = open_shelf(self._filled(), "r")
        names = [project.name for project in self.projects[:READS]]
        keys = [name.encode() for name in names]

        def raw() -> float:
            def read() -> None:
                for key in keys:
                    pickle.loads(connection.execute(SELECT, (key,)).fetchone()[0])

            return _timed(READS, read)

        def mapping(store: Mapping[str, object] | Registry) -> Callable[[], float]:
            def read() -> None:
                for name in names:
                    store[name]

            return lambda: _timed(READS, read)

        cases = {
            "raw sqlite3 and pickle.loads": raw,
            "plugreg, registry[name]": mapping(registry),
            "plugreg, open_shelf": mapping(shelf),
        }
        if sys.version_info >= (3, 13):
            cases["shelve over dbm.sqlite3"] = mapping(shelve.open(str(self._filled()), "r"))
        return cases

    def iterating(self) -> dict[str, Callable[[], float]]:
        """Read all records; microseconds a record."""
        connection = sqlite3.connect(self._filled(), isolation_level=None)
        registry = Registry.open(self._filled(), read_only=True)

        def raw() -> float:
            def read() -> None:
                for _, value in connection.execute("SELECT key, value FROM Dict ORDER BY key"):
                    pickle.loads(value)

            return _timed(COUNT, read)

        return {
            "raw sqlite3 and pickle.loads": raw,
            "plugreg, iterating": lambda: _timed(COUNT, lambda: sum(1 for _ in registry)),
        }

    def _filled(self) -> Path:
        path = self.folder / "filled"
        if not path.exists():
            with Registry.open(path) as registry:
                _add_all(registry, self.projects)
        return path


@contextlib.contextmanager
def _raw(path: Path) -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode = DELETE")
    connection.execute("PRAGMA synchronous = EXTRA")
    connection.execute(TABLE)
    yield connection
    connection.close()


def _timed(count: int, work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return (time.perf_counter() - began) / count * 1_000_000


def _insert(connection: sqlite3.Connection, records: list[tuple[str, dict[str, object]]]) -> None:
    connection.execute("BEGIN IMMEDIATE")
    for name, record in records:
        connection.execute(INSERT, (name.encode(), pickle.dumps(record, 4)))
    connection.execute("COMMIT")


def _insert_rows(connection: sqlite3.Connection, ready: list[tuple[bytes, bytes]]) -> None:
    connection.execute("BEGIN IMMEDIATE")
    for row in ready:
        connection.execute(INSERT, row)
    connection.execute("COMMIT")


def _insert_singly(connection: sqlite3.Connection, ready: list[tuple[bytes, bytes]]) -> None:
    for row in ready:
        connection.execute(INSERT, row)


def _add_all(registry: Registry, projects: list[Project]) -> None:
    with registry.batch():
        for project in projects:
            registry.add(project)


def _add_singly(registry: Registry, projects: list[Project]) -> None:
    for project in projects:
        registry.add(project)


def _update_and_close(
    store: MutableMapping[str, object], records: list[tuple[str, dict[str, object]]]
) -> None:
    for name, record in records:
        store[name] = record
    for finish in ("commit", "close"):
        getattr(store, finish, lambda: None)()


def _peers() -> dict[str, Callable[[str], MutableMapping[str, object]]]:
    """Return the peers that are installed here, each as a maker of an empty mapping."""
    peers: dict[str, Callable[[str], MutableMapping[str, object]]] = {}
    if importlib.util.find_spec("sqlitedict"):
        from sqlitedict import SqliteDict

        peers["sqlitedict, one commit"] = lambda path: SqliteDict(path, autocommit=False)
    if importlib.util.find_spec("diskcache"):
        import diskcache

        peers["diskcache.Index"] = diskcache.Index
    if importlib.util.find_spec("_gdbm"):
        import dbm.gnu

        peers["shelve over dbm.gnu"] = lambda path: shelve.Shelf(dbm.gnu.open(path, "n"))
    if sys.version_info >= (3, 13):
        import dbm.sqlite3

        peers["shelve over dbm.sqlite3, a commit each"] = lambda path: shelve.Shelf(
            dbm.sqlite3.open(path, "n")
        )
    return peers


if __name__ == "__main__":
    run(main, default_rounds=15, readme=readme)
