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

    def unwritable_here(self) -> str:
        """Return why not: a pair is written as a whole, by migration."""
        return "plugreg writes an sdbm pair as a whole only, and changes none"

    def create(self, path: str) -> None:
        """Make a pair of two empty files, as sdbm does; raises FileExistsError."""
        self.write_fresh(path, ())

    def misfit(self, key: bytes, value: bytes) -> str:
        """Return why a record cannot be kept in this format, or ""."""
        from .pag.writer import misfit

        return misfit(key, value)

    def write_fresh(self, path: str, records: Iterable[tuple[bytes, bytes]]) -> int:
        """Make a new pair of all the records; see `pag.writer.write_fresh`."""
        from .pag.writer import write_fresh

        return write_fresh(path, records)


FLAVOUR = SdbmFlavour()
