"""What a store is: an open mapping of bytes to bytes over one DBM file.

A flavour writes the primitives below; the mapping, transactions and closing come from here.
"""

from __future__ import annotations

from _thread import get_ident
from collections.abc import Iterator, MutableMapping

from .errors import CatalogError, CatalogReadOnly

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self


class Store(MutableMapping[bytes, bytes]):
    """An open database: a mutable mapping of bytes to bytes, and a context manager.

    A change made outside a transaction is on disk when the call returns. A store belongs to
    the thread that opened it: another one could otherwise write into that one's transaction.

    Attributes:
        flavour: The name of the format that the file has, such as "sqlite3".
        path: The name under which programs open the database, absolute.
        read_only: True where every change raises CatalogReadOnly.
        grows_cheaply: Whether a change costs the same however many records there are.
    """

    grows_cheaply = False

    def __init__(self, flavour: str, path: str, *, read_only: bool) -> None:
        self.flavour = flavour
        self.path = path
        self.read_only = read_only
        self._depth = 0
        self._closed = False
        self._owner: int | None = get_ident()

    # What a flavour writes.

    def _fetch(self, key: bytes) -> bytes | None:
        """Return the value of `key`, or None."""
        raise NotImplementedError

    def _keys(self) -> Iterator[bytes]:
        """Yield every key once, in any order."""
        raise NotImplementedError

    def _count(self) -> int:
        """Return the number of keys."""
        raise NotImplementedError

    def _put(self, key: bytes, value: bytes) -> None:
        """Set one value; durable on return unless a transaction is open."""
        raise NotImplementedError

    def _erase(self, key: bytes) -> bool:
        """Remove one key; False where there was none."""
        raise NotImplementedError

    def _begin(self) -> None:
        """Start a transaction: from here on, no other writer changes the database."""
        raise NotImplementedError

    def _commit(self) -> None:
        """Make the transaction's changes durable, all of them."""
        raise NotImplementedError

    def _roll_back(self) -> None:
        """Forget the transaction's changes, all of them."""
        raise NotImplementedError

    def _close(self) -> None:
        """Let go of files and locks; called once."""
        raise NotImplementedError

    # What every store has.

    def __getitem__(self, key: bytes) -> bytes:
        value = self._fetch(key)
        if value is None:
            raise KeyError(key)
        return value

    def __contains__(self, key: object) -> bool:
        return isinstance(key, bytes) and self._fetch(key) is not None

    def __iter__(self) -> Iterator[bytes]:
        self._require_open()
        return self._keys()

    def __len__(self) -> int:
        self._require_open()
        return self._count()

    def __setitem__(self, key: bytes, value: bytes) -> None:
        if not (isinstance(key, bytes) and isinstance(value, bytes)):
            raise TypeError(f"a store maps bytes to bytes, not {key!r} to {type(value).__name__}")
        self._require_writable()
        self._put(key, value)

    def __delitem__(self, key: bytes) -> None:
        self._require_writable()
        if not self._erase(key):
            raise KeyError(key)

    def records(self) -> Iterator[tuple[bytes, bytes]]:
        """Yield every (key, value), in the order that is quickest to read."""
        self._require_open()
        for key in self._keys():
            value = self._fetch(key)
            if value is not None:
                yield key, value

    def scan(
        self, containing: bytes = b"", *, without: bytes = b""
    ) -> Iterator[tuple[bytes, bytes]]:
        """Yield (key, value) in the order of the keys, where the value contains those bytes.

        Args:
            containing: What the value must contain.
            without: Keys that begin so are left out, and where the format has an index, cost
                nothing; b"" leaves none out. It does not end in 0xFF.
        """
        self._require_open()
        return self._picked(sorted(self.keys_without(without)), containing)

    def keys_without(self, prefix: bytes = b"") -> Iterator[bytes]:
        """Yield the keys that do not begin so, in any order; all of them for b""."""
        self._require_open()
        keys = self._keys()
        return (key for key in keys if not key.startswith(prefix)) if prefix else keys

    def span(
        self, start: bytes, stop: bytes, *, descending: bool = False
    ) -> Iterator[tuple[bytes, bytes]]:
        """Yield (key, value) from the key `start` up to but not `stop`, in the order of the keys.

        Args:
            start: The least key that may be yielded.
            stop: The least key behind it that may not.
            descending: Whether to begin at the greatest key.
        """
        self._require_open()
        keys = sorted((key for key in self._keys() if start <= key < stop), reverse=descending)
        return self._picked(keys)

    def last_key(self, start: bytes, stop: bytes) -> bytes | None:
        """Return the greatest key from `start` up to but not `stop`; None where there is none."""
        self._require_open()
        return max((key for key in self._keys() if start <= key < stop), default=None)

    def _picked(self, keys: list[bytes], containing: bytes = b"") -> Iterator[tuple[bytes, bytes]]:
        for key in keys:
            value = self._fetch(key)
            if value is not None and containing in value:
                yield key, value

    def add(self, key: bytes, value: bytes) -> bool:
        """Set the value of a key that is not there yet; False, and nothing changed, if it is."""
        if key in self:
            return False
        self[key] = value
        return True

    def clear(self) -> None:
        """Remove every key, in one transaction."""
        with self.transaction():
            for key in list(self):
                del self[key]

    def transaction(self) -> Transaction:
        """Return a context manager: all changes inside are kept, or after an error none.

        An inner transaction joins the outer one.
        """
        return Transaction(self)

    def verify(self) -> None:
        """Read all of it, so that damage shows.

        Raises:
            CatalogCorrupt: It breaks the rules of its format; the message names where.
        """
        for _ in self.scan():
            pass

    def share(self) -> None:
        """Give the store to every thread; from now on the caller lets in one at a time."""
        self._owner = None

    def sync(self) -> None:
        """Do nothing: what a call changed is on disk already (`shelve` calls it)."""

    def close(self) -> None:
        """Close the store; a transaction that is still open is forgotten."""
        if not self._closed:
            if self._depth:
                self._depth = 0
                self._roll_back()
            self._closed = True
            self._close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()

    def _require_open(self) -> None:
        if self._closed:
            raise CatalogError(
                f"{self.path}: the store is closed", code="catalog-closed", path=self.path
            )
        if self._owner not in (None, get_ident()):
            raise CatalogError(
                f"{self.path}: the store belongs to the thread that opened it",
                hint="open it in this thread, too",
                code="catalog-thread",
                path=self.path,
            )

    def _require_writable(self) -> None:
        self._require_open()
        if self.read_only:
            raise CatalogReadOnly(
                f"{self.path} was opened for reading only",
                hint='open it with mode "w"',
                path=self.path,
            )


class Transaction:
    """The context manager of `Store.transaction`."""

    __slots__ = ("_store",)

    def __init__(self, store: Store) -> None:
        self._store = store

    def __enter__(self) -> None:
        store = self._store
        store._require_writable()
        if not store._depth:
            store._begin()
        store._depth += 1

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        store = self._store
        if not store._depth:  # the store was closed inside: nothing is left to end
            return
        store._depth -= 1
        if store._depth:
            return
        if kind is None:
            store._commit()
        else:
            store._roll_back()
