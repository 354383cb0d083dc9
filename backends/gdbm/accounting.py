"""Proof that a GDBM file's pieces neither overlap nor leave anything out.

The header's block, the directory, the buckets, the records and every piece of the free lists tile
the file; libgdbm drops free pieces of up to 4 bytes (gdbm 1.23, src/falloc.c, IGNORE_SIZE), so
gaps of that size are normal. Sizes that add up to the file's prove nothing missing without a list
of them; only where they do not are the pieces looked at one by one (about 32 bytes of memory
each).
"""

from __future__ import annotations

from .buckets import read_bucket, runs

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from .file import GdbmFile
    from .header import Header

Piece = tuple[int, int]  # size, address
_DROPPED = 4


def free_list(file: GdbmFile, header: Header) -> Iterator[Piece]:
    """Yield the free pieces of the header's list, and the blocks that its chain takes.

    Source: `avail_block` and `avail_elem` of gdbm 1.23, src/gdbmdefs.h; a chained block has
    (size * sizeof(avail_elem)) / 2 + sizeof(avail_block) bytes (src/falloc.c, `push_avail_block`).
    """
    head, element = header.layout.avail_head, header.layout.avail_element
    at = header.layout.avail_at(numsync=header.numsync)
    length = header.avail_size * element.size // 2 + head.size + element.size
    seen = set[int]()
    while True:
        _, count, following = head.unpack(file.read(head.size, at))
        if not 0 <= count <= header.avail_size:
            raise file.corrupt(f"the free list at byte {at} has {count} elements")
        yield from element.iter_unpack(file.read(count * element.size, at + head.size))
        if not following:
            return
        if following in seen:
            raise file.corrupt(f"the free list comes back to byte {following}")
        seen.add(following)
        yield length, following
        at = following


def pieces(file: GdbmFile, header: Header) -> Iterator[tuple[int, int, bool]]:
    """Yield (address, size, is free) of everything that takes room in the file."""
    yield 0, header.block_size, False
    yield header.dir_at, header.dir_size, False
    for size, address in free_list(file, header):
        yield address, size, True
    for run in runs(file, header):
        bucket = read_bucket(file, header, run.address)
        yield run.address, header.bucket_size, False
        for size, address in bucket.free_pieces():
            yield address, size, True
        for _, _, address, key_size, value_size in bucket.elements():
            yield address, key_size + value_size, False


def overlap(file: GdbmFile, header: Header) -> tuple[str, str]:
    """Return (where pieces in use overlap, what else does not add up), each "" if all is well."""
    end, was_free, doubt = 0, False, ""
    for address, size, free in sorted(piece for piece in pieces(file, header) if piece[1]):
        if address < end:
            said = f"what is at byte {address} overlaps what ends at byte {end}"
            if not (free or was_free):
                return said, ""
            doubt = doubt or f"free list: {said}"
        elif address - end > _DROPPED:
            doubt = doubt or f"the {address - end} bytes at byte {end} belong to nothing"
        if address + size > end:
            end, was_free = address + size, free
    return "", doubt
