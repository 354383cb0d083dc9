"""Damaged Berkeley DB files: refused with the place, salvaged without inventing anything."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest

from plugreg import backends
from plugreg.backends.berkeley.databases import database_names, open_database
from plugreg.backends.reader import Reader
from tests.corpus_cases import copied_case

from .test_reading import rows

if TYPE_CHECKING:
    from pathlib import Path


def read_all(path: Path) -> list[tuple[bytes, bytes]]:
    """Return all records of a file."""
    with backends.open(path) as store:
        assert isinstance(store, Reader)
        return list(store.records())


def test_a_key_that_was_changed_is_not_salvaged(tmp_path: Path) -> None:
    """It does not belong to the bucket of its page, which proves the others."""
    path = copied_case("bdb-hash-ps1024", tmp_path)
    data = path.read_bytes()
    key = next(key for _, key, _ in rows("bdb-hash-ps1024") if len(key) > 5)
    at = data.index(key)
    path.write_bytes(data[:at] + b"#" + data[at + 1 :])
    with backends.open(path) as store:
        assert isinstance(store, Reader)
        assert all(not salvaged.startswith(b"#") for salvaged, _ in store.salvage())
        assert "belongs elsewhere" in store.losses[0]


def test_a_checksum_tells_a_flipped_bit(tmp_path: Path) -> None:
    """One bit of a value is enough."""
    path = copied_case("bdb-hash-chksum-be", tmp_path)
    data = bytearray(path.read_bytes())
    data[-3] ^= 1
    path.write_bytes(data)
    with pytest.raises(backends.CatalogCorrupt, match="checksum"):
        read_all(path)


def salvaged(store: backends.Store) -> tuple[Counter[tuple[bytes, bytes]], str]:
    """Return what a salvage gets, and what it tells as lost."""
    assert isinstance(store, Reader)
    return Counter(store.salvage()), "; ".join(store.losses)


def test_salvage_does_not_mix_the_databases_of_a_file(tmp_path: Path) -> None:
    """Each database gives its own records, though all have leaves in the one file."""
    path = copied_case("bdb-subdbs-be", tmp_path)
    everything: list[tuple[str, bytes, bytes]] = []
    for name in database_names(path):
        with open_database(path, name) as store:
            records, losses = salvaged(store)
            assert losses == ""
        everything += [(name, *record) for record in records.elements()]
    assert sorted(everything) == rows("bdb-subdbs-be")


def test_a_million_missing_partitions_are_one_loss(tmp_path: Path) -> None:
    """What a damaged meta page tells is not looked for file by file."""
    path = copied_case("bdb-btree-partitioned", tmp_path)
    content = bytearray(path.read_bytes())
    content[36:40] = b"\xff\xff\xff\xff"
    path.write_bytes(content)
    with backends.open(path) as store:
        records, losses = salvaged(store)
    assert sorted(("", *record) for record in records) == rows("bdb-btree-partitioned")
    assert losses == "4294967291 of 4294967295 partitions: no such file"


def test_partitions_that_are_not_told_of_are_warned_of(tmp_path: Path) -> None:
    """A meta page that names fewer partitions than there are hides records."""
    path = copied_case("bdb-btree-partitioned", tmp_path)
    content = bytearray(path.read_bytes())
    content[36:40] = b"\3\0\0\0"
    path.write_bytes(content)
    with backends.open(path) as store:
        assert isinstance(store, Reader)
        assert 0 < len(list(store.records())) < len(rows("bdb-btree-partitioned"))
        assert ["is not read" in line for line in store.warnings] == [True]


def test_records_outside_of_a_queue_are_warned_of(tmp_path: Path) -> None:
    """A first record number that grew leaves records marked as valid before it."""
    path = copied_case("bdbold-4.5.20-queue", tmp_path)
    content = bytearray(path.read_bytes())
    content[72] += 5
    path.write_bytes(content)
    with backends.open(path) as store:
        assert isinstance(store, Reader)
        assert len(list(store.records())) == len(rows("bdbold-4.5.20-queue")) - 5
        assert ["marked as valid" in line for line in store.warnings] == [True]
        assert "marked as valid" in salvaged(store)[1]


def test_buckets_beyond_the_end_of_an_old_file_are_warned_of(tmp_path: Path) -> None:
    """Release 2 does not tell where a file ends, so that a cut cannot be proved."""
    path = copied_case("bdbold-2.7.7-hash-dup", tmp_path)
    path.write_bytes(path.read_bytes()[:1024])
    with backends.open(path) as store:
        assert isinstance(store, Reader)
        list(store.records())
        assert ["never written, or cut off" in line for line in store.warnings] == [True]
        assert "never written, or cut off" in salvaged(store)[1]


def test_a_lost_leaf_is_told(tmp_path: Path) -> None:
    """A leaf that the tree leads to and that is none is a loss, even where its type is known."""
    path = copied_case("bdbold-2.7.7-btree-be", tmp_path)
    path.write_bytes(path.read_bytes()[:3072])
    with backends.open(path) as store:
        assert "pages to which the tree leads" in salvaged(store)[1]


@pytest.mark.parametrize(
    ("case", "change", "says", "hint"),
    [
        ("bdb-queue-extents", ("__dbq.q.db.1", -1), "q.db.1 is cut", "/q.db --salvage`"),
        ("bdb-btree-partitioned", ("__dbp.part.db.001", -1), "is cut", "/part.db --salvage`"),
        ("bdb-btree-partitioned", ("__dbp.part.db.001", 0), "is no partition of", "its own"),
    ],
)
def test_a_broken_part_is_named_with_what_to_do(
    tmp_path: Path, case: str, change: tuple[str, int], says: str, hint: str
) -> None:
    """One file of several: cut, or another database's."""
    path = copied_case(case, tmp_path)
    name, kept = change
    other = copied_case("bdb-hash-le", tmp_path).read_bytes()
    part = tmp_path / name
    part.write_bytes(part.read_bytes()[:kept] if kept else other)
    with pytest.raises(backends.CatalogCorrupt, match=says) as caught:
        read_all(path)
    assert hint in caught.value.hint
