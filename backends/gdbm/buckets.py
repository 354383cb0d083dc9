"""GDBM's directory and buckets: every rule that ties them to each other.

Source: gdbm 1.23, src/gdbmdefs.h (`hash_bucket`, `bucket_element`) and src/bucket.c. The directory
has 2**dir_bits addresses; the hash's first dir_bits bits choose one. A bucket of b bits stands in
2**(dir_bits - b) neighbouring entries, from a multiple of that number on.
"""

from __future__ import annotations

from dataclasses import dataclass

from .hashing import BITS
from .layout import BUCKET_AVAIL

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from .file import GdbmFile
    from .header import Header

# hash_value, key_start, data_pointer, key_size, data_size
Element = tuple[int, bytes, int, int, int]
# The same of many elements: their hash values, their key_starts and so on.
Columns = tuple[
    tuple[int, ...], tuple[bytes, ...], tuple[int, ...], tuple[int, ...], tuple[int, ...]
]
FREE = -1
_DIRECTORY_PART = 8192  # entries


@dataclass(frozen=True, slots=True)
class Run:
    """Neighbouring entries of the directory with one address: where a bucket is said to be."""

    first: int
    length: int
    address: int

    def hashes(self, header: Header) -> range:
        """Return the hash values that belong into the bucket."""
        shift = BITS - header.dir_bits
        return range(self.first << shift, (self.first + self.length) << shift)


def runs(file: GdbmFile, header: Header) -> Iterator[Run]:
    """Yield the directory's runs in order, reading a part of it at a time."""
    entry, number = header.layout.offset, 1 << header.dir_bits
    first = address = -1
    for start in range(0, number, _DIRECTORY_PART):
        size = min(_DIRECTORY_PART, number - start) * entry.size
        part = file.read(size, header.dir_at + start * entry.size)
        for index, (found,) in enumerate(entry.iter_unpack(part), start):
            if found != address or first < 0:
                if first >= 0:
                    yield Run(first, index - first, address)
                first, address = index, found
    yield Run(first, number - first, address)


def entry_of(file: GdbmFile, header: Header, hash_value: int) -> int:
    """Return the address that the directory has for a hash."""
    entry = header.layout.offset
    at = header.dir_at + (hash_value >> (BITS - header.dir_bits)) * entry.size
    address: int = entry.unpack(file.read(entry.size, at))[0]
    return address


class Bucket:
    """One bucket's bytes, and what they say.

    Attributes:
        bits: How many of the hash's first bits are the same in all of it.
        count: How many elements it says to have.
    """

    def __init__(self, data: bytes, header: Header) -> None:
        self._data = data
        self._header = header
        self.bits, self.count = header.layout.counts.unpack_from(data, header.layout.counts_at)

    def elements(self) -> list[Element]:
        """Return its elements, in the order of the table, which is that of the library."""
        layout = self._header.layout
        end = layout.table_at + self._header.bucket_elems * layout.element.size
        table = layout.element.iter_unpack(memoryview(self._data)[layout.table_at : end])
        return [element for element in table if element[0] != FREE]

    def free_pieces(self) -> list[tuple[int, int]]:
        """Return (size, address) of the free pieces that it keeps."""
        layout, number = self._header.layout, self._free_number()
        if not self.free_number_fits():
            return []
        piece = layout.avail_element
        return [
            piece.unpack_from(self._data, layout.bucket_avail_at + index * piece.size)
            for index in range(number)
        ]

    def free_number_fits(self) -> bool:
        """Tell whether the number of its free pieces can be."""
        return 0 <= self._free_number() <= BUCKET_AVAIL

    def _free_number(self) -> int:
        order: Any = self._header.layout.order
        return int.from_bytes(self._data[:4], order, signed=True)

    def probe(self, hash_value: int) -> Iterator[Element]:
        """Yield the elements from the hash's home slot on, up to a free one, as a look-up goes."""
        layout, number = self._header.layout, self._header.bucket_elems
        home = hash_value % number
        for slot in (*range(home, number), *range(home)):
            at = layout.table_at + slot * layout.element.size
            element: Element = layout.element.unpack_from(self._data, at)
            if element[0] == FREE:
                return
            yield element


def read_bucket(file: GdbmFile, header: Header, address: int) -> Bucket:
    """Return the bucket at that address; a CatalogCorrupt where none can be."""
    if address < header.block_size or address + header.bucket_size > file.size:
        raise file.corrupt(
            f"the directory names a bucket at byte {address}, outside the file of {file.size} bytes"
        )
    return Bucket(file.read(header.bucket_size, address), header)


def misplaced(bucket: Bucket, header: Header, run: Run) -> str:
    """Return why the bucket cannot be the one that stands in that run, or ""."""
    wanted = header.dir_bits - run.length.bit_length() + 1
    if bucket.bits != wanted or run.length & (run.length - 1) or run.first % run.length:
        return f"its bits are {bucket.bits}, but it stands in {run.length} entries of the directory"
    return ""


def miscounted(bucket: Bucket, elements: list[Element]) -> str:
    """Return which of the bucket's numbers cannot be, or ""."""
    if bucket.count != len(elements):
        return f"its count is {bucket.count}, but {len(elements)} elements are used"
    if not bucket.free_number_fits():
        return "its number of free pieces cannot be"
    return ""
