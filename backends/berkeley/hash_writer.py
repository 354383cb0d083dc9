"""Writing a fresh Berkeley DB hash file, version 9, which libdb 4.6 and later read and change.

Source: dbinc/db_page.h and hash/hash_page.c of 5.3. Page 0 is the meta page, then come the first
pages of all buckets, then the pages that did not fit and the overflow items. libdb searches a page
(type 13) by halving, with a key after all those that it is a prefix of; for keys on overflow pages
it has the usual order, so that these get pages of their own. Items longer than a quarter of a page
go to overflow pages.
"""

from __future__ import annotations

import os
import struct

from plugreg.backends.errors import CatalogError

from .buckets import DEFAULT_CHARKEY, default_hash
from .hash import KEYDATA, OFFPAGE
from .pages import HASH_SORTED, OVERFLOW

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

_PAGE = 4096
_HEADER = 26
_BIG = _PAGE // 4
_ROOM = _PAGE - _HEADER
_MAGIC, _VERSION, _META_TYPE = 0x061561, 9, 8
_NOT_LOGGED = (0, 1)
_TYPICAL_FILL = 0.6
_MOST_BUCKETS_LOG2 = 27
_Record = tuple[bytes, bytes]


def write_hash(
    path: str, records: Iterable[tuple[bytes, bytes]], *, empty_key: bool = False
) -> int:
    """Write a hash database of these records over the file at `path`; the number of records.

    All records are held in memory, each once, until they stand on their pages. The file is not
    synced. An empty key is refused unless `empty_key` says otherwise: libdb keeps it, but
    `dbm.ndbm` lists neither it nor any key after it.

    Raises:
        CatalogError: A key comes twice, or is empty; nothing was written.
    """
    buckets, count = _distributed(list(records), empty_key=empty_key)
    with open(path, "wb") as file:
        writer = _Writer(file.fileno(), len(buckets))
        for number, bucket in enumerate(buckets):
            writer.put_bucket(number, bucket)
        writer.put_meta(count)
    return count


def _distributed(records: list[_Record], *, empty_key: bool) -> tuple[list[list[_Record]], int]:
    """Return the records of each bucket; their number is a power of two."""
    needed = sum(_room_for(record) for record in records) / (_ROOM * _TYPICAL_FILL)
    log2 = min(max(int(needed), 1).bit_length(), _MOST_BUCKETS_LOG2)
    buckets: list[list[_Record]] = [[] for _ in range(1 << log2)]
    mask = len(buckets) - 1
    for record in records:
        buckets[default_hash(record[0]) & mask].append(record)
    for bucket in buckets:
        keys = [key for key, _ in bucket]
        if len(set(keys)) < len(keys):
            twice = next(key for key in keys if keys.count(key) > 1)
            raise CatalogError(f"the key {twice[:80]!r} comes twice", code="key-twice")
        if not empty_key and b"" in keys:
            raise CatalogError(
                "dbm.ndbm cannot keep an empty key",
                hint="use another key, or another flavour",
                code="key-not-allowed",
            )
    return buckets, len(records)


def _room_for(record: _Record) -> int:
    """Return how many bytes of a bucket's page a record takes: two offsets and two items."""
    return sum(2 + (12 if len(datum) > _BIG else 1 + len(datum)) for datum in record)


def _order(record: _Record) -> tuple[int, ...]:
    """Return what libdb sorts a page by: a prefix stands after the longer keys."""
    return (*record[0], 256)


class _Writer:
    """The file being written: the buckets' first pages in their place, others at the end."""

    def __init__(self, descriptor: int, buckets: int) -> None:
        self._descriptor = descriptor
        self._buckets = buckets
        self._end = buckets + 1

    def put_bucket(self, bucket: int, records: list[_Record]) -> None:
        """Write a bucket's chain of pages."""
        small = sorted((r for r in records if len(r[0]) <= _BIG), key=_order)
        large = sorted(r for r in records if len(r[0]) > _BIG)
        # Items first: they take pages at the end, and so do the chain's later pages.
        chain = [*self._filled(small), *self._filled(large)] or [[]]
        numbers = [bucket + 1, *range(self._end, self._end + len(chain) - 1)]
        self._end += len(chain) - 1
        for place, items in enumerate(chain):
            before = numbers[place - 1] if place else 0
            following = numbers[place + 1] if place + 1 < len(chain) else 0
            self._put(numbers[place], _hash_page(numbers[place], before, following, items))

    def _filled(self, records: list[_Record]) -> list[list[bytes]]:
        """Return the items of as many pages as the records take, in order."""
        pages: list[list[bytes]] = []
        left = 0
        for record in records:
            room = _room_for(record)
            if room > left or not pages:
                pages.append([])
                left = _ROOM
            left -= room
            pages[-1] += map(self._item, record)
        return pages

    def _item(self, datum: bytes) -> bytes:
        if len(datum) <= _BIG:
            return b"%c%b" % (KEYDATA, datum)
        first = self._end
        parts = [datum[at : at + _ROOM] for at in range(0, len(datum), _ROOM)]
        self._end += len(parts)
        for number, part in enumerate(parts, first):
            before = number - 1 if number > first else 0
            following = number + 1 if number + 1 < self._end else 0
            # The number of entries counts who refers to the item.
            header = _header((number, before, following), 1, len(part), OVERFLOW)
            self._put(number, header + part)
        return struct.pack("<B3xII", OFFPAGE, first, len(datum))

    def put_meta(self, count: int) -> None:
        """Write page 0, when all other pages are known."""
        group = (self._buckets - 1).bit_length()
        spares = [1 if log2 <= group else 0 for log2 in range(32)]
        mask = self._buckets - 1
        meta = struct.pack(
            "<2I I I I I 4B I I 3I I",
            *_NOT_LOGGED,
            *(0, _MAGIC, _VERSION, _PAGE, 0, _META_TYPE, 0, 0),
            *(0, self._end - 1, 0, 0, 0, 0),
        )
        meta += os.urandom(20)  # the file's identity in a buffer pool
        meta += struct.pack("<6I", mask, mask, mask >> 1, 0, count, DEFAULT_CHARKEY)
        self._put(0, meta + struct.pack("<32I", *spares))

    def _put(self, number: int, page: bytes) -> None:
        """Write a page, filled up with zeros."""
        rest, at = memoryview(page.ljust(_PAGE, b"\0")), number * _PAGE
        while rest:
            written = os.pwrite(self._descriptor, rest, at)
            rest, at = rest[written:], at + written


def _header(links: tuple[int, int, int], entries: int, lowest: int, kind: int) -> bytes:
    """Return a page's header; `links` are its own number, the page before, the page after."""
    return struct.pack("<2I3I2H2B", *_NOT_LOGGED, *links, entries, lowest, 0, kind)


def _hash_page(number: int, before: int, following: int, items: list[bytes]) -> bytes:
    """Return a page of items: the table of offsets after the header, the items from the end."""
    offsets, place = [], _PAGE
    for item in items:
        place -= len(item)
        offsets.append(place)
    head = _header((number, before, following), len(items), place, HASH_SORTED)
    head += struct.pack(f"<{len(offsets)}H", *offsets)
    return head.ljust(place, b"\0") + b"".join(reversed(items))
