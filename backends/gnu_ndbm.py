"""Flavour `gnu-ndbm`: the pair of files that GDBM's ndbm interface writes, a GDBM file inside.

`NAME.pag` is a whole GDBM file; `NAME.dir` is a marker of 16 bytes that starts with `GDBM` (gdbm
1.9 and later), a hard link to the .pag (1.8), or empty. `whichdb` calls every such pair "dbm.ndbm",
even where this Python's `dbm.ndbm` is Berkeley DB and would start a new database beside it.
"""

from __future__ import annotations

from .flavour import Flavour
from .gdbm import gdbm_evidence, missing_gnu_module, open_with_gnu

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .footprint import Footprint
    from .module_store import ModuleStore


class GnuNdbmFlavour(Flavour):
    """GDBM behind the ndbm interface."""

    name = "gnu-ndbm"
    title = "GDBM's ndbm pair (.pag and .dir), GDBM inside"
    guarantees = "as gnu"

    def unreadable_here(self) -> str:
        """Return why not: `dbm.gnu` is missing."""
        return missing_gnu_module()

    def recognise(self, found: Footprint) -> str | None:
        """Look for GDBM's magic number in the .pag of a pair."""
        evidence = gdbm_evidence(found.head_of(".pag"))
        if evidence is None or not found.has(".dir"):
            return None
        return f"a .pag that is GDBM inside ({evidence}), with a .dir beside it"

    def files(self, path: str) -> tuple[str, ...]:
        """Return the marker and the GDBM file."""
        return (path + ".dir", path + ".pag")

    def open(self, path: str, *, read_only: bool, timeout_s: float) -> ModuleStore:
        """Open `path`.pag with `dbm.gnu`."""
        del timeout_s
        return open_with_gnu(self.name, path, path + ".pag", read_only=read_only)

    def unwritable_here(self) -> str:
        """Return why not: `dbm.gnu` is missing."""
        return missing_gnu_module()


FLAVOUR = GnuNdbmFlavour()
