"""Flavour `berkeley-hash`: a Berkeley DB hash file, read and written with plugreg's own code."""

from __future__ import annotations

import os

from .berkeley.flavour import BerkeleyFlavour

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from .store import Store


class BerkeleyHashFlavour(BerkeleyFlavour):
    """A Berkeley DB hash file, whoever made it."""

    name = "berkeley-hash"
    title = "Berkeley DB hash file"
    guarantees = (
        "durable; transactions; one plugreg writer, many readers; a change rewrites the file;"
        " other programs are not locked out"
    )
    bytes_held_per_record = 30
    writer_lock = True
    method = "hash"

    def unwritable_here(self) -> str:
        """Return "": plugreg writes and rewrites it."""
        return ""

    def open(self, path: str, *, read_only: bool, timeout_s: float) -> Store:
        """Open the file, to read it or to rewrite it.

        A file of another version or byte order becomes one of version 9, little-endian, with the
        first change. Berkeley DB has no lock of its own, so other programs are not kept out.

        Raises:
            FlavourUnavailable: It has what a rewrite would lose: duplicates, partitions, checksums,
                a hash function of its own, or the log files of an environment.
            CatalogCorrupt: It is damaged.
        """
        if read_only:
            return self.reader(path)
        from .berkeley.changing import lost_by_rewriting
        from .berkeley.hash_writer import fill
        from .rewritten import open_rewritten

        return open_rewritten(
            self,
            path,
            connect=self.reader,
            fill=fill,
            timeout_s=timeout_s,
            refusal=lost_by_rewriting,
        )

    def known_as(self, path: str) -> str:
        """Return the name without .db where dbm.ndbm made the file, and appended that itself."""
        from .berkeley.ndbm_files import known_name
        from .berkeley.pages import open_pages

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
