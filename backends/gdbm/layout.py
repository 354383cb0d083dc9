"""GDBM's structures on disk: plain C structs of the writing machine, in three layouts.

Source: gdbm 1.23, src/gdbmconst.h (magic numbers) and src/gdbmdefs.h (`gdbm_file_header`,
`avail_block`, `avail_elem`, `bucket_element`, `hash_bucket`). The byte order is that of the magic
number at offset 0. `64p4` is i386 with large files, an 8-byte `off_t` aligned to 4 bytes: it has
the magic number of `64`, and only the sizes of the tables in the header tell the two apart.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

OLD_MAGIC = 0x13579ACE
# Magic number -> (the word size that it tells, the layouts that it can have, extended by numsync).
MAGICS = {
    OLD_MAGIC: ("of the old format", ("64", "64p4", "32"), False),
    0x13579ACD: ("32-bit", ("32",), False),
    0x13579ACF: ("64-bit", ("64", "64p4"), False),
    0x13579AD0: ("32-bit", ("32",), True),
    0x13579AD1: ("64-bit", ("64", "64p4"), True),
}
# The header is followed by this many bytes in the extended ("numsync") format.
EXTENSION = 32
ORDERS = {"little": "<", "big": ">"}
BUCKET_AVAIL = 6


@dataclass(frozen=True, slots=True)
class Layout:
    """Where things lie in one layout and byte order; offsets and sizes in bytes.

    Attributes:
        name: "64", "64p4" or "32".
        order: "little" or "big".
        header: magic, block_size, dir, dir_size, dir_bits, bucket_size, bucket_elems, next_block.
        avail_head: size, count, next_block of a block of the free list; its elements follow.
        avail_element: size and address of a free piece.
        offset: One `off_t`, an entry of the directory.
        counts: bucket_bits and count of a bucket, at `counts_at`.
        element: hash_value, key_start, data_pointer, key_size, data_size, from `table_at` on.
        bucket_avail_at: Where a bucket's own six free pieces start; their number is at 0.
        bucket_struct: sizeof(hash_bucket), with one element.
    """

    name: str
    order: str
    header: struct.Struct
    avail_head: struct.Struct
    avail_element: struct.Struct
    offset: struct.Struct
    counts: struct.Struct
    element: struct.Struct
    bucket_avail_at: int
    counts_at: int
    table_at: int
    bucket_struct: int

    def bucket_elements(self, bucket_size: int) -> int:
        """Return how many elements a bucket of that size has."""
        return (bucket_size - self.bucket_struct) // self.element.size + 1

    def avail_at(self, *, numsync: bool) -> int:
        """Return where the free list's first block starts."""
        return self.header.size + (EXTENSION if numsync else 0)

    def avail_elements(self, block_size: int, *, numsync: bool) -> int:
        """Return how many elements the free list's first block has: it fills the header block."""
        start = self.avail_at(numsync=numsync) + self.avail_head.size
        return (block_size - start - self.avail_element.size) // self.avail_element.size + 1


_WIDE = ("Iiqiiiiq", "i4sqii", "q")
_NARROW = ("Iiiiiiii", "i4siii", "i")
_SHAPES = {
    "64": (_WIDE, "i4xq", [8, 104, 112, 136]),
    "64p4": (_WIDE, "iq", [4, 76, 84, 108]),
    "32": (_NARROW, "ii", [4, 52, 60, 80]),
}


def _layout(name: str, order: str) -> Layout:
    (header, element, offset), avail, places = _SHAPES[name]
    sign = ORDERS[order]
    return Layout(
        name,
        order,
        struct.Struct(sign + header),
        struct.Struct(f"{sign}ii{offset}"),
        struct.Struct(sign + avail),
        struct.Struct(sign + offset),
        struct.Struct(sign + "ii"),
        struct.Struct(sign + element),
        *places,
    )


LAYOUTS = {(name, order): _layout(name, order) for name in _SHAPES for order in ORDERS}
