"""Items that do not fit on their page, and the items of btree pages.

Source: dbinc/db_page.h, BKEYDATA (u16 length, u8 type, bytes), BOVERFLOW (u8 type at 2, u32 page
at 4, u32 total length at 8), BINTERNAL (length, type, u32 child at 4, u32 records at 8, key at 12).
An item starts at a multiple of 4, and the items of a page leave no gap between them. Bit 0x80 of
the type marks a deleted one.
"""

from __future__ import annotations

import struct

from . import pages as kinds

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .pages import Budget, PageFile

KEYDATA, DUPLICATE, OVERFLOW_ITEM, BLOB = 1, 2, 3, 4
DELETED = 0x80
_TYPE = 0x7F
_POINTER = 12  # bytes of a BOVERFLOW


def overflow(pages: PageFile, first: int, length: int, budget: Budget) -> bytes:
    """Return an item from its chain of overflow pages (type 7; u16 bytes used at 22).

    Raises:
        CatalogCorrupt: The chain does not hold exactly `length` bytes.
    """
    if length > pages.count * pages.size:
        raise pages.broken(first, f"an item of {length} bytes is larger than the file")
    parts: list[bytes] = []
    previous, number, left = 0, first, length
    while left:
        page = pages.page(number)
        budget.spend(number)
        _, before, following, _, used, _, kind = pages.header(page, 8)
        if kind != kinds.OVERFLOW:
            raise pages.broken(number, f"page type {kind} where an overflow page should be")
        if before != previous:
            raise pages.broken(number, f"page {previous} leads here, but {before} is named")
        if not 0 < used <= min(left, pages.size - pages.items_at):
            raise pages.broken(number, f"{used} bytes of an overflow item, {left} are missing")
        parts.append(page[pages.items_at : pages.items_at + used])
        left -= used
        previous, number = number, following
    if number and length:
        raise pages.broken(previous, "the chain of an overflow item goes on after its end")
    return b"".join(parts)


class BtreeItems:
    """The items of one leaf page of a btree, recno or duplicate tree, found whole."""

    __slots__ = ("_budget", "_ends", "number", "offsets", "page", "pages")

    def __init__(self, pages: PageFile, number: int, page: bytes, budget: Budget) -> None:
        self.pages = pages
        self.number = number
        self.page = page
        self._budget = budget
        self.offsets = pages.offsets(number, page)
        self._ends = self._placed()

    def _placed(self) -> dict[int, int]:
        """Return where the item at each offset ends; they fill the page without a gap."""
        pages, page = self.pages, self.page
        is_btree = page[25] == kinds.BTREE_LEAF  # the duplicates of a key share it
        own = self.offsets[1::2] if is_btree else self.offsets
        if len(set(own)) < len(own) or (is_btree and not set(own).isdisjoint(self.offsets[::2])):
            raise pages.broken(self.number, "an item stands in two places of the table")
        item = struct.Struct(f"{pages.order}HB").unpack_from
        place, ends = pages.lowest_used(page), {}
        for at in sorted(set(self.offsets)):
            if at != place or at > pages.size - 4:
                raise pages.broken(self.number, f"a gap or an overlap of items at offset {at}")
            length, kind = item(page, at)
            end = at + 3 + length if kind & _TYPE == KEYDATA else at + 12
            ends[at] = end
            place = (end + 3) & ~3
        if place != pages.size:
            raise pages.broken(self.number, f"the items end at {place}, not at the page's end")
        return ends

    def kind(self, at: int) -> int:
        """Return the type byte of the item at an offset."""
        return self.page[at + 2]

    def inline(self, at: int) -> bytes | None:
        """Return the bytes of an item that lies on the page, else None."""
        if self.page[at + 2] & _TYPE == KEYDATA:
            return self.page[at + 3 : self._ends[at]]
        return None

    def value(self, at: int) -> bytes:
        """Return the bytes of an item, from overflow pages if it must be."""
        kind = self.page[at + 2] & _TYPE
        if kind == KEYDATA:
            return self.page[at + 3 : self._ends[at]]
        if kind == OVERFLOW_ITEM:
            return overflow(self.pages, *self.pointer(at), self._budget)
        raise self.pages.broken(self.number, f"unknown item type {kind} at offset {at}")

    def pointer(self, at: int) -> tuple[int, int]:
        """Return page number and total length from an item of another type."""
        return self.pages.u32(self.page, at + 4)[0], self.pages.u32(self.page, at + 8)[0]


def children(pages: PageFile, number: int, page: bytes) -> list[tuple[int, int, int]]:
    """Return (page, records below, offset) for each child of an internal page, in order.

    Types 3 (BINTERNAL) and 4 (RINTERNAL: u32 child, u32 records).
    """
    is_btree = page[25] == kinds.BTREE_INTERNAL
    pair = struct.Struct(f"{pages.order}II").unpack_from
    found = []
    for at in pages.offsets(number, page):
        start = at + 4 if is_btree else at
        if start + 8 > pages.size:
            raise pages.broken(number, f"an entry at offset {at} leaves the page")
        child, records = pair(page, start)
        found.append((child, records, at))
    return found


def separator(pages: PageFile, number: int, page: bytes, at: int, budget: Budget) -> bytes:
    """Return the key of an entry of a btree's internal page: the least key below its child."""
    length = pages.u16(page, at)[0]
    if at + 12 + length > pages.size:
        raise pages.broken(number, f"a key at offset {at} leaves the page")
    kind = page[at + 2] & _TYPE
    if kind == KEYDATA:
        return page[at + 12 : at + 12 + length]
    if kind == OVERFLOW_ITEM and length >= _POINTER:
        first, total = pages.u32(page, at + 16)[0], pages.u32(page, at + 20)[0]
        return overflow(pages, first, total, budget)
    raise pages.broken(number, f"unknown item type {kind} at offset {at}")
