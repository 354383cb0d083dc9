"""Writing a whole new GDBM file: 64-bit, little-endian, blocks of 4,096 bytes, not extended.

Source: gdbm 1.23, src/gdbmdefs.h (structures), src/bucket.c (splitting) and src/gdbmopen.c (a new
file: the directory takes at least one block). The file is the header's block, the records in
their order, the directory, the buckets; the room between the records and the directory is the one
free piece. Its buckets are those that libgdbm's own splitting comes to. Hashes are those of
machines with signed chars (x86); libgdbm on the others finds keys beyond ASCII by another hash.
"""

from __future__ import annotations

import os
from array import array
from bisect import bisect_left
from itertools import pairwise

from plugreg.backends import durable
from plugreg.backends.errors import CatalogError
from plugreg.backends.footprint import unreadable

from .buckets import FREE
from .hashing import BITS, hashes
from .layout import LAYOUTS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import BinaryIO

_LAYOUT = LAYOUTS["64", "little"]
_MAGIC = 0x13579ACF
_BLOCK = 4096
_ELEMENTS = _LAYOUT.bucket_elements(_BLOCK)
_LEAST_DIR_BITS = (_BLOCK // _LAYOUT.offset.size).bit_length() - 1
# The directory's size is a C int.
_MOST_DIR_BITS = 27
_LARGEST = 0x7FFFFFFF
_UNUSED = _LAYOUT.element.pack(FREE, b"", 0, 0, 0)
_DROPPED = 4


def write_new(path: str, records: Iterable[tuple[bytes, bytes]]) -> int:
    """Make a GDBM file of these records, whole on disk before it gets its name; their number.

    Streams the records and keeps about 100 bytes of memory for each.

    Raises:
        FileExistsError: The name is taken.
        CatalogError: A key comes twice, or a record is larger than the format allows.
    """
    try:
        temporary = durable.temporary_beside(path)
    except OSError as error:
        raise unreadable(error, path) from error
    try:
        with open(temporary, "w+b") as file:
            number = _Writer(file, path).write(records)
        durable.grant_default_access(temporary)
        durable.publish(temporary, path)
    finally:
        if os.path.exists(temporary):
            os.unlink(temporary)
    return number


class _Writer:
    """The state of one file that is being written."""

    def __init__(self, file: BinaryIO, path: str) -> None:
        self._file = file
        self._path = path
        # For each record: the hash and the record's number, in one; where it is; its sizes; the
        # key's first four bytes.
        self._order = array("Q")
        self._places = array("Q")
        self._sizes = array("Q")
        self._starts = bytearray()
        self._end = _BLOCK
        self._dir_at = self._dir_bits = 0

    def write(self, records: Iterable[tuple[bytes, bytes]]) -> int:
        self._file.write(bytes(_BLOCK))
        for number, (key, value) in enumerate(records):
            self._append(number, key, value)
        order = sorted(self._order)
        self._order = array("Q")
        free = -self._end % _BLOCK
        free_at, self._end = self._end, self._end + free
        self._file.write(bytes(free))
        plan = list(self._plan(order))
        self._directory([bits for bits, _, _ in plan])
        for bits, start, stop in plan:
            self._bucket(bits, order[start:stop])
        self._header((free, free_at))
        self._file.flush()
        return len(order)

    def _append(self, number: int, key: bytes, value: bytes) -> None:
        if len(key) > _LARGEST or len(value) > _LARGEST or len(key) + len(value) > _LARGEST:
            raise self._refused(key, "is larger than 2 GiB, the most that GDBM holds")
        self._file.write(key)
        self._file.write(value)
        self._order.append(hashes(key)[0] << 32 | number)
        self._places.append(self._end)
        self._sizes.append(len(key) << 32 | len(value))
        self._starts += key[:4].ljust(4, b"\0")
        self._end += len(key) + len(value)

    def _refused(self, key: bytes, why: str) -> CatalogError:
        return CatalogError(
            f"{self._path}: the record of {key[:40]!r} {why}",
            code="record-refused",
            path=self._path,
        )

    def _plan(self, order: list[int]) -> Iterator[tuple[int, int, int]]:
        """Yield (bits, from, to) of each bucket, in the order of the directory."""
        waiting = [(0, 0, 0, len(order))]  # bits, the hash's first bits, from, to
        while waiting:
            bits, prefix, start, stop = waiting.pop()
            if stop - start <= _ELEMENTS:
                yield bits, start, stop
                continue
            if bits == _MOST_DIR_BITS:
                raise self._too_alike(order[start])
            middle = (2 * prefix + 1) << (BITS - bits - 1) << 32
            split = bisect_left(order, middle, start, stop)
            waiting.append((bits + 1, 2 * prefix + 1, split, stop))
            waiting.append((bits + 1, 2 * prefix, start, split))

    def _too_alike(self, item: int) -> CatalogError:
        key = self._key(item & 0xFFFFFFFF)
        return self._refused(key, f"is one of more than {_ELEMENTS} with nearly the same hash")

    def _bucket(self, bits: int, items: list[int]) -> None:
        """Write one bucket, each element at the first free slot from its hash's home on."""
        table = [_UNUSED] * _ELEMENTS
        starts = [self._start(item & 0xFFFFFFFF) for item in items]
        self._require_different(items)
        for item, start in zip(items, starts, strict=True):
            number, index = item >> 32, item & 0xFFFFFFFF
            slot = number % _ELEMENTS
            while table[slot] is not _UNUSED:
                slot = (slot + 1) % _ELEMENTS
            sizes = self._sizes[index]
            table[slot] = _LAYOUT.element.pack(
                number, start, self._places[index], sizes >> 32, sizes & 0xFFFFFFFF
            )
        head = _LAYOUT.counts.pack(bits, len(items)).rjust(_LAYOUT.table_at, b"\0")
        self._add((head + b"".join(table)).ljust(_BLOCK, b"\0"))

    def _require_different(self, items: list[int]) -> None:
        """Compare the keys of the same hash, which are neighbours."""
        keys, before = set[bytes](), -1
        for one, other in pairwise(items):
            if one >> 32 != other >> 32:
                continue
            if one >> 32 != before:
                before, keys = one >> 32, {self._key(one & 0xFFFFFFFF)}
            key = self._key(other & 0xFFFFFFFF)
            if key in keys:
                raise self._refused(key, "comes twice")
            keys.add(key)

    def _start(self, index: int) -> bytes:
        return bytes(self._starts[4 * index : 4 * index + 4])

    def _key(self, index: int) -> bytes:
        self._file.flush()
        return os.pread(self._file.fileno(), self._sizes[index] >> 32, self._places[index])

    def _add(self, block: bytes) -> None:
        self._file.write(block)
        self._end += len(block)

    def _directory(self, bits_of_buckets: list[int]) -> None:
        """Write the directory: each bucket that will follow, as often as its bits leave open.

        It must not be the last thing in the file: libgdbm takes that for damage.
        """
        self._dir_at = self._end
        self._dir_bits = max(_LEAST_DIR_BITS, *bits_of_buckets)
        first = self._end + (_LAYOUT.offset.size << self._dir_bits)
        for index, bits in enumerate(bits_of_buckets):
            address = _LAYOUT.offset.pack(first + index * _BLOCK)
            self._add(address * (1 << (self._dir_bits - bits)))

    def _header(self, free: tuple[int, int]) -> None:
        """Write the header's block: the header, and the free list with one piece or none."""
        pieces = [free] if free[0] > _DROPPED else []
        block = _LAYOUT.header.pack(
            _MAGIC, _BLOCK, self._dir_at, _LAYOUT.offset.size << self._dir_bits, self._dir_bits,
            _BLOCK, _ELEMENTS, self._end,
        )  # fmt: skip
        size = _LAYOUT.avail_elements(_BLOCK, numsync=False)
        block += _LAYOUT.avail_head.pack(size, len(pieces), 0)
        block += b"".join(_LAYOUT.avail_element.pack(*piece) for piece in pieces)
        self._file.seek(0)
        self._file.write(block)
