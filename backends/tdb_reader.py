"""Reading a TDB file along its hash chains. Layout of the header: see `tdb`.

A record (tdb 1.4, common/tdb_private.h) is six words and its bytes: the next record of the chain,
the size of what follows the words, key size, value size, full hash, magic 0x26011999 for a live one
and 0xFEE1DEAD for a deleted one that is still in its chain; then key and value. Its chain
is its full hash modulo the number of chains, so no hash function is needed to check it.
"""

from __future__ import annotations

import os
import struct

from .errors import CatalogCorrupt, FlavourUnavailable, restore_or_salvage
from .footprint import unreadable
from .reader import Reader
from .regular import open_regular

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Literal

    ByteOrder = Literal["little", "big"]

MAGIC = b"TDB file\n"
_VERSION = 0x26011967 + 6
_LIVE = 0x26011999
_DEAD = 0xFEE1DEAD
_INTERRUPTED = 0xF53BC0E7  # of the recovery area, while a transaction is being written
_CHAINS_START = 172  # behind the free list's head
_HEADER_SIZE = 168
_CHAINS_AT_ONCE = 4096
_ORDERS: tuple[ByteOrder, ...] = ("little", "big")


def order_of(head: bytes) -> ByteOrder | None:
    """Return the byte order of a TDB header, None where the version fits in neither."""
    for order in _ORDERS:
        if int.from_bytes(head[32:36], order) == _VERSION and len(head) >= _HEADER_SIZE:
            return order
    return None


class TdbReader(Reader):
    """A read-only store over a TDB file; the keys are indexed at the first look-up."""

    def __init__(self, path: str) -> None:
        super().__init__("tdb", path)
        self.losses: list[str] = []
        try:
            self._descriptor = open_regular(path)
        except OSError as error:
            raise unreadable(error, path) from error
        try:
            self._size = os.fstat(self._descriptor).st_size
            self._read_header()
        except BaseException:
            os.close(self._descriptor)
            raise

    def _read_header(self) -> None:
        head = os.pread(self._descriptor, _HEADER_SIZE, 0)
        order = order_of(head)
        if order is None:
            raise self._corrupt("the header is cut, or of another version")
        mark = "<" if order == "little" else ">"
        self._words = struct.Struct(f"{mark}6I")
        self._word = struct.Struct(f"{mark}I")
        self._chains, _, self._recovery = struct.unpack_from(f"{mark}3I", head, 36)
        if not self._chains:
            raise self._corrupt("the header tells of no hash chain")
        (features,) = self._word.unpack_from(head, 60)
        if features:
            raise FlavourUnavailable(
                f"{self.path} is TDB with features {features:#x} (mutexes), which only its own"
                " library reads",
                hint="copy it with tdbbackup or tdbdump",
                path=self.path,
            )

    def records(self) -> Iterator[tuple[bytes, bytes]]:
        """Yield every (key, value), chain by chain.

        Raises:
            CatalogCorrupt: A chain or a record is damaged; the place is named.
        """
        self._require_open()
        interrupted = self._interrupted()
        if interrupted:
            raise self._corrupt(interrupted)
        yield from self._walk(self._refuse)

    def salvage(self) -> Iterator[tuple[bytes, bytes]]:
        """Yield the records of every chain as far as it is good; `losses` says where it is not."""
        self._require_open()
        self.losses.clear()
        interrupted = self._interrupted()
        if interrupted:
            self.losses.append(interrupted)
        yield from self._walk(self.losses.append)

    def _walk(self, report: Callable[[str], None]) -> Iterator[tuple[bytes, bytes]]:
        most = self._size // self._words.size  # more records than that cannot be in the file
        for chain, head in self._heads(report):
            position = head
            while position and most:
                most -= 1
                words = self._record_words(position)
                if words is None or words[4] % self._chains != chain:
                    report(f"chain {chain}: no record of it at byte {position}")
                    break
                following, _, key_size, value_size, _, magic = words
                if magic == _LIVE:
                    both = self._read(position + self._words.size, key_size + value_size)
                    yield both[:key_size], both[key_size:]
                position = following
            if position and not most:
                report(f"chain {chain}: it goes round in a circle")
                return

    def _heads(self, report: Callable[[str], None]) -> Iterator[tuple[int, int]]:
        """Yield (chain, position of its first record) of the chains that are not empty."""
        whole = max(0, min(self._chains, (self._size - _CHAINS_START) // self._word.size))
        for first in range(0, whole, _CHAINS_AT_ONCE):
            some = min(_CHAINS_AT_ONCE, whole - first)
            block = self._read(_CHAINS_START + first * self._word.size, some * self._word.size)
            for place, (position,) in enumerate(self._word.iter_unpack(block)):
                if position:
                    yield first + place, position
        if whole < self._chains:
            report(f"cut at byte {self._size}, inside the heads of the {self._chains} chains")

    def _record_words(self, position: int) -> tuple[int, ...] | None:
        """Return the words of the record there, or None where none can be."""
        start = position + self._words.size
        if position < _CHAINS_START or start > self._size:
            return None
        words = self._words.unpack(self._read(position, self._words.size))
        _, size, key_size, value_size, _, magic = words
        if magic not in (_LIVE, _DEAD) or key_size + value_size > size or start + size > self._size:
            return None
        return words

    def _interrupted(self) -> str:
        """Return that a transaction was interrupted while the file was being changed, or ""."""
        words_size = self._words.size
        if not self._recovery or self._recovery + words_size > self._size:
            return ""
        magic = self._words.unpack(self._read(self._recovery, words_size))[5]
        if magic != _INTERRUPTED:
            return ""
        return f"a transaction was interrupted, its recovery data at byte {self._recovery}"

    def _read(self, position: int, size: int) -> bytes:
        block = os.pread(self._descriptor, size, position)
        if len(block) != size:
            raise self._corrupt(f"cut at byte {position + len(block)} while it was open")
        return block

    def _refuse(self, damage: str) -> None:
        raise self._corrupt(damage)

    def _corrupt(self, damage: str) -> CatalogCorrupt:
        return CatalogCorrupt(
            f"{self.path} is damaged: {damage}",
            hint=f"let tdbtool check it, {restore_or_salvage(self.path)}",
            path=self.path,
        )

    def _close(self) -> None:
        os.close(self._descriptor)
