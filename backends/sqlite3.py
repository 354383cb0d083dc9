"""Flavour `sqlite3`, the pinned one: the table of CPython 3.13's `dbm.sqlite3`, on every Python.

Layout (Lib/dbm/sqlite3.py of CPython 3.13): one table
`Dict (key BLOB UNIQUE NOT NULL, value BLOB NOT NULL)`. CPython leaves the file in WAL mode; here it
is kept in rollback-journal mode, because a WAL file cannot be read by another user in a directory
that he cannot write. `synchronous=EXTRA` also syncs the folder after the journal was unlinked: with
FULL a power cut can bring the journal back, and with it undo a commit that had returned.
"""

from __future__ import annotations

import os
import sqlite3
import time

from . import durable
from .errors import (
    CatalogCorrupt,
    CatalogError,
    CatalogLocked,
    CatalogNotFound,
    CatalogReadOnly,
    NotADatabase,
)
from .flavour import Flavour
from .store import Store

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from .footprint import Footprint

SIDECARS = ("-journal", "-wal", "-shm")
_TABLE = """CREATE TABLE Dict (
    key BLOB UNIQUE NOT NULL,
    value BLOB NOT NULL
  )"""
_FETCH = "SELECT value FROM Dict WHERE key = ?"
# An update keeps its row, so that a scan in progress meets it once; OR REPLACE would move it.
_PUT = "INSERT INTO Dict VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value"
_ADD = "INSERT INTO Dict VALUES (?, ?) ON CONFLICT (key) DO NOTHING"
_ATTEMPTS = 5


class SqliteStore(Store):
    """A store over one SQLite file."""

    def __init__(self, path: str, connection: sqlite3.Connection, *, read_only: bool) -> None:
        super().__init__("sqlite3", path, read_only=read_only)
        self._connection = connection
        # One cursor serves every call that takes its row at once: making one costs as much as
        # finding the row. Scans have their own.
        self._execute = connection.cursor().execute

    def _fetch(self, key: bytes) -> bytes | None:
        try:
            row = self._execute(_FETCH, (key,)).fetchone()
        except sqlite3.Error as error:
            raise _explained(error, self.path) from error
        return None if row is None else _blob(row[0], self.path)

    def __getitem__(self, key: bytes) -> bytes:
        # Again the base's, without its second call: reading one record is the hot path.
        try:
            row = self._execute(_FETCH, (key,)).fetchone()
        except sqlite3.Error as error:
            raise _explained(error, self.path) from error
        if row is None:
            raise KeyError(key)
        value = row[0]
        return value if type(value) is bytes else _blob(value, self.path)

    def _keys(self) -> Iterator[bytes]:
        return (key for (key,) in self._rows("SELECT key FROM Dict ORDER BY rowid"))

    def scan(self, containing: bytes = b"") -> Iterator[tuple[bytes, bytes]]:
        """Yield (key, value) in the order of the keys, from one snapshot of the database."""
        self._require_open()
        if containing:
            where = "WHERE instr(value, ?)"
            return self._rows(f"SELECT key, value FROM Dict {where} ORDER BY key", containing)
        return self._rows("SELECT key, value FROM Dict ORDER BY key")

    def _rows(self, statement: str, *parameters: bytes) -> Iterator[tuple[bytes, ...]]:
        try:
            for row in self._connection.execute(statement, parameters):
                yield tuple(_blob(column, self.path) for column in row)
        except sqlite3.Error as error:
            raise _explained(error, self.path) from error

    def _count(self) -> int:
        return int(self._run("SELECT COUNT(*) FROM Dict").fetchone()[0])

    def _put(self, key: bytes, value: bytes) -> None:
        try:
            self._execute(_PUT, (key, value))
        except sqlite3.Error as error:
            raise _explained(error, self.path) from error

    def add(self, key: bytes, value: bytes) -> bool:
        """Set the value of a key that is not there yet, in one statement."""
        if self.read_only:
            self._require_writable()
        try:
            return self._execute(_ADD, (key, value)).rowcount > 0
        except sqlite3.Error as error:
            raise _explained(error, self.path) from error

    def _erase(self, key: bytes) -> bool:
        return self._run("DELETE FROM Dict WHERE key = ?", key).rowcount > 0

    def _begin(self) -> None:
        self._run("BEGIN IMMEDIATE")

    def _commit(self) -> None:
        try:
            self._execute("COMMIT")
        except sqlite3.Error as error:
            self._roll_back()
            raise _explained(error, self.path) from error

    def _roll_back(self) -> None:
        if self._connection.in_transaction:  # SQLite has rolled back by itself after some errors
            self._run("ROLLBACK")

    def _run(self, statement: str, *parameters: bytes) -> sqlite3.Cursor:
        try:
            return self._execute(statement, parameters)
        except sqlite3.Error as error:
            raise _explained(error, self.path) from error

    def _close(self) -> None:
        self._connection.close()


class SqliteCopy(SqliteStore):
    """A read-only store over a private copy, for a file that cannot be read where it lies."""

    def __init__(self, path: str, folder: str, connection: sqlite3.Connection) -> None:
        super().__init__(path, connection, read_only=True)
        self._folder = folder

    def _close(self) -> None:
        import shutil

        super()._close()
        shutil.rmtree(self._folder, ignore_errors=True)


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
        """
        if not found.file_size:
            return None
        try:
            connection = _connect_to_look(found.file)
        except NotADatabase:
            return None
        try:
            _require_dict_table(connection, found.file)
            size = connection.execute("PRAGMA page_size").fetchone()[0]
        except sqlite3.Error as error:
            explained = _explained(error, found.file)
            if isinstance(explained, NotADatabase):
                return None
            raise explained from error
        finally:
            connection.close()
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
        try:
            status = os.stat(path)
        except OSError as error:
            raise _unreachable(error, path) from error
        if not _is_file(status.st_mode) or not status.st_size:
            raise NotADatabase(f"{path} is not a database file", path=path)
        if read_only:
            return _open_to_read(path, timeout_s)
        if not os.access(path, os.W_OK):
            raise _not_writable(path)
        store = SqliteStore(path, _connect(path, "rw", timeout_s), read_only=False)
        try:
            _require_dict_table(store._connection, path)
            _settle_journal(store._connection)
        except sqlite3.Error as error:
            store.close()
            raise _explained(error, path) from error
        except BaseException:
            store.close()
            raise
        return store

    def create(self, path: str) -> None:
        """Build the file beside and link it into place: a kill leaves no empty database."""
        try:
            temporary = durable.temporary_beside(path)
        except OSError as error:
            raise _unreachable(error, path) from error
        try:
            connection = _connect(temporary, "rw", 0)
            try:
                connection.execute(_TABLE)
            except sqlite3.Error as error:
                raise _explained(error, path) from error
            finally:
                connection.close()
            durable.grant_default_access(temporary)
            durable.publish(temporary, path)
        finally:
            for leftover in self.files(temporary):
                if os.path.exists(leftover):
                    os.unlink(leftover)


def _is_file(mode: int) -> bool:
    return mode & 0o170000 == 0o100000


def _connect(path: str, mode: str, timeout_s: float) -> sqlite3.Connection:
    quoted = path.replace("%", "%25").replace("?", "%3f").replace("#", "%23")
    if os.name == "nt":
        quoted = "/" + quoted.replace("\\", "/")
    try:
        return sqlite3.connect(
            f"file://{quoted}?mode={mode}", uri=True, timeout=timeout_s, isolation_level=None
        )
    except sqlite3.Error as error:
        raise _explained(error, path) from error


def _connect_to_look(path: str) -> sqlite3.Connection:
    """Open `path` without a trace: an immutable view leaves no -shm file behind.

    With a -wal or -journal beside it that view may be old, so SQLite itself must join the parts.
    """
    if any(os.path.exists(path + sidecar) for sidecar in SIDECARS[:2]):
        return _open_to_read(path, 0, check=False)._connection
    return _connect(path, "ro&immutable=1", 0)


def _open_to_read(path: str, timeout_s: float, *, check: bool = True) -> SqliteStore:
    connection = _connect(path, "ro", timeout_s)
    store = SqliteStore(path, connection, read_only=True)
    try:
        if check:
            _require_dict_table(connection, path)
        else:
            connection.execute("SELECT COUNT(*) FROM sqlite_master")
    except sqlite3.Error as error:
        store.close()
        if _needs_copy(error):
            return _open_copy(path)
        raise _explained(error, path) from error
    except BaseException:
        store.close()
        raise
    return store


def _needs_copy(error: sqlite3.Error) -> bool:
    """Tell whether reading in place would take writing: a hot journal, or WAL without its -shm."""
    name = getattr(error, "sqlite_errorname", "")
    return name.startswith("SQLITE_READONLY") or name == "SQLITE_CANTOPEN"


def _open_copy(path: str) -> SqliteCopy:
    """Copy the file and its sidecars to a private folder and open the copy, recovered.

    `immutable=1` would be quicker, but shows uncommitted rows and ignores the newest ones.
    """
    import shutil
    import tempfile

    folder = tempfile.mkdtemp(prefix="plugreg-")
    copy = os.path.join(folder, "copy")
    try:
        for _attempt in range(_ATTEMPTS):
            before = _state(path)
            for suffix in ("", "-journal", "-wal"):
                if os.path.exists(path + suffix):
                    shutil.copyfile(path + suffix, copy + suffix)
            if _state(path) == before:
                break
            time.sleep(0.05)
        else:
            raise CatalogLocked(f"{path} keeps changing while it is read", path=path)
        connection = _connect(copy, "rw", 0)
        _require_dict_table(connection, path)
        return SqliteCopy(path, folder, connection)
    except sqlite3.Error as error:
        shutil.rmtree(folder, ignore_errors=True)
        raise _explained(error, path) from error
    except OSError as error:
        shutil.rmtree(folder, ignore_errors=True)
        raise _unreachable(error, path) from error
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def _state(path: str) -> list[tuple[int, int] | None]:
    """Return size and mtime (ns) of the file and its sidecars."""
    states: list[tuple[int, int] | None] = []
    for suffix in ("", "-journal", "-wal"):
        try:
            status = os.stat(path + suffix)
        except FileNotFoundError:
            states.append(None)
        else:
            states.append((status.st_size, status.st_mtime_ns))
    return states


def _require_dict_table(connection: sqlite3.Connection, path: str) -> None:
    tables = connection.execute(
        "SELECT name, sql FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
    ).fetchall()
    if len(tables) == 1 and (tables[0] == ("Dict", _TABLE) or _is_dict_table(connection)):
        return
    names = ", ".join(sorted(name for name, _ in tables)) or "none"
    raise NotADatabase(
        f"{path} is a SQLite database of another application (tables: {names})",
        hint="it was not touched; name another file",
        path=path,
    )


def _is_dict_table(connection: sqlite3.Connection) -> bool:
    """Tell whether the one table has CPython's two columns and nothing else, however spelt."""
    columns = connection.execute("SELECT name, type, [notnull] FROM pragma_table_info('Dict')")
    return columns.fetchall() == [("key", "BLOB", 1), ("value", "BLOB", 1)]


def _settle_journal(connection: sqlite3.Connection) -> None:
    """Leave WAL mode, which CPython's own module sets, and ask for the safest syncs."""
    if connection.execute("PRAGMA journal_mode").fetchone()[0] == "wal":
        try:
            connection.execute("PRAGMA journal_mode = DELETE").fetchone()
        except sqlite3.OperationalError:
            pass  # somebody holds the file: it stays in WAL, just as durable, until it can be left
    connection.execute("PRAGMA synchronous = EXTRA")


def _blob(value: object, path: str) -> bytes:
    """Return a column's bytes; other programs may have stored text (`dbm.sqlite3` casts, too)."""
    if isinstance(value, bytes):
        return value
    if isinstance(value, str):
        return value.encode()
    raise CatalogCorrupt(f"{path} holds a {type(value).__name__} where bytes belong", path=path)


_LOCKED = ("SQLITE_BUSY", "SQLITE_LOCKED", "SQLITE_PROTOCOL")
_CORRUPT = ("SQLITE_CORRUPT",)
_READ_ONLY = ("SQLITE_READONLY", "SQLITE_PERM", "SQLITE_AUTH")
_STORAGE = ("SQLITE_FULL", "SQLITE_IOERR", "SQLITE_NOMEM", "SQLITE_TOOBIG")


def _explained(error: sqlite3.Error, path: str) -> CatalogError | NotADatabase:
    """Return the most specific public error for SQLite's."""
    name = getattr(error, "sqlite_errorname", "") or ""
    if name == "SQLITE_NOTADB":
        return NotADatabase(f"{path} is not a SQLite database", path=path)
    if name.startswith(_LOCKED):
        return CatalogLocked(
            f"{path} is locked by another process",
            hint="wait for it to finish, then try again",
            path=path,
        )
    if name.startswith(_CORRUPT):
        return CatalogCorrupt(
            f"{path} is damaged: SQLite says {error}",
            hint="restore it from a backup",
            path=path,
        )
    if name.startswith(_READ_ONLY):
        return _not_writable(path)
    if name == "SQLITE_CANTOPEN":
        return CatalogError(
            f"{path} cannot be opened",
            hint="check that you may read it, and write its folder",
            code="catalog-cannot-open",
            path=path,
        )
    if name.startswith(_STORAGE):
        return CatalogError(
            f"{path} could not be written: {error}",
            hint="nothing was changed; make room on the disk, then try again",
            code="catalog-storage",
            path=path,
        )
    if isinstance(error, sqlite3.ProgrammingError):
        return CatalogError(f"{path}: {error}", code="catalog-closed", path=path)
    return CatalogError(f"{path}: SQLite says {error}", path=path)


def _not_writable(path: str) -> CatalogReadOnly:
    return CatalogReadOnly(
        f"{path} cannot be written",
        hint="you may read it only; ask its owner, or name another with --catalog",
        path=path,
    )


def _unreachable(error: OSError, path: str) -> CatalogError:
    if isinstance(error, FileNotFoundError):
        return CatalogNotFound(f"{path} does not exist", path=path)
    return CatalogError(
        f"{path}: {error.strerror or error}",
        hint="check its permissions and those of its folder",
        code="catalog-cannot-open",
        path=path,
    )


FLAVOUR = SqliteFlavour()
