"""Reading a btree: its leaves from the root down, and a key by descending to its leaf.

Source: dbinc/btree.h, dbinc/db_page.h (struct _btmeta). The root is page 1 in 2.x, else named 16
bytes after `fields_at`. A leaf (type 5) holds pairs; the duplicates of a key that stand on the
page share the key's offset, others have a page of their own.
"""

from __future__ import annotations

from contextlib import suppress
from itertools import chain

from plugreg.backends.errors import CatalogCorrupt

from . import pages as kinds
from .btree_page import plain_records
from .compression import expanded
from .items import DELETED, DUPLICATE, BtreeItems, children, separator
from .paged_reader import PagedReader
from .pages import Budget
from .tree import INTERNAL, duplicates, leaves, require_level

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from .meta import Meta
    from .pages import PageFile

_FIRST_3_0 = 7
_COMPRESSED = 0x80
_LEAF = kinds.BTREE_LEAF
_TREE = frozenset((_LEAF, kinds.BTREE_INTERNAL, kinds.DUPLICATE_LEAF))
_SEARCHES = 100  # overflow keys of internal pages are read at every descent


def root_of(meta: Meta) -> int:
    """Return the number of a btree's or recno's root page."""
    return 1 if meta.version < _FIRST_3_0 else meta.words(meta.fields_at + 16, 1)[0]


class BtreeReader(PagedReader):
    """A Berkeley DB btree, version 6 to 10."""

    def __init__(self, flavour: str, path: str, pages: PageFile, meta: Meta) -> None:
        super().__init__(flavour, path, pages, meta)
        self._compressed = bool(meta.flags & _COMPRESSED) and meta.version > _FIRST_3_0
        self._is_searchable: bool | None = None

    def _walk(self, budget: Budget) -> Iterator[tuple[bytes, bytes]]:
        return chain.from_iterable(self._leaves(budget))

    def _leaves(self, budget: Budget) -> Iterator[Iterable[tuple[bytes, bytes]]]:
        """Yield the records leaf by leaf."""
        for number, page in leaves(self.pages, root_of(self.meta), (_LEAF,), budget):
            plain = None if self._compressed else plain_records(self.pages, number, page)
            yield plain or self._leaf(number, page, budget)

    def _leaf(self, number: int, page: bytes, budget: Budget) -> Iterator[tuple[bytes, bytes]]:
        if self._compressed:
            for key, blob in self._pairs(number, page, budget):
                try:
                    yield from expanded(key, blob)
                except ValueError as error:
                    raise self.pages.broken(number, f"a compressed item: {error}") from error
        else:
            yield from self._pairs(number, page, budget)

    def _pairs(self, number: int, page: bytes, budget: Budget) -> Iterator[tuple[bytes, bytes]]:
        items = self._items(number, page, budget)
        inline = items.inline
        last_at, key = -1, b""
        for key_at, at in zip(items.offsets[::2], items.offsets[1::2], strict=True):
            if items.kind(at) & DELETED:
                continue
            if key_at != last_at:
                key, last_at = items.value(key_at), key_at
            value = inline(at)
            if value is not None:
                yield key, value
            else:
                for one in self._values(items, at, budget):
                    yield key, one

    def _items(self, number: int, page: bytes, budget: Budget) -> BtreeItems:
        items = BtreeItems(self.pages, number, page, budget)
        if len(items.offsets) % 2:
            raise self.pages.broken(number, f"{len(items.offsets)} entries are not pairs")
        return items

    def _values(self, items: BtreeItems, at: int, budget: Budget) -> Iterator[bytes]:
        if items.kind(at) == DUPLICATE:
            yield from duplicates(self.pages, items.pointer(at)[0], budget)
        else:
            yield items.value(at)

    def _fetch(self, key: bytes) -> bytes | None:
        """Descend to the key's leaf.

        A database can have an order of its own, and the file does not tell. So the first time
        that nothing is found, all keys are read once: where the order of their bytes does not lead
        to them, an index serves from then on. Compressed trees are indexed, too.
        """
        self._require_open()
        self.require_whole()
        if not self._compressed and self._is_searchable is not False:
            value = self._descend(key)
            if value is not None or self._searchable():
                return value
        return super()._fetch(key)

    def _searchable(self) -> bool:
        """Tell whether a descent leads to every key: read all once, and descend to each leaf."""
        if self._is_searchable is None:
            budget, last = Budget(self.pages, visits=_SEARCHES), b""
            self._is_searchable = True
            for number, page in leaves(self.pages, root_of(self.meta), (_LEAF,), budget):
                keys = self._leaf_keys(number, page, budget)
                ends = keys[:1] + keys[-1:]
                in_order = not keys or (last <= keys[0] and keys == sorted(keys))
                if not in_order or any(self._leaf_of(key, budget)[0] != number for key in ends):
                    self._is_searchable = False
                    break
                last = keys[-1] if keys else last
        return self._is_searchable

    def _leaf_keys(self, number: int, page: bytes, budget: Budget) -> list[bytes]:
        items = self._items(number, page, budget)
        pairs = zip(items.offsets[::2], items.offsets[1::2], strict=True)
        places = dict.fromkeys(key_at for key_at, at in pairs if not items.kind(at) & DELETED)
        return [items.value(at) for at in places]

    def _descend(self, key: bytes) -> bytes | None:
        budget = Budget(self.pages)
        number, page = self._leaf_of(key, budget)
        items = self._items(number, page, budget)
        for key_at, at in zip(items.offsets[::2], items.offsets[1::2], strict=True):
            if not items.kind(at) & DELETED and items.value(key_at) == key:
                return next(self._values(items, at, budget), None)
        return None

    def _leaf_of(self, key: bytes, budget: Budget) -> tuple[int, bytes]:
        """Return the leaf where a key must be, by the order of bytes; levels bound the way."""
        number, level = root_of(self.meta), 0
        page = self.pages.page(number)
        require_level(self.pages, number, page, level)
        while page[25] in INTERNAL:
            number, level = self._child(number, page, key, budget), page[24] - 1
            page = self.pages.page(number)
            require_level(self.pages, number, page, level)
        if page[25] != _LEAF:
            raise self.pages.broken(number, f"page type {page[25]} where a leaf should be")
        return number, page

    def _child(self, number: int, page: bytes, key: bytes, budget: Budget) -> int:
        """Return the last child whose least key is not above `key`; the first has none."""
        below = children(self.pages, number, page)
        if not below:
            raise self.pages.broken(number, "an internal page without entries")
        low, high = 1, len(below)
        while low < high:
            middle = (low + high) // 2
            if separator(self.pages, number, page, below[middle][2], budget) <= key:
                low = middle + 1
            else:
                high = middle
        return below[low - 1][0]

    def salvage(self) -> Iterator[tuple[bytes, bytes]]:
        """Yield the records of every sound leaf of the file, in the order of the pages."""
        self._require_open()
        self._begin_salvage()
        named, sound = {root_of(self.meta)}, set[int]()
        for number in self._pages_to_salvage():
            try:
                page = self.pages.page(number)
                named |= self._leads_to(number, page)
                if page[25] == _LEAF:
                    yield from self._salvaged(number, page)
                elif page[25] > kinds.HASH_SORTED:
                    raise self.pages.broken(number, f"unknown page type {page[25]}")
                sound |= {number} if page[25] in _TREE else set()
            except CatalogCorrupt as error:
                self.losses.append(error.message)
        if lost := sorted(named - sound):
            self.losses.append(f"pages to which the tree leads: {len(lost)}, such as {lost[0]}")
        self._warn()

    def _leads_to(self, number: int, page: bytes) -> set[int]:
        """Return the pages of the tree that a page of it names."""
        if page[25] == _LEAF:
            return {self.pages.header(page, 8)[2]} - {0}
        if page[25] == kinds.BTREE_INTERNAL:
            return {child for child, _, _ in children(self.pages, number, page)}
        return set()

    def _own_pages(self) -> Iterator[int]:
        waiting, seen = [root_of(self.meta)], set[int]()
        while waiting:
            number = waiting.pop()
            if number in seen:
                continue
            seen.add(number)
            yield number
            with suppress(CatalogCorrupt):  # which whoever reads the page tells
                waiting += self._leads_to(number, self.pages.page(number))

    def _salvaged(self, number: int, page: bytes) -> Iterator[tuple[bytes, bytes]]:
        """Yield what is whole on one leaf; an item with a broken chain is one loss."""
        if self._compressed:
            yield from self._leaf(number, page, Budget(self.pages))
            return
        items = self._items(number, page, Budget(self.pages))
        for key_at, at in zip(items.offsets[::2], items.offsets[1::2], strict=True):
            budget = Budget(self.pages)
            try:
                if not items.kind(at) & DELETED:
                    key = items.value(key_at)
                    for one in list(self._values(items, at, budget)):
                        yield key, one
            except CatalogCorrupt as error:
                self.losses.append(error.message)
