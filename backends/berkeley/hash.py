"""Reading a hash database: walking its buckets, and finding a key in the one where it must be.

Source: dbinc/hash.h and dbinc/db_page.h of 2.7 to 5.3. A page holds pairs of items; item i reaches
from its offset to that of item i - 1, and starts with a type: 1 bytes, 2 duplicates (u16 length,
bytes, u16 length, ...), 3 an overflow item (u32 page at 4, u32 length at 8), 4 off-page duplicates
(u32 page at 4).
"""

from __future__ import annotations

from itertools import chain
from operator import gt

from plugreg.backends.errors import CatalogCorrupt

from . import pages as kinds
from .buckets import Buckets
from .hash_batch import HashBatch
from .items import overflow
from .paged_reader import PagedReader
from .pages import Budget
from .tree import duplicates

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from .meta import Meta
    from .pages import PageFile

KEYDATA, DUPLICATE, OFFPAGE, OFFDUP = 1, 2, 3, 4
HASH_TYPES = (kinds.HASH_UNSORTED, kinds.HASH_SORTED)
_OFFPAGE_SIZE, _OFFDUP_SIZE = 12, 8
_FIRST_3_0 = 6  # before, a page that was given up keeps its number of entries


class HashReader(PagedReader):
    """A Berkeley DB hash database, version 4 to 10.

    Attributes:
        verify_keys: Whether `records` proves by its hash that each key belongs to its bucket, which
            costs a third of the speed. A hash function of a database's own proves nothing.
    """

    verify_keys = True

    def __init__(self, flavour: str, path: str, pages: PageFile, meta: Meta) -> None:
        super().__init__(flavour, path, pages, meta)
        self.buckets = Buckets(meta)

    def require_whole(self) -> None:
        """Check the size of the file, and that the masks belong to the highest bucket."""
        super().require_whole()
        top, high, low = self.buckets.max_bucket, self.buckets.high_mask, self.buckets.low_mask
        if high & (high + 1) or low != high >> 1 or not low <= top <= high:
            raise self.pages.broken(
                self.meta.page, f"bucket {top} and masks {high}, {low} do not fit"
            )

    def _walk(self, budget: Budget) -> Iterator[tuple[bytes, bytes]]:
        missing = self._missing()
        if missing and self._last_page():
            raise self._cut(missing)
        yield from chain.from_iterable(self._batches(budget))
        if missing and missing not in self.warnings:
            self.warnings.append(missing)

    def _batches(self, budget: Budget) -> Iterator[Iterable[tuple[bytes, bytes]]]:
        """Yield the records of many plain pages at once, and those of the others page by page."""
        batch = HashBatch(self.pages)
        for bucket, first in self.buckets.first_pages(self.pages.count):
            for number, page in self._chain(first, budget):
                plain = batch.add(bucket, number, page)
                if not plain or batch.is_full():
                    yield self._proved(batch, budget)
                    batch = HashBatch(self.pages)
                if not plain:
                    yield self._pairs(bucket, number, page, budget)
        yield self._proved(batch, budget)

    def _proved(self, batch: HashBatch, budget: Budget) -> Iterable[tuple[bytes, bytes]]:
        """Return a batch's records; where a key is wrong, those before it, and then the error."""
        records = batch.records(self.buckets if self._proves() else None)
        if records is not None:
            return records
        return chain.from_iterable(self._pairs(*page, budget) for page in batch.pages)

    def _proves(self) -> bool:
        return self.buckets.hashed and self.verify_keys

    def _missing(self) -> str:
        """Return that buckets lie beyond the end, as in old files, which tell of no last page."""
        number = self.buckets.missing(self.pages.count)
        return f"{number} buckets lie beyond the end: never written, or cut off" if number else ""

    def _chain(self, first: int, budget: Budget) -> Iterator[tuple[int, bytes]]:
        """Yield (number, page) of a bucket's pages; links must fit in both directions."""
        pages, previous, number = self.pages, 0, first
        while number or not previous:
            page = pages.page(number)
            budget.spend(number)
            _, before, following, _, _, _, kind = pages.header(page, 8)
            if kind == kinds.INVALID and not previous:  # a bucket that was never written
                pages.require_unused(number, page)
                return
            if kind not in HASH_TYPES:
                raise pages.broken(number, f"page type {kind} where a hash page should be")
            if before != previous:
                raise pages.broken(
                    number, f"page {previous} leads here, but {before} is named: a broken chain"
                )
            yield number, page
            previous, number = number, following

    def _placed(self, number: int, page: bytes) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """Return start and end of each item; they lie one below the other, without a gap."""
        pages = self.pages
        starts = pages.offsets(number, page)
        if len(starts) % 2:
            raise pages.broken(number, f"{len(starts)} entries are not pairs")
        if not starts and pages.lowest_used(page) != pages.size:
            raise pages.broken(number, "it says no entries, but has items")
        ends = (pages.size, *starts[:-1]) if starts else ()
        if starts and not all(map(gt, ends, starts)):
            raise pages.broken(number, "its items overlap")
        if starts and pages.lowest_used(page) != starts[-1]:
            raise pages.broken(number, f"its lowest item is not at {pages.lowest_used(page)}")
        return starts, ends

    def _pairs(
        self, bucket: int, number: int, page: bytes, budget: Budget
    ) -> Iterator[tuple[bytes, bytes]]:
        """Yield the records of a page, each key proved to belong to its bucket."""
        starts, ends = self._placed(number, page)
        buckets, proves = self.buckets, self._proves()
        for start, end, value in zip(starts[::2], ends[::2], starts[1::2], strict=True):
            if page[start] == KEYDATA:
                key = page[start + 1 : end]
            else:
                key = self._item(number, page, start, end, budget)
            if proves and buckets.of(key) != bucket:
                raise self.pages.broken(
                    number, f"the key {key[:40]!r} does not belong to bucket {bucket}"
                )
            if page[value] == KEYDATA:
                yield key, page[value + 1 : start]
            else:
                for one in self._values(number, page, value, start, budget):
                    yield key, one

    def _item(self, number: int, page: bytes, start: int, end: int, budget: Budget) -> bytes:
        pages = self.pages
        if page[start] == KEYDATA:
            return page[start + 1 : end]
        if page[start] == OFFPAGE and end - start == _OFFPAGE_SIZE:
            first, length = pages.u32(page, start + 4)[0], pages.u32(page, start + 8)[0]
            return overflow(pages, first, length, budget)
        raise pages.broken(number, f"unknown item type {page[start]} at offset {start}")

    def _length(self, page: bytes, start: int, end: int) -> int:
        """Return how long an item is, so that few overflow chains have to be followed."""
        if page[start] == OFFPAGE and end - start == _OFFPAGE_SIZE:
            length: int = self.pages.u32(page, start + 8)[0]
            return length
        return end - start - 1

    def _values(
        self, number: int, page: bytes, start: int, end: int, budget: Budget
    ) -> Iterator[bytes]:
        """Yield each value of a key, the duplicates in their order."""
        if page[start] == DUPLICATE:
            yield from self._on_page_duplicates(number, page, start + 1, end)
        elif page[start] == OFFDUP and end - start >= _OFFDUP_SIZE:
            yield from duplicates(self.pages, self.pages.u32(page, start + 4)[0], budget)
        else:
            yield self._item(number, page, start, end, budget)

    def _on_page_duplicates(self, number: int, page: bytes, at: int, end: int) -> Iterator[bytes]:
        u16 = self.pages.u16
        while at < end:
            size = u16(page, at)[0] if at + 4 <= end else end
            if at + 4 + size > end or u16(page, at + 2 + size)[0] != size:
                raise self.pages.broken(number, f"a duplicate at offset {at} does not fit")
            yield page[at + 2 : at + 2 + size]
            at += 4 + size

    def _fetch(self, key: bytes) -> bytes | None:
        """Look into the key's bucket; by an index where the database has its own hash function."""
        self._require_open()
        self.require_whole()
        if not self.buckets.hashed:
            return super()._fetch(key)
        first = self.buckets.page_of(self.buckets.of(key))
        if first >= self.pages.count:
            return None
        budget = Budget(self.pages)
        for number, page in self._chain(first, budget):
            starts, ends = self._placed(number, page)
            for start, end, value in zip(starts[::2], ends[::2], starts[1::2], strict=True):
                length = self._length(page, start, end)
                if length == len(key) and self._item(number, page, start, end, budget) == key:
                    return next(self._values(number, page, value, start, budget), None)
        return None

    def salvage(self) -> Iterator[tuple[bytes, bytes]]:
        """Yield the records of every sound hash page of the file, in the order of the pages.

        Where the hash function is the default one, the keys prove themselves: those that do not
        belong to the bucket of most of their page are lost, as are values with a broken chain.
        """
        self._require_open()
        self._begin_salvage()
        if missing := self._missing():
            self.losses.append(missing)
        for number in self._pages_to_salvage():
            yield from self._salvaged(number)
        self._warn()

    def _own_pages(self) -> Iterator[int]:
        seen = {0}
        for _, first in self.buckets.first_pages(self.pages.count):
            number = first
            while number not in seen:
                seen.add(number)
                yield number
                try:
                    page = self.pages.page(number)
                except CatalogCorrupt:  # which whoever reads the page tells
                    break
                number = self.pages.header(page, 8)[2] if page[25] in HASH_TYPES else 0

    def _salvaged(self, number: int) -> Iterator[tuple[bytes, bytes]]:
        try:
            page = self.pages.page(number)
            if page[25] not in HASH_TYPES:
                if not _is_known(page):
                    raise self.pages.broken(number, f"unknown page type {page[25]}")
                if page[25] == kinds.INVALID and self.meta.version >= _FIRST_3_0:
                    self.pages.require_unused(number, page)
                return
            starts, ends = self._placed(number, page)
        except CatalogCorrupt as error:
            self.losses.append(error.message)
            return
        found: list[tuple[bytes, list[bytes]]] = []
        for start, end, value in zip(starts[::2], ends[::2], starts[1::2], strict=True):
            budget = Budget(self.pages)
            try:
                key = self._item(number, page, start, end, budget)
                found.append((key, list(self._values(number, page, value, start, budget))))
            except CatalogCorrupt as error:
                self.losses.append(error.message)
        for key, values in self._at_home(number, found):
            for one in values:
                yield key, one

    def _at_home(
        self, number: int, found: list[tuple[bytes, list[bytes]]]
    ) -> Iterator[tuple[bytes, list[bytes]]]:
        if not self.buckets.hashed:
            yield from found
            return
        homes = [self.buckets.of(key) for key, _ in found]
        for (key, values), home in zip(found, homes, strict=True):
            if homes.count(home) * 2 > len(homes):
                yield key, values
            else:
                self.losses.append(f"page {number}: the key {key[:40]!r} belongs elsewhere")


def _is_known(page: bytes) -> bool:
    """Tell whether a page may have no records: free, overflow, meta or of a duplicates' tree."""
    return page[25] in (0, 1, 3, 4, 6, 7, 8, 12)
