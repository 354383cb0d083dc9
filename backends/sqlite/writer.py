"""Writing a whole new SQLite file of the table `Dict`, at the speed of the disk.

Nothing of the file is known under its name until it is whole, so that SQLite's own care is not
needed: no journal, no syncs, one transaction. A file made so is in rollback-journal mode.

The index of the keys is made last, by sorting them: with a million keys in no order that takes half
the time of keeping it up to date. SQLite makes the index of a UNIQUE column together with the
table, so that the table is made without that word first, and the schema says it afterwards
(`PRAGMA writable_schema`): the file is what it would be otherwise, page by page in another order.
"""

from __future__ import annotations

from plugreg.backends.driver import sqlite3
from plugreg.backends.limits import beyond_limits, key_twice

from .connection import TABLE, connect
from .errors import explained

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from plugreg.backends.errors import CatalogError, NotADatabase

# SQLITE_MAX_LENGTH as it is built everywhere, of a whole row with its header of a few bytes.
_LARGEST = 1_000_000_000 - 64


def misfit(key: bytes, value: bytes) -> str:
    """Return why a record is too large for SQLite, or ""."""
    size = len(key) + len(value)
    return f"{size:,} bytes, SQLite takes {_LARGEST:,}" if size > _LARGEST else ""


def fill(file: str, path: str, flavour: str, records: Iterable[tuple[bytes, bytes]]) -> int:
    """Write a database of these records over the empty file at `file`; their number.

    Streams the records; memory does not grow with them. Nothing is synced. Errors name `path` and
    `flavour`, what the file is for.

    Raises:
        CatalogError: A key comes twice, records are too large, or the disk is full.
    """
    connection = connect(file, "rw", 0)
    try:
        return _Filling(connection, path, flavour, records).run()
    finally:
        connection.close()


# Half of what SQLite takes: the rows come in order, and memory should not show their number.
_CACHE_KIB = 1024
_INSERT = "INSERT INTO Dict VALUES (?, ?)"


class _Filling:
    """The filling of one table, which knows the record that it is at."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        path: str,
        flavour: str,
        records: Iterable[tuple[bytes, bytes]],
    ) -> None:
        self._connection = connection
        self._path = path
        self._flavour = flavour
        self._records = iter(records)
        self._last = (b"", b"")

    def run(self) -> int:
        execute = self._connection.execute
        try:
            execute("PRAGMA journal_mode = OFF")
            execute("PRAGMA synchronous = OFF")
            execute("PRAGMA locking_mode = EXCLUSIVE")
            execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
            execute("BEGIN")
            index_last = self._make_table()
            count = self._connection.executemany(_INSERT, self._watched()).rowcount
            if index_last:
                self._make_index()
            execute("COMMIT")
        except (sqlite3.Error, OverflowError) as error:
            raise self._explained(error) from error
        return max(count, 0)

    def _make_table(self) -> bool:
        """Make the table; tell whether its index is still to be made."""
        execute = self._connection.execute
        execute(TABLE.replace(" UNIQUE", ""))
        try:
            execute("PRAGMA writable_schema = ON")
            execute("UPDATE sqlite_master SET sql = ? WHERE name = 'Dict'", (TABLE,))
        except sqlite3.Error:  # a SQLite that was built to defend its schema
            execute("DROP TABLE Dict")
            execute(TABLE)
            return False
        return True

    def _make_index(self) -> None:
        execute = self._connection.execute
        try:
            execute("CREATE UNIQUE INDEX keys ON Dict (key)")
        except sqlite3.IntegrityError:
            twice = "SELECT key, value FROM Dict GROUP BY key HAVING COUNT(*) > 1 LIMIT 1"
            self._last = execute(twice).fetchone()
            raise
        execute(
            "UPDATE sqlite_master SET name = 'sqlite_autoindex_Dict_1', sql = NULL"
            " WHERE name = 'keys'"
        )

    def _watched(self) -> Iterator[tuple[bytes, bytes]]:
        """Yield the records, each of them kept until the next: SQLite's errors name none."""
        for record in self._records:
            self._last = record
            yield record

    def _explained(self, error: sqlite3.Error | OverflowError) -> CatalogError | NotADatabase:
        key, value = self._last
        if misfit(key, value):  # found by SQLite, so that the others need not be asked one by one
            return beyond_limits(self._misfits(), self._path, self._flavour)
        if isinstance(error, sqlite3.IntegrityError):
            return key_twice(key, self._path)
        assert isinstance(error, sqlite3.Error), "only a record beyond the limits overflows"
        return explained(error, self._path)

    def _misfits(self) -> Iterator[tuple[bytes, str]]:
        yield self._last[0], misfit(*self._last)
        for key, value in self._records:
            reason = misfit(key, value)
            if reason:
                yield key, reason
