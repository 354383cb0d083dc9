"""Flavour `gnu-dump`: what `gdbm_dump` writes, as text or binary; read on any machine.

The text is that of `gdbm_dump` (`# GDBM dump file`), the binary form that of `gdbm_export`. A
dump is a copy to carry to another machine, so no database is kept in one: it is written as a
whole, by the functions of `gdbm.ascii_dump` and `gdbm.binary_dump`.
"""

from __future__ import annotations

from .errors import FlavourUnavailable
from .flavour import Flavour

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .footprint import Footprint
    from .store import Store

_NO_DATABASE = "a dump is made of a whole database, and not changed"


class GnuDumpFlavour(Flavour):
    """GDBM's dumps."""

    name = "gnu-dump"
    title = "a dump by gdbm_dump, ASCII or binary (reading only)"
    guarantees = "read-only; index in memory"

    def unwritable_here(self) -> str:
        """Return that it never is."""
        return _NO_DATABASE

    def recognise(self, found: Footprint) -> str | None:
        """Look for the first words of either form."""
        from .gdbm import ascii_dump, binary_dump

        head = found.head()
        if head.startswith(binary_dump.SIGNATURE):
            return "the text ! GDBM FLAT FILE DUMP of a binary dump"
        if head.startswith(ascii_dump.SIGNATURE):
            version = next((s for s in head.splitlines() if s.startswith(b"#:version=")), b"")
            told = version.removeprefix(b"#:version=")[:20].decode("ascii", "replace")
            return f"the comment # GDBM dump file of an ASCII dump, version {told or 'not told'}"
        return None

    def files(self, path: str) -> tuple[str, ...]:
        """Return the one file."""
        return (path,)

    def open(self, path: str, *, read_only: bool, timeout_s: float) -> Store:
        """Open the dump at `path` for reading."""
        if not read_only:
            raise FlavourUnavailable(f"{path}: {_NO_DATABASE}", path=path, flavour=self.name)
        from .gdbm.dump_reader import GnuDumpReader

        return GnuDumpReader(self.name, path, timeout_s=timeout_s)


FLAVOUR = GnuDumpFlavour()
