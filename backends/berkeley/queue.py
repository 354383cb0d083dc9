"""Reading a queue: records of one length in numbered slots, in one file or in extents beside it.

Source: dbinc/qam.h and dbinc/db_page.h (struct _qmeta). 3.0 and 3.1: start page, first record,
current record (the last one), re_len, re_pad, records per page; later without the start page and
with pages per extent at the end, and the current record is the next one to be written. A slot is a
byte of flags (1 valid, 2 set) and re_len bytes, padded to a multiple of 4.
"""

from __future__ import annotations

import os

from plugreg.backends.errors import CatalogCorrupt, restore_or_salvage
from plugreg.backends.regular import open_regular

from . import pages as kinds
from .paged_reader import PagedReader

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from .meta import Meta
    from .pages import Budget, PageFile

_FIRST_WITH_EXTENTS = 3
_HEADER, _HEADER_WITH_CHECKSUM = 28, 48
_VALID = 1
_LAST_RECORD = 0xFFFFFFFF


def extent_name(path: str, extent: int) -> str:
    """Return where the pages of an extent lie: `__dbq.NAME.N` beside the file."""
    folder, name = os.path.split(path)
    return os.path.join(folder, f"__dbq.{name}.{extent}")


class QueueReader(PagedReader):
    """A Berkeley DB queue; a key is the record's number as decimal text."""

    def __init__(self, flavour: str, path: str, pages: PageFile, meta: Meta) -> None:
        super().__init__(flavour, path, pages, meta)
        words = meta.words(meta.fields_at, 6)
        if meta.version < _FIRST_WITH_EXTENTS:
            self._start, self._first, self._end, self._length, _, self._per_page = words
            self._end += 1 if self._end else 0
            self._extent_pages = 0
        else:
            self._first, self._end, self._length, _, self._per_page, self._extent_pages = words
            self._start = 1
        self._header = _HEADER_WITH_CHECKSUM if meta.checksummed else _HEADER
        self._slot = (1 + self._length + 3) & ~3
        self._stray = 0

    def require_whole(self) -> None:
        """Check the size of the file, and that the slots fit on a page."""
        super().require_whole()
        self._require_slots()
        last = max(self._page_numbers(), key=lambda numbers: numbers.stop, default=range(0)).stop
        if not self._extent_pages and last > self.pages.count:
            raise self.pages.broken(last - 1, "the file ends before the last record: it was cut")

    def _require_slots(self) -> None:
        room = self.pages.size - self._header
        if not 0 < self._per_page == room // self._slot or not 0 < self._first <= _LAST_RECORD:
            raise self.pages.broken(
                0, f"{self._per_page} records of {self._slot} bytes are not what a page holds"
            )

    def _page_numbers(self) -> list[range]:
        """Return the pages that can hold valid records; after the last number comes record 1."""
        first = (self._first - 1) // self._per_page + self._start
        end = (self._end - 2) // self._per_page + self._start + 1
        if self._end == self._first:
            return []
        if self._end > self._first:
            return [range(first, end)]
        last = (_LAST_RECORD - 1) // self._per_page + self._start
        return [range(first, last + 1), range(self._start, end)]

    def _walk(self, budget: Budget) -> Iterator[tuple[bytes, bytes]]:
        del budget  # no page is visited twice
        for number, page in self._data_pages():
            yield from self._on_page(number, page)
        self.warnings += [line for line in self._strays() if line not in self.warnings]

    def _strays(self) -> list[str]:
        """Return what hints at records that the meta page does not tell of."""
        told = f"record {self._first} to before {self._end}, by the meta page"
        found = []
        if self._stray:
            found.append(f"record {self._stray} is marked as valid, outside of {told}")
        if not self._extent_pages and self._end >= self._first:
            after = max(
                self._page_numbers(), key=lambda numbers: numbers.stop, default=range(1)
            ).stop
            if after < self.pages.count:
                found.append(f"pages {after} to {self.pages.count - 1} are behind {told}")
        return found

    def _data_pages(self) -> Iterator[tuple[int, bytes]]:
        """Yield the pages that exist; one that was never written has no record."""
        if self._extent_pages:
            yield from self._pages_of_extents()
            return
        for numbers in self._page_numbers():
            for number in numbers:
                yield number, self.pages.page(number)

    def _pages_of_extents(self) -> Iterator[tuple[int, bytes]]:
        wanted = self._extents_wanted()
        for extent in wanted:
            path = extent_name(self.path, extent)
            try:
                descriptor = open_regular(path)
            except FileNotFoundError:
                self._require_no_record(extent, path)
                continue
            try:
                yield from self._pages_of(descriptor, path, extent)
            finally:
                os.close(descriptor)

    def _extents_wanted(self) -> list[int]:
        """Return the numbers of the extent files that stand there, and of first and last."""
        prefix = os.path.basename(extent_name(self.path, 0))[:-1]
        names = os.listdir(os.path.dirname(self.path) or ".")
        suffixes = [name.removeprefix(prefix) for name in names if name.startswith(prefix)]
        found = {int(suffix) for suffix in suffixes if suffix.isdecimal() and suffix.isascii()}
        if self._end != self._first:
            for record in (self._first, self._end - 1):
                found.add((record - 1) // self._per_page // self._extent_pages)
        return sorted(found)

    def _require_no_record(self, extent: int, path: str) -> None:
        raise CatalogCorrupt(
            f"{self.path}: {path} is missing, which holds records of extent {extent}",
            hint="put the extent file beside the database",
            path=self.path,
        )

    def _pages_of(self, descriptor: int, path: str, extent: int) -> Iterator[tuple[int, bytes]]:
        from .pages import PageFile

        file = PageFile(path, descriptor, self.meta)
        file.opened_as = self.path
        if file.file_size % file.size:
            raise CatalogCorrupt(
                f"{path} is cut: no multiple of the page size",
                hint=restore_or_salvage(self.path),
                path=path,
            )
        needed = min(max(self._last_index(extent), 0), self._extent_pages)
        if file.count < needed:
            line = f"{path} ends after {file.count} of {needed} pages: never written, or cut off"
            self.warnings += [line] if line not in self.warnings else []
        for index in range(min(file.count, self._extent_pages)):
            number = extent * self._extent_pages + index + 1
            page = file.page(index, told=number)
            yield number, page

    def _last_index(self, extent: int) -> int:
        """Return how many pages of an extent come before the end of the last record's page."""
        if self._end < self._first:  # past the last number: any page can hold some
            return self._extent_pages
        last = (self._end - 2) // self._per_page
        return last + 1 - extent * self._extent_pages

    def _on_page(self, number: int, page: bytes) -> Iterator[tuple[bytes, bytes]]:
        if page[25] == kinds.INVALID:
            return
        if page[25] != kinds.QUEUE_DATA:
            raise self.pages.broken(number, f"page type {page[25]} where a queue page should be")
        record = (number - self._start) * self._per_page + 1
        at = self._header
        for _ in range(self._per_page):
            if page[at] & _VALID:
                if self._is_current(record):
                    yield b"%d" % record, page[at + 1 : at + 1 + self._length]
                else:
                    self._stray = record
            record += 1
            at += self._slot

    def _is_current(self, record: int) -> bool:
        if self._first <= self._end:
            return self._first <= record < self._end
        return record >= self._first or record < self._end

    def salvage(self) -> Iterator[tuple[bytes, bytes]]:
        """Yield the valid records of every sound page."""
        self._require_open()
        self.losses = []
        try:
            self._require_slots()
        except CatalogCorrupt as error:
            self.losses.append(f"all records: {error.message}")
            return
        if self._extent_pages:
            yield from self._tried("the extents", self._walk_extents)
            self.losses += self.warnings
        else:
            yield from self._salvaged()
        self.losses += self._strays()
        self._warn()

    def _salvaged(self) -> Iterator[tuple[bytes, bytes]]:
        for numbers in self._page_numbers():
            if numbers.stop > self.pages.count:
                self.losses.append(f"all from page {self.pages.count} on: the file was cut")
            for number in numbers[: max(self.pages.count - numbers.start, 0)]:
                try:
                    yield from self._on_page(number, self.pages.page(number))
                except CatalogCorrupt as error:
                    self.losses.append(error.message)

    def _walk_extents(self) -> Iterator[tuple[bytes, bytes]]:
        for number, page in self._pages_of_extents():
            yield from self._on_page(number, page)
