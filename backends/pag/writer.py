"""A new sdbm pair from all its records, as the library itself would have filled it.

Layout and limits: sdbm of perl 5.36 (sdbm/sdbm.h: PAIRMAX 1,008 bytes; sdbm/sdbm.c: SPLTMAX, at
most 10 splits for one record). Words have this machine's byte order, hashes its C char.
"""

from __future__ import annotations

import errno
import os
import sys

from plugreg.backends.limits import beyond_limits, fitting, key_twice

from .hashing import hash_here
from .page import PAGE_SIZE, added, offsets_of, packed, pairs_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    _Pair = tuple[bytes, bytes]

PAIR_MAX = 1008
_SPLITS_MAX = 10
_DIR_BLOCK = 4096


def misfit(key: bytes, value: bytes) -> str:
    """Return why a record is beyond the limits of sdbm, or ""."""
    size = len(key) + len(value)
    return f"{size:,} bytes, sdbm takes {PAIR_MAX:,}" if size > PAIR_MAX else ""


def fill(
    files: tuple[str, ...], path: str, flavour: str, records: Iterable[tuple[bytes, bytes]]
) -> int:
    """Write the records over the two files, the bit map's and the pages'; their number.

    Memory grows by about 100 bytes for each page of 1,024 bytes. Nothing is synced. Errors name
    `path` and `flavour`, what the files are for.

    Raises:
        CatalogError: A key comes twice, or records are beyond the format's limits.
    """
    index, pag = files
    count = 0
    with open(pag, "r+b", buffering=0) as file:
        tree = _Tree(file.fileno(), path)
        for key, value in fitting(records, misfit, path, flavour):
            reason = tree.insert(key, value)
            if reason:
                raise beyond_limits([(key, reason)], path, flavour)
            count += 1
        tree.finish()
    with open(index, "r+b") as file:
        _write_bits(file.fileno(), tree.splits)
    return count


class _Tree:
    """The pages in the file, and in memory which of them were split."""

    def __init__(self, descriptor: int, path: str) -> None:
        self._descriptor = descriptor
        self._path = path
        self.splits: set[int] = set()
        self._last_page = -1

    def insert(self, key: bytes, value: bytes) -> str:
        """Add one record; return why there is no room for it, or ""."""
        hashed = hash_here(key)
        for _ in range(_SPLITS_MAX + 1):
            bit, depth = self._leaf(hashed)
            number = hashed & ((1 << depth) - 1)
            page = self._page(number)
            if key in page and any(key == other for other, _ in _pairs(page)):
                raise key_twice(key, self._path)
            fuller = added(page, key, value, sys.byteorder)
            if fuller is not None:
                self._write(number, fuller)
                return ""
            self._split(bit, depth, number, _pairs(page))
        return f"its hash is too much like others': {_SPLITS_MAX} splits did not make room"

    def _leaf(self, hashed: int) -> tuple[int, int]:
        bit = depth = 0
        while bit in self.splits:
            bit = 2 * bit + (2 if hashed >> depth & 1 else 1)
            depth += 1
        return bit, depth

    def _page(self, number: int) -> bytes:
        page = os.pread(self._descriptor, PAGE_SIZE, number * PAGE_SIZE)
        return page or bytes(PAGE_SIZE)

    def _split(self, bit: int, depth: int, number: int, pairs: Iterable[_Pair]) -> None:
        self.splits.add(bit)
        halves: tuple[list[_Pair], ...] = ([], [])
        for pair in pairs:
            halves[hash_here(pair[0]) >> depth & 1].append(pair)
        self._write(number, packed(halves[0], sys.byteorder))
        self._write(number | 1 << depth, packed(halves[1], sys.byteorder))

    def _write(self, number: int, page: bytes) -> None:
        if os.pwrite(self._descriptor, page, number * PAGE_SIZE) != len(page):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        self._last_page = max(self._last_page, number)

    def finish(self) -> None:
        """Leave whole pages up to the last, holes read as empty ones."""
        os.ftruncate(self._descriptor, (self._last_page + 1) * PAGE_SIZE)


def _pairs(page: bytes) -> Iterator[_Pair]:
    offsets = offsets_of(page, sys.byteorder)
    assert offsets is not None, "a page that this writer made"
    return pairs_of(page, offsets)


def _write_bits(descriptor: int, bits: set[int]) -> None:
    """Write the bit map in whole blocks: sdbm takes its size for the number of bits."""
    blocks: dict[int, bytearray] = {}
    for bit in bits:
        number, byte = divmod(bit >> 3, _DIR_BLOCK)
        block = blocks.setdefault(number, bytearray(_DIR_BLOCK))
        block[byte] |= 1 << (bit & 7)
    for number, block in blocks.items():
        if os.pwrite(descriptor, block, number * _DIR_BLOCK) != len(block):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
