"""The meta page of a Berkeley DB file or sub-database: which access method, version and layout.

Source: dbinc/db_page.h (struct _dbmeta) of 2.7, 3.0, 3.1 and 5.3. Magic number at 12, version at
16, page size at 20, page type at 25; what follows has moved twice, in 3.0 and in 3.1.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

from plugreg.backends.errors import CatalogCorrupt, FlavourUnavailable

META_SIZE = 512
_METHODS = {0x00061561: "hash", 0x00053162: "btree", 0x00042253: "queue", 0x00074582: "heap"}
_META_TYPES = {"hash": 8, "btree": 9, "recno": 9, "queue": 10, "heap": 14}
_VERSIONS = {
    "hash": range(4, 11),
    "btree": range(6, 11),
    "recno": range(6, 11),
    "queue": range(1, 5),
    "heap": range(1, 3),
}
# The first version with the layout of 3.0, with that of 3.1, and with checksums and encryption.
_NEW_LAYOUTS = {
    "hash": (6, 7, 8),
    "btree": (7, 8, 9),
    "recno": (7, 8, 9),
    "queue": (1, 2, 4),
    "heap": (1, 1, 1),
}
# How many of those a version has reached.
_LAYOUT_3_1, _LAYOUT_4_1 = 2, 3
_BTREE_RECNO, _BTREE_MASTER = 0x02, 0x20
# A damaged magic number is told from another format's by the rest of the page, which must fit.
_FLIPPED_BITS = 2
_FLAG_NAMES = {
    "hash": {1: "duplicates", 4: "sorted duplicates"},
    "btree": {1: "duplicates", 4: "record numbers", 0x40: "sorted duplicates", 0x80: "compressed"},
    "recno": {8: "fixed length", 0x10: "renumbering"},
}


@dataclass(frozen=True, slots=True)
class Meta:
    """What a meta page says.

    Attributes:
        method: "hash", "btree", "recno", "queue" or "heap".
        version: The format version of the access method.
        order: "<" or ">", the byte order of all pages.
        page: The number that the page says it has; 0 but for a sub-database.
        page_size: In bytes.
        page_type: The type byte, 8 for hash, 9 for btree and recno, 10 for queue, 14 for heap.
        flags: The access method's own.
        encrypted: True where all other pages are ciphertext.
        checksummed: True where each page carries a checksum.
        last_page: The number of the last page, or 0 where the format does not tell.
        partitions: How many partition files hold the records; 0 for an ordinary file.
        fields_at: Where the access method's own fields start.
        raw: The first 512 bytes of the page.
    """

    method: str
    version: int
    order: str
    page: int
    page_size: int
    page_type: int
    flags: int
    encrypted: bool
    checksummed: bool
    last_page: int
    partitions: int
    fields_at: int
    raw: bytes

    @property
    def items_at(self) -> int:
        """Where a page's table of items starts: its header grew for checksums."""
        return 32 if self.checksummed else 26

    @property
    def is_master(self) -> bool:
        """Tell whether the records name the sub-databases of the file."""
        return self.method == "btree" and self.page == 0 and bool(self.flags & _BTREE_MASTER)

    def words(self, at: int, count: int) -> tuple[int, ...]:
        """Return `count` unsigned 32-bit words from `at`."""
        return struct.unpack_from(f"{self.order}{count}I", self.raw, at)

    def evidence(self) -> str:
        """Return the facts for people, one line."""
        order = "little" if self.order == "<" else "big"
        names = _FLAG_NAMES.get(self.method, {})
        facts = [name for bit, name in names.items() if self.flags & bit]
        facts += ["checksums"] if self.checksummed else []
        facts += ["encrypted"] if self.encrypted else []
        facts += [f"{self.partitions} partitions"] if self.partitions else []
        kind = "file of several databases (a master btree)" if self.is_master else self.method
        start = f"Berkeley DB {kind}, version {self.version}, {order}-endian; "
        return start + ", ".join([f"page size {self.page_size}", *facts])


def read_meta(raw: bytes) -> Meta | None:
    """Return what a meta page says, or None where the magic number is missing; judges nothing."""
    raw = raw[:META_SIZE]
    if len(raw) < META_SIZE:
        return None
    for order in "<>":
        magic, version, page_size = struct.unpack_from(f"{order}3I", raw, 12)
        if magic in _METHODS:
            return _parsed(_METHODS[magic], version, order, page_size, raw)
    return None


def _parsed(method: str, version: int, order: str, page_size: int, raw: bytes) -> Meta:
    layout = sum(version >= first for first in _NEW_LAYOUTS[method])
    flags_at = ((56 if method == "hash" else 36), 32, 48, 48)[layout]
    word = struct.Struct(f"{order}I").unpack_from
    flags = word(raw, flags_at)[0]
    partitioned = layout == _LAYOUT_4_1 and raw[26] & 6
    return Meta(
        method="recno" if method == "btree" and flags & _BTREE_RECNO else method,
        version=version,
        order=order,
        page=word(raw, 8)[0],
        page_size=page_size,
        page_type=raw[25],
        flags=flags,
        encrypted=layout == _LAYOUT_4_1 and raw[24] != 0,
        checksummed=layout == _LAYOUT_4_1 and bool(raw[26] & 1),
        # Queues leave it at 0, and so do 3.1 and 3.2 altogether.
        last_page=word(raw, 32)[0] if layout >= _LAYOUT_3_1 else 0,
        partitions=word(raw, 36)[0] if partitioned else 0,
        fields_at=((32 if method == "hash" else 40), 56, 72, 72)[layout],
        raw=raw,
    )


def meta_of_broken_magic(raw: bytes) -> Meta | None:
    """Return what a meta page says of which the magic number, and nothing else, is damaged."""
    for order in "<>":
        word = int.from_bytes(raw[12:16], "little" if order == "<" else "big")
        for magic in _METHODS:
            if 0 < (word ^ magic).bit_count() <= _FLIPPED_BITS:
                meta = read_meta(raw[:12] + struct.pack(f"{order}I", magic) + raw[16:])
                if meta is not None and not meta.page and not _problem(meta):
                    return meta
    return None


def require_readable(meta: Meta, path: str) -> None:
    """Refuse a meta page by which the rest of the file cannot be understood.

    Raises:
        FlavourUnavailable: The file is encrypted.
        CatalogCorrupt: Version, page size or page type are none that the format knows.
    """
    problem = _problem(meta)
    if problem:
        raise CatalogCorrupt(
            f"{path}: meta page {meta.page}: {problem}",
            hint="restore it from a backup",
            path=path,
        )
    if meta.encrypted:
        raise FlavourUnavailable(
            f"{path} is an encrypted Berkeley DB {meta.method} database, which plugreg cannot read",
            hint="write it unencrypted with db_dump -P PASSWORD and db_load",
            path=path,
            flavour=f"berkeley-{meta.method}",
        )


def _problem(meta: Meta) -> str:
    layouts = _NEW_LAYOUTS[meta.method]  # 2.x gave its meta pages no type
    if meta.version not in _VERSIONS[meta.method]:
        return f"unknown {meta.method} version {meta.version} at byte 16"
    if meta.page_size not in {1 << bits for bits in range(9, 17)}:
        return f"page size {meta.page_size} at byte 20 is not a power of two from 512 to 65536"
    if meta.page_type != (0 if meta.version < layouts[0] else _META_TYPES[meta.method]):
        return f"page type {meta.page_type} at byte 25 is not that of a {meta.method} meta page"
    return ""
