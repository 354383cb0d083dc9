"""Telling what a value is that is no pickle: other encodings are named, and never tried.

Marks: marshal from Python/marshal.c of CPython, gzip from RFC 1952, zlib from RFC 1950, bzip2 and xz
from their file formats, Zstandard from RFC 8878, Fernet from its specification (version 0x80 and a
time below 2**40, in base 64 always "gAAAAA").
"""

from __future__ import annotations

_MARKS = {
    b"\x1f\x8b\x08": "data compressed by gzip",
    b"BZh": "data compressed by bzip2",
    b"\xfd7zXZ\x00": "data compressed by xz",
    b"]\x00\x00": "data compressed by lzma",
    b"\x28\xb5\x2f\xfd": "data compressed by Zstandard",
    b"gAAAAA": "data encrypted by Fernet",
    b"SQLite format 3\x00": "a SQLite database",
    b"\x89PNG": "a PNG image",
}
# Second byte by level; the two make a multiple of 31.
_ZLIB = (b"\x78\x01", b"\x78\x5e", b"\x78\x9c", b"\x78\xda")
# The types of marshal: scalars, texts, tuples, lists, dicts, sets, code; the top bit marks a
# reference. No pickle that plain data makes starts with any of these and is whole.
_MARSHAL = b"NTF.0ilgysuatzAZ()[{<>cr"
_REFERENCE = 0x80
_READ_IT = "read it with the program that wrote it"


def foreign_encoding(data: bytes) -> str:
    """Return what a value is that is no pickle, and why it is not read; "" where nothing is known.

    >>> foreign_encoding(b'{"a": 1}')
    'JSON text, not a pickle: read it with the program that wrote it'
    """
    for mark, name in _MARKS.items():
        if data.startswith(mark):
            return f"{name}, not a pickle: {_READ_IT}"
    if data.startswith(_ZLIB):
        return f"data compressed by zlib, not a pickle: {_READ_IT}"
    if _is_json(data):
        return f"JSON text, not a pickle: {_READ_IT}"
    if _is_marshal(data):
        return "marshal data: not safe to load and bound to one Python version"
    if _is_text(data):
        return f"plain text, not a pickle: {_READ_IT}"
    return ""


def _is_json(data: bytes) -> bool:
    if data[:1] not in b'{["' or not data:
        return False
    from json import loads

    try:
        loads(data)
    except (ValueError, RecursionError):
        return False
    return True


def _is_marshal(data: bytes) -> bool:
    """Tell whether the types and lengths of marshal fit the data from its start to its end."""
    from .marshal_walk import is_marshal

    return is_marshal(data)


def _is_text(data: bytes) -> bool:
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return False
    return bool(text) and all(char.isprintable() or char in "\t\r\n" for char in text)
