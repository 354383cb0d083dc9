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

from plugreg.backends.limits import beyond_limits, fitting, key_twice

from .buckets import FREE
from .hashing import BITS, hashes
from .layout import LAYOUTS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import BinaryIO

    from plugreg.backends.errors import CatalogError

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


def misfit(key: bytes, value: bytes) -> str:
    """Return why a record is too large for GDBM, or ""."""
    size = len(key) + len(value)
    return f"{size:,} bytes, GDBM takes {_LARGEST:,}" if size > _LARGEST else ""


def fill(file: str, path: str, flavour: str, records: Iterable[tuple[bytes, bytes]]) -> int:
    """Write a GDBM file of these records over the one at `file`; their number.

    Streams the records and keeps about 100 bytes of memory for each. Nothing is synced. Errors
    name `path` and `flavour`, what the file is for.

    Raises:
        CatalogError: A key comes twice, or records are beyond the format's limits.
    """
    with open(file, "w+b") as opened:
        return _Writer(opened, path, flavour).write(fitting(records, misfit, path, flavour))


class _Writer:
    """The state of one file that is being written."""

    def __init__(self, file: BinaryIO, path: str, flavour: str) -> None:
        self._file = file
        self._path = path
        self._flavour = flavour
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
        self._file.write(key)
        self._file.write(value)
        self._order.append(hashes(key)[0] << 32 | number)
        self._places.append(self._end)
        self._sizes.append(len(key) << 32 | len(value))
        self._starts += key[:4].ljust(4, b"\0")
        self._end += len(key) + len(value)

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
        reason = f"one of more than {_ELEMENTS} with nearly the same hash"
        return beyond_limits([(self._key(item & 0xFFFFFFFF), reason)], self._path, self._flavour)

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
                raise key_twice(key, self._path)
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
