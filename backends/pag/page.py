"""One page of a .pag file.

Layout (sdbm of perl 5.36, sdbm/pair.c; ndbm.c of 4.3BSD and OpenSolaris; the same in both): 1,024
bytes of 16-bit words in the writer's byte order. Word 0 is the number n of offsets, even, 0 for an
empty page; then n offsets, of a key and its value in turn. The bytes fill the page from its end:
a key ends where the value before it starts, the first one at 1,024.
"""

from __future__ import annotations

import struct

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Literal

    ByteOrder = Literal["little", "big"]

PAGE_SIZE = 1024
BYTE_ORDERS: tuple[ByteOrder, ...] = ("little", "big")
_MARKS = {"little": "<", "big": ">"}
_WORD = 2


def offsets_of(page: bytes, order: ByteOrder) -> tuple[int, ...] | None:
    """Return the offsets that a page starts with, () for an empty page, None where none fit."""
    count = int.from_bytes(page[:_WORD], order)
    if not count:
        return ()
    lowest = _WORD * (count + 1)
    if count % 2 or lowest > PAGE_SIZE or len(page) < PAGE_SIZE:
        return None
    offsets = struct.unpack_from(f"{_MARKS[order]}{count}H", page, _WORD)
    end = PAGE_SIZE
    for offset in offsets:
        if not lowest <= offset <= end:
            return None
        end = offset
    return offsets


def pairs_of(page: bytes, offsets: tuple[int, ...]) -> Iterator[tuple[bytes, bytes]]:
    """Yield (key, value) in the order of a page whose offsets are good."""
    end = PAGE_SIZE
    for place in range(0, len(offsets), 2):
        key, value = offsets[place], offsets[place + 1]
        yield page[key:end], page[value:key]
        end = value


def packed(pairs: list[tuple[bytes, bytes]], order: ByteOrder) -> bytes:
    """Return the page that holds the pairs; they must fit (see `room_for`)."""
    offsets: list[int] = []
    end = PAGE_SIZE
    for key, value in pairs:
        offsets += (end - len(key), end - len(key) - len(value))
        end = offsets[-1]
    table = struct.pack(f"{_MARKS[order]}{len(offsets) + 1}H", len(offsets), *offsets)
    body = b"".join(value + key for key, value in reversed(pairs))
    return table + bytes(end - len(table)) + body


def added(page: bytes, key: bytes, value: bytes, order: ByteOrder) -> bytes | None:
    """Return a good page with one more pair behind the others, or None where there is no room."""
    mark, count = _MARKS[order], int.from_bytes(page[:_WORD], order)
    table = _WORD * (count + 1)
    end = int.from_bytes(page[table - _WORD : table], order) if count else PAGE_SIZE
    start = end - len(key) - len(value)
    if start < table + 2 * _WORD:
        return None
    whole = bytearray(page)
    struct.pack_into(f"{mark}H", whole, 0, count + 2)
    struct.pack_into(f"{mark}2H", whole, table, end - len(key), start)
    whole[start:end] = value + key
    return bytes(whole)
