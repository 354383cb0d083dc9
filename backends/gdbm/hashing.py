"""GDBM's hash of a key (gdbm 1.23, src/hash.c, `_gdbm_hash`): 31 bits.

    value = 0x238F13AF * length
    for each byte c at i: value = (value + (c << (i * 5 % 24))) & 0x7fffffff
    value = (1103515243 * value + 12345) & 0x7fffffff

All of it is linear modulo 2**31, so the loop is a weighted sum, which `sum(map(mul, ...))` does
in C. `c` is a plain C char: signed on x86, unsigned on ARM, PowerPC and s390x. The two differ for
keys with a byte from 0x80 on, and a file holds what its writers' machines made.
"""

from __future__ import annotations

import struct
from operator import mul

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

BITS = 31
MASK = 0x7FFFFFFF
FACTOR = 1103515243
INCREMENT = 12345
_PERIOD = 24
_TURN = tuple(1 << (i * 5 % _PERIOD) for i in range(_PERIOD))
WEIGHTS = _TURN * 8
LONGEST = len(WEIGHTS)
START = 0x238F13AF
_IS_HIGH = bytes(128) + b"\x01" * 128
# Many keys at once: each has a lane of an integer, wide enough for the sum over the longest key.
_LANE = 5  # bytes
_WIDE = 8  # of a lane that holds a product modulo 2**62
_BYTE = 8  # bits


def unsigned_hash(key: bytes) -> int:
    """Return the hash where C's char is unsigned; for ASCII keys it is the hash everywhere."""
    size = len(key)
    total = sum(map(mul, key, WEIGHTS)) if size <= LONGEST else _weighed(key)
    return (FACTOR * (START * size + total) + INCREMENT) & MASK


def signed_hash(key: bytes) -> int:
    """Return the hash where C's char is signed, as on x86."""
    too_much = _weighed(key.translate(_IS_HIGH)) << 8
    return (FACTOR * (START * len(key) + _weighed(key) - too_much) + INCREMENT) & MASK


def hashes(key: bytes) -> tuple[int, ...]:
    """Return every hash that some machine gives the key: one for ASCII, else signed, unsigned."""
    if key.isascii():
        return (unsigned_hash(key),)
    return (signed_hash(key), unsigned_hash(key))


def unsigned_hashes(padded: bytes, width: int, sizes: Sequence[int]) -> tuple[int, ...]:
    """Return `unsigned_hash` of many keys, at a third of its cost.

    Args:
        padded: The keys, each filled up with zero bytes, which weigh nothing, to `width` bytes.
        width: At most LONGEST.
        sizes: The lengths of the keys.
    """
    number = len(sizes)
    lanes = _lanes(bytes(sizes)) * START + _sums(padded, width, number)
    sums, wide = lanes.to_bytes(_LANE * number, "little"), bytearray(_WIDE * number)
    for place in range(4):  # what lies above 32 bits is masked away below
        wide[place::_WIDE] = sums[place::_LANE]
    ones = int.from_bytes((b"\x01" + bytes(_WIDE - 1)) * number, "little")
    mask = ones * MASK
    hashed = ((int.from_bytes(wide, "little") & mask) * FACTOR + ones * INCREMENT) & mask
    return struct.unpack(f"<{number}Q", hashed.to_bytes(_WIDE * number, "little"))


def _sums(padded: bytes, width: int, number: int) -> int:
    """Return the weighted sum of each key, in lanes.

    The bytes at three places of a cycle are shifted by the same bits and different whole bytes: so
    they stand side by side in the lanes of one integer, which is shifted once.
    """
    total = 0
    for cycle in range(0, width, _PERIOD):
        end = min(cycle + _PERIOD, width)
        for first in range(cycle, min(cycle + _BYTE, end)):
            lanes = bytearray(_LANE * number)
            for place in range(first, end, _BYTE):
                lanes[place * 5 % _PERIOD // _BYTE :: _LANE] = padded[place::width]
            total += int.from_bytes(lanes, "little") << (first * 5 % _BYTE)
    return total


def _lanes(column: bytes) -> int:
    """Return an integer with one byte in each lane."""
    lanes = bytearray(_LANE * len(column))
    lanes[::_LANE] = column
    return int.from_bytes(lanes, "little")


def _weighed(data: bytes) -> int:
    """Return the weighted sum, by the places of the weights' cycle: quick for long keys, too."""
    return sum(weight * sum(data[place::_PERIOD]) for place, weight in enumerate(_TURN))
