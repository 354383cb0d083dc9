"""Flavour `ndbm`: whatever this Python's `dbm.ndbm` makes. A name for writing only.

On Debian that is a Berkeley DB hash file `NAME.db`, with GDBM underneath a pair `NAME.pag` and
`NAME.dir`: `identify` names what the bytes are, so no file is ever identified as "ndbm".
"""

from __future__ import annotations

import importlib.util
import os

from . import durable
from .errors import FlavourUnavailable
from .flavour import Flavour
from .footprint import FILE_SUFFIX, unreadable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .footprint import Footprint
    from .store import Store


class NdbmFlavour(Flavour):
    """What `dbm.ndbm` makes here."""

    name = "ndbm"
    title = "what this Python's dbm.ndbm makes (writing only)"
    guarantees = "as the format that it makes; not portable between Pythons"

    def unreadable_here(self) -> str:
        """Return the same as for writing: the flavour is a name for new databases."""
        return self.unwritable_here()

    def unwritable_here(self) -> str:
        """Return why not: `dbm.ndbm` is missing."""
        if importlib.util.find_spec("_dbm") is None:
            return "this Python has no dbm.ndbm (Debian's /usr/bin/python3 has it)"
        return ""

    def opens(self, name: str) -> bool:
        """Accept what the two libraries behind `dbm.ndbm` make."""
        return name in ("berkeley-hash", "gnu-ndbm")

    def recognise(self, found: Footprint) -> str | None:
        """Return None: the bytes say Berkeley DB or GDBM."""
        del found
        return None

    def files(self, path: str) -> tuple[str, ...]:
        """Return what either library would make of the name."""
        stem = path.removesuffix(FILE_SUFFIX)
        return (stem + FILE_SUFFIX, stem + ".dir", stem + ".pag")

    def create(self, path: str) -> None:
        """Make an empty database beside and link its files into place, the .dir last."""
        import dbm.ndbm

        stem = path.removesuffix(FILE_SUFFIX)
        try:
            temporary = durable.temporary_beside(stem)
        except OSError as error:
            raise unreadable(error, path) from error
        suffixes = (FILE_SUFFIX, ".pag", ".dir")
        try:
            dbm.ndbm.open(temporary, "n").close()
            for suffix in suffixes:
                if os.path.exists(temporary + suffix):
                    durable.grant_default_access(temporary + suffix)
                    durable.publish(temporary + suffix, stem + suffix)
        finally:
            for suffix in ("", *suffixes):
                if os.path.exists(temporary + suffix):
                    os.unlink(temporary + suffix)

    def open(self, path: str, *, read_only: bool, timeout_s: float) -> Store:
        """Open a database that `create` has just made, as what it is."""
        from .identification import identify
        from .known import require_flavour

        found = identify(path.removesuffix(FILE_SUFFIX))
        flavour = require_flavour(found.flavour)
        reason = flavour.unwritable_here()
        if reason:
            raise FlavourUnavailable(f"{found.path} is {flavour.name}: {reason}", path=found.path)
        return flavour.open(found.path, read_only=read_only, timeout_s=timeout_s)


FLAVOUR = NdbmFlavour()
