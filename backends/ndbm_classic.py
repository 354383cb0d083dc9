"""Flavour `ndbm-classic`: the pair of 4.3BSD's and System V's ndbm, for reading.

Its pages are those of sdbm, its hash and the numbering of its bit map are others.
"""

from __future__ import annotations

from .pag.flavour import PagFlavour


class NdbmClassicFlavour(PagFlavour):
    """The pair of the first ndbm."""

    name = "ndbm-classic"
    title = "classic ndbm pair (.pag and .dir) of BSD and System V"
    guarantees = "read by any machine; never written"

    def unwritable_here(self) -> str:
        """Return why not: only its own libraries write it."""
        return "plugreg reads the classic ndbm pair, but writes none"


FLAVOUR = NdbmClassicFlavour()
