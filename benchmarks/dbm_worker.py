"""Making, reading and searching one DBM file, in a process of its own: what it took, as JSON.

`dbm_files.py` starts it, with the Python that has the module to compare with:

    python dbm_worker.py SITE WORK WAY PATH RECORDS

SITE is the folder that plugreg is installed in, which may be another Python's.
"""

from __future__ import annotations

import json
import random
import site
import sqlite3
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from importlib import import_module
from pathlib import Path
from typing import Any

LOOK_UPS = 50_000
_STEP = 7919  # a prime: the keys are of several lengths, and come in no order
_NOISE = 1 << 16
_TABLE = """CREATE TABLE Dict (
    key BLOB UNIQUE NOT NULL,
    value BLOB NOT NULL
  )"""


def key_of(number: int) -> bytes:
    """Return a key of 8 to 17 bytes."""
    return b"record:%d" % (number * _STEP)


def records(number: int) -> Iterator[tuple[bytes, bytes]]:
    """Yield the records of every file; the values have 90 to 110 bytes."""
    source = random.Random(1)
    noise = source.randbytes(_NOISE)
    for index in range(number):
        at = source.randrange(_NOISE - 128)
        yield key_of(index), noise[at : at + 90 + index % 21]


def make(way: str, path: str, number: int) -> None:
    """Make a file, by the original library; SQLite's in one transaction."""
    if way == "sqlite3":
        with closing(sqlite3.connect(path)) as connection:
            connection.execute(_TABLE)
            connection.executemany("INSERT INTO Dict VALUES (?, ?)", records(number))
            connection.commit()
    elif way in {"hash", "btree"}:
        db = _berkeley()
        with closing(db.DB()) as database:
            database.set_cachesize(0, 256 << 20)  # else it takes minutes
            database.open(path, dbtype=getattr(db, f"DB_{way.upper()}"), flags=db.DB_CREATE)
            _put_all(database.put, number)
    else:
        flag = "nf" if way == "dbm.gnu" else "n"
        with closing(import_module(way).open(_name(way, path), flag)) as database:
            _put_all(database.__setitem__, number)


def read(way: str, path: str) -> int:
    """Read all records of a file, in its own order; how many there were."""
    if way.startswith("plugreg"):
        with _plugreg(way, path) as store:
            return _count(store.records())
    if way == "cursor":
        return _count(_by_cursor(path))
    with closing(import_module(way).open(_name(way, path), "r")) as database:
        if hasattr(database, "firstkey"):
            return _count(_linked(database))
        return _count((key, database[key]) for key in database.keys())  # noqa: SIM118 - C modules do not iterate


def migrate(way: str, path: str) -> int:
    """Copy all records into a new SQLite file: plugreg's migration, or the bare loop; how many."""
    target = path + ".migrated"
    if way.startswith("plugreg"):
        from plugreg import backends

        return backends.migrate(path, target, force=True).records
    Path(target).unlink(missing_ok=True)
    with closing(sqlite3.connect(target)) as connection:
        connection.execute(_TABLE)
        cursor = connection.executemany("INSERT INTO Dict VALUES (?, ?)", _pairs(way, path))
        connection.commit()
        return cursor.rowcount


def _pairs(way: str, path: str) -> Iterator[tuple[bytes, bytes]]:
    if way == "cursor":
        yield from _by_cursor(path)
        return
    with closing(import_module(way).open(_name(way, path), "r")) as database:
        yield from _linked(database)


def look_up(way: str, path: str, number: int) -> int:
    """Look up keys at random; how many."""
    keys = [key_of(index) for index in random.Random(2).choices(range(number), k=LOOK_UPS)]
    if way.startswith("plugreg"):
        opened: Any = _plugreg(way, path)
    elif way == "cursor":
        opened = _berkeley().DB()
        opened.open(path, flags=_berkeley().DB_RDONLY)
    else:
        opened = import_module(way).open(_name(way, path), "r")
    with closing(opened) as database:
        for key in keys:
            database[key]
    return LOOK_UPS


def _plugreg(way: str, path: str) -> Any:
    from plugreg import backends

    store: Any = backends.open(path)
    if way.endswith("not verified"):
        store.verify_keys = False
    return store


def _berkeley() -> Any:
    """Return the module of Berkeley DB: `berkeleydb`, or its older name."""
    try:
        return import_module("berkeleydb.db")
    except ImportError:
        return import_module("bsddb3.db")


def _name(way: str, path: str) -> str:
    """Return the name that a module takes: `dbm.ndbm` appends the suffix itself."""
    return path.removesuffix(".db") if way == "dbm.ndbm" else path


def _put_all(put: Callable[[bytes, bytes], object], number: int) -> None:
    for key, value in records(number):
        put(key, value)


def _count(found: Iterable[tuple[bytes, bytes]]) -> int:
    number = 0
    for _key, _value in found:
        number += 1
    return number


def _linked(database: Any) -> Iterator[tuple[bytes, bytes]]:
    """Yield the records of `dbm.gnu`, whose keys() would hold all of them in memory."""
    key = database.firstkey()
    while key is not None:
        yield key, database[key]
        key = database.nextkey(key)


def _by_cursor(path: str) -> Iterator[tuple[bytes, bytes]]:
    db = _berkeley()
    with closing(db.DB()) as database:
        database.open(path, flags=db.DB_RDONLY)
        with closing(database.cursor()) as cursor:
            record = cursor.first()
            while record:
                yield record
                record = cursor.next()


def _peak_mib() -> float:
    """Return the most memory that this process has had, in MiB; 0 where the system has no /proc."""
    status = Path("/proc/self/status")
    lines = status.read_text(encoding="ascii").splitlines() if status.exists() else []
    return sum(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM"))


def main(work: str, way: str, path: str, number: int) -> None:
    """Do one piece of work and print its figures."""
    if way.startswith("plugreg"):
        _plugreg(way, path).close()  # no import is measured
    began = time.process_time()
    if work == "make":
        make(way, path, number)
        done = number
    elif work == "migrate":
        done = migrate(way, path)
    else:
        done = read(way, path) if work == "read" else look_up(way, path, number)
    seconds = time.process_time() - began
    if work in {"read", "migrate"} and done != number:
        raise SystemExit(f"{way} found {done} records of {number} in {path}")
    print(json.dumps({"rate": done / seconds / 1000, "peak_mib": _peak_mib()}))


if __name__ == "__main__":
    site.addsitedir(sys.argv[1])
    main(*sys.argv[2:5], int(sys.argv[5]))
