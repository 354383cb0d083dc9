"""The store over a pair of dumb files.

CPython rewrites values in place and leaves the index for later, so a kill loses records and mixes
old values with new. Here a value is always appended and synced before an index that names it takes
the place of the old one, in one rename; what a reader has open stays whole.
"""

from __future__ import annotations

import os
from itertools import chain, islice, repeat

from plugreg.backends import durable
from plugreg.backends.errors import CatalogCorrupt, CatalogError, restore_or_salvage
from plugreg.backends.footprint import unreadable
from plugreg.backends.regular import open_regular
from plugreg.backends.store import Store

from .index import BLOCK, Index, older_index, read_index, write_index

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from plugreg.backends.locking import WriterLock

_BATCH = 1024  # records


class DumbStore(Store):
    """A store over a pair of dumb files; the index is in memory, the values stay on disk."""

    def __init__(self, path: str, *, lock: WriterLock | None) -> None:
        super().__init__("dumb", path, read_only=lock is None)
        self._lock = lock
        flags = os.O_RDONLY if lock is None else os.O_RDWR
        try:
            self._data = open_regular(path + ".dat", flags | getattr(os, "O_BINARY", 0))
        except OSError as error:
            raise unreadable(error, path + ".dat") from error
        try:
            self._index = read_index(path)
            self._require_whole()
        except BaseException:
            os.close(self._data)
            raise
        self._before: Index | None = None

    def _require_whole(self) -> None:
        """CPython returns short values, without a word, when the values' file was cut."""
        size = os.fstat(self._data).st_size
        for key, (position, length) in self._index.items():
            if position % BLOCK:
                raise CatalogCorrupt(
                    f"{self.path}.dir is damaged: the value of {key!r} starts at {position}, which"
                    f" is no multiple of {BLOCK}",
                    hint=older_index(self.path),
                    path=self.path,
                )
            if length and position + length > size:  # an empty value takes no room
                raise CatalogCorrupt(
                    f"{self.path}.dat is cut: the value of {key!r} ends at {position + length},"
                    f" the file at {size}",
                    hint=restore_or_salvage(self.path),
                    path=self.path,
                )

    def _fetch(self, key: bytes) -> bytes | None:
        self._require_open()
        place = self._index.get(key)
        return None if place is None else self._read(*place)

    def _keys(self) -> Iterator[bytes]:
        return iter(tuple(self._index))

    def records(self) -> Iterator[tuple[bytes, bytes]]:
        """Yield every (key, value) in the order of the index."""
        self._require_open()
        return chain.from_iterable(self._batches())

    def _batches(self) -> Iterator[Iterable[tuple[bytes, bytes]]]:
        """Yield records, many at a time; what is changed meanwhile is seen or not."""
        places = iter(tuple(self._index.items()))
        while part := tuple(islice(places, _BATCH)):
            positions, sizes = zip(*(place for _, place in part), strict=True)
            values = list(map(os.pread, repeat(self._data), sizes, positions))
            if tuple(map(len, values)) != sizes:  # large, or cut
                values = [self._read(*place) for _, place in part]
            yield zip((key for key, _ in part), values, strict=True)

    def _read(self, position: int, size: int) -> bytes:
        parts = []
        while size > 0:
            part = os.pread(self._data, size, position)
            if not part:
                raise CatalogCorrupt(
                    f"{self.path}.dat was cut while it was open",
                    hint=restore_or_salvage(self.path),
                    path=self.path,
                )
            parts.append(part)
            position += len(part)
            size -= len(part)
        return b"".join(parts)

    def _count(self) -> int:
        return len(self._index)

    def _put(self, key: bytes, value: bytes) -> None:
        end = os.fstat(self._data).st_size
        position = -(-end // BLOCK) * BLOCK
        try:
            _write_at(self._data, value, position, self.path)
        except BaseException:
            os.ftruncate(self._data, end)  # half a value would keep its room on a full disk
            raise
        if self._depth:
            self._index[key] = (position, len(value))
        else:
            self._publish({**self._index, key: (position, len(value))})

    def _erase(self, key: bytes) -> bool:
        if key not in self._index:
            return False
        if self._depth:
            del self._index[key]
        else:
            self._publish({other: at for other, at in self._index.items() if other != key})
        return True

    def _begin(self) -> None:
        self._before = dict(self._index)

    def _commit(self) -> None:
        index = self._index
        self._roll_back()
        if index != self._index:
            self._publish(index)

    def _roll_back(self) -> None:
        if self._before is not None:
            self._index, self._before = self._before, None

    def _publish(self, index: Index) -> None:
        """Put an index in the place of the one on disk, and hold what is there then."""
        try:
            durable.sync_file(self._data)
        except OSError as error:
            raise durable.unwritable(error, self.path) from error
        try:
            write_index(self.path, index)
        except CatalogError as error:
            if error.code == durable.UNCONFIRMED:
                self._index = index
            raise
        self._index = index

    def _close(self) -> None:
        os.close(self._data)
        if self._lock is not None:
            self._lock.release()


def _write_at(descriptor: int, value: bytes, position: int, path: str) -> None:
    written = 0
    try:
        while written < len(value):
            written += os.pwrite(descriptor, value[written:], position + written)
    except OSError as error:
        raise durable.unwritable(error, path + ".dat") from error
