"""Reading a recno database: values by number, in a tree like a btree's.

Source: dbinc/db_page.h. Leaves are of type 6, internal pages of type 4 tell how many records lie
below each child. Deleted records keep their number, unless the database renumbers.
"""

from __future__ import annotations

from plugreg.backends.errors import CatalogCorrupt

from . import pages as kinds
from .btree import root_of
from .items import DELETED, BtreeItems, children
from .paged_reader import PagedReader
from .pages import Budget
from .tree import INTERNAL, leaves, require_level

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator


class RecnoReader(PagedReader):
    """A Berkeley DB recno database; a key is the record's number as decimal text, from 1."""

    def _walk(self, budget: Budget) -> Iterator[tuple[bytes, bytes]]:
        first = 1
        for number, page in leaves(self.pages, root_of(self.meta), (kinds.RECNO_LEAF,), budget):
            items = BtreeItems(self.pages, number, page, budget)
            yield from _numbered(items, first)
            first += len(items.offsets)

    def salvage(self) -> Iterator[tuple[bytes, bytes]]:
        """Yield the records of every sound leaf that the sound part of the tree still numbers."""
        self._require_open()
        self.losses = []
        yield from self._below(root_of(self.meta), 0, 1, Budget(self.pages))
        self._warn()

    def _below(
        self, number: int, level: int, first: int, budget: Budget
    ) -> Iterator[tuple[bytes, bytes]]:
        """Yield what is whole below a page whose first record has the number `first`."""
        try:
            page = self.pages.page(number)
            budget.spend(number)
            require_level(self.pages, number, page, level)
            if page[25] == kinds.RECNO_LEAF:
                items = BtreeItems(self.pages, number, page, budget)
                yield from self._salvaged(items, first)
                return
            if page[25] not in INTERNAL:
                raise self.pages.broken(number, f"page type {page[25]} in a recno tree")
            below = children(self.pages, number, page)
        except CatalogCorrupt as error:
            self.losses.append(f"the records below page {number}: {error.message}")
            return
        for child, records, _ in below:
            yield from self._below(child, page[24] - 1, first, budget)
            first += records

    def _salvaged(self, items: BtreeItems, first: int) -> Iterator[tuple[bytes, bytes]]:
        for number, at in enumerate(items.offsets, first):
            if not items.kind(at) & DELETED:
                try:
                    yield b"%d" % number, items.value(at)
                except CatalogCorrupt as error:
                    self.losses.append(f"record {number}: {error.message}")


def _numbered(items: BtreeItems, first: int) -> Iterator[tuple[bytes, bytes]]:
    for number, at in enumerate(items.offsets, first):
        if not items.kind(at) & DELETED:
            yield b"%d" % number, items.value(at)
