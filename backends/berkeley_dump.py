"""Flavour `berkeley-dump`: the text that db_dump writes."""

from __future__ import annotations

from .berkeley.flavour import ReadOnlyFlavour

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .footprint import Footprint
    from .reader import Reader


class BerkeleyDumpFlavour(ReadOnlyFlavour):
    """A db_dump text file."""

    name = "berkeley-dump"
    title = "db_dump text of a Berkeley DB"

    def recognise(self, found: Footprint) -> str | None:
        """Look for a header of name=value lines up to HEADER=END."""
        head = found.head()
        if not head.startswith((b"VERSION=", b"format=")):
            return None
        header, end, _ = head.replace(b"\r\n", b"\n").partition(b"\nHEADER=END\n")
        lines = header.split(b"\n")
        if not end or not all(b"=" in line and line.isascii() for line in lines):
            return None
        told = dict(line.split(b"=", 1) for line in lines)
        version = told.get(b"VERSION", b"(2.x)").decode("latin-1")
        form = told.get(b"format", b"bytevalue").decode("latin-1")
        method = told.get(b"type", b"unknown").decode("latin-1")
        return f"db_dump text, version {version}, format {form}, type {method}"

    def reader(self, path: str) -> Reader:
        """Return the reader of the dump."""
        from .berkeley.dump_reader import DumpReader

        return DumpReader(self.name, path)

    def open_one(self, path: str, database: str) -> Reader:
        """Open the database of that name."""
        from .berkeley.dump_reader import DumpReader

        return DumpReader(self.name, path, database)


FLAVOUR = BerkeleyDumpFlavour()
