"""Binary dumps of GDBM as 64-bit little-endian machines write them. Layout: see the reader."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_HEAD = b"!\r\n! GDBM FLAT FILE DUMP -- THIS IS NOT A TEXT FILE\r\n! a test\r\n!\r\n"
_WORD = struct.Struct(">I4x")


def write_binary(records: Iterable[tuple[bytes, bytes]]) -> Iterator[bytes]:
    """Yield the parts of a dump."""
    yield _HEAD
    for record in records:
        for datum in record:
            yield _WORD.pack(len(datum)) + datum
