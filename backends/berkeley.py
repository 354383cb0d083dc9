"""Flavour `berkeley-hash`: a Berkeley DB hash file, over `dbm.ndbm` where that is Berkeley DB.

Meta page (Berkeley DB 5.3, dbinc/db_page.h): magic 0x00061561 at 12, version at 16, in the writer's
byte order. `dbm.ndbm` opens a name to which it appends `.db` itself, and takes no lock at all.
"""

from __future__ import annotations

import importlib.util

from .errors import CatalogError, FlavourUnavailable
from .flavour import Flavour
from .footprint import FILE_SUFFIX
from .module_store import ModuleStore

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Literal

    from .footprint import Footprint
    from .locking import WriterLock

_HASH_MAGIC = 0x00061561
_META_SIZE = 72
# libdb 5.3 takes the pages of some version 7 files for new ones and writes empty ones over them.
_SAFE_VERSIONS = (8, 9)


def missing_berkeley_module() -> str:
    """Return why `dbm.ndbm` is not here, or is no Berkeley DB, or ""."""
    if importlib.util.find_spec("_dbm") is None:
        return "this Python has no dbm.ndbm (Debian's /usr/bin/python3 has it)"
    import dbm.ndbm

    library = str(dbm.ndbm.library)
    return "" if library == "Berkeley DB" else f"this Python's dbm.ndbm is {library}"


class NdbmStore(ModuleStore):
    """A store over `dbm.ndbm`, with what the module gets wrong put right.

    It loses an empty key and all that lie behind it: refused. It lists a key with an empty value,
    but finds nothing under it: such keys are remembered.
    """

    _empty: set[bytes] | None = None

    def _stored(self, key: bytes) -> bytes | None:
        value = super()._stored(key)
        return b"" if value is None and key in self._empty_keys() else value

    def _empty_keys(self) -> set[bytes]:
        """Return the keys with empty values; looked for once, at the first key not found."""
        if self._empty is None:
            keys = self._call(self._database.keys)
            # None, or empty: it depends on what the library had in its buffer.
            self._empty = {key for key in keys if not self._call(self._database.get, key)}
        return self._empty

    def _write(self, key: bytes, value: bytes | None) -> None:
        super()._write(key, value)
        if value == b"":
            self._empty_keys().add(key)
        elif self._empty is not None:
            self._empty.discard(key)

    def _put(self, key: bytes, value: bytes) -> None:
        if not key:
            raise CatalogError(
                f"{self.path}: dbm.ndbm cannot keep an empty key",
                hint="use another key, or another flavour",
                code="key-not-allowed",
                path=self.path,
            )
        super()._put(key, value)


def _version(head: bytes) -> tuple[int, str] | None:
    """Return version and byte order of a Berkeley DB hash file, or None for other bytes."""
    orders: tuple[Literal["little"], Literal["big"]] = ("little", "big")
    for order in orders:
        if len(head) >= _META_SIZE and int.from_bytes(head[12:16], order) == _HASH_MAGIC:
            return int.from_bytes(head[16:20], order), order
    return None


class BerkeleyHashFlavour(Flavour):
    """A Berkeley DB hash file, whoever made it."""

    name = "berkeley-hash"
    title = "Berkeley DB hash file"
    guarantees = "synced after each change; one plugreg writer; other programs are not locked out"

    def unreadable_here(self) -> str:
        """Return why not: `dbm.ndbm` is missing or another library."""
        return missing_berkeley_module()

    def recognise(self, found: Footprint) -> str | None:
        """Look for the magic number on the first page, in either byte order."""
        version = _version(found.head())
        if version is None:
            return None
        return f"Berkeley DB hash magic {_HASH_MAGIC:#x}, version {version[0]}, {version[1]}-endian"

    def files(self, path: str) -> tuple[str, ...]:
        """Return the one file."""
        return (path,)

    def open(self, path: str, *, read_only: bool, timeout_s: float) -> NdbmStore:
        """Open the file with `dbm.ndbm`.

        Raises:
            FlavourUnavailable: `dbm.ndbm` cannot reach the name, or would damage the file.
        """
        import dbm.ndbm

        self._require_suitable(path)
        lock: WriterLock | None = None
        if not read_only:
            from .locking import WriterLock

            lock = WriterLock(path, timeout_s=timeout_s)
        flag: Literal["r", "w"] = "r" if read_only else "w"
        name = path.removesuffix(FILE_SUFFIX)
        try:
            return NdbmStore(
                self.name,
                path,
                read_only=read_only,
                connect=lambda: dbm.ndbm.open(name, flag),
                errors=dbm.ndbm.error,
                release=None if lock is None else lock.release,
            )
        except BaseException:
            if lock is not None:
                lock.release()
            raise

    def _require_suitable(self, path: str) -> None:
        with open(path, "rb") as file:
            version = _version(file.read(72))
        problem = ""
        if version is None or version[0] not in _SAFE_VERSIONS:
            problem = f"its version is not one of {_SAFE_VERSIONS}, which dbm.ndbm opens safely"
        elif not path.endswith(FILE_SUFFIX):
            problem = f"dbm.ndbm opens only names that end in {FILE_SUFFIX}"
        if problem:
            raise FlavourUnavailable(f"{path}: {problem}", path=path, flavour=self.name)


FLAVOUR = BerkeleyHashFlavour()
