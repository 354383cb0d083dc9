"""Waiting for SQLite's locks in short steps, so that Ctrl-C takes effect at once.

SQLite waits in C, where Python's signal handlers do not run; each of its waits is a short one, and
Python goes on from there. What meets no lock pays nothing.
"""

from __future__ import annotations

import time

from plugreg.backends.driver import sqlite3

from .connection import STEP_S
from .errors import explained, is_locked

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeVar

    Answer = TypeVar("Answer")

# Where it does not wait at all, because two of its own would wait for each other.
_PAUSE_S = 0.01


def when_free(
    run: Callable[[], Answer], error: sqlite3.Error, path: str, timeout_s: float
) -> Answer:
    """Run again what failed with `error`, until no lock is in the way; what it returns.

    SQLite has undone a statement that met a lock, or, for a COMMIT, keeps the transaction open.

    Args:
        run: What to run again.
        error: What it failed with.
        path: The database, for errors.
        timeout_s: How long to go on; a first step was taken already.

    Raises:
        CatalogError: A lock is still in the way, or the error was another one from the beginning.
    """
    end = time.monotonic() + timeout_s - STEP_S
    while is_locked(error) and time.monotonic() < end:
        time.sleep(_PAUSE_S)
        try:
            return run()
        except sqlite3.Error as later:
            error = later
    raise explained(error, path) from error
