"""Records on their way into a hash file: on disk, and found again by bucket."""

from __future__ import annotations

import os
from array import array
from itertools import accumulate, pairwise

from .buckets import default_hash

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO

# Values up to this size are read with their keys; a longer one alone, when it is written.
_WITH_KEY = 4096


class SpooledRecord:
    """One record: its key, and its value, which may still lie on disk.

    Attributes:
        key: The key.
        value_size: Of the value, in bytes.
    """

    __slots__ = ("_descriptor", "_place", "_value", "key", "value_size")

    def __init__(self, descriptor: int, place: int, key_size: int, value_size: int) -> None:
        together = value_size <= _WITH_KEY
        data = _read(descriptor, key_size + (value_size if together else 0), place)
        self.key = data[:key_size]
        self.value_size = value_size
        self._value = data[key_size:] if together else None
        self._descriptor = descriptor
        self._place = place + key_size

    def value(self) -> bytes:
        """Return the value."""
        if self._value is not None:
            return self._value
        return _read(self._descriptor, self.value_size, self._place)


class Spool:
    """All records in a temporary file; about 30 bytes of memory for each tell where it lies."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._end = 0
        self._hashes = array("I")
        self._places = array("Q")
        self._key_sizes = array("I")
        self._value_sizes = array("I")

    def __len__(self) -> int:
        return len(self._places)

    def add(self, key: bytes, value: bytes) -> None:
        """Keep a record; each size must fit into 32 bits."""
        self._file.write(key)
        self._file.write(value)
        self._hashes.append(default_hash(key))
        self._places.append(self._end)
        self._key_sizes.append(len(key))
        self._value_sizes.append(len(value))
        self._end += len(key) + len(value)

    def buckets(self, number: int) -> Iterator[list[SpooledRecord]]:
        """Yield the records of each of so many buckets, a power of two, in the buckets' order."""
        self._file.flush()
        order, bounds = self._sorted_by_bucket(number)
        for start, end in pairwise(bounds):
            yield [self._record(index) for index in order[start:end]]

    def _sorted_by_bucket(self, number: int) -> tuple[array[int], array[int]]:
        """Return the records' numbers, and where those of each bucket start and end."""
        mask = number - 1
        counts = array("I", bytes(4 * (number + 1)))
        for value in self._hashes:
            counts[(value & mask) + 1] += 1
        bounds = array("I", accumulate(counts))
        free = bounds[:]
        order = array("I", bytes(4 * len(self._places)))
        for index, value in enumerate(self._hashes):
            bucket = value & mask
            order[free[bucket]] = index
            free[bucket] += 1
        return order, bounds

    def _record(self, index: int) -> SpooledRecord:
        sizes = self._key_sizes[index], self._value_sizes[index]
        return SpooledRecord(self._file.fileno(), self._places[index], *sizes)


def _read(descriptor: int, size: int, place: int) -> bytes:
    """Read exactly so much: the system gives at most 2 GiB at once."""
    data = os.pread(descriptor, size, place)
    while len(data) < size:
        part = os.pread(descriptor, size - len(data), place + len(data))
        if not part:
            raise OSError("the temporary file was cut")
        data += part
    return data
