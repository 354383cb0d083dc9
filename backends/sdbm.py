"""Flavour `sdbm`: the pair that perl's SDBM_File, Apache's httxt2dbm and APR write.

`whichdb` calls every .pag and .dir pair "dbm.ndbm", and flag "c" then makes a new database beside
it on Debian. A pair is written as a whole only; perl changes it further.
"""

from __future__ import annotations

from .pag.flavour import PagFlavour

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable


class SdbmFlavour(PagFlavour):
    """The sdbm pair."""

    name = "sdbm"
    title = "sdbm pair (.pag and .dir) of perl and Apache"
    guarantees = "read by any machine; written as a whole; pairs of at most 1,008 bytes"
    bytes_held_per_record = 100

    def unchangeable_here(self) -> str:
        """Return why not: the two files cannot be swapped at once."""
        return "plugreg writes an sdbm pair as a whole only, and changes none"

    def misfit(self, key: bytes, value: bytes) -> str:
        """Return that a record has more than 1,008 bytes, or ""."""
        from .pag.writer import misfit

        return misfit(key, value)

    def write_fresh(self, path: str, records: Iterable[tuple[bytes, bytes]]) -> int:
        """Make a pair of the records, the .pag last, as `Flavour.write_fresh`.

        Records may also be too many of nearly the same hash, which shows only on the way.
        """
        from .fresh import fresh_files
        from .pag.writer import fill

        with fresh_files(path + ".dir", path + ".pag") as files:
            return fill(files, path, self.name, records)


FLAVOUR = SdbmFlavour()
