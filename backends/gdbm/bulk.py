"""A bucket's records all at once, its rules checked with a few C loops instead of one of ours.

What is not plainly right, or unusual (large records, keys of fewer than four bytes or beyond
ASCII), is left to the careful loop of the reader, which knows what to say of it.
"""

from __future__ import annotations

import os
from itertools import repeat
from operator import add, mul, ne

from .hashing import FACTOR, INCREMENT, LONGEST, MASK, START, WEIGHTS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from .buckets import Element
    from .file import GdbmFile

_LARGE = 1 << 20  # bytes of records in one bucket
_START_SIZE = 4


def in_bulk(
    file: GdbmFile, allowed: range, first_byte: int, elements: list[Element], *, verify: bool
) -> Iterator[tuple[bytes, bytes]] | None:
    """Return the records of a bucket's elements, or None to have them looked at one by one."""
    numbers, starts, places, key_sizes, value_sizes = zip(*elements, strict=True)
    ends = list(map(add, places, key_sizes))
    if (
        min(key_sizes) < _START_SIZE
        or min(value_sizes) < 0
        or sum(key_sizes) + sum(value_sizes) > _LARGE
        or min(places) < first_byte
        or max(map(add, ends, value_sizes)) > file.size
        or min(numbers) not in allowed
        or max(numbers) not in allowed
    ):
        return None
    content = file.content
    if content:
        keys = [content[at:end] for at, end in zip(places, ends, strict=True)]
        stops = map(add, ends, value_sizes)
        values = [content[at:end] for at, end in zip(ends, stops, strict=True)]
    else:
        sizes = list(map(add, key_sizes, value_sizes))
        found = list(map(os.pread, repeat(file.descriptor), sizes, places))
        if list(map(len, found)) != sizes:
            return None
        keys = [record[:size] for record, size in zip(found, key_sizes, strict=True)]
        values = [record[size:] for record, size in zip(found, key_sizes, strict=True)]
    if any(map(ne, [key[:_START_SIZE] for key in keys], starts)):
        return None
    if verify and not _hashed(keys, numbers, key_sizes):
        return None
    return zip(keys, values, strict=True)


def _hashed(keys: list[bytes], numbers: tuple[int, ...], sizes: tuple[int, ...]) -> bool:
    """Tell whether all the keys are short and have these hashes, C's char taken as unsigned."""
    if max(sizes) > LONGEST:
        return False
    sums = [sum(map(mul, key, WEIGHTS)) for key in keys]
    found = [
        (FACTOR * (START * size + total) + INCREMENT) & MASK
        for size, total in zip(sizes, sums, strict=True)
    ]
    return found == list(numbers)
