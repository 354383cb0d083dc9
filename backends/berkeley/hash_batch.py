"""The records of many plain pages of a hash database at once, their keys proved together.

A page is plain where every item is KEYDATA (type 1): nothing of it lies elsewhere. What is not
plain, or not plainly right, is left to the careful loop of the reader, which knows what to say.
"""

from __future__ import annotations

from operator import itemgetter

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from .buckets import Buckets
    from .pages import PageFile

_PLAIN = {1}
_ENOUGH = 512  # records


class HashBatch:
    """Pages of which no record has been handed out yet.

    Attributes:
        pages: The bucket, number and bytes of each.
    """

    def __init__(self, file: PageFile) -> None:
        self._file = file
        self.pages: list[tuple[int, int, bytes]] = []
        self._keys: list[bytes] = []
        self._values: list[bytes] = []
        self._homes: list[int] = []
        self._size = 0  # of all items, with their types

    def add(self, bucket: int, number: int, page: bytes) -> bool:
        """Take a page; False where it is not plain."""
        starts, lowest = self._file.table(number, page), self._file.lowest_used(page)
        if not starts or len(starts) % 2:
            return False
        if not self._file.items_at + 2 * len(starts) <= lowest == starts[-1]:
            return False
        try:
            if not _PLAIN.issuperset(itemgetter(*starts)(page)):
                return False
        except IndexError:
            return False
        keys_at, values_at = starts[::2], starts[1::2]
        ends = (self._file.size, *values_at[:-1])
        self._keys += [page[at + 1 : end] for at, end in zip(keys_at, ends, strict=True)]
        self._values += [page[at + 1 : end] for at, end in zip(values_at, keys_at, strict=True)]
        self._homes += [bucket] * len(keys_at)
        self.pages.append((bucket, number, page))
        self._size += self._file.size - lowest
        return True

    def is_full(self) -> bool:
        """Tell whether the records are worth being handed out."""
        return len(self._keys) >= _ENOUGH

    def records(self, buckets: Buckets | None) -> Iterator[tuple[bytes, bytes]] | None:
        """Return the records; None where items overlap, or a key is in the wrong bucket.

        From each offset to the one before it, and from the first to the end of the page, there are
        as many bytes as from the lowest to the end. An offset that is not below the one before it
        gives an empty item, and then the items are more than that.
        """
        keys, values = self._keys, self._values
        if sum(map(len, keys)) + sum(map(len, values)) + 2 * len(keys) != self._size:
            return None
        if buckets is not None and keys and buckets.of_all(keys) != self._homes:
            return None
        return zip(keys, values, strict=True)
