"""A private copy of a SQLite file, for one that cannot be read where it lies.

It is joined with the journal or the log that lay beside the file, as SQLite would do there.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import time

from plugreg.backends.errors import CatalogLocked

from .connection import connect, require_dict_table, require_own_sidecars
from .errors import unreachable
from .store import SqliteStore

TYPE_CHECKING = False
if TYPE_CHECKING:
    from plugreg.backends.driver import sqlite3

_ATTEMPTS = 5
_PAUSE_S = 0.05
# Without the log's index: SQLite makes that again.
_COPIED = ("", "-journal", "-wal")


class SqliteCopy(SqliteStore):
    """A read-only store over a private copy, for a file that cannot be read where it lies."""

    def __init__(self, path: str, folder: str, connection: sqlite3.Connection) -> None:
        super().__init__(path, connection, read_only=True, timeout_s=0)
        self._folder = folder

    def _close(self) -> None:
        super()._close()
        shutil.rmtree(self._folder, ignore_errors=True)


def open_copy(path: str) -> SqliteCopy:
    """Copy the file and its sidecars to a private folder and open the copy, recovered."""
    require_own_sidecars(path)
    folder = tempfile.mkdtemp(prefix="plugreg-")
    copy = os.path.join(folder, "copy")
    try:
        _copy_whole(path, copy)
        store = SqliteCopy(path, folder, connect(copy, "rw", 0))
    except OSError as error:
        shutil.rmtree(folder, ignore_errors=True)
        raise unreachable(error, path) from error
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    store.prepare(require_dict_table)
    return store


def _copy_whole(path: str, copy: str) -> None:
    """Copy until nothing changed meanwhile: parts of different moments would not fit."""
    for _attempt in range(_ATTEMPTS):
        before = state_of(path)
        for suffix in _COPIED:
            if os.path.exists(copy + suffix):
                os.unlink(copy + suffix)
            if os.path.exists(path + suffix):
                shutil.copyfile(path + suffix, copy + suffix)
        if state_of(path) == before:
            return
        time.sleep(_PAUSE_S)
    raise CatalogLocked(
        f"{path} keeps changing while it is read", hint="try again in a moment", path=path
    )


def state_of(path: str) -> list[tuple[int, int] | None]:
    """Return size and mtime (ns) of the file and its sidecars, to tell whether somebody wrote."""
    states: list[tuple[int, int] | None] = []
    for suffix in _COPIED:
        try:
            status = os.stat(path + suffix)
        except FileNotFoundError:
            states.append(None)
        else:
            states.append((status.st_size, status.st_mtime_ns))
    return states
