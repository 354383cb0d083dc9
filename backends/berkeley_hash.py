"""Flavour `berkeley-hash`: a Berkeley DB hash file, read with plugreg's own code on any Python.

An existing one is changed through `dbm.ndbm`, where this Python's is Berkeley DB. A fresh one is
written by plugreg itself.
"""

from __future__ import annotations

import os

from . import durable
from .berkeley.flavour import BerkeleyFlavour
from .errors import FlavourUnavailable
from .footprint import FILE_SUFFIX, unreadable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .store import Store

# libdb 5.3 takes the pages of some version 7 files for new ones and writes empty ones over them.
_SAFE_VERSIONS = (8, 9)
_DUPLICATES = 1


class BerkeleyHashFlavour(BerkeleyFlavour):
    """A Berkeley DB hash file, whoever made it."""

    name = "berkeley-hash"
    title = "Berkeley DB hash file"
    guarantees = "synced after each change; one plugreg writer; other programs are not locked out"
    method = "hash"

    def unwritable_here(self) -> str:
        """Return why not: `dbm.ndbm` is missing or another library."""
        from .berkeley.c_module import missing_berkeley_module

        return missing_berkeley_module()

    def open(self, path: str, *, read_only: bool, timeout_s: float) -> Store:
        """Open the file: for reading with our own reader, for writing with `dbm.ndbm`.

        Raises:
            FlavourUnavailable: `dbm.ndbm` cannot reach the name, or would damage the file.
            CatalogCorrupt: Its meta page is damaged.
        """
        if read_only:
            return self.reader(path)
        self._require_suitable(path)
        from .berkeley.c_module import open_with_ndbm

        return open_with_ndbm(self.name, path, read_only=False, timeout_s=timeout_s)

    def _require_suitable(self, path: str) -> None:
        from .berkeley.opening import open_pages

        pages, meta = open_pages(path)
        os.close(pages.descriptor)
        problem = self.unwritable_here()
        if meta.version not in _SAFE_VERSIONS:
            problem = f"its version is not one of {_SAFE_VERSIONS}, which dbm.ndbm opens safely"
        elif meta.partitions or meta.flags & _DUPLICATES:
            problem = "dbm.ndbm knows neither partitions nor several values of a key"
        elif not path.endswith(FILE_SUFFIX):
            problem = f"dbm.ndbm opens only names that end in {FILE_SUFFIX}"
        if problem:
            raise FlavourUnavailable(f"{path}: {problem}", path=path, flavour=self.name)

    def create(self, path: str) -> None:
        """Make an empty database beside and link it into place.

        Raises:
            FlavourUnavailable: `dbm.ndbm` could not open it under that name.
        """
        if not path.endswith(FILE_SUFFIX):
            raise FlavourUnavailable(
                f"{path}: dbm.ndbm opens only names that end in {FILE_SUFFIX}",
                hint=f"name it {path}{FILE_SUFFIX}",
                path=path,
                flavour=self.name,
            )
        from .berkeley.hash_writer import write_hash

        try:
            temporary = durable.temporary_beside(path)
        except OSError as error:
            raise unreadable(error, path) from error
        try:
            write_hash(temporary, [])
            durable.grant_default_access(temporary)
            durable.publish(temporary, path)
        finally:
            if os.path.exists(temporary):
                os.unlink(temporary)


FLAVOUR = BerkeleyHashFlavour()
