"""The number of records that `identify` tells: exact, or not told."""

from __future__ import annotations

import os
import sqlite3
from typing import TYPE_CHECKING

import pytest

from plugreg import backends
from tests.backends.cdb.test_cdb import built
from tests.backends.test_opening import snapshot

if TYPE_CHECKING:
    from pathlib import Path

NUMBER = 3000
RECORDS = [(b"key %d" % number, b"v" * 500) for number in range(NUMBER)]


def _cdb(path: Path) -> None:
    path.write_bytes(built(RECORDS))


def write(flavour: str, path: Path, records=RECORDS) -> None:
    """Make a database of the flavour."""
    backends.require_flavour(flavour).write_fresh(str(path), records)


def _through_a_store(flavour: str):
    def make(path: Path) -> None:
        with backends.open(path, flavour, "c") as store, store.transaction():
            store.update(RECORDS)

    return make


# More than a megabyte each, so that they are not simply read.
BIG = {
    "sqlite3": _through_a_store("sqlite3"),
    "dumb": _through_a_store("dumb"),
    "gnu": lambda path: write("gnu", path),
    "gnu-ndbm": lambda path: write("gnu-ndbm", path),
    "cdb": _cdb,
}


@pytest.mark.parametrize("flavour", BIG)
def test_a_big_database_is_counted(tmp_path: Path, flavour: str) -> None:
    """These flavours tell without reading a record, and nothing is touched."""
    path = tmp_path / "big"
    BIG[flavour](path)
    before = snapshot(tmp_path)
    found = backends.identify(path)
    assert sum(file.stat().st_size for file in tmp_path.iterdir()) > 1 << 20
    assert (found.flavour, found.records) == (flavour, NUMBER)
    assert snapshot(tmp_path) == before


def test_a_big_berkeley_file_is_not_counted(tmp_path: Path) -> None:
    """Its header has a guess and no count."""
    write("berkeley-hash", tmp_path / "big.db")
    found = backends.identify(tmp_path / "big.db")
    assert (found.flavour, found.records) == ("berkeley-hash", None)


def test_a_small_berkeley_file_is_read(tmp_path: Path) -> None:
    """Up to a megabyte, reading is cheap."""
    write("berkeley-hash", tmp_path / "small.db", RECORDS[:100])
    assert backends.identify(tmp_path / "small.db").records == 100


def test_a_big_dumb_index_is_not_read(tmp_path: Path) -> None:
    """Its lines are no count: a later one of a key takes the place of the earlier."""
    line = b"'key', (0, 0)\n"
    (tmp_path / "x.dat").touch()
    (tmp_path / "x.dir").write_bytes(line * 1000)
    assert backends.identify(tmp_path / "x").records == 1
    (tmp_path / "x.dir").write_bytes(line * 100_000)
    assert backends.identify(tmp_path / "x").records is None


@pytest.mark.parametrize("flavour", ["gnu", "cdb"])
def test_a_big_damaged_database_is_not_counted(tmp_path: Path, flavour: str) -> None:
    """Cut at its end, it is still identified."""
    path = tmp_path / "big"
    BIG[flavour](path)
    os.truncate(path, path.stat().st_size - 100)
    found = backends.identify(path)
    assert (found.flavour, found.records) == (flavour, None)


def test_a_bucket_that_lies_is_not_believed(tmp_path: Path) -> None:
    """The count of every bucket is compared with its elements."""
    path = tmp_path / "big"
    write("gnu", path)
    data = bytearray(path.read_bytes())
    directory = int.from_bytes(data[8:16], "little")
    bucket = int.from_bytes(data[directory : directory + 8], "little")
    data[bucket + 108] ^= 1
    path.write_bytes(data)
    assert backends.identify(path).records is None


def test_rows_in_a_log_count(tmp_path: Path) -> None:
    """The newest records of a WAL file are among them, also where its index is gone."""
    path = tmp_path / "cat"
    backends.open(path, mode="c").close()
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("INSERT INTO Dict VALUES (x'61', x'62')")
    assert backends.identify(path).records == 1
    copies = tmp_path / "copies"
    copies.mkdir()
    for suffix in ("", "-wal"):
        (copies / f"cat{suffix}").write_bytes((tmp_path / f"cat{suffix}").read_bytes())
    connection.close()
    assert backends.identify(copies / "cat").records == 1


def test_rows_that_are_not_committed_do_not_count(tmp_path: Path) -> None:
    """While another is writing, what he has not committed is left out, or nothing is told."""
    path = tmp_path / "cat"
    backends.open(path, mode="c").close()
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA cache_size = 1")
    connection.execute("BEGIN IMMEDIATE")
    connection.executemany("INSERT INTO Dict VALUES (?, ?)", RECORDS)
    found = backends.Identification("sqlite3", str(path), "")
    assert found.records in {0, None}
    connection.execute("COMMIT")
    assert found.records == NUMBER
    connection.close()


def test_what_is_gone_is_not_told(tmp_path: Path) -> None:
    """An identification that outlived its file, and one of a flavour that cannot be read."""
    for flavour in ("sqlite3", "gnu", "dumb", "berkeley186-hash"):
        found = backends.Identification(flavour, str(tmp_path / "gone"), "")
        assert found.records is None
