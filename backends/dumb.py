"""Flavour `dumb`: the two text-and-blocks files of CPython's `dbm.dumb`, with our own code.

Layout (Lib/dbm/dumb.py of CPython): `NAME.dir` is an index in text, `NAME.dat` holds the values,
each from a position that is a multiple of 512. `NAME.bak` is the index before the last commit.
"""

from __future__ import annotations

import os

from . import durable
from .dumbdbm.index import LINE
from .flavour import Flavour

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from .footprint import Footprint
    from .reader import Reader
    from .store import Store


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

    def open(self, path: str, *, read_only: bool, timeout_s: float) -> Store:
        """Open the pair `path`.dir and `path`.dat."""
        from .dumbdbm.store import DumbStore

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
        from .dumbdbm.salvage import DumbSalvage

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
        from .dumbdbm.writer import fill
        from .fresh import fresh_files

        with fresh_files(path + ".dat", path + ".dir") as files:
            return fill(files, path, records)


FLAVOUR = DumbFlavour()
