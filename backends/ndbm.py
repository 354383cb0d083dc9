"""Flavour `ndbm`: whatever this Python's `dbm.ndbm` makes. A name for writing only.

On Debian that is a Berkeley DB hash file `NAME.db`, with GDBM underneath a pair `NAME.pag` and
`NAME.dir`: `identify` names what the bytes are, so no file is ever identified as "ndbm".
"""

from __future__ import annotations

import importlib.util
from functools import cache

from .flavour import Flavour
from .footprint import FILE_SUFFIX

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from .footprint import Footprint
    from .store import Store

_BERKELEY, _GDBM = "Berkeley DB", "GNU gdbm"
_LARGEST = 0x7FFFFFFF


class NdbmFlavour(Flavour):
    """What `dbm.ndbm` makes here."""

    name = "ndbm"
    title = "what this Python's dbm.ndbm makes (writing only)"
    guarantees = "as the format that it makes; not portable between Pythons"
    bytes_held_per_record = 100

    def unreadable_here(self) -> str:
        """Return the same as for writing: the flavour is a name for new databases."""
        return self.unwritable_here()

    def unwritable_here(self) -> str:
        """Return why not: `dbm.ndbm` is missing, or of a library that plugreg cannot stand for."""
        library = library_of_ndbm()
        if not library:
            return "this Python has no dbm.ndbm (Debian's /usr/bin/python3 has it)"
        if library not in (_BERKELEY, _GDBM):
            return f"this Python's dbm.ndbm is {library}, whose files plugreg does not write"
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
        return (path + FILE_SUFFIX, path + ".dir", path + ".pag")

    def misfit(self, key: bytes, value: bytes) -> str:
        """Return that a key is empty, which `dbm.ndbm` cannot list, or a record too large."""
        if not key and self._is_berkeley():
            return "dbm.ndbm lists neither an empty key nor those behind it"
        size = len(key) + len(value)
        return f"{size:,} bytes, dbm.ndbm takes {_LARGEST:,}" if size > _LARGEST else ""

    def write_fresh(self, path: str, records: Iterable[tuple[bytes, bytes]]) -> int:
        """Make what `dbm.ndbm` would: `NAME.db`, or a pair, as `Flavour.write_fresh`."""
        if self.unwritable_here():
            return super().write_fresh(path, records)
        from .fresh import fresh_files

        if self._is_berkeley():
            from .berkeley.hash_writer import fill
            from .berkeley.ndbm_files import FILL_FACTOR

            with fresh_files(path + FILE_SUFFIX) as (file,):
                return fill(file, path, self.name, records, self.misfit, fill_factor=FILL_FACTOR)
        from .gdbm.pair import fill_pair

        with fresh_files(path + ".pag", path + ".dir") as files:
            return fill_pair(files, path, self.name, records)

    def create(self, path: str) -> None:
        """Make an empty one of what `dbm.ndbm` makes, as `Flavour.create`."""
        if self._is_berkeley():
            super().create(path)
            return
        from .known import require_flavour

        require_flavour("gnu-ndbm").create(path)

    def _is_berkeley(self) -> bool:
        return library_of_ndbm() == _BERKELEY

    def open(self, path: str, *, read_only: bool, timeout_s: float) -> Store:
        """Open a database as what it is; what `dbm.ndbm` cannot keep cannot be put into it."""
        from .identification import identify
        from .known import require_flavour
        from .rewritten import RewrittenStore

        found = identify(path)
        flavour = require_flavour(found.flavour)
        store = flavour.open(found.path, read_only=read_only, timeout_s=timeout_s)
        if isinstance(store, RewrittenStore):
            store.misfit = self.misfit
        return store


@cache
def library_of_ndbm() -> str:
    """Return the name of the library behind this Python's `dbm.ndbm`, or "" without that module."""
    if importlib.util.find_spec("_dbm") is None:
        return ""
    import dbm.ndbm

    return str(dbm.ndbm.library)


FLAVOUR = NdbmFlavour()
