"""Flavour `gnu`: one GDBM file, read with our own code, written in place with `dbm.gnu`.

A fresh file is written with our own code as well, so that a database can become `gnu` on any
machine.
"""

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
    guarantees = "synced after each change; one writer, who excludes readers; read anywhere"

    bytes_held_per_record = 100

    def unchangeable_here(self) -> str:
        """Return why not: `dbm.gnu` is missing."""
        from .gdbm.c_module import missing_gnu_module

        return missing_gnu_module()

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
        """Open the file at `path`; a reader waits for a writer, `dbm.gnu` does not wait."""
        if read_only:
            from .gdbm.reader import GdbmReader

            return GdbmReader(self.name, path, path, timeout_s=timeout_s)
        from .gdbm.c_module import open_with_gnu

        return open_with_gnu(self.name, path, path)

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
