"""The .dir file of a pair: a bit for each page that was split.

Layout (sdbm of perl 5.36, sdbm/sdbm.c; ndbm.c of OpenSolaris): bit i is in byte i // 8, the lowest
first. The bits are the inner nodes of a tree, in which one more bit of a key's hash, from the
lowest, is looked at on each level. They number the nodes differently: in sdbm the children of node
i are 2i + 1 and 2i + 2; in ndbm the node that the low d bits p of the hash lead to is p + 2**d - 1.
Page p of depth d, once split, becomes the pages p and p + 2**d of depth d + 1.
"""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

DEPTH_MAX = 31  # hashes have 32 bits; the last is never split on
_BLOCK = 4096
_BLOCKS_KEPT = 256


class BitMap:
    """The bits of an open .dir file; beyond its end they are clear."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._blocks: dict[int, bytes] = {}

    def __contains__(self, bit: int) -> bool:
        number, byte = divmod(bit >> 3, _BLOCK)
        block = self._blocks.get(number)
        if block is None:
            if len(self._blocks) >= _BLOCKS_KEPT:
                self._blocks.clear()
            block = self._blocks[number] = os.pread(self._descriptor, _BLOCK, number * _BLOCK)
        return byte < len(block) and bool(block[byte] >> (bit & 7) & 1)

    def __iter__(self) -> Iterator[int]:
        """Yield the bits that are set, ascending."""
        position = 0
        while block := os.pread(self._descriptor, _BLOCK, position):
            if block.count(0) != len(block):
                for place, byte in enumerate(block):
                    first = (position + place) << 3
                    yield from (first + bit for bit in range(8) if byte >> bit & 1)
            position += len(block)


def sdbm_mask(bits: BitMap, hashed: int) -> int:
    """Return which bits of that hash, looked at by sdbm, are the number of its page."""
    bit = depth = 0
    while depth < DEPTH_MAX and bit in bits:
        bit = 2 * bit + (2 if hashed >> depth & 1 else 1)
        depth += 1
    return (1 << depth) - 1


def ndbm_page(bits: BitMap, hashed: int) -> int:
    """Return the page on which the classic ndbm looks for a key of that hash."""
    depth = 0
    while depth < DEPTH_MAX and (hashed & ((1 << depth) - 1)) + (1 << depth) - 1 in bits:
        depth += 1
    return hashed & ((1 << depth) - 1)


def sdbm_last_page(bits: BitMap) -> int:
    """Return the highest page that the bits of sdbm tell of, -1 where nothing was split."""
    return max((_upper_child(*_sdbm_node(bit)) for bit in bits), default=-1)


def ndbm_last_page(bits: BitMap) -> int:
    """Return the highest page that the bits of the classic ndbm tell of, -1 without a split."""
    return max((_upper_child(*_ndbm_node(bit)) for bit in bits), default=-1)


def _sdbm_node(bit: int) -> tuple[int, int]:
    """Return (page, depth) of a node: the way up, read backwards."""
    depth = (bit + 1).bit_length() - 1
    page = 0
    for _ in range(depth):
        page = page << 1 | (bit + 1) % 2
        bit = (bit - 1) >> 1
    return page, depth


def _ndbm_node(bit: int) -> tuple[int, int]:
    depth = (bit + 1).bit_length() - 1
    return bit + 1 - (1 << depth), depth


def _upper_child(page: int, depth: int) -> int:
    return page | 1 << depth
