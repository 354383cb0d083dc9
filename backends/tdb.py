"""Flavour `tdb`: Samba's trivial database, version 6, for reading.

Layout (tdb 1.4, common/tdb_private.h; words in the writer's byte order): the text `TDB file` and a
newline, zeros up to 32; then words: version 0x2601196d (+ 6 from the base), number of hash chains
at 36, start of the recovery area at 44, feature flags at 60. From 168 on the heads of the free list
and of the hash chains, positions in the file, 0 for none.
"""

from __future__ import annotations

from .errors import FlavourUnavailable
from .flavour import Flavour
from .tdb_reader import MAGIC, TdbReader, order_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .footprint import Footprint


class TdbFlavour(Flavour):
    """A trivial database."""

    name = "tdb"
    title = "TDB (Samba trivial database)"
    guarantees = "read by any machine; never written"

    def unwritable_here(self) -> str:
        """Return why not: no writer is there."""
        return "plugreg reads TDB, but writes none"

    def recognise(self, found: Footprint) -> str | None:
        """Look for the magic text and the version, in either byte order."""
        head = found.head()
        order = order_of(head) if head.startswith(MAGIC) else None
        if order is None:
            return None
        chains = int.from_bytes(head[36:40], order)
        return f"TDB (Samba trivial database) version 6, {order}-endian, {chains} hash chains"

    def files(self, path: str) -> tuple[str, ...]:
        """Return the one file."""
        return (path,)

    def open(self, path: str, *, read_only: bool, timeout_s: float) -> TdbReader:
        """Open the file for reading."""
        del timeout_s
        if not read_only:
            raise FlavourUnavailable(f"{path}: {self.unwritable_here()}", path=path)
        return TdbReader(path)


FLAVOUR = TdbFlavour()
