"""Reading a btree or recno file of Berkeley DB 1.85 (version 3).

Source: btree/btree.h of 1.85. Page 0 in the writer's byte order: magic at 0, version 4, page size
8, first free page 12, nrecs 16, flags 20 (0x80 recno). The root is page 1. A page: number at 0,
previous 4, next 8, flags 12 (type in the low five bits), u16 end of the table of offsets at 16,
lowest byte used at 18, the table from 20.
"""

from __future__ import annotations

import struct

from plugreg.backends.errors import CatalogCorrupt

from .blocks import Old185Reader

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

MAGIC = 0x00053162
VERSION = 3
_HEADER = 20
_INTERNAL, _LEAF, _OVERFLOW, _RECNO_INTERNAL, _RECNO_LEAF = 1, 2, 4, 8, 16
_KINDS = (_INTERNAL, _LEAF, _OVERFLOW, _RECNO_INTERNAL, _RECNO_LEAF)
_TYPE = 0x1F
_BIG_DATA, _BIG_KEY = 1, 2
_RECNO_FLAG = 0x80
_META_SIZE = 24
_BIG_SIZE = 8  # u32 page, u32 length


class Old185BtreeReader(Old185Reader):
    """A 1.85 btree, or a recno with the record numbers as decimal text for keys."""

    may_repeat = True
    header_size = _META_SIZE

    def _read_header(self, head: bytes) -> None:
        order = "<" if int.from_bytes(head[:4], "little") == MAGIC else ">"
        if len(head) < _META_SIZE:
            raise self._bad_header("it is cut")
        magic, version, size, _, _, flags = struct.unpack(f"{order}6I", head)
        if magic != MAGIC or version != VERSION:
            raise self._bad_header(f"version {version} at byte 4 is not {VERSION}")
        if size not in {1 << bits for bits in range(9, 17)}:
            raise self._bad_header(
                f"page size {size} at byte 8 is not a power of two from 512 to 65536"
            )
        self._is_recno = bool(flags & _RECNO_FLAG)
        if self._is_recno:
            self.method, self.may_repeat = "recno", False
        self.blocks.set_layout(size, order)

    def _walk(self) -> Iterator[tuple[bytes, bytes]]:
        if self.blocks.file_size % self.blocks.size:
            raise self._bad_header(
                f"the file is cut: {self.blocks.file_size} bytes are no whole pages"
            )
        record = 0
        self._left = self.blocks.count
        for number, page, offsets in self._leaves():
            for at in offsets:
                record += 1
                if self._is_recno:
                    yield b"%d" % record, self._recno_value(number, page, at)
                else:
                    yield self._pair(number, page, at)

    def _leaves(self) -> Iterator[tuple[int, bytes, tuple[int, ...]]]:
        """Yield the leaves from the root down, linked to each other both ways."""
        last, promised = 0, 0
        waiting = [1] if self.blocks.count > 1 else []
        while waiting:
            number = waiting.pop()
            page, kind, before, following = self._page(number)
            offsets = self._offsets(number, page)
            if kind in (_INTERNAL, _RECNO_INTERNAL):
                if not offsets:
                    raise self.blocks.broken(number, "an internal page without entries")
                waiting.extend(self._child(number, page, at) for at in reversed(offsets))
            elif kind == (_RECNO_LEAF if self._is_recno else _LEAF):
                self._require_tiled(number, page, offsets)
                if before != last or (last and promised != number):
                    raise self.blocks.broken(number, f"leaves {last} and {number} are not linked")
                yield number, page, offsets
                last, promised = number, following
            else:
                raise self.blocks.broken(number, f"page type {kind} where a leaf should be")
        if promised:
            raise self.blocks.broken(last, f"page {promised} follows, which the tree has not")

    def _page(self, number: int) -> tuple[bytes, int, int, int]:
        """Return a page, its type, the page before and the page after."""
        page = self.blocks.page(number)
        told, before, following, flags = struct.unpack_from(f"{self.blocks.order}4I", page)
        if told != number:
            raise self.blocks.broken(number, f"it says that it is page {told}")
        self._left -= 1
        if self._left < 0:
            raise self.blocks.broken(number, "pages are named more than once: an endless chain")
        return page, flags & _TYPE, before, following

    def _offsets(self, number: int, page: bytes) -> tuple[int, ...]:
        lower, upper = struct.unpack_from(f"{self.blocks.order}2H", page, 16)
        if not _HEADER <= lower <= upper <= self.blocks.size or lower % 2:
            raise self.blocks.broken(number, f"its table ends at {lower}, its items at {upper}")
        count = (lower - _HEADER) // 2
        offsets = struct.unpack_from(f"{self.blocks.order}{count}H", page, _HEADER)
        if offsets and not upper <= min(offsets) <= max(offsets) <= self.blocks.size - 5:
            raise self.blocks.broken(number, "an item lies outside of the page")
        return offsets

    def _require_tiled(self, number: int, page: bytes, offsets: tuple[int, ...]) -> None:
        """Check that a leaf's items fill it without a gap, each from a multiple of 4 on."""
        (place,) = self.blocks.u16(page, 18)
        for at in sorted(offsets):
            if at != place or at + 8 > self.blocks.size:
                raise self.blocks.broken(number, f"a gap or an overlap of items at offset {at}")
            first, second = struct.unpack_from(f"{self.blocks.order}II", page, at)
            size = 5 + first if self._is_recno else 9 + first + second
            place = (at + size + 3) & ~3
        if place != self.blocks.size:
            raise self.blocks.broken(number, f"the items end at {place}, not at the page's end")

    def _child(self, number: int, page: bytes, at: int) -> int:
        if at + 8 > self.blocks.size:
            raise self.blocks.broken(number, f"an entry at offset {at} leaves the page")
        child: int = self.blocks.u32(page, at + 4)[0]
        return child

    def _pair(self, number: int, page: bytes, at: int) -> tuple[bytes, bytes]:
        """Return what a leaf item holds: u32 key size, u32 value size, u8 flags, both."""
        if at + 9 > self.blocks.size:
            raise self.blocks.broken(number, f"an item at offset {at} leaves the page")
        key_size, size, flags = struct.unpack_from(f"{self.blocks.order}IIB", page, at)
        middle = at + 9 + key_size
        key = self._bytes(number, page, at + 9, key_size, big=flags & _BIG_KEY)
        return key, self._bytes(number, page, middle, size, big=flags & _BIG_DATA)

    def _recno_value(self, number: int, page: bytes, at: int) -> bytes:
        size, flags = struct.unpack_from(f"{self.blocks.order}IB", page, at)
        return self._bytes(number, page, at + 5, size, big=flags & _BIG_DATA)

    def _bytes(self, number: int, page: bytes, at: int, size: int, *, big: int) -> bytes:
        if at + size > self.blocks.size or (big and size != _BIG_SIZE):
            raise self.blocks.broken(number, f"{size} bytes at offset {at} leave the page")
        if not big:
            return page[at : at + size]
        first, length = struct.unpack_from(f"{self.blocks.order}II", page, at)
        return self._overflow(first, length)

    def _overflow(self, number: int, length: int) -> bytes:
        """Return an item from its chain of overflow pages."""
        if length > self.blocks.file_size:
            raise self.blocks.broken(number, f"an item of {length} bytes is larger than the file")
        parts, room = [], self.blocks.size - _HEADER
        while length > 0:
            page, kind, _, number_after = self._page(number)
            if kind != _OVERFLOW:
                raise self.blocks.broken(number, f"page type {kind} in an overflow chain")
            parts.append(page[_HEADER : _HEADER + min(room, length)])
            length -= room
            number = number_after
        return b"".join(parts)

    def salvage(self) -> Iterator[tuple[bytes, bytes]]:
        """Yield the records of every sound leaf; of a recno, those before the damage."""
        self._require_open()
        self.losses = []
        if self._is_recno:
            try:
                yield from self._walk()
            except CatalogCorrupt as error:
                self.losses.append(error.message)
            return
        for number in range(1, self.blocks.count):
            self._left = self.blocks.count
            try:
                page, kind, _, _ = self._page(number)
                if kind not in _KINDS:
                    raise self.blocks.broken(number, f"unknown page type {kind}")
                offsets = self._offsets(number, page) if kind == _LEAF else ()
                if kind == _LEAF:
                    self._require_tiled(number, page, offsets)
            except CatalogCorrupt as error:
                self.losses.append(error.message)
                continue
            for at in offsets:
                self._left = self.blocks.count
                try:
                    yield self._pair(number, page, at)
                except CatalogCorrupt as error:
                    self.losses.append(error.message)
