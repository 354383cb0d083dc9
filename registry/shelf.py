"""A `shelve.Shelf` that reads and writes plain data only, in a pinned or detected flavour."""

from __future__ import annotations

import shelve
from threading import RLock

from plugreg import backends
from plugreg.backends import CatalogError, RecordUnreadable, UnsafeRecord
from plugreg.backends.limits import DO_NOT_FIT

from .plain import PROTOCOL, dumps, loads, require_plain

TYPE_CHECKING = False
if TYPE_CHECKING:
    import os
    from collections.abc import Iterator, MutableMapping
    from typing import Any


_STORE_PLAIN = "store it as text, numbers, bytes, lists, tuples, sets and dicts of them"


class Shelf(shelve.Shelf["Any"]):
    """A shelf whose records can run nothing: reading one that could is refused, and so is writing.

    With writeback, `sync` and `close` write only the records that were changed since they were
    read: those whose pickles are no longer the same. Where some of them cannot be stored, all
    others are, and the error names those; what was read stays in `cache`.

    Any number of threads may use one shelf: each method is done as a whole before the next one
    begins. Iterating gives the keys that were there when it began; the value of one that another
    thread removed meanwhile is a KeyError. What was read is the reader's own, except with
    writeback, where threads share it.
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
        self._lock = RLock()
        super().__init__(
            store,
            PROTOCOL if protocol is None else protocol,
            writeback=writeback,
            keyencoding=keyencoding,
        )
        self._as_read: dict[str, bytes] = {}

    def __getitem__(self, key: str) -> Any:
        with self._lock:
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
        with self._lock:
            self.dict[key.encode(self.keyencoding)] = data
            if self.writeback:
                self.cache[key] = value
                self._as_read[key] = data

    def __delitem__(self, key: str) -> None:
        with self._lock:
            super().__delitem__(key)
            self._as_read.pop(key, None)

    def __contains__(self, key: object) -> bool:
        if not isinstance(key, str):
            return False
        with self._lock:
            return key.encode(self.keyencoding) in self.dict

    def __len__(self) -> int:
        with self._lock:
            return super().__len__()

    def __iter__(self) -> Iterator[str]:
        with self._lock:
            keys = list(self.dict)
        return (key.decode(self.keyencoding) for key in keys)

    def get(self, key: str, default: Any = None) -> Any:
        """Return the value of a key, or `default`."""
        with self._lock:
            return super().get(key, default)

    def pop(self, key: str, *default: Any) -> Any:
        """Remove a key and return its value; of several threads, one gets it."""
        with self._lock:
            return super().pop(key, *default)

    def popitem(self) -> tuple[str, Any]:
        """Remove a key and return it with its value; of several threads, one gets it."""
        with self._lock:
            return super().popitem()

    def setdefault(self, key: str, default: Any = None) -> Any:
        """Return the value of a key, which is set to `default` where it is missing."""
        with self._lock:
            return super().setdefault(key, default)

    def clear(self) -> None:
        """Remove every record, in one transaction where the store has them."""
        with self._lock:
            self.dict.clear()
            self.cache = {}
            self._as_read = {}

    def sync(self) -> None:
        """Write what changed in the cache, empty it, and sync the store.

        Raises:
            CatalogError: Some values cannot be stored (`details["keys"]`); the others were written.
                All are still in the cache, for the next time.
        """
        with self._lock:
            if self.writeback and self.cache:
                self._write_back()
            if hasattr(self.dict, "sync"):
                self.dict.sync()

    def close(self) -> None:
        """Write what changed, and close the store, whatever happens.

        Raises:
            CatalogError: As `sync`; what could not be written can be taken from `cache`.
        """
        with self._lock:
            store = self.dict
            try:
                super().close()
            except BaseException:
                self.writeback = False  # or the shelf, when it is collected, would try again
                if hasattr(store, "close"):
                    store.close()
                raise

    def _write_back(self) -> None:
        refused: dict[str, Exception] = {}
        for key, value in self.cache.items():
            try:
                data = self._pickled(value)
            except Exception as error:  # noqa: BLE001 - objects choose what their pickling raises
                refused[key] = error
                continue
            if self._differs(data, self._as_read.get(key)):
                try:
                    self.dict[key.encode(self.keyencoding)] = data
                except CatalogError as error:
                    if error.code != DO_NOT_FIT:  # it is the store's, and the next would meet it
                        raise
                    refused[key] = error
                    continue
            self._as_read[key] = data
        if refused:
            raise _not_written(refused)
        self.cache = {}
        self._as_read = {}

    def _pickled(self, value: object) -> bytes:
        data = dumps(value, self._protocol)
        try:
            require_plain(data)
        except UnsafeRecord as error:
            raise UnsafeRecord(
                f"{error.details['asked']} is more than plain data, and was not written",
                hint=_STORE_PLAIN,
                **error.details,
            ) from error
        except RecordUnreadable as error:
            raise RecordUnreadable(
                f"{error.message}: the value was not written",
                hint="store lists in the place of tuples, and keys that are not built of them",
            ) from error
        return data

    def _differs(self, data: bytes, before: bytes | None) -> bool:
        """Compare pickles by what they hold: equal data can be pickled in different bytes."""
        return before is None or (data != before and data != self._pickled(loads(before)))


def _not_written(refused: dict[str, Exception]) -> CatalogError:
    """Return the error that names every value that could not be stored, and why the first."""
    keys = list(refused)
    first = refused[keys[0]]
    kind: type[CatalogError] = UnsafeRecord
    code, hint, details = None, _STORE_PLAIN, {"asked": type(first).__name__}
    if isinstance(first, CatalogError):
        kind, code, hint, details = type(first), first.code, first.hint, first.details
    error = kind(
        f"{_values(keys)} not written, all others were: {getattr(first, 'message', first)}",
        hint=hint,
        code=code,
        **{**details, "keys": keys},
    )
    error.__cause__ = first
    return error


def _values(keys: list[str]) -> str:
    one, several = "the value of {} was", "the values of {} were"
    return (one if len(keys) == 1 else several).format(", ".join(map(repr, keys)))


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
    store = backends.open(filename, flavour, flag)
    store.share()  # the shelf lets in one thread at a time
    return Shelf(store, protocol, writeback)
