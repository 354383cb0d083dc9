"""The binary dump of GDBM (`gdbm_export`, `gdbm_dump -H binary`), for reading.

Source: gdbm 1.23, src/gdbmexp.c and src/gdbmimp.c. Four lines of text, then key, value, key,
value: each a length and its bytes. The length is a C `unsigned long` that holds `htonl(n)`: 4
bytes, big-endian, from 32-bit writers; followed by 4 zeros from little-endian, preceded by them
from big-endian 64-bit ones. Nothing in the text says which, nor how many there are: what comes
out even at the file's end is right.
"""

from __future__ import annotations

import struct

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from plugreg.backends.errors import CatalogCorrupt

SIGNATURE = b"!\r\n! GDBM FLAT FILE DUMP"
_HEAD_END = b"\r\n!\r\n"
_HEAD_SIZE = 1024
# In this order: a dump of 64-bit big-endian words reads as one of 32-bit words with empty data.
_WORDS = {
    "64-bit, big-endian": struct.Struct(">4xI"),
    "64-bit, little-endian": struct.Struct(">I4x"),
    "32-bit": struct.Struct(">I"),
}
_ZEROS = {"64-bit, big-endian": slice(4), "64-bit, little-endian": slice(4, 8), "32-bit": slice(0)}


class BinaryDump:
    """The records of an open dump, in its order.

    `read(size, at)` gives bytes that are in the file; `fail` makes the error of a problem.
    """

    def __init__(
        self, read: Callable[[int, int], bytes], size: int, fail: Callable[[str], CatalogCorrupt]
    ) -> None:
        self._read = read
        self._size = size
        self._fail = fail

    def records(self, warnings: list[str]) -> Iterator[tuple[bytes, bytes]]:
        """Yield every (key, value); raises where no kind of length comes out even."""
        start = self._start()
        ends = {kind: self._walk(kind, start) for kind in _WORDS}
        for kind, (end, number) in ends.items():
            if end == self._size and number % 2 == 0:
                yield from self._pairs(kind, start, number // 2, warnings)
                return
        end = max(end for end, _ in ends.values())
        raise self._fail(f"truncated, or damaged before byte {end}: no kind of length fits")

    def salvage(self, losses: list[str]) -> Iterator[tuple[bytes, bytes]]:
        """Yield the records before the damage, with the lengths that get furthest."""
        start = self._start()
        ends = {kind: self._walk(kind, start) for kind in _WORDS}
        furthest = max(end for end, _ in ends.values())
        kind = next(kind for kind in _WORDS if ends[kind][0] >= furthest - 16)
        end, number = ends[kind]
        if end != self._size or number % 2:
            losses.append(f"{self._size - end} bytes from byte {end} on")
        yield from self._pairs(kind, start, number // 2, losses)

    def _start(self) -> int:
        head = self._read(min(_HEAD_SIZE, self._size), 0)
        end = head.find(_HEAD_END, len(SIGNATURE))
        if not head.startswith(SIGNATURE) or end < 0:
            raise self._fail("the text at its start is not that of a GDBM dump")
        return end + len(_HEAD_END)

    def _walk(self, kind: str, at: int) -> tuple[int, int]:
        """Return where the lengths stop to make sense, and how many data there are before."""
        word, zeros, number = _WORDS[kind], _ZEROS[kind], 0
        while at + word.size <= self._size:
            data = self._read(word.size, at)
            following = at + word.size + word.unpack(data)[0]
            if any(data[zeros]) or following > self._size:
                break
            at, number = following, number + 1
        return at, number

    def _pairs(
        self, kind: str, at: int, number: int, warnings: list[str]
    ) -> Iterator[tuple[bytes, bytes]]:
        word, value = _WORDS[kind], b"-"
        for _ in range(number):
            key, at = self._datum(word, at)
            value, at = self._datum(word, at)
            yield key, value
        if not value:
            warnings.append(
                "the last value is empty: gdbm up to 1.26 stops a dump at the first empty key or"
                " value, so records may be missing"
            )

    def _datum(self, word: struct.Struct, at: int) -> tuple[bytes, int]:
        size = word.unpack(self._read(word.size, at))[0]
        return self._read(size, at + word.size), at + word.size + size
