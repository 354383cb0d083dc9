"""A store over an open database of one of the standard library's C modules."""

from __future__ import annotations

import errno

from .errors import CatalogCorrupt, CatalogError, CatalogLocked
from .store import Store

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any


class ModuleStore(Store):
    """A store over `dbm.gnu` or `dbm.ndbm`.

    A transaction keeps its changes in memory until its end, then writes them in one go.
    """

    def __init__(
        self,
        flavour: str,
        path: str,
        *,
        read_only: bool,
        connect: Callable[[], Any],
        errors: type[Exception] | tuple[type[Exception], ...],
        release: Callable[[], None] | None = None,
    ) -> None:
        """Open by calling `connect`, and again after each write where the module cannot sync."""
        super().__init__(flavour, path, read_only=read_only)
        self._connect = connect
        self._errors = errors
        self._release = release
        self._pending: dict[bytes, bytes | None] = {}
        self._database = self._call(connect)

    def _call(self, operation: Callable[..., Any], *arguments: object) -> Any:
        try:
            return operation(*arguments)
        except self._errors as error:
            raise explained(error, self.path) from error

    def _fetch(self, key: bytes) -> bytes | None:
        self._require_open()
        if key in self._pending:
            return self._pending[key]
        return self._stored(key)

    def _stored(self, key: bytes) -> bytes | None:
        """Return what the database itself holds, without the open transaction."""
        value: bytes | None = self._call(self._database.get, key)
        return value

    def _keys(self) -> Iterator[bytes]:
        keys = self._call(self._database.keys)
        yield from (key for key in keys if self._pending.get(key, b"") is not None)
        stored = set(keys)
        yield from (
            key
            for key, value in tuple(self._pending.items())
            if value is not None and key not in stored
        )

    def _count(self) -> int:
        if self._pending:
            return sum(1 for _ in self._keys())
        return int(self._call(len, self._database))

    def _put(self, key: bytes, value: bytes) -> None:
        self._pending[key] = value
        self._write_outside_transaction()

    def _erase(self, key: bytes) -> bool:
        if self._fetch(key) is None:
            return False
        self._pending[key] = None
        self._write_outside_transaction()
        return True

    def _write_outside_transaction(self) -> None:
        if not self._depth:
            self._commit()

    def _begin(self) -> None:
        self._pending = {}

    def _commit(self) -> None:
        try:
            for key, value in self._pending.items():
                self._write(key, value)
            self._flush()
        finally:
            self._pending = {}

    def _write(self, key: bytes, value: bytes | None) -> None:
        if value is not None:
            self._call(self._database.__setitem__, key, value)
        elif self._stored(key) is not None:
            self._call(self._database.__delitem__, key)

    def _flush(self) -> None:
        if hasattr(self._database, "sync"):
            self._call(self._database.sync)
        else:
            self._database.close()
            self._database = self._call(self._connect)

    def _roll_back(self) -> None:
        self._pending = {}

    def _close(self) -> None:
        try:
            self._call(self._database.close)
        finally:
            if self._release is not None:
                self._release()


def explained(error: Exception, path: str) -> CatalogError:
    """Return the most specific public error for a C module's."""
    text = str(error)
    number = getattr(error, "errno", None)
    if number == errno.EAGAIN or "temporarily unavailable" in text:
        return CatalogLocked(
            f"{path} is locked by another process",
            hint="wait for it to finish, then try again",
            path=path,
        )
    if number in (errno.EPERM, errno.ENOENT, errno.EACCES, errno.EROFS):
        return CatalogError(
            f"{path}: {text}",
            hint="check its permissions and those of its folder",
            code="catalog-cannot-open",
            path=path,
        )
    return CatalogCorrupt(
        f"{path} is damaged, or was made on another kind of machine: {text}",
        hint="restore it from a backup",
        path=path,
    )
