"""Connecting to a SQLite file: its address, whether it is ours, and how writes are synced."""

from __future__ import annotations

import os

from plugreg.backends.driver import sqlite3
from plugreg.backends.errors import NotADatabase

# What SQLite keeps beside a file: the rollback journal, the write-ahead log, and its index.
SIDECARS = ("-journal", "-wal", "-shm")
# What `sqlite3.threadsafety` is where SQLite itself lets in one thread at a time.
_SERIALIZED = 3
# How long SQLite itself waits for a lock; `waiting` goes on from there. It meanwhile keeps
# new readers out, so that a writer gets his turn.
STEP_S = 0.1
# Spelt as CPython spells it, so that one comparison recognises a file of either's.
TABLE = """CREATE TABLE Dict (
    key BLOB UNIQUE NOT NULL,
    value BLOB NOT NULL
  )"""


def connect(path: str, mode: str, timeout_s: float) -> sqlite3.Connection:
    """Return a connection in autocommit to the file at `path`, which must exist.

    Args:
        path: Absolute; any character counts as itself.
        mode: "ro", "rw", or either with more parameters of a SQLite address.
        timeout_s: How long to wait for a lock, in seconds; one call of SQLite waits a step of it.

    Raises:
        CatalogError: The file cannot be opened, or what stands beside it takes no part in it.
    """
    require_own_sidecars(path)
    quoted = path.replace("%", "%25").replace("?", "%3f").replace("#", "%23")
    if os.name == "nt":
        quoted = "/" + quoted.replace("\\", "/")
    try:
        return sqlite3.connect(
            f"file://{quoted}?mode={mode}",
            uri=True,
            timeout=min(timeout_s, STEP_S),
            isolation_level=None,
            check_same_thread=sqlite3.threadsafety < _SERIALIZED,  # the store itself looks
        )
    except sqlite3.Error as error:
        from .errors import explained  # a host's start seldom meets an error

        raise explained(error, path) from error


def require_own_sidecars(path: str) -> None:
    """Do nothing where what SQLite would read beside the file at `path` is files, and its own.

    Raises:
        CatalogError: One is no file, or of somebody who cannot change the database.
    """
    for sidecar in SIDECARS:
        if os.path.lexists(path + sidecar):
            from plugreg.backends.owners import require_same_hand
            from plugreg.backends.regular import require_regular

            require_regular(path + sidecar)  # SQLite itself would wait for who writes into a FIFO
            require_same_hand(path, [path + sidecar])


def require_dict_table(connection: sqlite3.Connection, path: str) -> None:
    """Do nothing where the database has the table `Dict` and no other.

    Raises:
        NotADatabase: It has others; it was not touched.
        sqlite3.Error: It cannot be read, or is no SQLite file.
    """
    tables = connection.execute(
        "SELECT name, sql FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
    ).fetchall()
    if len(tables) == 1 and (tables[0] == ("Dict", TABLE) or _is_dict_table(connection)):
        return
    from plugreg.backends.lookalikes import sqlite_application  # a host's start seldom meets one

    names = sorted(name for name, _ in tables)
    owner = sqlite_application(set(names))
    read_it = f"read it with {owner}, or " if owner else ""
    raise NotADatabase(
        f"{path} is a SQLite database of another application"
        f" (tables: {', '.join(names) or 'none'}{owner and f'; {owner}'})",
        hint=f"it was not touched; {read_it}name another file",
        path=path,
    )


def _is_dict_table(connection: sqlite3.Connection) -> bool:
    """Tell whether the one table has CPython's two columns and nothing else, however spelt."""
    columns = connection.execute("SELECT name, type, [notnull] FROM pragma_table_info('Dict')")
    return columns.fetchall() == [("key", "BLOB", 1), ("value", "BLOB", 1)]


def settle_journal(connection: sqlite3.Connection, path: str) -> None:  # noqa: ARG001 - a step
    """Leave WAL mode, which CPython's own module sets, and ask for the safest syncs."""
    if connection.execute("PRAGMA journal_mode").fetchone()[0] == "wal":
        from contextlib import suppress

        # Where somebody holds the file it stays in WAL, just as durable, until it can be left.
        with suppress(sqlite3.OperationalError):
            connection.execute("PRAGMA journal_mode = DELETE").fetchone()
    connection.execute("PRAGMA synchronous = EXTRA")
