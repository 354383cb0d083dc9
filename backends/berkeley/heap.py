"""Reading a heap: records under page and slot numbers, split over pages where they are long.

Source: dbinc/db_page.h of 5.3 (HEAPHDR, HEAPSPLITHDR). A data page (type 15) has its highest slot
(u16) at 16, the number of records at 20 and a table of u16 offsets, 0 for a free slot. A record:
u8 flags, pad, u16 size; a split one (flag 1) goes on with u32 total, u32 next page, u16 next slot
(12 more bytes with padding). Flags 2 and 4 mark its first and its last piece.
"""

from __future__ import annotations

import struct
from functools import partial

from plugreg.backends.errors import CatalogCorrupt, FlavourUnavailable

from . import pages as kinds
from .paged_reader import PagedReader
from .pages import Budget

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from .meta import Meta
    from .pages import PageFile

_SPLIT, _FIRST, _LAST = 1, 2, 4
_HEADER, _SPLIT_HEADER = 4, 16


class HeapReader(PagedReader):
    """A Berkeley DB heap; a key is "PAGE SLOT" as decimal text."""

    def __init__(self, flavour: str, path: str, pages: PageFile, meta: Meta) -> None:
        # libdb leaves parts of a heap in the writer's order where another was asked for, and a file
        # from a big-endian machine cannot be told from such.
        if meta.order != "<":
            raise FlavourUnavailable(
                f"{path} is a big-endian heap, whose byte order is not kept on all pages",
                hint="dump it with db_dump on the machine it is from",
                path=path,
                flavour=flavour,
            )
        super().__init__(flavour, path, pages, meta)
        self._split = struct.Struct(f"{meta.order}IIH").unpack_from

    def _walk(self, budget: Budget) -> Iterator[tuple[bytes, bytes]]:
        budget = Budget(self.pages, visits=16)  # a page can hold pieces of several records
        for number in range(1, self.pages.count):
            page = self.pages.page(number)
            if page[25] == kinds.HEAP_DATA:
                for slot, at in self._slots(number, page):
                    if self._starts_record(page, at):
                        yield b"%d %d" % (number, slot), self._value(number, page, at, budget)
            else:
                self._require_no_data(number, page)

    def _require_no_data(self, number: int, page: bytes) -> None:
        """Check that a page without records is one."""
        if page[25] == kinds.INVALID:
            self.pages.require_unused(number, page)
        elif page[25] != kinds.HEAP_REGION:
            raise self.pages.broken(number, f"page type {page[25]} in a heap")

    def _slots(self, number: int, page: bytes) -> list[tuple[int, int]]:
        """Return (slot, offset) of each record or piece on a page."""
        pages = self.pages
        highest, entries = pages.u16(page, 16)[0], pages.u16(page, 20)[0]
        low = pages.items_at + 2 * (highest + 1)
        if not entries:
            if pages.lowest_used(page) != pages.size:
                raise pages.broken(number, "it says no records, but has some")
            return []
        if low > pages.size:
            raise pages.broken(number, f"slot {highest} does not fit on a page")
        table = struct.unpack_from(f"{pages.order}{highest + 1}H", page, pages.items_at)
        slots = [(slot, at) for slot, at in enumerate(table) if at]
        if len(slots) != entries:
            raise pages.broken(number, f"{entries} records are told, {len(slots)} are there")
        end = low
        for _, at in sorted(slots, key=lambda slot: slot[1]):
            if not end <= at <= pages.size - _HEADER:
                raise pages.broken(number, f"a record at offset {at} overlaps another")
            header = _SPLIT_HEADER if page[at] & _SPLIT else _HEADER
            end = at + header + pages.u16(page, at + 2)[0]
            if end > pages.size:
                raise pages.broken(number, f"a record at offset {at} leaves the page")
        self._note_gaps(number, page, sorted(at for _, at in slots))
        return slots

    def _note_gaps(self, number: int, page: bytes, places: list[int]) -> None:
        """Warn where records leave room between them: then the size of one may be wrong.

        libdb moves them together, each with room for the header of a split one, to a multiple of 4.
        """
        place = self.pages.lowest_used(page)
        for at in places:
            header = _SPLIT_HEADER if page[at] & _SPLIT else _HEADER
            size = max(header + self.pages.u16(page, at + 2)[0], _SPLIT_HEADER)
            if at != place:
                break
            place = (at + size + 3) & ~3
        line = f"page {number}: room between records: the size of one may be wrong"
        if place != self.pages.size and line not in self.warnings:
            self.warnings.append(line)

    @staticmethod
    def _starts_record(page: bytes, at: int) -> bool:
        return not page[at] & _SPLIT or bool(page[at] & _FIRST)

    def _value(self, number: int, page: bytes, at: int, budget: Budget) -> bytes:
        size = self.pages.u16(page, at + 2)[0]
        if not page[at] & _SPLIT:
            return page[at + _HEADER : at + _HEADER + size]
        total = self._split(page, at + 4)[0]
        parts, left = [], total
        while True:
            budget.spend(number)
            _, following, slot = self._split(page, at + 4)
            size = self.pages.u16(page, at + 2)[0]
            parts.append(page[at + _SPLIT_HEADER : at + _SPLIT_HEADER + size])
            left -= size
            if page[at] & _LAST or left < 0:
                break
            number, page = following, self.pages.page(following)
            at = self._piece(number, page, slot)
        if left:
            raise self.pages.broken(number, f"a split record lacks {left} of {total} bytes")
        return b"".join(parts)

    def _piece(self, number: int, page: bytes, slot: int) -> int:
        """Return the offset of a later piece of a split record."""
        slots = dict(self._slots(number, page)) if page[25] == kinds.HEAP_DATA else {}
        at = slots.get(slot, 0)
        if not at or page[at] & (_SPLIT | _FIRST) != _SPLIT:
            raise self.pages.broken(number, f"slot {slot} is no piece of a split record")
        return at

    def salvage(self) -> Iterator[tuple[bytes, bytes]]:
        """Yield every record all of whose pieces are on sound pages."""
        self._require_open()
        self._begin_salvage()
        for number in range(1, self.pages.count):
            try:
                page = self.pages.page(number)
                if page[25] != kinds.HEAP_DATA:
                    self._require_no_data(number, page)
                    continue
                slots = self._slots(number, page)
            except CatalogCorrupt as error:
                self.losses.append(error.message)
                continue
            for slot, at in slots:
                if self._starts_record(page, at):
                    yield from self._tried(
                        f"record {number} {slot}", partial(self._one, number, page, slot, at)
                    )
        self.losses += self.warnings
        self._warn()

    def _one(self, number: int, page: bytes, slot: int, at: int) -> Iterator[tuple[bytes, bytes]]:
        yield b"%d %d" % (number, slot), self._value(number, page, at, Budget(self.pages))
