"""Flavour `ndbm-classic`: the pair of 4.3BSD's and System V's ndbm, for reading.

Its pages are those of sdbm, its hash and the numbering of its bit map are others.
"""

from __future__ import annotations

from .errors import FlavourUnavailable
from .flavour import Flavour

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .footprint import Footprint
    from .reader import Reader


class NdbmClassicFlavour(Flavour):
    """The pair of the first ndbm."""

    name = "ndbm-classic"
    title = "classic ndbm pair (.pag and .dir) of BSD and System V"
    guarantees = "read by any machine; never written"

    def unwritable_here(self) -> str:
        """Return why not: only its own libraries write it."""
        return "plugreg reads the classic ndbm pair, but writes none"

    def recognise(self, found: Footprint) -> str | None:
        """Look for pages of that form whose keys lie elsewhere than sdbm would put them."""
        if not found.has(".pag"):
            return None
        from .pag.kind import kind_of

        kind = kind_of(found.name)
        return kind.evidence if kind is not None and kind.flavour == self.name else None

    def files(self, path: str) -> tuple[str, ...]:
        """Return the bit map and the pages."""
        return (path + ".dir", path + ".pag")

    def open(self, path: str, *, read_only: bool, timeout_s: float) -> Reader:
        """Open the pair for reading."""
        del timeout_s
        if not read_only:
            raise FlavourUnavailable(f"{path}: {self.unwritable_here()}", path=path)
        from .pag.reader import PagReader

        return PagReader(self.name, path)

    def create(self, path: str) -> None:
        """Raise FlavourUnavailable: none is made."""
        raise FlavourUnavailable(f"{path}: {self.unwritable_here()}", path=path)


FLAVOUR = NdbmClassicFlavour()
