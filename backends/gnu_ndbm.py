"""Flavour `gnu-ndbm`: the pair of files that GDBM's ndbm interface writes, a GDBM file inside.

`NAME.pag` is a whole GDBM file; `NAME.dir` is a marker of 16 bytes that starts with `GDBM` (gdbm
1.9 and later), a hard link to the .pag (1.8), or empty. `whichdb` calls every such pair
"dbm.ndbm", even where this Python's `dbm.ndbm` is Berkeley DB and would start a new database
beside it.
"""

from __future__ import annotations

from .flavour import Flavour

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from .footprint import Footprint
    from .store import Store


class GnuNdbmFlavour(Flavour):
    """GDBM behind the ndbm interface."""

    name = "gnu-ndbm"
    title = "GDBM's ndbm pair (.pag and .dir), GDBM inside"
    guarantees = "as gnu"
    bytes_held_per_record = 100
    writer_lock = True

    def recognise(self, found: Footprint) -> str | None:
        """Look for GDBM's header in the .pag of a pair."""
        if not (found.has(".pag") and found.has(".dir")):
            return None
        from .gdbm.header import read_header
        from .gdbm.pair import is_marker

        header = read_header(found.head_of(".pag"))
        if header is None:
            return None
        beside = "a .dir" if is_marker(found.head_of(".dir")) else "a .dir that is no marker"
        return f"a .pag that is GDBM inside ({header.evidence()}), with {beside} beside it"

    def files(self, path: str) -> tuple[str, ...]:
        """Return the marker and the GDBM file."""
        return (path + ".dir", path + ".pag")

    def open(self, path: str, *, read_only: bool, timeout_s: float) -> Store:
        """Open `path`.pag, to read it beside other readers, or to rewrite it.

        As for `gnu`, whose lock keeps out who opens the pair through GDBM. The .dir stays, but that
        one of gdbm 1.8 becomes a marker, as the library itself makes of it.
        """
        from .gdbm.pair import PairReader, settle_marker

        if read_only:
            return PairReader(self.name, path, timeout_s=timeout_s)
        from .gdbm.reader import GdbmReader
        from .gdbm.writer import fill
        from .rewritten import open_rewritten

        def connect(file: str) -> GdbmReader:
            return GdbmReader(self.name, path, file, timeout_s=timeout_s)

        store = open_rewritten(
            self, path, suffix=".pag", connect=connect, fill=fill, timeout_s=timeout_s
        )
        try:
            settle_marker(store.path)
        except BaseException:
            store.close()
            raise
        return store

    def hold(self, path: str, *, timeout_s: float) -> Store:
        """Open `path`.pag for reading, with the lock that libgdbm's writers take."""
        from .gdbm.pair import PairReader

        return PairReader(self.name, path, timeout_s=timeout_s, exclusive=True)

    def misfit(self, key: bytes, value: bytes) -> str:
        """Return that a record is larger than 2 GiB, or ""."""
        from .gdbm.writer import misfit

        return misfit(key, value)

    def write_fresh(self, path: str, records: Iterable[tuple[bytes, bytes]]) -> int:
        """Make a pair of the records, the .dir last, as `Flavour.write_fresh`."""
        from .fresh import fresh_files
        from .gdbm.pair import fill_pair

        with fresh_files(path + ".pag", path + ".dir") as files:
            return fill_pair(files, path, self.name, records)


FLAVOUR = GnuNdbmFlavour()
