"""The store over one SQLite file, and the statements that it runs."""

from __future__ import annotations

from plugreg.backends.driver import sqlite3
from plugreg.backends.errors import CatalogCorrupt, restore_or_salvage
from plugreg.backends.store import Store

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from typing import TypeVar

    from plugreg.backends.errors import PlugregError

    Answer = TypeVar("Answer")

# Rows are found by the index of the keys, `i`, and read from the table, `d`: where the two differ,
# the file is damaged, and SQLite by itself would give one record's key with another's value.
_FOUND = "FROM Dict AS i LEFT JOIN Dict AS d ON d.rowid = i.rowid WHERE"
_FETCH = f"SELECT d.value, d.key = i.key {_FOUND} i.key = ?"
_PAIR = f"SELECT i.key, d.value, d.key = i.key {_FOUND}"
_RECORDS = "SELECT key, value, 1 FROM Dict ORDER BY rowid"
# Two walks along the index, merged: with OR, SQLite would walk along all of it.
_SCAN = f"{_PAIR} i.key < :start{{0}} UNION ALL {_PAIR} i.key >= :stop{{0}} ORDER BY i.key"
_SCAN_ALL = f"{_PAIR} 1{{0}} ORDER BY i.key"
_SPAN = f"{_PAIR} i.key >= :start AND i.key < :stop ORDER BY i.key"
_LAST = "SELECT key FROM Dict WHERE key >= ? AND key < ? ORDER BY key DESC LIMIT 1"
_KEYS_OUTSIDE = "SELECT key FROM Dict WHERE key < ? UNION ALL SELECT key FROM Dict WHERE key >= ?"
_CONTAINING = " AND (d.value IS NULL OR instr(d.value, :containing))"
# An update keeps its row, so that a scan in progress meets it once; OR REPLACE would move it.
_PUT = "INSERT INTO Dict VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value"
_ADD = "INSERT INTO Dict VALUES (?, ?) ON CONFLICT (key) DO NOTHING"
# Other programs may have stored a key as text, all of which is in the index before all bytes. It is
# found by its bytes, and made bytes before anything is changed: else there would be two of it. In
# UTF-16 these would not be those that it is read as.
_ANY_TEXT = "SELECT 1 FROM Dict WHERE key >= '' AND key < x''"
_FETCH_TEXT = f"SELECT d.value, d.key = i.key {_FOUND} i.key = CAST(? AS TEXT)"
_TEXT_TO_BYTES = (
    "UPDATE OR IGNORE Dict SET key = CAST(key AS BLOB) WHERE key >= '' AND key < x''"
    " AND (SELECT encoding FROM pragma_encoding) = 'UTF-8'"
)
# How many faults a check of the whole file names.
_MOST_FAULTS = 5


class SqliteStore(Store):
    """A store over one SQLite file."""

    grows_cheaply = True

    def __init__(
        self, path: str, connection: sqlite3.Connection, *, read_only: bool, timeout_s: float
    ) -> None:
        """Take over a connection; each statement waits for locks up to `timeout_s`."""
        super().__init__("sqlite3", path, read_only=read_only)
        self._connection = connection
        self._timeout_s = timeout_s
        # One cursor serves every call that takes its row at once: making one costs as much as
        # finding the row. Scans have their own.
        self._execute = connection.cursor().execute
        self._has_text: bool | None = None  # looked for when a key is not there as bytes

    def prepare(self, *steps: Callable[[sqlite3.Connection, str], None]) -> None:
        """Take the steps that opening needs; where one fails, close, and raise what it means."""
        try:
            for step in steps:
                self._take(step)
        except UnicodeDecodeError as error:  # a damaged schema
            self.close()
            raise _explained(error, self.path) from error
        except BaseException:
            self.close()
            raise

    def _take(self, step: Callable[[sqlite3.Connection, str], None]) -> None:
        try:
            step(self._connection, self.path)
        except sqlite3.Error as error:
            self._when_free(lambda: step(self._connection, self.path), error)

    def _again(
        self, error: sqlite3.Error, statement: str, parameters: tuple[bytes, ...] = ()
    ) -> sqlite3.Cursor:
        """Run a statement again that failed with `error`, if that was a lock; or raise it."""
        return self._when_free(lambda: self._execute(statement, parameters), error)

    def _when_free(self, run: Callable[[], Answer], error: sqlite3.Error) -> Answer:
        """Run again what failed, until no lock is in the way; see `waiting.when_free`."""
        from .waiting import when_free  # a host's start seldom meets a lock

        return when_free(run, error, self.path, self._timeout_s)

    def _fetch(self, key: bytes) -> bytes | None:
        try:
            row = self._execute(_FETCH, (key,)).fetchone()
        except sqlite3.Error as error:
            row = self._again(error, _FETCH, (key,)).fetchone()
        if row is None:
            row = self._stored_as_text(key)
        return None if row is None else self._value_in(row)

    def _stored_as_text(self, key: bytes) -> tuple[object, int] | None:
        """Return the row of a key that is not there as bytes."""
        if self._has_text is None:
            self._has_text = self._run(_ANY_TEXT).fetchone() is not None
        return self._run(_FETCH_TEXT, key).fetchone() if self._has_text else None

    def __getitem__(self, key: bytes) -> bytes:
        # Again the base's, without its second call: reading one record is the hot path.
        try:
            row = self._execute(_FETCH, (key,)).fetchone()
        except sqlite3.Error as error:
            row = self._again(error, _FETCH, (key,)).fetchone()
        if row is None:
            return super().__getitem__(key)
        value, found = row
        return value if found and type(value) is bytes else self._value_in(row)

    def _value_in(self, row: tuple[object, int]) -> bytes:
        """Return the value of a row that was looked up, if it is that of the key."""
        value, found = row
        if not found:
            raise _mispaired(self.path)
        return _blob(value, self.path)

    def _keys(self) -> Iterator[bytes]:
        return (key for (key,) in self._rows("SELECT key FROM Dict ORDER BY rowid"))

    def records(self) -> Iterator[tuple[bytes, bytes]]:
        """Yield (key, value) in the order of the file, from one snapshot of the database."""
        self._require_open()
        return self._records(_RECORDS, {})

    def scan(
        self, containing: bytes = b"", *, without: bytes = b""
    ) -> Iterator[tuple[bytes, bytes]]:
        """Yield (key, value) as `Store.scan`, from one snapshot of the database."""
        self._require_open()
        statement = (_SCAN if without else _SCAN_ALL).format(_CONTAINING if containing else "")
        given = {"start": without, "stop": _behind(without), "containing": containing}
        return self._records(statement, given)

    def keys_without(self, prefix: bytes = b"") -> Iterator[bytes]:
        """Yield keys as `Store.keys_without`, from one snapshot of the database."""
        self._require_open()
        if not prefix:
            return self._keys()
        return (key for (key,) in self._rows(_KEYS_OUTSIDE, prefix, _behind(prefix)))

    def span(
        self, start: bytes, stop: bytes, *, descending: bool = False
    ) -> Iterator[tuple[bytes, bytes]]:
        """Yield (key, value) as `Store.span`, from one snapshot, however many others there are."""
        self._require_open()
        return self._records(_SPAN + " DESC" * descending, {"start": start, "stop": stop})

    def last_key(self, start: bytes, stop: bytes) -> bytes | None:
        """Return the greatest key of a span, found at once."""
        self._require_open()
        row = self._run(_LAST, start, stop).fetchone()
        return None if row is None else _blob(row[0], self.path)

    def _records(
        self, statement: str, parameters: Mapping[str, bytes]
    ) -> Iterator[tuple[bytes, bytes]]:
        try:
            for row in self._selected(statement, parameters):
                key, value, found = row
                if not found:
                    raise _mispaired(self.path)
                if type(key) is type(value) is bytes:
                    yield key, value
                else:
                    yield _blob(key, self.path), _blob(value, self.path)
        except sqlite3.Error as error:
            raise _explained(error, self.path) from error

    def _rows(self, statement: str, *parameters: bytes) -> Iterator[tuple[bytes, ...]]:
        try:
            for row in self._selected(statement, parameters):
                yield tuple(_blob(column, self.path) for column in row)
        except sqlite3.Error as error:
            raise _explained(error, self.path) from error

    def _selected(
        self, statement: str, parameters: tuple[bytes, ...] | Mapping[str, bytes]
    ) -> sqlite3.Cursor:
        """Return the rows, from a cursor of their own; from here on no lock is in the way."""
        try:
            return self._connection.execute(statement, parameters)
        except sqlite3.Error as error:
            return self._when_free(lambda: self._connection.execute(statement, parameters), error)

    def _count(self) -> int:
        return int(self._run("SELECT COUNT(*) FROM Dict").fetchone()[0])

    def _put(self, key: bytes, value: bytes) -> None:
        self._settle_keys()
        try:
            self._execute(_PUT, (key, value))
        except sqlite3.Error as error:
            self._again(error, _PUT, (key, value))

    def add(self, key: bytes, value: bytes) -> bool:
        """Set the value of a key that is not there yet, in one statement."""
        self._require_writable()
        if type(key) is not bytes or type(value) is not bytes:  # text would be kept as text
            return super().add(key, value)
        self._settle_keys()
        try:
            return self._execute(_ADD, (key, value)).rowcount > 0
        except sqlite3.Error as error:
            return self._again(error, _ADD, (key, value)).rowcount > 0

    def _erase(self, key: bytes) -> bool:
        self._settle_keys()
        return self._run("DELETE FROM Dict WHERE key = ?", key).rowcount > 0

    def _settle_keys(self) -> None:
        """Make keys of text bytes before a change; in a transaction, its beginning has."""
        if not self._depth:
            self._run(_TEXT_TO_BYTES)

    def _begin(self) -> None:
        self._run("BEGIN IMMEDIATE")
        try:
            self._settle_keys()
        except BaseException:
            self._roll_back()
            raise

    def _commit(self) -> None:
        try:
            self._run("COMMIT")
        except BaseException:
            self._roll_back()
            raise

    def _roll_back(self) -> None:
        if self._connection.in_transaction:  # SQLite has rolled back by itself after some errors
            self._run("ROLLBACK")

    def _run(self, statement: str, *parameters: bytes) -> sqlite3.Cursor:
        try:
            return self._execute(statement, parameters)
        except sqlite3.Error as error:
            return self._again(error, statement, parameters)

    def verify(self) -> None:
        """Let SQLite check every page, every index and every row; see `Store.verify`."""
        self._require_open()
        statement = f"PRAGMA integrity_check({_MOST_FAULTS})"
        found = [line.decode() for (line,) in self._rows(statement)]
        if found != ["ok"]:
            raise CatalogCorrupt(
                f"{self.path} is damaged: SQLite says {'; '.join(found)}",
                hint=restore_or_salvage(self.path),
                path=self.path,
                faults=found,
            )

    def page_size(self) -> int:
        """Return the size of the file's pages in bytes."""
        return int(self._run("PRAGMA page_size").fetchone()[0])

    def in_wal_mode(self) -> bool:
        """Tell whether the file could not be brought out of WAL mode."""
        return bool(self._run("PRAGMA journal_mode").fetchone()[0] == "wal")

    def _close(self) -> None:
        self._connection.close()


def _behind(prefix: bytes) -> bytes:
    """Return the least key behind all that begin with a prefix, which does not end in 0xFF."""
    return prefix[:-1] + bytes([prefix[-1] + 1]) if prefix else b""


def _mispaired(path: str) -> CatalogCorrupt:
    return CatalogCorrupt(
        f"{path} is damaged: its index of keys leads to other keys' rows",
        hint=restore_or_salvage(path),
        path=path,
    )


def _explained(error: sqlite3.Error | UnicodeDecodeError, path: str) -> PlugregError:
    from .errors import explained  # a host's start seldom meets an error

    return explained(error, path)


def _blob(value: object, path: str) -> bytes:
    """Return a column's bytes; other programs may have stored text (`dbm.sqlite3` casts, too)."""
    if isinstance(value, bytes):
        return value
    if isinstance(value, str):
        return value.encode()
    raise CatalogCorrupt(
        f"{path} is damaged: it holds a {type(value).__name__} where bytes belong",
        hint=restore_or_salvage(path),
        path=path,
    )
