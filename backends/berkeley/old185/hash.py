"""Reading a hash file of Berkeley DB 1.85 (version 2), which BSD's and macOS's ndbm makes, too.

Source: hash/hash.h and hash/page.h of 1.85. The header of 260 bytes is always big-endian: magic,
version, lorder at 8 (1234 or 4321, of the pages), bucket size 12, ovfl_point 32, max_bucket 40,
high_mask 44, low_mask 48, nkeys 56, hdrpages 60, h_charkey 64, spares[32] 68. A page is u16 words:
n, then n entries in pairs, free bytes, lowest byte used.
"""

from __future__ import annotations

import struct

from plugreg.backends.errors import CatalogCorrupt

from .blocks import Blocks, Old185Reader

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

MAGIC = 0x061561
HEADER_SIZE = 260
# Second words of a pair that are no offsets (page.h: OVFLPAGE to FULL_KEY_DATA, REAL_KEY).
_OVERFLOW, _PARTIAL_KEY, _FULL_KEY, _FULL_KEY_DATA, _REAL_KEY = range(5)
_DEFAULT_CHARKEY = 0x956E7DE3  # what the default hash function makes of "%$sniglet^&" and a NUL
_ORDERS = {1234: "<", 4321: ">"}
_PAIR_AND_TAIL = 4  # words: a pair of entries, free bytes, lowest byte used
_LEAST_TABLE = 8  # bytes of a page before its data: the number of entries, a pair, a tail


class Old185HashReader(Old185Reader):
    """A 1.85 hash file."""

    method = "hash"
    header_size = HEADER_SIZE

    _max_bucket: int
    _header_pages: int

    def _read_header(self, head: bytes) -> None:
        if len(head) < HEADER_SIZE:
            raise self._bad_header("its header is cut")
        words = struct.unpack(">17I", head[:68])
        order, size = words[2], words[3]
        if order not in _ORDERS:
            raise self._bad_header(f"byte order {order} at byte 8 is neither 1234 nor 4321")
        if size not in {1 << bits for bits in range(6, 17)}:
            raise self._bad_header(
                f"bucket size {size} at byte 12 is not a power of two from 64 to 65536"
            )
        self._max_bucket, high, low = words[10:13]
        self._high_mask, self._low_mask = high, low
        self._keys_told, self._header_pages, charkey = words[14:17]
        self._is_hashed = charkey == _DEFAULT_CHARKEY
        self._spares = struct.unpack_from(">32I", head, 68)
        if high & (high + 1) or low != high >> 1 or not low <= self._max_bucket <= high:
            raise self._bad_header(f"bucket {self._max_bucket} and masks {high}, {low} do not fit")
        self.blocks.set_layout(size, _ORDERS[order])

    def _page_of(self, bucket: int) -> int:
        base: int = self._spares[bucket.bit_length() - 1] if bucket else 0
        return bucket + self._header_pages + base

    def _overflow_page(self, address: int) -> int:
        """Return the page of an overflow address: its split point, then a number from there."""
        if not address:
            return 0
        return self._page_of((1 << (address >> 11)) - 1) + (address & 0x7FF)

    def _walk(self) -> Iterator[tuple[bytes, bytes]]:
        self._require_whole()
        found = 0
        budget = _Budget(self.blocks)
        for bucket in self._buckets():
            for record in self._bucket(self._page_of(bucket), budget):
                self._require_home(record[0], bucket)
                found += 1
                yield record
        if found != self._keys_told:
            raise self._bad_header(
                f"{found} records are there, {self._keys_told} are told at byte 56"
            )

    def _require_whole(self) -> None:
        if self.blocks.file_size % self.blocks.size:
            raise self._bad_header(
                f"the file is cut: {self.blocks.file_size} bytes are no whole pages"
            )

    def salvage(self) -> Iterator[tuple[bytes, bytes]]:
        """Yield the records of each bucket up to its damage."""
        self._require_open()
        self.losses = []
        found = 0
        for bucket in self._buckets():
            try:
                for record in self._bucket(self._page_of(bucket), _Budget(self.blocks)):
                    self._require_home(record[0], bucket)
                    found += 1
                    yield record
            except CatalogCorrupt as error:
                self.losses.append(error.message)
        if found < self._keys_told:
            self.losses.append(f"{self._keys_told - found} of {self._keys_told} records")

    def _require_home(self, key: bytes, bucket: int) -> None:
        """Check a key's bucket by the default hash function (hash/hash_func.c, hash4)."""
        if not self._is_hashed:
            return
        home = 0
        for byte in key:
            home = home * 33 + byte & self._high_mask
        if bucket != (home if home <= self._max_bucket else home & self._low_mask):
            raise self.blocks.broken(
                self._page_of(bucket), f"the key {key[:40]!r} does not belong to bucket {bucket}"
            )

    def _buckets(self) -> Iterator[int]:
        """Yield the buckets that lie in the file, by groups of one split point."""
        start, group = 0, 0
        while start <= self._max_bucket:
            end = min((1 << group) - 1, self._max_bucket)
            in_file = self.blocks.count - (self._page_of(start) - start)
            yield from range(start, min(end, in_file - 1) + 1)
            start, group = end + 1, group + 1

    def _bucket(self, number: int, budget: _Budget) -> Iterator[tuple[bytes, bytes]]:
        """Yield the records of a bucket's chain of pages."""
        while number:
            page, words = self._entries(number, budget)
            following = 0
            end = self.blocks.size
            for place in range(0, len(words) - 2, 2):
                at, mark = words[place : place + 2]
                if mark >= _REAL_KEY:
                    if not 2 * len(words) + 2 <= mark <= at <= end:
                        raise self.blocks.broken(number, f"a pair at offset {mark} does not fit")
                    yield page[at:end], page[mark:at]
                    end = mark
                elif mark == _OVERFLOW and place == len(words) - 4:
                    following = self._overflow_page(at)
                elif place == 0:
                    key, value, following = self._big(number, page, words, budget)
                    yield key, value
                    break
                else:
                    raise self.blocks.broken(number, f"a mark {mark} in entry {place}")
            number = following

    def _entries(self, number: int, budget: _Budget) -> tuple[bytes, tuple[int, ...]]:
        """Return a page and its words: the entries, the free bytes, the lowest byte used."""
        page = self.blocks.page(number)
        budget.spend(number)
        entries: int = self.blocks.u16(page, 0)[0]
        if not entries:
            return page, (0, 0)
        if entries % 2 or 2 * entries + 6 > self.blocks.size:
            raise self.blocks.broken(number, f"it says {entries} entries")
        words = struct.unpack_from(f"{self.blocks.order}{entries + 2}H", page, 2)
        return page, words

    def _big(
        self, number: int, page: bytes, words: tuple[int, ...], budget: _Budget
    ) -> tuple[bytes, bytes, int]:
        """Return key and value that fill pages of their own, and the bucket's next page."""
        key: list[bytes] = []
        while words[1] == _PARTIAL_KEY:
            key.append(self._part(number, page, words[0], self.blocks.size))
            number = self._overflow_page(words[-4])
            page, words = self._big_page(number, budget)
        if words[1] not in (_FULL_KEY, _FULL_KEY_DATA):
            raise self.blocks.broken(number, f"a mark {words[1]} in a large key")
        key.append(self._part(number, page, words[0], self.blocks.size))
        following = self._overflow_page(words[-4])
        value: list[bytes] = []
        if words[1] == _FULL_KEY_DATA:
            value.append(self._part(number, page, words[-3], words[0]))
            if words[-2]:  # room is left, so the value ends here
                return b"".join(key), b"".join(value), self._next_of(words)
        while True:
            number = following
            page, words = self._big_page(number, budget)
            value.append(self._part(number, page, words[0], self.blocks.size))
            if words[1] == _FULL_KEY_DATA:
                return b"".join(key), b"".join(value), self._next_of(words)
            if words[1] != _FULL_KEY:
                raise self.blocks.broken(number, f"a mark {words[1]} in a large value")
            following = self._overflow_page(words[-4])

    def _next_of(self, words: tuple[int, ...]) -> int:
        """Return the bucket's page after a large pair: the last pair of entries names it."""
        return self._overflow_page(words[-4]) if len(words) > _PAIR_AND_TAIL else 0

    def _big_page(self, number: int, budget: _Budget) -> tuple[bytes, tuple[int, ...]]:
        page, words = self._entries(number, budget)
        if len(words) < _PAIR_AND_TAIL:
            raise self.blocks.broken(number, "an empty page in a large pair")
        return page, words

    def _part(self, number: int, page: bytes, start: int, end: int) -> bytes:
        if not _LEAST_TABLE <= start <= end:
            raise self.blocks.broken(number, f"a part of a large pair at offset {start}")
        return page[start:end]


class _Budget:
    """How many pages a walk may still visit."""

    def __init__(self, blocks: Blocks) -> None:
        self._blocks = blocks
        self._left = blocks.count

    def spend(self, number: int) -> None:
        self._left -= 1
        if self._left < 0:
            raise self._blocks.broken(number, "pages are named more than once: an endless chain")
