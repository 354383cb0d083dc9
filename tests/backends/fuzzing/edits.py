"""Edits of a database's files, small enough to be kept as JSON.

An edit is a list: its word, the file that it changes, and numbers or hexadecimal bytes. Places
beyond the end of what an earlier edit left are brought back into it, so any list can be applied.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

Files = dict[str, bytes]
Edit = list[str | int]


def edited(files: Files, edits: Sequence[Edit], other: Callable[[str], Files]) -> Files:
    """Return the files after the edits; `other` gives those of a source that a splice names."""
    result = dict(files)
    for word, file, *arguments in edits:
        name = str(file)
        if word == "lose":
            result.pop(name, None)
        elif word == "splice":
            at, source, source_file, start, size = arguments
            given = other(str(source)).get(str(source_file), b"")
            piece = given[int(start) : int(start) + int(size)]
            result[name] = _put(result.get(name, b""), int(at), piece)
        else:
            result[name] = _EDITS[str(word)](result.get(name, b""), *arguments)
    return result


def _put(data: bytes, at: int, piece: bytes) -> bytes:
    at = min(at, len(data))
    return data[:at] + piece + data[at + len(piece) :]


def _flip(data: bytes, at: int, bit: int) -> bytes:
    return _put(data, at, bytes([data[at] ^ 1 << bit])) if at < len(data) else data


def _copy(data: bytes, start: int, at: int, size: int) -> bytes:
    return _put(data, at, data[start : start + size])


def _swap(data: bytes, first: int, second: int, size: int) -> bytes:
    one, two = data[first : first + size], data[second : second + size]
    return _put(_put(data, first, two), second, one)


_EDITS: dict[str, Callable[..., bytes]] = {
    "put": lambda data, at, piece: _put(data, at, bytes.fromhex(piece)),
    "flip": _flip,
    "fill": lambda data, at, size, byte: _put(data, at, bytes([byte]) * size),
    "cut": lambda data, size: data[:size],
    "grow": lambda data, size, byte: data + bytes([byte]) * size,
    "drop": lambda data, at, size: data[:at] + data[at + size :],
    "insert": lambda data, at, piece: data[:at] + bytes.fromhex(piece) + data[at:],
    "copy": _copy,
    "swap": _swap,
}
