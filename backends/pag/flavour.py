"""What sdbm and classic ndbm have in common: the pair, its pages, and how they are told apart."""

from __future__ import annotations

from plugreg.backends.errors import FlavourUnavailable
from plugreg.backends.flavour import Flavour

TYPE_CHECKING = False
if TYPE_CHECKING:
    from plugreg.backends.footprint import Footprint
    from plugreg.backends.reader import Reader


class PagFlavour(Flavour):
    """A pair of .pag and .dir that plugreg reads and does not change."""

    def recognise(self, found: Footprint) -> str | None:
        """Look for pages of that form whose keys lie where this flavour's hash leads."""
        if not found.has(".pag"):
            return None
        from .kind import kind_of

        kind = kind_of(found.name)
        return kind.evidence if kind is not None and kind.flavour == self.name else None

    def files(self, path: str) -> tuple[str, ...]:
        """Return the bit map and the pages."""
        return (path + ".dir", path + ".pag")

    def open(self, path: str, *, read_only: bool, timeout_s: float) -> Reader:
        """Open the pair for reading."""
        del timeout_s
        if not read_only:
            raise FlavourUnavailable(f"{path}: {self.unchangeable_here()}", path=path)
        from .reader import PagReader

        return PagReader(self.name, path)
