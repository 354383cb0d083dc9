"""The pages of a Berkeley DB file, each checked before it is handed out.

Header of a page (dbinc/db_page.h, struct _db_page), 26 bytes: LSN at 0, own number at 8, previous
page at 12, next at 16, u16 number of entries at 20, u16 lowest byte used at 22, level at 24, type
at 25. With checksums a u32 follows at 28 (on meta pages at 492).
"""

from __future__ import annotations

import os
import struct
from operator import mul

from plugreg.backends.errors import CatalogCorrupt, restore_or_salvage
from plugreg.backends.footprint import unreadable
from plugreg.backends.regular import open_regular

from .damage import broken_page
from .meta import META_SIZE, read_meta, require_readable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .meta import Meta

INVALID, OLD_DUPLICATES, HASH_UNSORTED, BTREE_INTERNAL, RECNO_INTERNAL = range(5)
BTREE_LEAF, RECNO_LEAF, OVERFLOW = 5, 6, 7
QUEUE_DATA, DUPLICATE_LEAF, HASH_SORTED, HEAP_DATA, HEAP_REGION = 11, 12, 13, 15, 16
META_TYPES = frozenset((8, 9, 10, 14))

_READ_AHEAD = 1 << 16  # bytes
_ROWS = 4
_WORD_MASK = 0xFFFFFFFF
# LSNs of pages that no log knows: never set, or DB_NOTLOGGED (0, 1) in either byte order.
_NOT_LOGGED = frozenset((bytes(8), bytes(7) + b"\1", bytes(4) + b"\1" + bytes(3)))


class PageFile:
    """One file of equal pages, read with `os.pread`.

    Attributes:
        path: Of the file.
        opened_as: Where it is one of several, the path of that by which the database is opened.
        count: How many whole pages it has.
        size: Of a page, in bytes.
        order: "<" or ">".
        items_at: Where the table of items starts on a page.
        logged: True once a page was seen that a transaction log knows.
    """

    def __init__(self, path: str, descriptor: int, meta: Meta) -> None:
        self.path = self.opened_as = path
        self.descriptor = descriptor
        self.size = meta.page_size
        self.file_size = os.fstat(descriptor).st_size
        self.count = self.file_size // self.size
        self.order = meta.order
        self.items_at = meta.items_at
        self.logged = meta.raw[:8] not in _NOT_LOGGED
        self.header = struct.Struct(f"{meta.order}3I2H2B").unpack_from
        self.u16 = struct.Struct(f"{meta.order}H").unpack_from
        self.u32 = struct.Struct(f"{meta.order}I").unpack_from
        self._powers = _powers_of_33(self.size) if meta.checksummed else None
        self.forget()

    def forget(self) -> None:
        """Drop what was read ahead, so that the next walk sees the file as it is then."""
        self._ahead = [(0, 0, b"")] * _ROWS  # first page, the one after the last, the bytes
        self._following = 1

    def broken(self, number: int, what: str) -> CatalogCorrupt:
        """Return the error that names a page and what is wrong with it."""
        return broken_page(self.path, number, self.size, what, opened_as=self.opened_as)

    def page(self, number: int, told: int | None = None) -> bytes:
        """Return one page, whose own number and checksum fit; one never written is all zeros.

        `told` is the number that the page must have, where that is not its place in the file.

        Raises:
            CatalogCorrupt: They do not, or the page lies beyond the end of the file.
        """
        if not 0 <= number < self.count:
            raise CatalogCorrupt(
                f"{self.path}: page {number} lies beyond the end, which is at page {self.count}",
                hint=restore_or_salvage(self.opened_as),
                path=self.path,
                page=number,
            )
        page = self._raw(number)
        kind = page[25]
        if kind != INVALID and self.u32(page, 8)[0] != (number if told is None else told):
            raise self.broken(number, f"it says that it is page {self.u32(page, 8)[0]}")
        if self._powers is not None:
            self._require_checksum(number, page, meta=kind in META_TYPES)
        if page[:8] not in _NOT_LOGGED:
            self.logged = True
        return page

    def _raw(self, number: int) -> bytes:
        for first, end, block in self._ahead:
            if first <= number < end:
                start = (number - first) * self.size
                return block[start : start + self.size]
        # Pages asked for in a row are read ahead; others, such as a look-up's, alone. There are
        # several such rows at a time: buckets, and the pages that their chains go on to.
        ends = [end for _, end, _ in self._ahead]
        sequential = number == self._following or number in ends
        self._following = number + 1
        pages = max(1, _READ_AHEAD // self.size) if sequential else 1
        block = os.pread(
            self.descriptor, min(pages, self.count - number) * self.size, number * self.size
        )
        if len(block) < self.size:
            raise self.broken(number, "the file was cut while it was read")
        if sequential:
            replaced = ends.index(number) if number in ends else -1
            del self._ahead[replaced]
            self._ahead.insert(0, (number, number + len(block) // self.size, block))
        return block[: self.size]

    def _require_checksum(self, number: int, page: bytes, *, meta: bool) -> None:
        """Check __ham_func4's sum (hash/hash_func.c) over the page without the sum itself."""
        assert self._powers is not None
        at, page = (492, page[:META_SIZE]) if meta else (28, page)
        told = self.u32(page, at)[0]
        summed = page[:at] + bytes(4) + page[at + 4 :]
        if not told and not any(page):  # never written
            return
        if sum(map(mul, summed, self._powers[-len(page) :])) & _WORD_MASK != told:
            raise self.broken(number, "its checksum does not fit")

    def require_unused(self, number: int, page: bytes) -> None:
        """Check that a page of type 0 was never written, or given up: it has no entry."""
        if self.u16(page, 20)[0]:
            raise self.broken(number, "it has entries, but no type")

    def table(self, number: int, page: bytes) -> tuple[int, ...]:
        """Return the offsets of the items as the table on the page says them, not yet checked."""
        entries: int = self.u16(page, 20)[0]
        if self.items_at + 2 * entries > self.size:
            raise self.broken(number, f"it says {entries} entries, more than a page can hold")
        return struct.unpack_from(f"{self.order}{entries}H", page, self.items_at)

    def offsets(self, number: int, page: bytes) -> tuple[int, ...]:
        """Return the offset of each item on a page; the table and all of them lie on the page."""
        offsets = self.table(number, page)
        low = self.items_at + 2 * len(offsets)
        if offsets and not low <= min(offsets) <= max(offsets) < self.size:
            raise self.broken(number, "an item lies outside of the page")
        return offsets

    def lowest_used(self, page: bytes) -> int:
        """Return the offset of the lowest item; on an empty page of 64 KiB it has wrapped to 0."""
        return self.u16(page, 22)[0] or self.size


class Budget:
    """How many pages a walk may still visit: a file that sends it in circles runs out."""

    __slots__ = ("_left", "_pages")

    def __init__(self, pages: PageFile, visits: int = 1) -> None:
        """Allow as many visits to each page."""
        self._pages = pages
        self._left = pages.count * visits

    def spend(self, number: int) -> None:
        """Count a visit to a page."""
        self._left -= 1
        if self._left < 0:
            raise self._pages.broken(number, "pages are named more than once: an endless chain")


def _powers_of_33(size: int) -> tuple[int, ...]:
    powers = [1] * size
    for place in range(size - 2, -1, -1):
        powers[place] = powers[place + 1] * 33 & _WORD_MASK
    return tuple(powers)


def open_pages(path: str) -> tuple[PageFile, Meta]:
    """Return the pages of a file, and what its first page says; the caller closes the file."""
    try:
        descriptor = open_regular(path)
    except OSError as error:
        raise unreadable(error, path) from error
    try:
        meta = read_meta(os.pread(descriptor, META_SIZE, 0))
        if meta is None:
            raise CatalogCorrupt(
                f"{path}: no magic number of Berkeley DB at byte 12",
                hint="restore it from a backup",
                path=path,
            )
        require_readable(meta, path)
        return PageFile(path, descriptor, meta), meta
    except BaseException:
        os.close(descriptor)
        raise
