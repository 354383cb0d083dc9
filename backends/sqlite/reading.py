"""Opening a SQLite file for reading: where it lies, or, where that would take writing, as a copy.

A rollback journal that a killed writer left, and a write-ahead log whose index is missing,
are joined to the file by whoever opens it next. A reader who may not write the folder cannot do
that, and one who only looks should not. `immutable=1` would be quicker than a copy, but shows
uncommitted rows and ignores the newest ones.
"""

from __future__ import annotations

import os
import stat
from contextlib import suppress

from plugreg.backends.driver import sqlite3
from plugreg.backends.errors import (
    CatalogCorrupt,
    CatalogError,
    NotADatabase,
    PlugregError,
    restore_or_salvage,
)

from .connection import SIDECARS, connect, require_dict_table
from .store import SqliteStore

# No SQLite file is smaller; SQLite itself takes one of a few bytes for a new, empty database.
SMALLEST_PAGE = 512
_USUAL_PAGE = 4096
_LOOK_TIMEOUT_S = 5.0


class SqliteGuest(SqliteStore):
    """A read-only store that takes the log away again which SQLite makes to read a WAL file."""

    def _close(self) -> None:
        super()._close()
        if not os.path.exists(self.path + "-wal"):
            return
        # The last connection that may write removes it; who has the file open meanwhile keeps it.
        with suppress(CatalogError, sqlite3.Error):
            connection = connect(self.path, "rw", 0)
            try:
                connection.execute("PRAGMA schema_version").fetchone()
            finally:
                connection.close()


def open_database(path: str, timeout_s: float) -> SqliteStore:
    """Return a read-only store over the file at `path`, as `open_to_read`, if it looks like one.

    Raises:
        CatalogNotFound: It does not exist.
        NotADatabase: It is no SQLite file, or another application's.
        CatalogError: It is locked, damaged, or may not be read.
    """
    size = size_of_database(path)
    store = open_to_read(path, timeout_s)
    if size % _USUAL_PAGE:  # seldom: a question to SQLite costs a host's start
        _require_whole_pages(store, size)
    return store


def size_of_database(path: str) -> int:
    """Return the size in bytes of what may be a SQLite file.

    Raises:
        CatalogError: It cannot be looked at.
        NotADatabase: It is no file, or too small for one.
    """
    try:
        status = os.stat(path)
    except OSError as error:
        raise _unreachable(error, path) from error
    if not stat.S_ISREG(status.st_mode) or status.st_size < SMALLEST_PAGE:
        raise NotADatabase(f"{path} is not a database file", path=path)
    return status.st_size


def _require_whole_pages(store: SqliteStore, size: int) -> None:
    """Close the store and refuse a file that was cut inside a page: SQLite reads zeros there."""
    try:
        page_size = store.page_size()
    except BaseException:
        store.close()
        raise
    if size % page_size:
        store.close()
        raise CatalogCorrupt(
            f"{store.path} is cut: {size} bytes are no whole pages of {page_size}",
            hint=restore_or_salvage(store.path),
            path=store.path,
        )


def open_to_read(path: str, timeout_s: float) -> SqliteStore:
    """Return a read-only store over the file at `path`, in its newest committed state.

    Raises:
        NotADatabase: It is no SQLite file, or another application's.
        CatalogError: It is locked, damaged, or may not be read.
    """
    kind = SqliteStore if os.path.exists(path + "-wal") else SqliteGuest
    connection = connect(path, "ro", timeout_s)
    store = kind(path, connection, read_only=True, timeout_s=timeout_s)
    try:
        store.prepare(require_dict_table)
    except PlugregError as error:
        if _needs_copy(error.__cause__):
            return _copy_of(path)
        raise
    return store


def open_to_look(path: str) -> SqliteStore:
    """Return a read-only store that leaves no trace; what it shows may be older than a -wal.

    An immutable view makes no -shm file. With a -wal or -journal beside it that view may be of
    half a change, so SQLite itself must join the parts.

    Raises:
        As `open_to_read`.
    """
    journal, log, index = (os.path.exists(path + sidecar) for sidecar in SIDECARS)
    if log and not index:
        return _copy_of(path)
    if log or journal:
        return open_to_read(path, _LOOK_TIMEOUT_S)
    connection = connect(path, "ro&immutable=1", 0)
    store = SqliteStore(path, connection, read_only=True, timeout_s=0)
    store.prepare(require_dict_table)
    return store


def _needs_copy(error: BaseException | None) -> bool:
    """Tell whether reading in place would take writing: a hot journal, or WAL without its -shm."""
    name = getattr(error, "sqlite_errorname", "")
    return name.startswith(("SQLITE_READONLY", "SQLITE_CANTOPEN"))


def _copy_of(path: str) -> SqliteStore:
    from .copying import open_copy  # a host's start seldom needs one

    return open_copy(path)


def _unreachable(error: OSError, path: str) -> CatalogError:
    from .errors import unreachable  # a host's start seldom meets an error

    return unreachable(error, path)
