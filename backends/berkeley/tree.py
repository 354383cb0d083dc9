"""Trees of pages: the leaves in order, of btree, recno and off-page duplicates alike.

Source: dbinc/db_page.h and btree/bt_search.c. The level (u8 at 24) is 1 on leaves and grows by one
towards the root; leaves are linked both ways. A walk from the root proves both, so that no page is
visited twice and none is missed.
"""

from __future__ import annotations

from . import pages as kinds
from .items import BtreeItems, children

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from .pages import Budget, PageFile

INTERNAL = frozenset((kinds.BTREE_INTERNAL, kinds.RECNO_INTERNAL))


def leaves(
    pages: PageFile, root: int, leaf_types: tuple[int, ...], budget: Budget
) -> Iterator[tuple[int, bytes]]:
    """Yield (number, page) of each leaf below `root`, in order.

    Raises:
        CatalogCorrupt: A page has another type or level, or the leaves are not linked so.
    """
    last, promised = 0, 0
    waiting = [(root, 0)]
    while waiting:
        number, level = waiting.pop()
        page = pages.page(number)
        budget.spend(number)
        require_level(pages, number, page, level)
        if page[25] in INTERNAL:
            below = children(pages, number, page)
            if not below:
                raise pages.broken(number, "an internal page without entries")
            waiting.extend((child, page[24] - 1) for child, _, _ in reversed(below))
            continue
        if page[25] not in leaf_types:
            raise pages.broken(number, f"page type {page[25]} where a leaf should be")
        _, before, following, _, _, _, _ = pages.header(page, 8)
        if before != last or (last and promised != number):
            raise pages.broken(number, f"the leaves {last} and {number} are not linked")
        if following == number:
            raise pages.broken(number, "the leaf names itself as the next leaf")
        yield number, page
        last, promised = number, following
    if promised:
        raise pages.broken(last, f"page {promised} follows, which the tree does not have")


def require_level(pages: PageFile, number: int, page: bytes, level: int) -> None:
    """Check a page's level: `level`, or anything from a root (0); 1 if and only if it is a leaf."""
    told = page[24]
    if (level and told != level) or (page[25] in INTERNAL) != (told > 1):
        raise pages.broken(number, f"level {told} and type {page[25]} do not fit its parent")


def duplicates(pages: PageFile, root: int, budget: Budget) -> Iterator[bytes]:
    """Yield the values of a key that lie on pages of their own.

    Up to 3.0 a chain of pages of type 1, later a tree with leaves of type 12 (sorted) or 6.
    """
    if pages.page(root)[25] == kinds.OLD_DUPLICATES:
        found = _chain(pages, root, budget)
    else:
        found = leaves(pages, root, (kinds.DUPLICATE_LEAF, kinds.RECNO_LEAF), budget)
    for number, page in found:
        items = BtreeItems(pages, number, page, budget)
        for at in items.offsets:
            if not items.kind(at) & 0x80:
                yield items.value(at)


def _chain(pages: PageFile, first: int, budget: Budget) -> Iterator[tuple[int, bytes]]:
    previous, number = 0, first
    while number:
        page = pages.page(number)
        budget.spend(number)
        _, before, following, _, _, _, kind = pages.header(page, 8)
        if kind != kinds.OLD_DUPLICATES or before != previous:
            raise pages.broken(number, f"type {kind}, after page {before}, in a duplicates' chain")
        yield number, page
        previous, number = number, following
