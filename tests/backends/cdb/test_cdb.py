"""Constant databases: no magic number, an exact structure."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

import pytest

from plugreg import backends
from plugreg.backends.cdb_reader import hash_of
from plugreg.backends.reader import Reader
from tests.backends.corpus_checks import check_read
from tests.corpus_cases import copied_case, expected_records

if TYPE_CHECKING:
    from pathlib import Path


def built(records: list[tuple[bytes, bytes]]) -> bytes:
    """Return a cdb file as the specification has it, by other code than the reader's."""
    body, tables = b"", [[] for _ in range(256)]
    for key, value in records:
        hashed = hash_of(key)
        tables[hashed & 255].append((hashed, 2048 + len(body)))
        body += struct.pack("<II", len(key), len(value)) + key + value
    head, end = b"", b""
    for table in tables:
        slots = [(0, 0)] * (2 * len(table))
        head += struct.pack("<II", 2048 + len(body) + len(end), len(slots))
        for entry in table:
            place = (entry[0] >> 8) % len(slots)
            while slots[place] != (0, 0):
                place = (place + 1) % len(slots)
            slots[place] = entry
        end += b"".join(struct.pack("<II", *slot) for slot in slots)
    return head + body + end


def test_a_real_file_is_read(tmp_path: Path) -> None:
    """Every record is what tinycdb was given, found by its hash."""
    check_read("cdb-tinycdb", tmp_path, "cdb")


def test_an_empty_one_and_duplicates(tmp_path: Path) -> None:
    """No record, and a key twice: both come in order, a look-up finds the first."""
    (tmp_path / "empty").write_bytes(built([]))
    with backends.open(tmp_path / "empty") as store:
        assert (store.flavour, dict(store), b"k" in store) == ("cdb", {}, False)
    records = [(b"k", b"1"), (b"", b""), (b"k", b"2")] + [(b"%d" % n, b"") for n in range(999)]
    (tmp_path / "twice").write_bytes(built(records))
    with backends.open(tmp_path / "twice") as store:
        assert isinstance(store, Reader)
        assert list(store.records()) == records
        assert (store[b"k"], len(store)) == (b"1", 1001)
        assert all(key in store for key, _ in records)


def test_a_cut_file_is_refused(tmp_path: Path) -> None:
    """The error says where; salvage gives what hash tables still confirm."""
    path = copied_case("cdb-tinycdb", tmp_path)
    path.write_bytes(path.read_bytes()[:-200])
    with backends.open(path) as store:
        assert isinstance(store, Reader)
        with pytest.raises(backends.CatalogCorrupt, match="cut at byte 7686, the tables end"):
            list(store.records())
        saved = dict(store.salvage())
        assert store.losses == ["the hash tables are cut at byte 7686 of 7886"]
    assert 0 < len(saved) < 41
    assert saved.items() <= expected_records("cdb-tinycdb").items()


def test_a_bad_record_does_not_hide_the_others(tmp_path: Path) -> None:
    """A broken length breaks the row of records; the hash tables lead to the others."""
    path = copied_case("cdb-tinycdb", tmp_path)
    data = bytearray(path.read_bytes())
    data[2048:2052] = b"\xff\xff\xff\x7f"
    path.write_bytes(data)
    with backends.open(path) as store:
        assert isinstance(store, Reader)
        with pytest.raises(backends.CatalogCorrupt, match="record at byte 2048 reaches into"):
            list(store.records())
        assert len(list(store.salvage())) == 40
        assert len(store.losses) == 1


def test_tables_that_hide_a_record_are_refused(tmp_path: Path) -> None:
    """All records are in a row, but a look-up would miss one: that is damage, too."""
    path = copied_case("cdb-tinycdb", tmp_path)
    data = bytearray(path.read_bytes())
    used = next(at for at in range(len(data) - 8, 0, -8) if any(data[at : at + 8]))
    data[used] ^= 1
    path.write_bytes(data)
    with backends.open(path) as store:
        with pytest.raises(backends.CatalogCorrupt, match=r"no look-up|lead to other records"):
            list(store)


def test_it_is_never_written(tmp_path: Path) -> None:
    """The name is known, and the reason given."""
    with pytest.raises(backends.FlavourUnavailable, match="reads cdb, but writes none"):
        backends.open(tmp_path / "new", "cdb", "c")
    assert list(tmp_path.iterdir()) == []
