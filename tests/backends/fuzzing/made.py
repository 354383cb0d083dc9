"""Small databases of plugreg's own writers and of SQLite, quick to read a million times."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

from plugreg import backends
from plugreg.backends.berkeley.dump_text import write_dump
from plugreg.backends.gdbm.ascii_dump import write_ascii
from plugreg.backends.sqlite.connection import TABLE
from tests.backends.gdbm.binary_dumps import write_binary

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

# No key or value is part of another or likely to stand in a file by chance; one value is long.
FEW = [(f"key-{n:03}".encode() * (1 + n % 2), f"<value {n * 7919:07}>".encode() * (1 + n % 3))
       for n in range(12)]  # fmt: skip
LONG = [(b"long key", b"".join(b"%06x," % (n * 104729) for n in range(500)))]


def make(name: str, folder: Path) -> Path:
    """Make the database `name` in the folder; the path that a user would type."""
    path = folder / "made.db"
    MADE[name](path)
    return path


def _write(flavour: str, path: Path, records: list[tuple[bytes, bytes]]) -> None:
    backends.require_flavour(flavour).write_fresh(str(path), records)


def _gdbm(path: Path) -> None:
    _write("gnu", path, FEW + LONG)


def _pair(path: Path) -> None:
    _write("gnu-ndbm", path, FEW)


def _ascii(path: Path) -> None:
    path.write_bytes(b"".join(write_ascii(FEW, path.name)))


def _binary(path: Path) -> None:
    path.write_bytes(b"".join(write_binary(FEW)))


def _hash(path: Path) -> None:
    _write("berkeley-hash", path, FEW)


def _hash_overflow(path: Path) -> None:
    _write("berkeley-hash", path, FEW + LONG)


def _db_dump(path: Path) -> None:
    path.write_bytes(b"".join(write_dump(FEW)))


def _sdbm(path: Path) -> None:
    _write("sdbm", path, FEW + [(b"other" + key, value * 4) for key, value in FEW])


def _dumb(path: Path) -> None:
    with backends.open(path, "dumb", "n") as store:
        store.update(FEW[:6])


def _sos(path: Path) -> None:
    lines = (b'"%s"\t"%s"\n' % record for record in FEW)
    path.write_bytes(b"# FILE-DICT v1\n" + b"".join(lines))


def _sqlite(path: Path) -> None:
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA page_size = 512")
    connection.execute(TABLE)
    rows = FEW + LONG + [(b"more-" + key, value * 2) for key, value in FEW]
    connection.executemany("INSERT INTO Dict VALUES (?, ?)", rows)
    connection.execute("DELETE FROM Dict WHERE key = ?", (FEW[3][0],))
    connection.close()


def _sqlite_wal(path: Path) -> None:
    """Leave the newest records in the -wal file, as a process that still runs does."""
    there = path.with_suffix(".making")
    connection = sqlite3.connect(there, isolation_level=None)
    connection.execute("PRAGMA page_size = 512")
    connection.execute(TABLE)
    connection.executemany("INSERT INTO Dict VALUES (?, ?)", FEW[:6])
    connection.execute("PRAGMA journal_mode = WAL")
    connection.executemany("INSERT INTO Dict VALUES (?, ?)", FEW[6:])
    for suffix in ("", "-wal"):
        path.with_name(path.name + suffix).write_bytes(
            there.with_name(there.name + suffix).read_bytes()
        )
    connection.close()
    there.unlink()


MADE: dict[str, Callable[[Path], None]] = {
    "made-db-dump-few": _db_dump,
    "made-dumb-few": _dumb,
    "made-gdbm-few": _gdbm,
    "made-pair-few": _pair,
    "made-dump-ascii": _ascii,
    "made-dump-binary": _binary,
    "made-hash-few": _hash,
    "made-hash-overflow": _hash_overflow,
    "made-sdbm-few": _sdbm,
    "made-sos-few": _sos,
    "made-sqlite3-small-pages": _sqlite,
    "made-sqlite3-wal": _sqlite_wal,
}
