"""Flavour `netstrings`: one file of netstrings, a key and a value in turn.

A netstring (https://cr.yp.to/proto/netstrings.txt) is a length in decimal digits, a colon, so many
bytes, and a comma: `5:hello,`. The file starts with one that says what it is, `9:netdict 1,`.
"""

from __future__ import annotations

import os
import re

from plugreg.backends import (
    CatalogCorrupt,
    CatalogError,
    CatalogReadOnly,
    Flavour,
    Footprint,
    Reader,
    Store,
    WriterLock,
    fresh_files,
    replacement,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import BinaryIO

MAGIC = b"9:netdict 1,"
_LENGTH = re.compile(rb"(0|[1-9][0-9]{0,17}):")
_LENGTH_SIZE = 19


class NetstringsReader(Reader):
    """Reads the records one after another; memory does not grow with the file."""

    def __init__(self, path: str) -> None:
        super().__init__("netstrings", path)
        try:
            self._file = open(path, "rb")  # noqa: SIM115 - `_close` closes it
        except OSError as error:
            raise CatalogError(
                f"{path}: {error.strerror or error}",
                hint="check its permissions",
                code="catalog-cannot-open",
                path=path,
            ) from error
        self._end = os.fstat(self._file.fileno()).st_size

    def records(self) -> Iterator[tuple[bytes, bytes]]:
        """Yield every (key, value); CatalogCorrupt where the bytes are no netstrings."""
        self._require_open()
        at = 0
        magic, at = self._netstring(at)
        if b"%d:%s," % (len(magic), magic) != MAGIC:
            raise self._corrupt(0)
        while at < self._end:
            key, at = self._netstring(at)
            value, at = self._netstring(at)
            yield key, value

    def _netstring(self, at: int) -> tuple[bytes, int]:
        """Return the netstring at that byte, and where it ends."""
        self._file.seek(at)
        length = _LENGTH.match(self._file.read(_LENGTH_SIZE))
        # Compared before it is read: a damaged length must not ask for more than there is.
        if length is None or at + length.end() + int(length[1]) >= self._end:
            raise self._corrupt(at)
        self._file.seek(at + length.end())
        text = self._file.read(int(length[1]))
        if self._file.read(1) != b",":
            raise self._corrupt(at)
        return text, at + length.end() + len(text) + 1

    def _corrupt(self, at: int) -> CatalogCorrupt:
        return CatalogCorrupt(
            f"{self.path}: no netstring at byte {at}",
            hint="restore it from a backup",
            path=self.path,
        )

    def _close(self) -> None:
        self._file.close()


class NetstringsStore(Store):
    """Changes a file by writing it anew at each commit; all records are in memory."""

    def __init__(self, path: str, *, timeout_s: float) -> None:
        super().__init__("netstrings", path, read_only=False)
        if not os.access(path, os.W_OK):
            raise CatalogReadOnly(f"{path} cannot be written", path=path)
        self._lock = WriterLock(path, timeout_s=timeout_s)
        try:
            with NetstringsReader(path) as reader:
                self._saved = dict(reader.records())
        except BaseException:
            self._lock.release()
            raise
        self._records = dict(self._saved)

    def _fetch(self, key: bytes) -> bytes | None:
        self._require_open()
        return self._records.get(key)

    def _keys(self) -> Iterator[bytes]:
        return iter(tuple(self._records))

    def _count(self) -> int:
        return len(self._records)

    def _put(self, key: bytes, value: bytes) -> None:
        self._records[key] = value
        self._save()

    def _erase(self, key: bytes) -> bool:
        if self._records.pop(key, None) is None:
            return False
        self._save()
        return True

    def _begin(self) -> None:
        """Do nothing: the lock is held, and what is saved is known."""

    def _commit(self) -> None:
        self._save()

    def _roll_back(self) -> None:
        self._records = dict(self._saved)

    def _save(self) -> None:
        if self._depth:  # a transaction is open: `_commit` comes when it ended
            return
        try:
            with replacement(self.path) as beside, open(beside, "wb") as file:
                _write(file, self._records.items())
        except BaseException:
            self._roll_back()
            raise
        self._saved = dict(self._records)

    def _close(self) -> None:
        self._lock.release()


class NetstringsFlavour(Flavour):
    """What plugreg asks of a flavour."""

    name = "netstrings"
    title = "netstrings: keys and values in one file"
    guarantees = "durable; transactions; one writer; a change rewrites the file"

    def recognise(self, found: Footprint) -> str | None:
        """Look for the first netstring."""
        return "first netstring 'netdict 1'" if found.head().startswith(MAGIC) else None

    def files(self, path: str) -> tuple[str, ...]:
        """Return the one file."""
        return (path,)

    def open(self, path: str, *, read_only: bool, timeout_s: float) -> Store:
        """Open the file at `path`."""
        return NetstringsReader(path) if read_only else NetstringsStore(path, timeout_s=timeout_s)

    def write_fresh(self, path: str, records: Iterable[tuple[bytes, bytes]]) -> int:
        """Make a new file of all the records; their number. A key may come only once."""
        with fresh_files(path) as (beside,), open(beside, "wb") as file:
            return _write(file, _each_once(path, records))


def _each_once(path: str, records: Iterable[tuple[bytes, bytes]]) -> Iterator[tuple[bytes, bytes]]:
    seen: set[bytes] = set()
    for key, value in records:
        if key in seen:
            raise CatalogError(f"{path}: the key {key!r} comes twice", code="key-twice", key=key)
        seen.add(key)
        yield key, value


def _write(file: BinaryIO, records: Iterable[tuple[bytes, bytes]]) -> int:
    file.write(MAGIC)
    count = 0
    for count, (key, value) in enumerate(records, 1):  # noqa: B007 - the last one is the number
        file.write(b"%d:%s,%d:%s," % (len(key), key, len(value), value))
    return count


FLAVOUR = NetstringsFlavour()
