"""Gzipped tar archives of a small project, and members that lie. Format: POSIX.1-2001, `pax`."""

from __future__ import annotations

import gzip
import io
import tarfile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

PYPROJECT = b"[project]\nname = 'demo'\nversion = '1.0'\n"
BLOCK = tarfile.BLOCKSIZE
END = bytes(2 * BLOCK)


def member(name: str, content: bytes = b"", **fields: object) -> bytes:
    """Return a member: its header, with any field of `TarInfo` set, and its content, padded."""
    info = tarfile.TarInfo(name)
    info.size = len(content)
    for field, value in fields.items():
        setattr(info, field, value)
    return info.tobuf(tarfile.PAX_FORMAT, errors="surrogateescape") + padded(content)


def padded(content: bytes) -> bytes:
    """Return a content as it fills whole blocks."""
    return content + bytes(-len(content) % BLOCK)


def header(name: bytes, size: bytes, kind: bytes = b"0", *, checksum: int | None = None) -> bytes:
    """Return a header made by hand: with any bytes for its size."""
    start = name.ljust(100, b"\0") + b"0000644\0" + b"0000000\0" * 2 + size.ljust(12, b"\0")
    rest = b"00000000000\0" + b"        " + kind
    whole = (start + rest + bytes(100) + b"ustar\x0000").ljust(BLOCK, b"\0")
    summed = sum(whole) if checksum is None else checksum
    return whole[:148] + b"%06o\0 " % summed + whole[156:]


def extended(fields: bytes, *, size: int | None = None, kind: bytes = tarfile.XHDTYPE) -> bytes:
    """Return an extended header of these records; it may say another size than it has."""
    said = b"%011o" % (len(fields) if size is None else size)
    return header(b"././@PaxHeader", said, kind) + padded(fields)


def record(key: str, value: bytes) -> bytes:
    """Return one record of an extended header."""
    rest = b" " + key.encode() + b"=" + value + b"\n"
    size = len(rest)
    while size != len(str(size)) + len(rest):
        size = len(str(size)) + len(rest)
    return str(size).encode() + rest


def sdist(*members: bytes, pyproject: bytes | None = PYPROJECT, end: bytes = END) -> bytes:
    """Return a source archive of a small project with these members more."""
    own = member("demo-1.0/pyproject.toml", pyproject) if pyproject is not None else b""
    code = member("demo-1.0/demo/__init__.py")
    return packed([own, code, *members, end])


def packed(parts: Iterable[bytes]) -> bytes:
    """Return parts as one gzip stream; they may be more than fit into memory."""
    file = io.BytesIO()
    with gzip.GzipFile(fileobj=file, mode="wb", compresslevel=1, mtime=0) as stream:
        for part in parts:
            stream.write(part)
    return file.getvalue()
