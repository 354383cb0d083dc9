"""GDBM's hash of a key (gdbm 1.23, src/hash.c, `_gdbm_hash`): 31 bits.

    value = 0x238F13AF * length
    for each byte c at i: value = (value + (c << (i * 5 % 24))) & 0x7fffffff
    value = (1103515243 * value + 12345) & 0x7fffffff

All of it is linear modulo 2**31, so the loop is a weighted sum, which `sum(map(mul, ...))` does
in C. `c` is a plain C char: signed on x86, unsigned on ARM, PowerPC and s390x. The two differ for
keys with a byte from 0x80 on, and a file holds what its writers' machines made.
"""

from __future__ import annotations

from operator import mul

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


def _weighed(data: bytes) -> int:
    """Return the weighted sum, by the places of the weights' cycle: quick for long keys, too."""
    return sum(weight * sum(data[place::_PERIOD]) for place, weight in enumerate(_TURN))
