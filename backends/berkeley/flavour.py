"""What the flavours of Berkeley DB have in common: one per access method, read everywhere."""

from __future__ import annotations

import os

from plugreg.backends.errors import FlavourUnavailable
from plugreg.backends.flavour import Flavour

from .meta import read_meta

TYPE_CHECKING = False
if TYPE_CHECKING:
    from plugreg.backends.footprint import Footprint
    from plugreg.backends.reader import Reader
    from plugreg.backends.store import Store

    from .meta import Meta

_READ_ONLY = "plugreg reads this format and does not write it"


class ReadOnlyFlavour(Flavour):
    """A flavour that plugreg reads with its own code, and does not write."""

    guarantees = "read-only"

    def unwritable_here(self) -> str:
        """Return why not: plugreg has no writer for it."""
        return _READ_ONLY

    def files(self, path: str) -> tuple[str, ...]:
        """Return the one file."""
        return (path,)

    def open(self, path: str, *, read_only: bool, timeout_s: float) -> Store:
        """Open the file for reading.

        Raises:
            FlavourUnavailable: It was to be opened for writing, or cannot be read at all.
            CatalogCorrupt: Its header is damaged.
        """
        del timeout_s
        if not read_only:
            raise self._unwritable(path)
        return self.reader(path)

    def reader(self, path: str) -> Reader:
        """Return the reader of the file."""
        raise NotImplementedError

    def _unwritable(self, path: str) -> FlavourUnavailable:
        return FlavourUnavailable(
            f"{path}: {self.name}: {_READ_ONLY}",
            hint="migrate it to another flavour",
            path=path,
            flavour=self.name,
        )


class BerkeleyFlavour(ReadOnlyFlavour):
    """One access method of Berkeley DB 2 and later, recognised by its meta page."""

    method = ""

    def recognise(self, found: Footprint) -> str | None:
        """Look for the method's magic number at byte 12, in either byte order."""
        meta = read_meta(found.head())
        return meta.evidence() if meta is not None and self.fits(meta) else None

    def fits(self, meta: Meta) -> bool:
        """Tell whether a meta page is that of this flavour."""
        return meta.method == self.method and not meta.is_master

    def reader(self, path: str) -> Reader:
        """Return the reader of the file."""
        from .databases import open_reader

        return open_reader(self.name, path)

    def files(self, path: str) -> tuple[str, ...]:
        """Return the file, and the partitions or extents that stand beside it."""
        folder, name = os.path.split(path)
        prefixes = (f"__dbp.{name}.", f"__dbq.{name}.")
        beside = os.listdir(folder) if os.path.isdir(folder) else []
        parts = [
            os.path.join(folder, part)
            for part in sorted(beside)
            if part.startswith(prefixes) and part.rpartition(".")[2].isdecimal()
        ]
        return (path, *parts)
