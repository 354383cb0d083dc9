"""A new sdbm pair from all its records, as the library itself would have filled it.

Layout and limits: sdbm of perl 5.36 (sdbm/sdbm.h: PAIRMAX 1,008 bytes; sdbm/sdbm.c: SPLTMAX, at
most 10 splits for one record). Words have this machine's byte order, hashes its C char.
"""

from __future__ import annotations

import os
import sys

from plugreg.backends import durable
from plugreg.backends.errors import CatalogError
from plugreg.backends.footprint import unreadable

from .hashing import hash_here
from .page import PAGE_SIZE, offsets_of, packed, pairs_of, room_for

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

PAIR_MAX = 1008
_SPLITS_MAX = 10
_DIR_BLOCK = 4096
_NAMED = 5  # so many records that do not fit are named, the others counted


def misfit(key: bytes, value: bytes) -> str:
    """Return why a record is beyond the limits of sdbm, or ""."""
    size = len(key) + len(value)
    return f"{size:,} bytes, sdbm takes {PAIR_MAX:,}" if size > PAIR_MAX else ""


def write_fresh(path: str, records: Iterable[tuple[bytes, bytes]]) -> int:
    """Make `path`.pag and `path`.dir of all the records, each key once; how many they are.

    Everything is built beside and synced first: after an error nothing stands under either name.
    Memory grows by about 100 bytes for each page of 1,024 bytes.

    Raises:
        FileExistsError: One of the names is taken.
        CatalogError: Records that do not fit, or keys that come twice; they are named.
    """
    for suffix in (".pag", ".dir"):
        if os.path.lexists(path + suffix):
            raise FileExistsError(path + suffix)
    temporary: list[str] = []
    try:
        pag = durable.temporary_beside(path + ".pag")
        temporary.append(pag)
        index = durable.temporary_beside(path + ".dir")
        temporary.append(index)
        count = _fill(path, pag, index, records)
        _publish(path, pag, index)
    except OSError as error:
        if isinstance(error, FileExistsError):
            raise
        raise unreadable(error, path) from error
    finally:
        for file in temporary:
            if os.path.exists(file):
                os.unlink(file)
    return count


def _publish(path: str, pag: str, index: str) -> None:
    """Give both their names, the pages last: without them there is no database."""
    for file in (index, pag):
        durable.grant_default_access(file)
    durable.publish(index, path + ".dir")
    try:
        durable.publish(pag, path + ".pag")
    except BaseException:
        os.unlink(path + ".dir")
        raise


def _fill(path: str, pag: str, index: str, records: Iterable[tuple[bytes, bytes]]) -> int:
    misfits: list[str] = []
    count = 0
    with open(pag, "r+b", buffering=0) as file:
        tree = _Tree(file.fileno())
        for key, value in records:
            reason = misfit(key, value)
            if not reason and not misfits:  # after the first, only the others are looked for
                reason = tree.insert(key, value)
            if reason:
                misfits.append(f"{key[:40]!r} ({reason})" if len(misfits) < _NAMED else "")
            count += 1
        tree.finish()
    if misfits:
        raise _beyond_limits(path, misfits)
    with open(index, "r+b") as file:
        _write_bits(file.fileno(), tree.splits)
    return count


def _beyond_limits(path: str, misfits: list[str]) -> CatalogError:
    named = ", ".join(misfits[:_NAMED])
    more = f" and {len(misfits) - _NAMED} more" if len(misfits) > _NAMED else ""
    return CatalogError(
        f"{path}: sdbm cannot hold {len(misfits)} of the records: {named}{more}",
        hint="choose another flavour; nothing was written",
        code="records-do-not-fit",
        path=path,
        count=len(misfits),
    )


class _Tree:
    """The pages in the file, and in memory which of them were split."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self.splits: set[int] = set()
        self._last_page = -1

    def insert(self, key: bytes, value: bytes) -> str:
        """Add one record; return why that cannot be, or ""."""
        hashed = hash_here(key)
        for _ in range(_SPLITS_MAX + 1):
            bit, depth = self._leaf(hashed)
            number = hashed & ((1 << depth) - 1)
            pairs = self._pairs(number)
            if any(key == other for other, _ in pairs):
                return "its key comes twice"
            if room_for([*pairs, (key, value)]) <= PAGE_SIZE:
                self._write(number, [*pairs, (key, value)])
                return ""
            self._split(bit, depth, number, pairs)
        return f"its hash is too much like others': {_SPLITS_MAX} splits did not make room"

    def _leaf(self, hashed: int) -> tuple[int, int]:
        bit = depth = 0
        while bit in self.splits:
            bit = 2 * bit + (2 if hashed >> depth & 1 else 1)
            depth += 1
        return bit, depth

    def _pairs(self, number: int) -> list[tuple[bytes, bytes]]:
        page = os.pread(self._descriptor, PAGE_SIZE, number * PAGE_SIZE)
        offsets = offsets_of(page, sys.byteorder)
        assert offsets is not None, "a page that this writer made"
        return list(pairs_of(page, offsets))

    def _split(self, bit: int, depth: int, number: int, pairs: list[tuple[bytes, bytes]]) -> None:
        self.splits.add(bit)
        halves: tuple[list[tuple[bytes, bytes]], ...] = ([], [])
        for pair in pairs:
            halves[hash_here(pair[0]) >> depth & 1].append(pair)
        self._write(number, halves[0])
        self._write(number | 1 << depth, halves[1])

    def _write(self, number: int, pairs: list[tuple[bytes, bytes]]) -> None:
        page = packed(pairs, sys.byteorder)
        if os.pwrite(self._descriptor, page, number * PAGE_SIZE) != len(page):
            raise OSError("the disk is full")
        self._last_page = max(self._last_page, number)

    def finish(self) -> None:
        """Leave whole pages up to the last, holes read as empty ones."""
        os.ftruncate(self._descriptor, (self._last_page + 1) * PAGE_SIZE)


def _write_bits(descriptor: int, bits: set[int]) -> None:
    """Write the bit map in whole blocks: sdbm takes its size for the number of bits."""
    blocks: dict[int, bytearray] = {}
    for bit in bits:
        number, byte = divmod(bit >> 3, _DIR_BLOCK)
        block = blocks.setdefault(number, bytearray(_DIR_BLOCK))
        block[byte] |= 1 << (bit & 7)
    for number, block in blocks.items():
        if os.pwrite(descriptor, block, number * _DIR_BLOCK) != len(block):
            raise OSError("the disk is full")
