"""Opening a file in every way that its flavour allows, and reading all of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plugreg import backends
from plugreg.backends.berkeley.databases import database_names, open_database
from plugreg.backends.berkeley.dump_reader import DumpReader, dump_databases
from plugreg.backends.reader import Reader

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Opener = tuple[str, "Callable[[], backends.Store]"]


def opened(flavour: str, path: str) -> list[Opener]:
    """Return (name of a database or "", what opens it) for each database in the file.

    Raises:
        PlugregError: The names of several cannot be read.
    """
    if flavour == "berkeley-multi":
        names = database_names(path)
        return [(name, lambda name=name: open_database(path, name)) for name in names]  # type: ignore[misc]
    if flavour == "berkeley-dump" and len(names := dump_databases(path)) > 1:
        return [(name, lambda name=name: DumpReader(flavour, path, name)) for name in names]  # type: ignore[misc]
    return [("", lambda: _open(flavour, path))]


def _open(flavour: str, path: str) -> backends.Store:
    return backends.require_flavour(flavour).open(path, read_only=True, timeout_s=0.0)


def every_record(store: backends.Store) -> Iterator[tuple[bytes, bytes]]:
    """Yield all records of a store, duplicates included."""
    return store.records() if isinstance(store, Reader) else store.scan()
