"""Flavour `gnu`: one GDBM file, over the standard library's `dbm.gnu` where this Python has it."""

from __future__ import annotations

import os

from . import durable
from .flavour import Flavour
from .footprint import unreadable
from .gdbm import gdbm_evidence, missing_gnu_module, open_with_gnu

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .footprint import Footprint
    from .module_store import ModuleStore


class GnuFlavour(Flavour):
    """GDBM in one file."""

    name = "gnu"
    title = "GNU dbm (GDBM), one file"
    guarantees = "synced after each change; one writer, who excludes readers"

    def unreadable_here(self) -> str:
        """Return why not: `dbm.gnu` is missing."""
        return missing_gnu_module()

    def recognise(self, found: Footprint) -> str | None:
        """Look for one of the five magic numbers in either byte order."""
        return gdbm_evidence(found.head())

    def files(self, path: str) -> tuple[str, ...]:
        """Return the one file."""
        return (path,)

    def open(self, path: str, *, read_only: bool, timeout_s: float) -> ModuleStore:
        """Open the file at `path`; `dbm.gnu` does not wait for locks."""
        del timeout_s
        return open_with_gnu(self.name, path, path, read_only=read_only)

    def create(self, path: str) -> None:
        """Make an empty GDBM file beside and link it into place."""
        import dbm.gnu

        try:
            temporary = durable.temporary_beside(path)
        except OSError as error:
            raise unreadable(error, path) from error
        try:
            dbm.gnu.open(temporary, "n").close()
            durable.grant_default_access(temporary)
            durable.publish(temporary, path)
        finally:
            if os.path.exists(temporary):
                os.unlink(temporary)


FLAVOUR = GnuFlavour()
