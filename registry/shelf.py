"""A `shelve.Shelf` that reads and writes plain data only, in a pinned or detected flavour."""

from __future__ import annotations

import shelve

from plugreg import backends
from plugreg.backends import UnsafeRecord

from .plain import PROTOCOL, dumps, loads, require_plain

TYPE_CHECKING = False
if TYPE_CHECKING:
    import os
    from collections.abc import MutableMapping
    from typing import Any


class Shelf(shelve.Shelf["Any"]):
    """A shelf whose records can run nothing: reading one that could is refused, and so is writing.

    With writeback, `sync` and `close` write only the records that were changed since they were
    read.
    """

    # The base class's own.
    dict: Any
    cache: MutableMapping[str, Any]
    writeback: bool
    keyencoding: str
    _protocol: int

    def __init__(
        self,
        store: MutableMapping[bytes, bytes],
        protocol: int | None = None,
        writeback: bool = False,
        keyencoding: str = "utf-8",
    ) -> None:
        super().__init__(
            store,
            PROTOCOL if protocol is None else protocol,
            writeback=writeback,
            keyencoding=keyencoding,
        )
        self._as_read: dict[str, bytes] = {}

    def __getitem__(self, key: str) -> Any:
        if self.writeback and key in self.cache:
            return self.cache[key]
        data = self.dict[key.encode(self.keyencoding)]
        value = loads(data)
        if self.writeback:
            self.cache[key] = value
            self._as_read[key] = data
        return value

    def __setitem__(self, key: str, value: Any) -> None:
        data = self._pickled(value)
        self.dict[key.encode(self.keyencoding)] = data
        if self.writeback:
            self.cache[key] = value
            self._as_read[key] = data

    def __delitem__(self, key: str) -> None:
        super().__delitem__(key)
        self._as_read.pop(key, None)

    def clear(self) -> None:
        """Remove every record, in one transaction where the store has them."""
        self.dict.clear()
        self.cache = {}
        self._as_read = {}

    def sync(self) -> None:
        """Write what changed in the cache, empty it, and sync the store."""
        if self.writeback and self.cache:
            for key, value in self.cache.items():
                data = self._pickled(value)
                if self._differs(data, self._as_read.get(key)):
                    self.dict[key.encode(self.keyencoding)] = data
            self.cache = {}
            self._as_read = {}
        if hasattr(self.dict, "sync"):
            self.dict.sync()

    def _pickled(self, value: object) -> bytes:
        data = dumps(value, self._protocol)
        try:
            require_plain(data)
        except UnsafeRecord as error:
            raise UnsafeRecord(
                f"{error.details['asked']} is more than plain data, and was not written",
                hint="store it as text, numbers, bytes, lists, tuples, sets and dicts of them",
                **error.details,
            ) from error
        return data

    def _differs(self, data: bytes, before: bytes | None) -> bool:
        """Compare pickles by what they hold: equal data can be pickled in different bytes."""
        return before is None or (data != before and data != self._pickled(loads(before)))


def open_shelf(
    filename: str | bytes | os.PathLike[str],
    flag: str = "c",
    protocol: int | None = None,
    writeback: bool = False,
    *,
    flavour: str | None = None,
) -> Shelf:
    """Open a persistent dictionary of plain data: `shelve.open`'s drop-in.

    Args:
        filename: Any name of an existing database of any flavour, or of a new one.
        flag: As in `dbm.open`: "r", "w", "c" or "n".
        protocol: The pickle protocol of new records; None is 4, at which plain data names no
            global.
        writeback: Keep what was read and write back what was changed in it.
        flavour: What the database must be, and what a new one becomes; None takes any that exists
            and makes the pinned one.

    Raises:
        CatalogError: It does not exist, is locked, corrupt, or may not be opened so.
        FlavourError: It is no database, or not of that flavour.

    >>> import os, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     with open_shelf(os.path.join(folder, "any.db")) as shelf:
    ...         shelf["answer"] = {"value": 42}
    ...     with open_shelf(os.path.join(folder, "any.db"), "r") as shelf:
    ...         shelf["answer"]
    {'value': 42}
    """
    return Shelf(backends.open(filename, flavour, flag), protocol, writeback)
