"""Naming what is not ours: other databases, and what is no database, by their magic numbers.

Sources: LMDB (mdb.c, MDB_MAGIC), QDBM (depot.c), Tokyo Cabinet (tchdb.c), Kyoto Cabinet
(kchashdb.h), rpm (rpmpkg.c), semidbm (loaders), Berkeley DB (dbinc/log.h, dbinc/region.h), TDB
(tdb_private.h); for the others the `magic` files of file(1).
"""

from __future__ import annotations

import json
import os

from .errors import CatalogError
from .regular import open_regular


class Lookalike:
    """What a file of another kind is.

    Attributes:
        what: With its article, such as "an LMDB database".
        instead: What to do with it, one phrase.
        is_database: True for a database that plugreg does not read.
        salvaged_as: The flavour as which it can be salvaged, or "".
    """

    __slots__ = ("instead", "is_database", "salvaged_as", "what")

    def __init__(
        self, what: str, instead: str, *, is_database: bool = False, salvaged_as: str = ""
    ) -> None:
        self.what = what
        self.instead = instead
        self.is_database = is_database
        self.salvaged_as = salvaged_as


_SHORTEST = 12  # the smallest DBM file that says what it is has more bytes
_DUMP_IT = "dump it with its own tool, and load the dump"
_NO_DATA = "name the database file beside it"
_UNPACK = "unpack it first"
_SEMIDBM = "read it with the semidbm package"
_DISKCACHE = "read it with the diskcache package"
_LMDB = ("an LMDB database", "read it with the lmdb package, or dump it with mdb_dump")
_LMDB_MAGIC = 0xBEEFC0DE
_LOG_MAGIC = 0x00040988
_REGION_MAGIC = 0x00120897
_TOKYO = ("a Tokyo Cabinet database", "dump it with tchmgr, tcbmgr or tcfmgr (list -pv)")
_KYOTO = ("a Kyoto Cabinet database", "dump it with kchashmgr or kctreemgr (list -pv)")


def _words(number: int) -> tuple[bytes, bytes]:
    return number.to_bytes(4, "little"), number.to_bytes(4, "big")


# (offset, the bytes there, what it is, what to do instead)
_MAGICS = (
    *((16, word, *_LMDB) for word in _words(_LMDB_MAGIC)),
    *((0, word, "an LMDB lock file, not a database", _NO_DATA) for word in _words(_LMDB_MAGIC)),
    *(
        (12, word, "a Berkeley DB log file, not a database", _NO_DATA)
        for word in _words(_LOG_MAGIC)
    ),
    *(
        (0, word, "a Berkeley DB environment region file, not a database", _NO_DATA)
        for word in _words(_REGION_MAGIC)
    ),
    *(
        (0, magic, "a QDBM depot database", "dump it with dpmgr list")
        for magic in (b"[DEPOT]\n\f", b"[depot]\n\f")
    ),
    (0, b"ToKyO CaBiNeT", *_TOKYO),
    (0, b"KC\n\0", *_KYOTO),
    (0, b"RpmP", "an rpm NDB package database", "ask rpm --exportdb"),
    (0, b"SEMI", "the data file of a semidbm database", _SEMIDBM),
    (0, b"TDB file\n", "a TDB file of a version other than 6", "dump it with tdbdump"),
    (0, b"NTDB file\n", "an NTDB file", "dump it with ntdbdump"),
    (0, b"GDBM\0\0\0", "the .dir marker of a GDBM pair", "name the pair; its .pag has the records"),
    (0, b"SQLite f", "the beginning of a damaged SQLite database", "restore it from a backup"),
    (0, b"\x1f\x8b", "a gzip file", _UNPACK),
    (0, b"BZh", "a bzip2 file", _UNPACK),
    (0, b"\xfd7zXZ\0", "an xz file", _UNPACK),
    (0, b"\x28\xb5\x2f\xfd", "a zstd file", _UNPACK),
    (0, b"PK\x03\x04", "a zip file", _UNPACK),
    (0, b"PK\x05\x06", "an empty zip file", _UNPACK),
    (257, b"ustar", "a tar file", _UNPACK),
    (0, b"\x7fELF", "a program (ELF)", "name a database"),
    (0, b"%PDF-", "a PDF document", "name a database"),
)
_SQLITE_MAGIC = b"SQLite format 3\0"
_BITS_FLIPPED = 2
# The opcode PROTO with 2 or 3; from 4 on a frame follows (CPython, Lib/pickletools.py).
_PICKLES = (b"\x80\x02", b"\x80\x03", b"\x80\x04\x95", b"\x80\x05\x95")


def lookalike(head: bytes, size: int) -> Lookalike | None:
    """Return what a file of another kind is, from its first bytes and its size in bytes.

    None for bytes that nothing is known of.
    """
    for offset, magic, what, instead in _MAGICS:
        if head.startswith(magic, offset):
            return Lookalike(what, instead, is_database="database" in what.partition(",")[0])
    return _broken(head, size) or _not_binary(head, size)


def _broken(head: bytes, size: int) -> Lookalike | None:
    """Return what is damaged beyond its magic number."""
    flipped = sum((a ^ b).bit_count() for a, b in zip(head[:16], _SQLITE_MAGIC, strict=False))
    if len(head) >= len(_SQLITE_MAGIC) and 0 < flipped <= _BITS_FLIPPED:
        return Lookalike(
            f"a SQLite database whose magic number is broken ({flipped} bits)",
            "restore it from a backup",
            salvaged_as="sqlite3",
        )
    from .berkeley.meta import meta_of_broken_magic

    meta = meta_of_broken_magic(head)
    if meta is not None:
        return Lookalike(
            f"a Berkeley DB {meta.method} file with a wrong magic number at byte 12",
            "restore it from a backup",
        )
    if head and not any(head):
        of_all = "holds only zero bytes" if len(head) >= size else "starts with zero bytes only"
        return Lookalike(f"no database: it {of_all}, perhaps lost data", "look for a backup")
    return None


def _not_binary(head: bytes, size: int) -> Lookalike | None:
    if _is_pickle(head, size):
        return Lookalike("a Python pickle, not a database", "load it only if you trust its maker")
    if _is_json(head, size):
        return Lookalike("JSON text, not a database", "read it as what it is")
    if size < _SHORTEST:
        return Lookalike(f"too short to be any DBM file ({size} bytes)", "look for a backup")
    if is_text(head):
        return Lookalike(
            "text, not a database", "`plugreg load` makes one of what `plugreg dump` printed"
        )
    return None


def _is_pickle(head: bytes, size: int) -> bool:
    """Tell whether it starts as protocols 2 to 5 do, and, where all of it is there, ends so."""
    return head.startswith(_PICKLES) and (size > len(head) or head.endswith(b"."))


def _is_json(head: bytes, size: int) -> bool:
    if head.lstrip()[:1] not in (b"{", b"["):
        return False
    if size > len(head):  # only the start is here
        return is_text(head) and head.lstrip()[1:].lstrip()[:1] in (b'"', b"{", b"[", b"]", b"}")
    try:
        json.loads(head)
    except (ValueError, RecursionError):
        return False
    return True


def is_text(head: bytes) -> bool:
    """Tell whether the bytes are printable UTF-8; the last character may be cut."""
    for cut in range(4):
        try:
            text = head[: len(head) - cut].decode()
        except UnicodeDecodeError:
            continue
        return all(character.isprintable() or character in "\r\n\t\f" for character in text)
    return False


def folder_lookalike(path: str) -> Lookalike | None:
    """Return what kind of database a directory is, or None."""
    names = set(os.listdir(path)) if os.access(path, os.R_OK) else set()
    if "data.mdb" in names:
        return Lookalike("an LMDB environment", _LMDB[1], is_database=True)
    if "CURRENT" in names and any(name.startswith("MANIFEST-") for name in names):
        return Lookalike("a LevelDB or RocksDB directory", _DUMP_IT, is_database=True)
    if "data" in names and _starts_with(os.path.join(path, "data"), b"SEMI"):
        return Lookalike("a semidbm directory", _SEMIDBM, is_database=True)
    if "cache.db" in names and _starts_with(os.path.join(path, "cache.db"), _SQLITE_MAGIC):
        return Lookalike("a diskcache directory", _DISKCACHE, is_database=True)
    return None


def _starts_with(path: str, magic: bytes) -> bool:
    try:
        with open(path, "rb", opener=open_regular) as file:
            return file.read(len(magic)) == magic
    except (OSError, CatalogError):
        return False


def sqlite_application(tables: set[str]) -> str:
    """Return whose the tables of a SQLite file are, or ""."""
    if {"Cache", "Settings"} <= tables:
        return "diskcache"
    if tables == {"unnamed"}:
        return "sqlitedict"
    return ""
