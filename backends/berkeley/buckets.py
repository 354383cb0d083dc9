"""The buckets of a hash database: which one a key belongs to, and where it starts.

Source: dbinc/hash.h and dbinc/db_page.h (struct _hashhdr) of 2.7 to 5.3. From `fields_at`:
max_bucket, high_mask, low_mask, ffactor, nelem, h_charkey, spares[32]; 2.x has its flags between
h_charkey and spares.
"""

from __future__ import annotations

import struct

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from .meta import Meta

# What the default hash function makes of the text that every database keeps the hash of.
DEFAULT_CHARKEY = 0x5E688DD1
_FIRST_3_0 = 6
_SPARES = 32
FNV_PRIME = 16777619
# Of keys hashed together, at most so many times their bytes with what fills them up.
_PADDED = 4
# The lanes that they have: bytes, and what `struct` calls such a number.
_NARROW, _WIDE = (4, "I"), (8, "Q")


def default_hash(key: bytes) -> int:
    """Return __ham_func5 of a key (hash/hash_func.c): FNV-1, starting from 0."""
    value = 0
    for byte in key:
        value = (value * FNV_PRIME & 0xFFFFFFFF) ^ byte
    return value


class Buckets:
    """Where each bucket's first page is, and which bucket a hash belongs to."""

    __slots__ = ("_old", "_spares", "hashed", "high_mask", "low_mask", "max_bucket")

    def __init__(self, meta: Meta) -> None:
        self._old = meta.version < _FIRST_3_0
        words = meta.words(meta.fields_at, 6)
        self.max_bucket, self.high_mask, self.low_mask = words[:3]
        self.hashed = words[5] == DEFAULT_CHARKEY
        self._spares = meta.words(meta.fields_at + (28 if self._old else 24), _SPARES)

    def page_of(self, bucket: int) -> int:
        """Return the number of a bucket's first page."""
        return bucket + self._base(bucket.bit_length())

    def _base(self, group: int) -> int:
        if self._old:
            return 1 + (self._spares[group - 1] if group else 0)
        return self._spares[group] if group < _SPARES else 0

    def first_pages(self, count: int) -> Iterator[tuple[int, int]]:
        """Yield each bucket and its first page, but those beyond a file of `count` pages.

        A group of buckets is laid out when the table doubles, and written when it is used.
        """
        start, group = 0, 0
        while start <= self.max_bucket and group < _SPARES:
            end = min((1 << group) - 1, self.max_bucket)
            base = self._base(group)
            for bucket in range(start, min(end, count - 1 - base) + 1):
                yield bucket, base + bucket
            start, group = end + 1, group + 1

    def missing(self, count: int) -> int:
        """Return how many buckets have their first page beyond a file of `count` pages."""
        start, group, number = 0, 0, 0
        while start <= self.max_bucket and group < _SPARES:
            end = min((1 << group) - 1, self.max_bucket)
            number += min(max(self._base(group) + end - count + 1, 0), end - start + 1)
            start, group = end + 1, group + 1
        return number

    def of(self, key: bytes) -> int:
        """Return the bucket of a key by the default hash function, of which few bits count."""
        value, mask = 0, self.high_mask
        factor = FNV_PRIME & mask
        for byte in key:
            value = (value * factor ^ byte) & mask
        return value if value <= self.max_bucket else value & self.low_mask

    def of_all(self, keys: list[bytes]) -> list[int]:
        """Return the bucket of each key: `of` at a third of its cost.

        Each key has a lane of an integer, wide enough for a product; a step takes one byte of every
        key. Shorter keys start later: a zero byte leaves the first value, 0, as it is.
        """
        number, width = len(keys), max(map(len, keys))
        if number * width > _PADDED * sum(map(len, keys)):
            return list(map(self.of, keys))
        factor = FNV_PRIME & self.high_mask
        product = factor.bit_length() + self.high_mask.bit_length()
        lane, code = _NARROW if product <= 8 * _NARROW[0] else _WIDE
        masks = int.from_bytes(self.high_mask.to_bytes(lane, "little") * number, "little")
        padded = b"".join([key.rjust(width, b"\0") for key in keys])
        column, values = bytearray(lane * number), 0
        for place in range(width):
            column[::lane] = padded[place::width]
            values = (values * factor ^ int.from_bytes(column, "little")) & masks
        found = struct.unpack(f"<{number}{code}", values.to_bytes(lane * number, "little"))
        top, low = self.max_bucket, self.low_mask
        return [value if value <= top else value & low for value in found]
