"""The records of a plain leaf of a btree all at once, its rules checked with a few C loops.

A leaf is plain where every item lies on it, none is deleted, and no key has two values. What is
not plain, or not plainly right, is left to the careful loop of the reader.
"""

from __future__ import annotations

from itertools import repeat
from operator import add, itemgetter, mul

from .items import KEYDATA

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from .pages import PageFile

_PLAIN = {KEYDATA}
_HEAD = 3  # bytes of an item before its own: u16 length, u8 type
_ALIGNED = -4


def plain_records(
    pages: PageFile, number: int, page: bytes
) -> Iterator[tuple[bytes, bytes]] | None:
    """Return the records of a plain leaf, or None."""
    offsets = pages.table(number, page)
    if not offsets or len(offsets) % 2:
        return None
    at_all = itemgetter(*offsets)
    try:
        if not _PLAIN.issuperset(at_all(page[2:])):
            return None
        lengths = _lengths(at_all(page), at_all(page[1:]), pages.order)
    except IndexError:
        return None
    if not _tile(pages, page, offsets, lengths):
        return None
    data = page[_HEAD:]
    items = [data[at : at + length] for at, length in zip(offsets, lengths, strict=True)]
    return zip(items[::2], items[1::2], strict=True)


def _lengths(first: tuple[int, ...], second: tuple[int, ...], order: str) -> tuple[int, ...]:
    """Return the numbers that pairs of bytes make."""
    low, high = (first, second) if order == "<" else (second, first)
    return tuple(map(add, low, map(mul, high, repeat(256)))) if any(high) else low


def _tile(pages: PageFile, page: bytes, offsets: tuple[int, ...], lengths: tuple[int, ...]) -> bool:
    """Tell whether items, each padded to a multiple of 4, fill the page from the lowest to the end.

    They do if each ends where another starts, but one, which ends with the page, and none starts
    where another does.
    """
    lowest = pages.lowest_used(page)
    ends = [
        at + (length + _HEAD + 3 & _ALIGNED) for at, length in zip(offsets, lengths, strict=True)
    ]
    if pages.items_at + 2 * len(offsets) > lowest:
        return False
    if lowest == offsets[-1] and ends == [pages.size, *offsets[:-1]]:  # keys came in their order
        return True
    starts = {pages.size, *offsets}
    return len(starts) == len(offsets) + 1 and starts == {lowest, *ends}
