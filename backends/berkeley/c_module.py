"""Writing a Berkeley DB hash file through this Python's `dbm.ndbm`, where that is Berkeley DB.

`dbm.ndbm` opens a name to which it appends `.db` itself, and takes no lock at all.
"""

from __future__ import annotations

import importlib.util

from plugreg.backends.errors import CatalogError
from plugreg.backends.footprint import FILE_SUFFIX
from plugreg.backends.module_store import ModuleStore

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Literal

    from plugreg.backends.locking import WriterLock


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


def open_with_ndbm(flavour: str, path: str, *, read_only: bool, timeout_s: float) -> NdbmStore:
    """Open a file whose name ends in `.db` with `dbm.ndbm`, behind plugreg's own lock."""
    import dbm.ndbm

    lock: WriterLock | None = None
    if not read_only:
        from plugreg.backends.locking import WriterLock

        lock = WriterLock(path, timeout_s=timeout_s)
    flag: Literal["r", "w"] = "r" if read_only else "w"
    name = path.removesuffix(FILE_SUFFIX)
    try:
        return NdbmStore(
            flavour,
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
