"""Which bytes of a file are keys and values, and which tell where these are.

A format without checksums cannot notice a flip inside a value. Damage to anything else it can, as
far as it says things twice; so that is told apart here, by looking for the records' bytes.
"""

from __future__ import annotations

import base64
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from .edits import Files

SURE = 4  # bytes; what is shorter may stand anywhere by chance
_WHOLE = 64  # bytes; a longer datum may be in pieces
# No comment, and no `name=value`: base64 may end in `=`, but not in the middle.
_TEXT_LINES = re.compile(rb"^(?!#|[A-Za-z_]+=[^=\n]).*$", re.MULTILINE)


def payload_mask(data: bytes, records: Iterable[tuple[bytes, bytes]]) -> bytes:
    """Return a byte for each of the file's: 0xFF where a key or a value may stand, else 0."""
    mask = bytearray(len(data))
    for piece in {piece for record in records for piece in _pieces(*record)}:
        at = data.find(piece)
        while at >= 0:
            mask[at : at + len(piece)] = b"\xff" * len(piece)
            at = data.find(piece, at + 1)
    return bytes(mask)


def text_mask(data: bytes) -> bytes:
    """Return the mask of a text in which every line is a datum that is no comment or header."""
    mask = bytearray(len(data))
    for match in _TEXT_LINES.finditer(data):
        mask[match.start() : match.end()] = b"\xff" * (match.end() - match.start())
    return bytes(mask)


def _pieces(key: bytes, value: bytes) -> Iterator[bytes]:
    """Yield what a record may look like in a file; long values may be in pieces themselves."""
    for datum in (key, value, key + value, value + key):
        if len(datum) >= SURE:
            yield datum
    for long in (key, value):
        yield from (long[at : at + 8] for at in range(len(long) - 7) if len(long) > _WHOLE)
    yield from (form(datum) for datum in (key, value) if len(datum) >= SURE for form in _FORMS)


_FORMS = (
    base64.b64encode,
    lambda datum: datum.hex().encode(),
    lambda datum: repr(datum.decode("latin-1"))[1:-1].encode("latin-1"),
)


def touches_payload(before: Files, after: Files, masks: Files) -> bool:
    """Tell whether a byte under a mask differs; what was cut off does not count as changed."""
    for name, mask in masks.items():
        old, new = before[name], after.get(name, b"")
        size = min(len(old), len(new))
        if old[:size] == new[:size]:
            continue
        changed = int.from_bytes(old[:size], "little") ^ int.from_bytes(new[:size], "little")
        if changed & int.from_bytes(mask[:size], "little"):
            return True
    return False
