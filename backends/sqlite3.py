"""Flavour `sqlite3`, the pinned one: the table of CPython 3.13's `dbm.sqlite3`, on every Python.

Layout (Lib/dbm/sqlite3.py of CPython 3.13): one table
`Dict (key BLOB UNIQUE NOT NULL, value BLOB NOT NULL)`. CPython leaves the file in WAL mode; here it
is kept in rollback-journal mode, because a WAL file cannot be read by another user in a directory
that he cannot write. `synchronous=EXTRA` also syncs the folder after the journal was unlinked: with
FULL a power cut can bring the journal back, and with it undo a commit that had returned.
"""

from __future__ import annotations

import os

from .driver import sqlite3
from .errors import CatalogCorrupt, CatalogError, CatalogLocked, NotADatabase
from .flavour import Flavour
from .sqlite.connection import SIDECARS, connect, require_dict_table, settle_journal
from .sqlite.errors import not_writable
from .sqlite.store import SqliteStore

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from .footprint import Footprint
    from .reader import Reader


class SqliteFlavour(Flavour):
    """The pinned flavour."""

    name = "sqlite3"
    title = "SQLite table Dict, as dbm.sqlite3 of Python 3.13 and later"
    guarantees = "durable; transactions; many readers and writers; any size"
    pinned = True

    def recognise(self, found: Footprint) -> str | None:
        """Ask SQLite, never the bytes: reading them raw would drop this process's locks on them.

        Raises:
            NotADatabase: It is SQLite, but another application's.
            CatalogError: It is SQLite, but damaged, or may not be read.
        """
        from .sqlite.reading import SMALLEST_PAGE, open_to_look

        if found.file_size < SMALLEST_PAGE:
            return None
        try:
            with open_to_look(found.file) as store:
                size = store.page_size()
        except NotADatabase as error:
            if isinstance(error.__cause__, sqlite3.Error):  # not even SQLite
                return None
            raise
        except CatalogCorrupt as error:
            error.details["flavour"] = self.name
            raise
        wal = ", newest records in the -wal file" if os.path.exists(found.file + "-wal") else ""
        return f"SQLite 3 with the table Dict (key, value) and no other; page size {size}{wal}"

    def files(self, path: str) -> tuple[str, ...]:
        """Return the database file and its three possible sidecars."""
        return (path, *(path + sidecar for sidecar in SIDECARS))

    def open(self, path: str, *, read_only: bool, timeout_s: float) -> SqliteStore:
        """Open the file at `path`.

        Raises:
            NotADatabase: It is no SQLite file, or another application's; it was not touched.
        """
        from .sqlite.reading import open_database, open_to_look, size_of_database

        if read_only:
            return open_database(path, timeout_s)
        size_of_database(path)
        if not os.access(path, os.W_OK):
            raise not_writable(path)
        if os.path.exists(path + "-wal"):  # closing would write another application's into its file
            open_to_look(path).close()
        return _open_to_write(path, timeout_s)

    def hold(self, path: str, *, timeout_s: float) -> SqliteStore:
        """Open the file with a transaction begun, so that nobody else writes until it is closed.

        Raises:
            CatalogLocked: Somebody keeps it in WAL mode: his newest records stand in another file.
        """
        store = self.open(path, read_only=False, timeout_s=timeout_s)
        try:
            if store.in_wal_mode():
                raise CatalogLocked(
                    f"{path} is in use by another program, in SQLite's WAL mode",
                    hint="end that program, then try again",
                    path=path,
                )
            store.transaction().__enter__()  # closing the store ends it
        except BaseException:
            store.close()
            raise
        return store

    def count(self, path: str) -> int | None:
        """Return the number of rows, of any size: 20 ms for a million, from its index.

        None where somebody wrote meanwhile: the look that leaves no trace takes no lock.
        """
        from .sqlite.copying import state_of
        from .sqlite.reading import open_to_look

        before = state_of(path)
        with open_to_look(path) as store:
            number = len(store)
        return number if state_of(path) == before else None

    def open_damaged(self, path: str) -> Reader:
        """Open a damaged file without SQLite, for the rows that are whole."""
        from .sqlite.salvage import SqliteSalvage

        return SqliteSalvage(path)

    def misfit(self, key: bytes, value: bytes) -> str:
        """Return that a record is larger than a gigabyte, or ""."""
        from .sqlite.writer import misfit

        return misfit(key, value)

    def write_fresh(self, path: str, records: Iterable[tuple[bytes, bytes]]) -> int:
        """Make a file of the records, as `Flavour.write_fresh`, in rollback-journal mode.

        A journal of a database that is gone would be rolled back into the new one: it is named.
        """
        from .fresh import fresh_files
        from .sqlite.writer import fill

        _require_no_leftovers(path)
        with fresh_files(path) as (file,):
            return fill(file, path, self.name, records)


def _require_no_leftovers(path: str) -> None:
    left = [path + sidecar for sidecar in SIDECARS if os.path.lexists(path + sidecar)]
    if left and not os.path.lexists(path):
        raise CatalogError(
            f"{path} cannot be made: {left[0]} is left of another database",
            hint="move it away, then try again",
            code="catalog-leftover",
            path=path,
        )


def _open_to_write(path: str, timeout_s: float) -> SqliteStore:
    connection = connect(path, "rw", timeout_s)
    store = SqliteStore(path, connection, read_only=False, timeout_s=timeout_s)
    store.prepare(require_dict_table, settle_journal)
    return store


FLAVOUR = SqliteFlavour()
