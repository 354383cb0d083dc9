"""Flavour `dumb`: the two text-and-blocks files of CPython's `dbm.dumb`, with our own code.

Layout (Lib/dbm/dumb.py of CPython): `NAME.dir` is Latin-1 text, a line `'key', (position, size)`
for each key, a later line winning over an earlier one; `NAME.dat` holds the values, each from a
position that is a multiple of 512. `NAME.bak` is the directory before the last commit.

CPython rewrites values in place and leaves the directory for later, so a kill loses records and
mixes old values with new. Here a value is always appended and synced before a directory that names
it takes the place of the old one, in one rename; what a reader has open stays whole.
"""

from __future__ import annotations

import os
import re
from itertools import chain, islice, repeat

from . import durable
from .errors import RESTORE_OR_SALVAGE, CatalogCorrupt, CatalogError, NotADatabase
from .flavour import Flavour
from .footprint import unreadable
from .regular import open_regular
from .store import Store

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from .footprint import Footprint
    from .locking import WriterLock
    from .reader import Reader

BLOCK = 512
# What `repr` escapes in a text of Latin-1 characters.
_ESCAPED = rb"""\\(?:x[0-9a-fA-F]{2}|[\\'"nrt])"""
_ESCAPE = re.compile(_ESCAPED)
_PLAIN = {rb"\n": b"\n", rb"\r": b"\r", rb"\t": b"\t"}
# A quoted key, then position and size. `repr` escapes newlines, so a line is a record.
LINE = re.compile(
    rb"""('(?:[^'\\\n]|%(escape)s)*+'|"(?:[^"\\\n]|%(escape)s)*+")"""
    rb""", \((\d{1,18}), (\d{1,18})\)\r?+\n?+""" % {b"escape": _ESCAPED}
)
_Index = dict[bytes, tuple[int, int]]
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
        self._before: _Index | None = None

    def _require_whole(self) -> None:
        """CPython returns short values, without a word, when the values' file was cut."""
        size = os.fstat(self._data).st_size
        for key, (position, length) in self._index.items():
            if position % BLOCK:
                raise CatalogCorrupt(
                    f"{self.path}.dir is damaged: the value of {key!r} starts at {position}, which"
                    f" is no multiple of {BLOCK}",
                    hint=_older_index(self.path),
                    path=self.path,
                )
            if length and position + length > size:  # an empty value takes no room
                raise CatalogCorrupt(
                    f"{self.path}.dat is cut: the value of {key!r} ends at {position + length},"
                    f" the file at {size}",
                    hint=RESTORE_OR_SALVAGE,
                    path=self.path,
                )

    def _fetch(self, key: bytes) -> bytes | None:
        self._require_open()
        place = self._index.get(key)
        return None if place is None else _read_at(self._data, *place)

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
                values = [_read_at(self._data, *place) for _, place in part]
            yield zip((key for key, _ in part), values, strict=True)

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

    def _publish(self, index: _Index) -> None:
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


class DumbFlavour(Flavour):
    """The flavour that every Python has had since the first."""

    name = "dumb"
    title = "dbm.dumb: a text index and a file of values"
    guarantees = "durable; transactions; one writer; index in memory; a change rewrites the index"
    bytes_held_per_record = 150
    writer_lock = True

    def recognise(self, found: Footprint) -> str | None:
        """Look for the two files, and for a first line in the index's form."""
        if not found.has(".dat"):
            return None
        if not found.has(".dir"):
            if LINE.match(found.head_of(".bak")):
                return "dumb values and .bak, but no .dir: a writer was interrupted"
            return None
        head = found.head_of(".dir")
        if not head:
            return "an empty .dir text index, as of no record, and a .dat of values"
        if LINE.match(head) is None:
            return None
        return "a .dir text index ('key', (position, size)) and a .dat of values"

    def files(self, path: str) -> tuple[str, ...]:
        """Return the index, the values, and the index before the last commit."""
        return (path + ".dir", path + ".dat", path + ".bak")

    def open(self, path: str, *, read_only: bool, timeout_s: float) -> DumbStore:
        """Open the pair `path`.dir and `path`.dat."""
        if read_only:
            return DumbStore(path, lock=None)
        durable.require_writable(path, path + ".dir", path + ".dat", os.path.dirname(path))
        from .locking import WriterLock

        lock = WriterLock(path, timeout_s=timeout_s)
        try:
            return DumbStore(path, lock=lock)
        except BaseException:
            lock.release()
            raise

    def count(self, path: str) -> int | None:
        """Return the number of keys; None where the index is more than a megabyte."""
        from .counting import is_small

        if not is_small(path + ".dir"):
            return None
        with self.open(path, read_only=True, timeout_s=0.0) as store:
            return len(store)

    def open_damaged(self, path: str) -> Reader:
        """Open a damaged pair, for the records that are whole."""
        from .dumb_salvage import DumbSalvage

        return DumbSalvage(path)

    def create(self, path: str) -> None:
        """Make two empty files, the index last: without it there is no database yet.

        Empty values without an index are what a killed maker left; they are taken over.

        Raises:
            FileExistsError: One of the names is taken.
        """
        from .fresh import fresh_files, make_first_of_pair

        make_first_of_pair(path + ".dat")
        with fresh_files(path + ".dir"):
            pass

    def write_fresh(self, path: str, records: Iterable[tuple[bytes, bytes]]) -> int:
        """Make a pair of the records, the .dir last, as `Flavour.write_fresh`."""
        from .dumb_writer import fill
        from .fresh import fresh_files

        with fresh_files(path + ".dat", path + ".dir") as files:
            return fill(files, path, records)


def read_index(path: str) -> _Index:
    """Return where each value lies, from `path`.dir: key to (position, size in bytes).

    Raises:
        NotADatabase: There is no .dir (an interrupted commit of CPython leaves only the .bak).
        CatalogCorrupt: A line breaks the form; the line is named.
    """
    try:
        with open(path + ".dir", "rb", opener=open_regular) as file:
            text = file.read()
    except FileNotFoundError as error:
        raise NotADatabase(
            f"{path}.dir is missing: a writer was interrupted between two steps",
            hint=f"copy {path}.bak to {path}.dir to have the state before that write",
            path=path,
        ) from error
    except OSError as error:
        raise unreadable(error, path + ".dir") from error
    index: _Index = {}
    number = position = 0
    while position < len(text):
        number += 1
        match = LINE.match(text, position)
        if match is None:
            raise CatalogCorrupt(
                f"{path}.dir is damaged in line {number}",
                hint=_older_index(path),
                path=path,
            )
        quoted, at, size = match.groups()
        position = match.end()
        index[unquoted(quoted)] = (int(at), int(size))
    return index


def _older_index(path: str) -> str:
    if not os.path.exists(path + ".bak"):
        return f"there is no {path}.bak: restore it from a backup, or salvage the good lines"
    return f"compare it with {path}.bak, of before the last commit, or salvage the good lines"


def unquoted(quoted: bytes) -> bytes:
    """Return the key that a quoted one in a matched line stands for."""
    if b"\\" not in quoted:
        return quoted[1:-1]
    return _ESCAPE.sub(_unescaped, quoted[1:-1])


def _unescaped(match: re.Match[bytes]) -> bytes:
    escape = match[0]
    if escape.startswith(rb"\x"):
        return bytes.fromhex(escape[2:].decode())
    return _PLAIN.get(escape, escape[1:])


def index_line(key: bytes, place: tuple[int, int]) -> bytes:
    """Return the line of the .dir for a key whose value is at `place`: (position, size)."""
    return f"{key.decode('latin-1')!r}, {place}\n".encode("latin-1")


def write_index(path: str, index: _Index) -> None:
    """Put a whole new `path`.dir in the place of the old one, durably."""
    from .fresh import replacement

    with replacement(path + ".dir") as beside, open(beside, "wb") as file:
        file.writelines(index_line(key, place) for key, place in index.items())


def _read_at(descriptor: int, position: int, size: int) -> bytes:
    parts = []
    while size > 0:
        part = os.pread(descriptor, size, position)
        if not part:
            raise CatalogCorrupt("the file of values was cut while it was open")
        parts.append(part)
        position += len(part)
        size -= len(part)
    return b"".join(parts)


def _write_at(descriptor: int, value: bytes, position: int, path: str) -> None:
    written = 0
    try:
        while written < len(value):
            written += os.pwrite(descriptor, value[written:], position + written)
    except OSError as error:
        raise durable.unwritable(error, path + ".dat") from error


FLAVOUR = DumbFlavour()
