"""The hash function of sdbm (perl 5.36, sdbm/hash.c): h = c + 65599 * h for each byte c.

c is a plain C char: signed on x86, unsigned on ARM, PowerPC and s390x, so that keys with bytes from
0x80 on have two hashes, by the machine that wrote the file.
"""

from __future__ import annotations

import platform
import sys

_WORD = 0xFFFFFFFF
_SIGNED_MACHINES = ("x86_64", "amd64", "i386", "i486", "i586", "i686", "x86")


def signed_hash(key: bytes) -> int:
    """Return the 32-bit hash of a key where C's char is signed."""
    hashed = 0
    for byte in key:
        hashed = (byte - (byte >> 7 << 8) + 65599 * hashed) & _WORD
    return hashed


def unsigned_hash(key: bytes) -> int:
    """Return the 32-bit hash of a key where C's char is unsigned."""
    hashed = 0
    for byte in key:
        hashed = (byte + 65599 * hashed) & _WORD
    return hashed


def hash_here(key: bytes) -> int:
    """Return the hash that an sdbm library of this machine computes."""
    return signed_hash(key) if _char_is_signed() else unsigned_hash(key)


def _char_is_signed() -> bool:
    if sys.platform in ("darwin", "win32"):  # these make it signed on every processor
        return True
    return platform.machine().lower() in _SIGNED_MACHINES
