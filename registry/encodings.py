"""Telling what a value is that is no pickle: other encodings are named, and never tried.

Marks: gzip from RFC 1952, zlib from RFC 1950, Zstandard from RFC 8878, bzip2 and xz from their file
formats, Fernet from its specification (a version byte 0x80 and a time below 2**40: in base 64 that
is always "gAAAAA"). Marshal, from Python/marshal.c of CPython, has no mark: its types and lengths
are followed from the start to the end.
"""

from __future__ import annotations

_MARKS = {
    b"\x1f\x8b\x08": "data compressed by gzip",
    b"BZh": "data compressed by bzip2",
    b"\xfd7zXZ\x00": "data compressed by xz",
    b"]\x00\x00": "data compressed by lzma",
    b"\x28\xb5\x2f\xfd": "data compressed by Zstandard",
    b"\x78\x01": "data compressed by zlib",
    b"\x78\x5e": "data compressed by zlib",
    b"\x78\x9c": "data compressed by zlib",
    b"\x78\xda": "data compressed by zlib",
    b"gAAAAA": "data encrypted by Fernet",
}
_JSON = "JSON text"
_BRACKETS = ((b"{", b"}"), (b"[", b"]"), (b'"', b'"'))
_MOST_PARSED = 1024**2
_READ_IT = ", not a pickle: read it with the program that wrote it"
_MARSHAL = "marshal data: not safe to load and bound to one Python version"
# The types of marshal by what follows them: so many bytes, a length and bytes, a number of objects.
_FIXED = {**dict.fromkeys(b"NTFS.", 0), **dict.fromkeys(b"ir", 4), ord("g"): 8, ord("y"): 16}
_LENGTHS = {**dict.fromkeys(b"sutaA", 4), **dict.fromkeys(b"zZf", 1)}
_COUNTS = {**dict.fromkeys(b"([<>", 4), ord(")"): 1}
_LONG, _DICT, _DICT_END = b"l{0"
_CODE = (b"\xe3\x00\x00\x00\x00", b"c\x00\x00\x00\x00")  # of a module: no arguments
_UNTIL_END = -1
_REFERENCE = 0x80


def foreign_encoding(data: bytes) -> str:
    """Return what a value is that is no pickle, and why it is not read; "" where nobody knows.

    >>> foreign_encoding(b'{"a": 1}')
    'JSON text, not a pickle: read it with the program that wrote it'
    """
    known = marked_encoding(data)
    if known not in ("", _MARSHAL) or not _is_text(data):
        return known
    return f"{'plain text or marshal data' if known else 'plain text'}{_READ_IT}"


def marked_encoding(data: bytes) -> str:
    """Return what a value is by its marks and its form, and why it is not read; any text is ""."""
    name = next((name for mark, name in _MARKS.items() if data.startswith(mark)), "")
    if not name and _is_json(data):
        name = _JSON
    if name:
        return f"{name}{_READ_IT}"
    return _MARSHAL if _is_marshal(data) else ""


def _is_json(data: bytes) -> bool:
    """Tell whether a value is JSON, in UTF-8, 16 or 32; of a large one only the ends are seen."""
    inner = data.strip()
    if any(inner.startswith(one) and inner.endswith(two) for one, two in _BRACKETS):
        return True
    if len(data) > _MOST_PARSED:
        return False
    import json

    try:
        json.loads(data)
    except (ValueError, RecursionError):
        return False
    return True


def _is_text(data: bytes) -> bool:
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return False
    return bool(text) and all(char.isprintable() or char in "\t\r\n" for char in text)


def _is_marshal(data: bytes) -> bool:
    if data.startswith(_CODE):
        return True
    try:
        return _marshal_end(data) == len(data)
    except (IndexError, KeyError):
        return False


def _marshal_end(data: bytes) -> int:
    """Return where the object at the start of marshal data ends.

    Raises:
        IndexError, KeyError: It is none.
    """
    at = 0
    missing = [1]  # how many objects each open container still lacks
    while missing:
        if not missing[-1]:
            missing.pop()
            continue
        kind = data[at] & ~_REFERENCE
        at += 1
        if kind == _DICT_END and missing[-1] == _UNTIL_END:
            missing.pop()
            continue
        if missing[-1] > 0:
            missing[-1] -= 1
        at = _marshal_content(data, at, kind, missing)
    return at


def _marshal_content(data: bytes, at: int, kind: int, missing: list[int]) -> int:
    """Return the end of what follows a type; a container is noted as open."""
    if kind in _FIXED:
        return at + _FIXED[kind]
    if kind == _DICT:
        missing.append(_UNTIL_END)
        return at
    if kind == _LONG:
        return at + 4 + 2 * abs(int.from_bytes(data[at : at + 4], "little", signed=True))
    width = _LENGTHS[kind] if kind in _LENGTHS else _COUNTS[kind]
    number = int.from_bytes(data[at : at + width], "little")
    if kind in _COUNTS:
        missing.append(number)
        return at + width
    return at + width + number
