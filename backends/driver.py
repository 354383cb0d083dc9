"""SQLite's driver: the C module that `sqlite3` wraps.

The wrapper adds adapters for dates, which no store needs, and with them `datetime`: 1 ms of each
host's start. All else that is used of it here is the C module's own.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    import sqlite3
else:
    try:
        import _sqlite3 as sqlite3
    except ImportError:  # another interpreter than CPython
        import sqlite3

__all__ = ["sqlite3"]
