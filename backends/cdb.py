"""Flavour `cdb`: the constant database of D. J. Bernstein, for reading.

Layout (the specification, https://cr.yp.to/cdb/cdb.txt; all words 32-bit little-endian): 256 pairs
(position, slots) in the first 2,048 bytes, one for each hash table; the records from there on, each
key size, value size, key, value; then the tables, of (hash, position of the record) slots, position
0 for an empty one. There is no magic number, but the tables stand one after another.
"""

from __future__ import annotations

import struct

from .cdb_reader import HEADER_SIZE, CdbReader, tables_of
from .errors import FlavourUnavailable
from .flavour import Flavour

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .footprint import Footprint


class CdbFlavour(Flavour):
    """A constant database."""

    name = "cdb"
    title = "cdb constant database"
    guarantees = "read by any machine; never written"

    def unwritable_here(self) -> str:
        """Return why not: no writer is there."""
        return "plugreg reads cdb, but writes none"

    def recognise(self, found: Footprint) -> str | None:
        """Look for 256 tables that stand one after another."""
        head = found.head()[:HEADER_SIZE]
        if len(head) < HEADER_SIZE:
            return None
        tables = tables_of(head)
        if tables is None:
            return None
        slots = sum(count for _, count in tables)
        if not slots and (
            found.file_size != HEADER_SIZE
            or any(word != HEADER_SIZE for word in struct.unpack("<512I", head)[::2])
        ):
            return None
        return f"looks like a cdb constant database: 256 hash tables in a row, {slots} slots"

    def files(self, path: str) -> tuple[str, ...]:
        """Return the one file."""
        return (path,)

    def open(self, path: str, *, read_only: bool, timeout_s: float) -> CdbReader:
        """Open the file for reading."""
        del timeout_s
        if not read_only:
            raise FlavourUnavailable(f"{path}: {self.unwritable_here()}", path=path)
        return CdbReader(path)


FLAVOUR = CdbFlavour()
