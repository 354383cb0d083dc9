"""Flavour `gnu`: one GDBM file, read and written as a whole with our own code, on any machine."""

from __future__ import annotations

from .flavour import Flavour

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from .footprint import Footprint
    from .store import Store


class GnuFlavour(Flavour):
    """GDBM in one file."""

    name = "gnu"
    title = "GNU dbm (GDBM), one file"
    guarantees = "durable; transactions; one writer, many readers; a change rewrites the file"

    bytes_held_per_record = 100
    writer_lock = True

    def recognise(self, found: Footprint) -> str | None:
        """Look for one of the five magic numbers in either byte order, and for what follows it.

        A header that fits in everything but a bit or two of the magic number is damaged GDBM.
        """
        from .gdbm.header import read_header

        header = read_header(found.head())
        return header.evidence() if header else None

    def files(self, path: str) -> tuple[str, ...]:
        """Return the one file."""
        return (path,)

    def open(self, path: str, *, read_only: bool, timeout_s: float) -> Store:
        """Open the file at `path`, to read it beside other readers, or to rewrite it.

        A file of another kind of machine, or with numsync, becomes a plain one of 64 bits,
        little-endian, with the first change. libgdbm's writers are kept out, and waited for,
        through its own lock.
        """
        from .gdbm.reader import GdbmReader

        def connect(file: str) -> GdbmReader:
            return GdbmReader(self.name, path, file, timeout_s=timeout_s)

        if read_only:
            return connect(path)
        from .gdbm.writer import fill
        from .rewritten import open_rewritten

        return open_rewritten(self, path, connect=connect, fill=fill, timeout_s=timeout_s)

    def hold(self, path: str, *, timeout_s: float) -> Store:
        """Open the file for reading, with the lock that libgdbm's writers take."""
        from .gdbm.reader import GdbmReader

        return GdbmReader(self.name, path, path, timeout_s=timeout_s, exclusive=True)

    def misfit(self, key: bytes, value: bytes) -> str:
        """Return that a record is larger than 2 GiB, or ""."""
        from .gdbm.writer import misfit

        return misfit(key, value)

    def write_fresh(self, path: str, records: Iterable[tuple[bytes, bytes]]) -> int:
        """Make a GDBM file of the records, as `Flavour.write_fresh`; needs no C module."""
        from .fresh import fresh_files
        from .gdbm.writer import fill

        with fresh_files(path) as (file,):
            return fill(file, path, self.name, records)


FLAVOUR = GnuFlavour()
