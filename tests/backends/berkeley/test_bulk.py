"""Pages whose records are read all at once: the same records, and damage, as one by one."""

from __future__ import annotations

import random
import struct
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugreg import backends
from plugreg.backends.berkeley import pages as kinds
from plugreg.backends.berkeley.btree import BtreeReader
from plugreg.backends.berkeley.btree_page import plain_records
from plugreg.backends.berkeley.buckets import Buckets, default_hash
from plugreg.backends.berkeley.hash import HashReader
from plugreg.backends.berkeley.hash_batch import HashBatch
from plugreg.backends.berkeley.meta import read_meta
from plugreg.backends.berkeley.pages import Budget
from tests.corpus_cases import case_names, copied_case

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MUTATIONS = 400
RECORDS = [(b"key-%d" % number, b"value " * (number % 9)) for number in range(2000)]


@pytest.fixture
def hash_file(tmp_path: Path) -> Path:
    """Return a hash database of RECORDS, most of them on plain pages."""
    path = tmp_path / "hash.db"
    backends.require_flavour("berkeley-hash").write_fresh(str(path), RECORDS)
    return path


def opened(path: Path) -> HashReader:
    """Open a hash database with our own reader."""
    store = backends.open(path)
    assert isinstance(store, HashReader)
    return store


def buckets_of(bits: int, surplus: int) -> Buckets:
    """Return buckets with masks of so many bits, the last of them anywhere between the two."""
    high = (1 << bits) - 1
    low = high >> 1
    raw = bytearray(512)
    struct.pack_into("<3I", raw, 12, 0x00061561, 9, 4096)
    struct.pack_into("<3I", raw, 72, low + surplus % (high - low + 1), high, low)
    meta = read_meta(bytes(raw))
    assert meta is not None
    return Buckets(replace(meta, raw=bytes(raw)))


@given(
    st.lists(st.binary(max_size=40), min_size=1, max_size=60), st.integers(0, 32), st.integers(0)
)
def test_the_buckets_of_many_keys(keys: list[bytes], bits: int, surplus: int) -> None:
    """They are those of the keys one by one, by the library's whole hash."""
    buckets = buckets_of(bits, surplus)
    values = [default_hash(key) & buckets.high_mask for key in keys]
    expected = [
        value if value <= buckets.max_bucket else value & buckets.low_mask for value in values
    ]
    assert buckets.of_all(keys) == expected
    assert [buckets.of(key) for key in keys] == expected


def test_one_long_key_among_short_ones() -> None:
    """What would be filled up with too much is hashed one by one, to the same."""
    buckets = buckets_of(11, 77)
    keys = [b"k%d" % number for number in range(50)] + [b"long" * 1000]
    assert buckets.of_all(keys) == [buckets.of(key) for key in keys]


def test_a_key_in_the_wrong_bucket(hash_file: Path) -> None:
    """Those before it are read, then the error names it; not verified, all are read."""
    with opened(hash_file) as store:
        before = list(store.records())
    assert sorted(before) == sorted(RECORDS)
    key = before[1234][0]
    data = hash_file.read_bytes()
    wrong = key[:-1] + b"#"
    hash_file.write_bytes(data.replace(b"\x01" + key + b"\x01", b"\x01" + wrong + b"\x01"))
    found = []
    with opened(hash_file) as store:
        with pytest.raises(backends.CatalogCorrupt, match=r"key b'key-.*#' does not belong"):
            found.extend(store.records())
        assert found == before[:1234]
        store.verify_keys = False
        assert len(list(store.records())) == len(RECORDS)


def mutations(page: bytes, size: int, seed: int) -> Iterator[bytes]:
    """Yield the page with a byte of its header, table or items changed, or two offsets swapped."""
    source = random.Random(seed)
    entries = int.from_bytes(page[20:22], "little")
    offsets = struct.unpack_from(f"<{entries}H", page, 26)
    heads = [at + more for at in offsets for more in range(4) if at + more < size]
    for _ in range(MUTATIONS):
        changed = bytearray(page)
        if source.random() < 0.3:
            one, other = (26 + 2 * source.randrange(entries) for _ in "ab")
            changed[one : one + 2], changed[other : other + 2] = (
                page[other : other + 2],
                page[one : one + 2],
            )
        else:
            at = source.choice([20, 21, 22, 23, *range(26, 26 + 2 * entries), *heads])
            changed[at] = source.choice([0, 1, 2, 3, 0x80, 0x81, 255, changed[at] ^ 4])
        yield bytes(changed)


def test_damaged_hash_pages(hash_file: Path) -> None:
    """What the careful loop refuses is never read at once, and what is read is what it reads."""
    with opened(hash_file) as store:
        at_once = refused = 0
        for bucket, number in list(store.buckets.first_pages(store.pages.count))[:6]:
            page = store.pages.page(number)
            for changed in mutations(page, store.pages.size, number):
                expected = outcome(store._pairs(bucket, number, changed, Budget(store.pages)))
                found = hash_records(store, bucket, number, changed)
                assert found in (None, expected)
                at_once += found is not None
                refused += expected is None
    assert at_once > 50
    assert refused > 50


def hash_records(
    store: HashReader, bucket: int, number: int, page: bytes
) -> list[tuple[bytes, bytes]] | None:
    """Return the records of a page read at once, or None where it is left to the careful loop."""
    batch = HashBatch(store.pages)
    try:
        records = batch.records(store.buckets) if batch.add(bucket, number, page) else None
    except backends.CatalogCorrupt:
        return None
    return None if records is None else list(records)


@pytest.mark.parametrize("case", ["bdb-btree-bdelete", "bdb-btree-recnum", "bdb-btree-txn-log"])
def test_damaged_btree_leaves(tmp_path: Path, case: str) -> None:
    """What the careful loop refuses is never read at once, and what is read is what it reads."""
    assert case in case_names("bdb-btree")
    at_once = refused = 0
    with backends.open(copied_case(case, tmp_path)) as store:
        assert isinstance(store, BtreeReader)
        for number in range(1, store.pages.count):
            page = store.pages.page(number)
            if page[25] != kinds.BTREE_LEAF or plain_records(store.pages, number, page) is None:
                continue
            for changed in mutations(page, store.pages.size, number):
                expected = outcome(store._pairs(number, changed, Budget(store.pages)))
                found = leaf_records(store, number, changed)
                assert found in (None, expected)
                at_once += found is not None
                refused += expected is None
    assert at_once > 20
    assert refused > 20


def leaf_records(store: BtreeReader, number: int, page: bytes) -> list[tuple[bytes, bytes]] | None:
    """Return the records of a leaf read at once, or None where it is left to the careful loop."""
    try:
        records = plain_records(store.pages, number, page)
    except backends.CatalogCorrupt:
        return None
    return None if records is None else list(records)


def outcome(records: Iterator[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]] | None:
    """Return the records, or None where they are refused."""
    try:
        return list(records)
    except backends.CatalogCorrupt:
        return None
