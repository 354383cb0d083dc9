"""Flavour `berkeley-hash`: a Berkeley DB hash file, read with plugreg's own code on any Python.

An existing one is changed through `dbm.ndbm`, where this Python's is Berkeley DB. A fresh one is
written by plugreg itself.
"""

from __future__ import annotations

import os

from .berkeley.flavour import BerkeleyFlavour
from .errors import FlavourUnavailable
from .footprint import FILE_SUFFIX

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from .store import Store

# libdb 5.3 takes the pages of some version 7 files for new ones and writes empty ones over them.
_SAFE_VERSIONS = (8, 9)
_DUPLICATES = 1


class BerkeleyHashFlavour(BerkeleyFlavour):
    """A Berkeley DB hash file, whoever made it."""

    name = "berkeley-hash"
    title = "Berkeley DB hash file"
    guarantees = "synced after each change; one plugreg writer; other programs are not locked out"
    bytes_held_per_record = 30
    method = "hash"

    def unwritable_here(self) -> str:
        """Return "": plugreg writes it."""
        return ""

    def unchangeable_here(self) -> str:
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
        problem = self.unchangeable_here()
        if meta.version not in _SAFE_VERSIONS:
            problem = f"its version is not one of {_SAFE_VERSIONS}, which dbm.ndbm opens safely"
        elif meta.partitions or meta.flags & _DUPLICATES:
            problem = "dbm.ndbm knows neither partitions nor several values of a key"
        elif not path.endswith(FILE_SUFFIX):
            problem = f"dbm.ndbm opens only names that end in {FILE_SUFFIX}"
        if problem:
            raise FlavourUnavailable(f"{path}: {problem}", path=path, flavour=self.name)

    def known_as(self, path: str) -> str:
        """Return the name without .db where dbm.ndbm made the file, and appended that itself."""
        from .berkeley.ndbm_files import known_name
        from .berkeley.opening import open_pages

        pages, meta = open_pages(path)
        os.close(pages.descriptor)
        return known_name(path, meta.page_size, meta.words(meta.fields_at, 4)[3])

    def misfit(self, key: bytes, value: bytes) -> str:
        """Return that a key or value is larger than 4 GiB, or ""."""
        from .berkeley.hash_writer import misfit

        return misfit(key, value)

    def write_fresh(self, path: str, records: Iterable[tuple[bytes, bytes]]) -> int:
        """Make a hash file of the records, version 9, as `Flavour.write_fresh`.

        It keeps an empty key, which libdb finds; `dbm.ndbm` lists neither it nor those behind it.
        """
        from .berkeley.hash_writer import fill
        from .fresh import fresh_files

        with fresh_files(path) as (file,):
            return fill(file, path, self.name, records)


FLAVOUR = BerkeleyHashFlavour()
