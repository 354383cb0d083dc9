"""Berkeley DB files of every version, read with plugreg's own code.

Sources: the headers dbinc/db_page.h, dbinc/hash.h, dbinc/btree.h and dbinc/qam.h of releases 2.7 to
5.3, and db.h of 1.85. One room for each thing: the meta page, pages, items, each access method.
"""

from __future__ import annotations

from importlib import import_module

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .databases import database_names, open_database
    from .dump_text import read_dump, write_dump

_ROOMS = {
    "database_names": "databases",
    "open_database": "databases",
    "read_dump": "dump_text",
    "write_dump": "dump_text",
}

__all__ = ["database_names", "open_database", "read_dump", "write_dump"]


def __getattr__(name: str) -> object:
    if name not in _ROOMS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f".{_ROOMS[name]}", __name__), name)
