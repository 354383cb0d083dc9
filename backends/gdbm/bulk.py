"""A bucket's records all at once, its rules checked with a few C loops instead of one of ours.

What is not plainly right, or unusual (large records, keys of fewer than four bytes, long ones, or
some beyond ASCII), is left to the careful loop of the reader, which knows what to say of it.
"""

from __future__ import annotations

import os
from itertools import repeat
from operator import add, sub

from .hashing import LONGEST, unsigned_hashes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from .buckets import Columns
    from .file import GdbmFile

_LARGE = 1 << 20  # bytes of records in one bucket
# Records that take at least one in so many bytes of where they lie are read at once.
_TOGETHER = 4
_START_SIZE = 4


def in_bulk(
    file: GdbmFile, allowed: range, first_byte: int, columns: Columns, *, verify: bool
) -> Iterator[tuple[bytes, bytes]] | None:
    """Return the records of a bucket's elements, or None to have them looked at one by one."""
    numbers, starts, places, key_sizes, value_sizes = columns
    sizes = list(map(add, key_sizes, value_sizes))
    width = max(key_sizes)
    if (
        min(key_sizes) < _START_SIZE
        or width > LONGEST
        or min(value_sizes) < 0
        or sum(sizes) > _LARGE
        or min(places) < first_byte
        or max(map(add, places, sizes)) > file.size
        or min(numbers) not in allowed
        or max(numbers) not in allowed
    ):
        return None
    found = _read(file, sizes, places)
    if list(map(len, found)) != sizes:  # the file ends before
        return None
    keys = [record[:size] for record, size in zip(found, key_sizes, strict=True)]
    padded = b"".join([key.ljust(width, b"\0") for key in keys])
    if not _start(padded, width, b"".join(starts)):
        return None
    if verify and unsigned_hashes(padded, width, key_sizes) != numbers:
        return None
    return zip(
        keys, [record[size:] for record, size in zip(found, key_sizes, strict=True)], strict=True
    )


def _read(file: GdbmFile, sizes: list[int], places: tuple[int, ...]) -> list[bytes]:
    """Return the records, cut where the file ends."""
    content, first = file.content, 0
    reach = max(places) - min(places) + max(sizes)
    if not content and reach < _TOGETHER * sum(sizes):  # as in a file made from a dump of another
        first = min(places)
        content = os.pread(file.descriptor, reach, first)
    if not content:
        return list(map(os.pread, repeat(file.descriptor), sizes, places))
    starts = map(sub, places, repeat(first))
    return [content[at : at + size] for at, size in zip(starts, sizes, strict=True)]


def _start(padded: bytes, width: int, starts: bytes) -> bool:
    """Tell whether each key starts with its four bytes: the columns of both are the same."""
    return all(padded[place::width] == starts[place::_START_SIZE] for place in range(_START_SIZE))
