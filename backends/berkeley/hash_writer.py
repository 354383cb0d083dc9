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
from operator import attrgetter

from plugreg.backends.limits import fitting, key_twice

from .buckets import DEFAULT_CHARKEY
from .hash import KEYDATA, OFFPAGE
from .pages import HASH_SORTED, OVERFLOW
from .spool import Spool

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from .spool import SpooledRecord

_PAGE = 4096
_HEADER = 26
_BIG = _PAGE // 4
_ROOM = _PAGE - _HEADER
_MAGIC, _VERSION, _META_TYPE = 0x061561, 9, 8
_NOT_LOGGED = (0, 1)
_TYPICAL_FILL = 0.6
_MOST_BUCKETS_LOG2 = 27
_LONGEST = 0xFFFFFFFF


def misfit(key: bytes, value: bytes) -> str:
    """Return why a record is too large for Berkeley DB, or ""."""
    size = max(len(key), len(value))
    return f"an item of {size:,} bytes, Berkeley DB takes {_LONGEST:,}" if size > _LONGEST else ""


def fill(
    file: str,
    path: str,
    flavour: str,
    records: Iterable[tuple[bytes, bytes]],
    misfit: Callable[[bytes, bytes], str] = misfit,
    *,
    fill_factor: int = 0,
) -> int:
    """Write a hash database of these records over the file at `file`; the number of records.

    They are spooled to another temporary file first: how many buckets there are depends on all of
    them. Nothing is synced. Errors name `path` and `flavour`, what the file is for. `fill_factor`
    is the number of records to a bucket that libdb aims at from then on; 0 lets it choose.

    Raises:
        CatalogError: A key comes twice, or records are beyond the limits that `misfit` knows.
    """
    from tempfile import TemporaryFile

    with TemporaryFile(dir=os.path.dirname(file)) as spool_file, open(file, "wb") as opened:
        spool, room = Spool(spool_file), 0
        for key, value in fitting(records, misfit, path, flavour):
            spool.add(key, value)
            room += _room_for(len(key), len(value))
        log2 = min(max(int(room / (_ROOM * _TYPICAL_FILL)), 1).bit_length(), _MOST_BUCKETS_LOG2)
        writer = _Writer(opened.fileno(), 1 << log2)
        for number, bucket in enumerate(spool.buckets(1 << log2)):
            _require_different(bucket, path)
            writer.put_bucket(number, bucket)
        writer.put_meta(len(spool), fill_factor)
        return len(spool)


def _require_different(bucket: list[SpooledRecord], path: str) -> None:
    seen = set[bytes]()
    for record in bucket:
        if record.key in seen:
            raise key_twice(record.key, path)
        seen.add(record.key)


def _room_for(*sizes: int) -> int:
    """Return how many bytes of a bucket's page a record takes: two offsets and two items."""
    return sum(2 + (12 if size > _BIG else 1 + size) for size in sizes)


def _order(record: SpooledRecord) -> tuple[int, ...]:
    """Return what libdb sorts a page by: a prefix stands after the longer keys."""
    return (*record.key, 256)


class _Writer:
    """The file being written: the buckets' first pages in their place, others at the end."""

    def __init__(self, descriptor: int, buckets: int) -> None:
        self._descriptor = descriptor
        self._buckets = buckets
        self._end = buckets + 1

    def put_bucket(self, bucket: int, records: list[SpooledRecord]) -> None:
        """Write a bucket's chain of pages."""
        small = sorted((r for r in records if len(r.key) <= _BIG), key=_order)
        large = sorted((r for r in records if len(r.key) > _BIG), key=attrgetter("key"))
        # Items first: they take pages at the end, and so do the chain's later pages.
        chain = [*self._filled(small), *self._filled(large)] or [[]]
        numbers = [bucket + 1, *range(self._end, self._end + len(chain) - 1)]
        self._end += len(chain) - 1
        for place, items in enumerate(chain):
            before = numbers[place - 1] if place else 0
            following = numbers[place + 1] if place + 1 < len(chain) else 0
            self._put(numbers[place], _hash_page(numbers[place], before, following, items))

    def _filled(self, records: list[SpooledRecord]) -> list[list[bytes]]:
        """Return the items of as many pages as the records take, in order."""
        pages: list[list[bytes]] = []
        left = 0
        for record in records:
            room = _room_for(len(record.key), record.value_size)
            if room > left or not pages:
                pages.append([])
                left = _ROOM
            left -= room
            pages[-1] += [self._item(record.key), self._item(record.value())]
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

    def put_meta(self, count: int, fill_factor: int) -> None:
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
        meta += struct.pack("<6I", mask, mask, mask >> 1, fill_factor, count, DEFAULT_CHARKEY)
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
