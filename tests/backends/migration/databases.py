"""Databases to migrate, and what is to be found of them afterwards."""

from __future__ import annotations

import base64
import json
import os
from typing import TYPE_CHECKING

from plugreg import backends
from tests.corpus_cases import CORPUS, copied_case

if TYPE_CHECKING:
    from pathlib import Path

Records = list[tuple[bytes, bytes]]

# A small case of every flavour that a file can have.
CASES = {
    "sqlite3": "sqlite3-basic",
    "gnu": "gdbm-arch-ppc-nolfs",
    "gnu-ndbm": "gdbmcompat-hardlink18",
    "gnu-dump": "gdbmdump-ascii-v1.2",
    "berkeley-hash": "bdb-hash-chksum-be",
    "berkeley-btree": "bdb-btree-partitioned",
    "berkeley-recno": "bdb-recno-gaps",
    "berkeley-queue": "bdb-queue-extents",
    "berkeley-heap": "bdb-heap",
    "berkeley185-hash": "bdb185-ndbm",
    "berkeley185-btree": "bdb185-btree-ppc",
    "berkeley-dump": "dbdump-hash-print",
    "sos": "sos-dict-updated",
    "tdb": "tdb-samba",
    "cdb": "cdb-tinycdb",
    "sdbm": "sdbm-bigendian",
    "ndbm-classic": "ndbm-classic",
    "dumb": "dumb-py27-allbytes",
}
# Flavours of which no file is migrated as a whole: a name for writing only; several databases in
# one file (tested by their own names); and one that is recognised, and refused, as corrupt.
NOT_MIGRATED = {"ndbm", "berkeley-multi", "berkeley186-hash"}
# Every flavour that is written, and whether it takes any bytes.
WRITTEN = ("sqlite3", "dumb", "gnu", "gnu-ndbm", "ndbm", "berkeley-hash", "sdbm", "sos")
ANY_BYTES = tuple(name for name in WRITTEN if name != "sos")


def expected(case: str) -> Records:
    """Return the records of a corpus case, sorted."""
    lines = (CORPUS / case / "expected.jsonl").read_text("utf-8").splitlines()
    records = [json.loads(line) for line in lines]
    return sorted((base64.b64decode(r["key"]), base64.b64decode(r["value"])) for r in records)


def some(number: int = 60) -> Records:
    """Return records that every format can hold, sorted."""
    return sorted((b'"key %d"' % n, b'"value %s"' % (b"x" * (n % 90))) for n in range(number))


def made(folder: Path, flavour: str, name: str = "db", number: int = 60) -> Path:
    """Make a database of `some` records; the name that programs open."""
    backends.require_flavour(flavour).write_fresh(str(folder / name), some(number))
    return folder / name


def case_in(folder: Path, flavour: str) -> Path:
    """Copy the flavour's corpus case into a folder of its own; the name that a user would type."""
    (folder / "case").mkdir()
    return copied_case(CASES[flavour], folder / "case")


def read(path: str | os.PathLike[str]) -> Records:
    """Return what is found under a name, sorted."""
    with backends.open(path) as store:
        return sorted(store.records())


def listing(folder: Path) -> dict[str, tuple[int, int, int, bytes]]:
    """Return mode, mtime (ns), inode and bytes of every file in a folder and below."""
    found = {}
    for place, _, names in os.walk(folder):
        for name in names:
            path = os.path.join(place, name)
            status = os.lstat(path)
            with open(path, "rb") as file:
                content = file.read()
            found[os.path.relpath(path, folder)] = (
                status.st_mode,
                status.st_mtime_ns,
                status.st_ino,
                content,
            )
    return found


def names(folder: Path) -> list[str]:
    """Return every name in a folder, hidden ones included."""
    return sorted(os.listdir(folder))
