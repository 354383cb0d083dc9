"""What SQLite's errors are called in plugreg: each one the most specific that there is."""

from __future__ import annotations

import os

from plugreg.backends.driver import sqlite3
from plugreg.backends.errors import (
    CatalogCorrupt,
    CatalogError,
    CatalogNotFound,
    CatalogReadOnly,
    NotADatabase,
    restore_or_salvage,
)

_LOCKED = ("SQLITE_BUSY", "SQLITE_LOCKED", "SQLITE_PROTOCOL")
_CORRUPT = ("SQLITE_CORRUPT",)
_READ_ONLY = ("SQLITE_READONLY", "SQLITE_PERM", "SQLITE_AUTH")
_STORAGE = ("SQLITE_FULL", "SQLITE_IOERR", "SQLITE_NOMEM", "SQLITE_TOOBIG")


def is_locked(error: sqlite3.Error) -> bool:
    """Tell whether somebody's lock was in the way."""
    return (getattr(error, "sqlite_errorname", "") or "").startswith(_LOCKED)


def explained(  # noqa: PLR0911 - a table of SQLite's codes, one return each
    error: sqlite3.Error | UnicodeDecodeError, path: str
) -> CatalogError | NotADatabase:
    """Return the most specific public error for SQLite's.

    A UnicodeDecodeError is what the driver raises where SQLite names a damaged part of the schema
    that is no text.
    """
    if isinstance(error, UnicodeDecodeError):
        return CatalogCorrupt(
            f"{path} is damaged: its schema is no text", hint=restore_or_salvage(path), path=path
        )
    name = getattr(error, "sqlite_errorname", "") or ""
    if name == "SQLITE_NOTADB":
        return NotADatabase(f"{path} is not a SQLite database", path=path)
    if is_locked(error):
        from plugreg.backends.holders import locked  # nobody pays for it who need not wait

        return locked(path, path, path + "-shm")  # there are the locks of WAL mode
    if name.startswith(_CORRUPT):
        return CatalogCorrupt(
            f"{path} is damaged: SQLite says {error}",
            hint=restore_or_salvage(path),
            path=path,
        )
    if name.startswith(_READ_ONLY):
        return not_writable(path)
    if name.startswith("SQLITE_CANTOPEN"):
        return CatalogError(
            f"{path} cannot be opened",
            hint=_way_to_open(path),
            code="catalog-cannot-open",
            path=path,
        )
    if name == "SQLITE_IOERR_DIR_FSYNC":  # the journal is gone, and its folder was not synced
        from plugreg.backends.durable import unconfirmed

        return unconfirmed(str(error), path)
    if name.startswith(_STORAGE):
        return CatalogError(
            f"{path} could not be read or written: {error}",
            hint="nothing was changed; make room on the disk, then try again",
            code="catalog-storage",
            path=path,
        )
    if isinstance(error, sqlite3.ProgrammingError):
        return CatalogError(f"{path}: {error}", code="catalog-closed", path=path)
    return CatalogError(f"{path}: SQLite says {error}", path=path)


def _way_to_open(path: str) -> str:
    """Return what to check where SQLite cannot open a file: a new one needs its folder, too."""
    if os.path.exists(path) and not os.access(path, os.R_OK):
        return "check that you may read it"
    return "check that you may read it, and write its folder"


def not_writable(path: str) -> CatalogReadOnly:
    """Return the error for a file that this user may not write."""
    return CatalogReadOnly(
        f"{path} cannot be written",
        hint="you may read it only; ask its owner, or name another with --catalog",
        path=path,
    )


def unreachable(error: OSError, path: str) -> CatalogError:
    """Return the error for a file that the system does not let us reach."""
    if isinstance(error, FileNotFoundError):
        return CatalogNotFound(f"{path} does not exist", path=path)
    return CatalogError(
        f"{path}: {error.strerror or error}",
        hint="check its permissions and those of its folder",
        code="catalog-cannot-open",
        path=path,
    )
