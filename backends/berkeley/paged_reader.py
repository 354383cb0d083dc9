"""What the readers of all access methods share: the file, its meta page, and what they warn of."""

from __future__ import annotations

import os
from itertools import chain

from plugreg.backends.errors import CatalogCorrupt, restore_or_salvage
from plugreg.backends.reader import Reader

from .pages import Budget

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .meta import Meta
    from .pages import PageFile

_LOGGED = (
    "the file belongs to a transactional environment: newer records may be in its log files only"
    " (db_recover brings them in)"
)
_DUPLICATES = 1
_SORTED = {"hash": 0x04, "btree": 0x40}
# A queue's records have numbers, as a recno's; a heap's have places, which sort as a btree's keys.
_DUMPED_AS = {"queue": "recno", "heap": "btree"}


class PagedReader(Reader):
    """A reader over pages.

    Opening checks the meta page only, so that a damaged file can be opened to be salvaged; the
    first reading checks the size of the file.

    Attributes:
        meta: What the meta page says.
        shares_file: Whether the file holds other databases, too: their pages are not mixed in.
    """

    shares_file = False
    says_repeats = True

    def __init__(self, flavour: str, path: str, pages: PageFile, meta: Meta) -> None:
        super().__init__(flavour, path)
        self.pages = pages
        self.meta = meta
        self.losses: list[str] = []
        self.may_repeat = meta.method in ("hash", "btree") and bool(meta.flags & _DUPLICATES)
        self.sorts_repeated = self.may_repeat and bool(meta.flags & _SORTED[meta.method])
        self.method = _DUMPED_AS.get(meta.method, meta.method)
        self._whole = False

    def records(self) -> Iterator[tuple[bytes, bytes]]:
        """Yield every (key, value) in the order of the file, duplicates included.

        Raises:
            CatalogCorrupt: The bytes break a rule of the format; the page is named.
        """
        return chain.from_iterable(self._walks())

    def _walks(self) -> Iterator[Iterator[tuple[bytes, bytes]]]:
        """Yield the one walk: the records come out of it without a generator around each."""
        self._require_open()
        self.require_whole()
        self.pages.forget()
        try:
            yield self._walk(Budget(self.pages))
        finally:
            self._warn()

    def _warn(self) -> None:
        if self.pages.logged and _LOGGED not in self.warnings:
            self.warnings.append(_LOGGED)

    def _walk(self, budget: Budget) -> Iterator[tuple[bytes, bytes]]:
        """Yield the records; every page visited is charged to the budget."""
        raise NotImplementedError

    def require_whole(self) -> None:
        """Check once that the file has the pages that the meta page tells of.

        Raises:
            CatalogCorrupt: It was cut, or its meta page is damaged.
        """
        if self._whole:
            return
        pages = self.pages
        if pages.file_size % pages.size:
            raise self._cut(f"its size {pages.file_size} is no multiple of the page size")
        told = self._last_page()
        if told and told + 1 != pages.count:
            raise self._cut(f"it has {pages.count} pages, and {told + 1} by its meta page")
        pages.page(0)
        self._whole = True

    def _last_page(self) -> int:
        return 0 if self.meta.page else self.meta.last_page

    def _cut(self, what: str) -> CatalogCorrupt:
        return CatalogCorrupt(
            f"{self.path} is cut or damaged: {what}",
            hint=restore_or_salvage(self.pages.opened_as),
            path=self.path,
        )

    def _keys(self) -> Iterator[bytes]:
        """Yield each key once, streaming: the records of a key stand next to each other."""
        last: bytes | None = None
        for key, _ in self.records():
            if key != last:
                yield key
                last = key

    def _count(self) -> int:
        return sum(1 for _ in self._keys())

    def _begin_salvage(self) -> None:
        """Start the list of losses with what the size of the file tells."""
        self.losses = []
        rest = self.pages.file_size % self.pages.size
        if rest:
            self.losses.append(f"the last {rest} bytes: they are no whole page")
        told = self._last_page()
        if told >= self.pages.count:
            self.losses.append(f"pages {self.pages.count} to {told}: the file was cut")

    def _pages_to_salvage(self) -> Iterator[int]:
        """Yield every page but the first; of a file of several databases, only this one's."""
        if not self.shares_file:
            yield from range(1, self.pages.count)
            return
        seen = set[int]()
        for number in self._own_pages():
            if number < self.pages.count and number not in seen:
                seen.add(number)
                yield number
            elif number >= self.pages.count:
                self.losses.append(f"page {number}: it lies beyond the end")

    def _own_pages(self) -> Iterator[int]:
        """Yield the pages with records that the root leads to, as far as it does."""
        raise NotImplementedError

    def _tried(
        self, place: str, produce: Callable[[], Iterator[tuple[bytes, bytes]]]
    ) -> Iterator[tuple[bytes, bytes]]:
        """Yield what `produce` yields until it meets damage, which becomes a loss."""
        try:
            yield from produce()
        except CatalogCorrupt as error:
            self.losses.append(f"{place}: {error.message}")

    def _close(self) -> None:
        os.close(self.pages.descriptor)
