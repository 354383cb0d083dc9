"""GDBM's header: what it says, in which layout, and everything about it that cannot be.

Source: gdbm 1.23, src/gdbmdefs.h (`gdbm_file_header`, offset 0) and the checks of src/gdbmopen.c
(`validate_header`).
"""

from __future__ import annotations

from dataclasses import dataclass

from .hashing import BITS
from .layout import LAYOUTS, MAGICS, Layout

# Enough for the header, its extension and the head of the free list in every layout.
HEAD_SIZE = 128
# A damaged magic number is told from another format's by the rest of the header, which must fit.
_FLIPPED_BITS = 2


@dataclass(frozen=True, slots=True)
class Header:
    """What a GDBM header says; sizes and addresses in bytes.

    Attributes:
        problems: What is wrong with where the directory and the buckets are, one line each.
        doubts: What is wrong beside that: the file's end, the free list, the magic number.
    """

    layout: Layout
    magic: int
    numsync: bool
    block_size: int
    dir_at: int
    dir_size: int
    dir_bits: int
    bucket_size: int
    bucket_elems: int
    next_block: int
    avail_size: int
    avail_count: int
    problems: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()

    def evidence(self) -> str:
        """Return what it says of its writer, for people."""
        words = [f"GDBM {MAGICS[self.magic][0]}" if self.magic in MAGICS else "GDBM"]
        if self.layout.name == "64p4":
            words[0] += " aligned to 4 bytes (i386)"
        elif words[0].endswith("old format"):
            words[0] += f" ({self.layout.name}-bit)"
        words.append(f"{self.layout.order}-endian")
        if self.numsync:
            words.append("numsync")
        text = ", ".join(words)
        if self.magic not in MAGICS:
            text += f", with a damaged magic number {self.magic:#x}"
        return f"{text}; block size {self.block_size}"


def read_header(head: bytes, size: int | None = None) -> Header | None:
    """Return the header in the first bytes of a file, or None where it is none of GDBM's.

    The layout is the one with the fewest problems. `size` is the file's; None leaves out what
    only it can tell. A header whose magic number alone is damaged is one, with a doubt.
    """
    found = [
        header
        for (magic, order), layouts in _possible(head).items()
        for name in layouts
        if (header := _parsed(head, LAYOUTS[name, order], magic, size)) is not None
    ]
    if not found:
        return None
    best = min(found, key=lambda header: len(header.problems) + len(header.doubts))
    if best.magic in MAGICS:
        return best
    # All the rest of the header fits; only the file's end may be in doubt as well.
    sound = not best.problems and best.avail_count >= 0 and _free_list_fits(best)
    return best if sound else None


def _possible(head: bytes) -> dict[tuple[int, str], tuple[str, ...]]:
    words = {"little": int.from_bytes(head[:4], "little"), "big": int.from_bytes(head[:4], "big")}
    for order, word in words.items():
        if word in MAGICS:
            return {(word, order): MAGICS[word][1]}
    return {
        (word, order): ("64", "64p4", "32")
        for order, word in words.items()
        if any((word ^ magic).bit_count() <= _FLIPPED_BITS for magic in MAGICS)
    }


def _parsed(head: bytes, layout: Layout, magic: int, size: int | None) -> Header | None:
    numsync = MAGICS[magic][2] if magic in MAGICS else False
    avail_at = layout.avail_at(numsync=numsync)
    if len(head) < avail_at + layout.avail_head.size:
        return None
    _, block, dir_at, dir_size, bits, bucket, elements, end = layout.header.unpack_from(head)
    avail_size, avail_count, _ = layout.avail_head.unpack_from(head, avail_at)
    plain = Header(
        layout, magic, numsync, block, dir_at, dir_size, bits, bucket, elements, end,
        avail_size, avail_count,
    )  # fmt: skip
    problems, doubts = tuple(_problems(plain, size)), tuple(_doubts(plain, size))
    return Header(
        layout, magic, numsync, block, dir_at, dir_size, bits, bucket, elements, end,
        avail_size, avail_count, problems, doubts,
    )  # fmt: skip


def _problems(header: Header, size: int | None) -> list[str]:
    found, layout, block = [], header.layout, header.block_size
    if block & (block - 1) or block < layout.bucket_struct:
        found.append(f"the block size {block} is none")
    if header.bucket_size != block:
        found.append(f"buckets have {header.bucket_size} bytes, blocks {block}")
    fitting = layout.bucket_elements(header.bucket_size)
    if header.bucket_elems != fitting:
        found.append(
            f"bucket_elems {header.bucket_elems} does not fit bucket_size {header.bucket_size},"
            f" {fitting} would"
        )
    if not 0 <= header.dir_bits <= BITS:
        found.append(f"dir_bits {header.dir_bits} is none")
    elif header.dir_size != layout.offset.size << header.dir_bits:
        found.append(f"dir_bits {header.dir_bits} does not fit dir_size {header.dir_size}")
    if header.dir_at < block or header.dir_size <= 0:
        found.append(f"the directory is said to be at byte {header.dir_at}")
    elif size is not None and header.dir_at + header.dir_size > size:
        found.append(f"the directory at byte {header.dir_at} lies outside the file of {size} bytes")
    return found


def _doubts(header: Header, size: int | None) -> list[str]:
    found = []
    if header.magic not in MAGICS:
        found.append(_wrong_magic(header.magic))
    if size is not None and header.next_block > size:
        found.append(f"truncated: it should have {header.next_block} bytes and has {size}")
    elif size is not None and header.next_block < size:
        found.append(
            f"a writer was interrupted: next_block is {header.next_block}, the file has {size}"
            " bytes"
        )
    if not _free_list_fits(header):
        found.append(
            f"the free list has {header.avail_count} of {header.avail_size} elements, which does"
            f" not fit blocks of {header.block_size} bytes"
        )
    return found


def _free_list_fits(header: Header) -> bool:
    fitting = header.layout.avail_elements(header.block_size, numsync=header.numsync)
    return header.avail_size == fitting and 0 <= header.avail_count <= fitting


def _wrong_magic(word: int) -> str:
    nearest = min(MAGICS, key=lambda magic: (word ^ magic).bit_count())
    return (
        f"wrong magic number {word:#x}: {(word ^ nearest).bit_count()} bit(s) away from GDBM's"
        f" {nearest:#x}"
    )
