"""Zip archives byte by byte, so that each field of them can lie. Format: PKWARE's APPNOTE, 4.3."""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass, field

METADATA = b"Metadata-Version: 2.1\nName: demo\nVersion: 1.0\nSummary: A demo\n"
DIST_INFO = "demo-1.0.dist-info"
DEFLATED = 8


@dataclass
class Entry:
    """One member; what is None is as the content says."""

    name: bytes
    content: bytes = b""
    method: int = DEFLATED
    flags: int = 0x800  # names are UTF-8
    mode: int = 0o100644
    size: int | None = None
    packed_size: int | None = None
    crc: int | None = None
    packed: bytes | None = None
    local_name: bytes | None = None
    offset: int | None = None
    extra: bytes = b""
    comment: bytes = b""
    disk: int = 0
    at: int = field(default=0, init=False)

    def body(self) -> bytes:
        """Return the packed content."""
        if self.packed is not None:
            return self.packed
        if self.method != DEFLATED:
            return self.content
        packer = zlib.compressobj(9, zlib.DEFLATED, -15)
        return packer.compress(self.content) + packer.flush()

    def fields(self) -> bytes:
        """Return what the local and the central header have in common, up to the lengths."""
        body = self.body()
        return struct.pack(
            "<HHHHHIII", 20, self.flags, self.method, 0, 0x5A21,
            zlib.crc32(self.content) if self.crc is None else self.crc,
            len(body) if self.packed_size is None else self.packed_size,
            len(self.content) if self.size is None else self.size,
        )  # fmt: skip

    def local(self) -> bytes:
        """Return the local header and the packed content."""
        name = self.name if self.local_name is None else self.local_name
        return b"PK\3\4" + self.fields() + struct.pack("<HH", len(name), 0) + name + self.body()

    def central(self) -> bytes:
        """Return the entry of the list at the end."""
        at = self.at if self.offset is None else self.offset
        lengths = struct.pack(
            "<HHHHHII", len(self.name), len(self.extra), len(self.comment), self.disk, 0,
            self.mode << 16, at,
        )  # fmt: skip
        head = b"PK\1\2" + struct.pack("<H", 0x314) + self.fields() + lengths
        return head + self.name + self.extra + self.comment


def end_of(entries: int, size: int, at: int, comment: bytes = b"", disk: int = 0) -> bytes:
    """Return the last record of an archive."""
    numbers = (disk, disk, entries & 0xFFFF, entries & 0xFFFF, size, at, len(comment))
    return b"PK\5\6" + struct.pack("<HHHHIIH", *numbers) + comment


def end64_of(entries: int, size: int, at: int, record_at: int) -> bytes:
    """Return the two records that stand before the last one of an archive that is a large one."""
    record = b"PK\6\6" + struct.pack("<QHHIIQQQQ", 44, 45, 45, 0, 0, entries, entries, size, at)
    return record + b"PK\6\7" + struct.pack("<IQI", 0, record_at, 1)


def zipped(entries: list[Entry], *, before: bytes = b"", comment: bytes = b"") -> bytes:
    """Return an archive of these entries."""
    parts = [before]
    at = len(before)
    for entry in entries:
        entry.at = at
        parts.append(entry.local())
        at += len(parts[-1])
    listed = b"".join(entry.central() for entry in entries)
    return b"".join(parts) + listed + end_of(len(entries), len(listed), at, comment)


def wheel(*entries: Entry, metadata: bytes = METADATA, entry_points: bytes = b"") -> bytes:
    """Return a wheel of a small project with these entries more."""
    own = [Entry(b"demo/__init__.py"), Entry(f"{DIST_INFO}/METADATA".encode(), metadata)]
    if entry_points:
        own.append(Entry(f"{DIST_INFO}/entry_points.txt".encode(), entry_points))
    return zipped([*own, *entries])
