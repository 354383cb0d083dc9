"""GDBM's ndbm pair: the marker file beside the GDBM file.

Source: gdbm 1.23, compat/dbmopen.c: `NAME.dir` is "GDBM" and three big-endian words, the version
of the library; gdbm 1.8 made it a hard link of `NAME.pag`. An empty one is accepted, too.
"""

from __future__ import annotations

import os
import struct

from plugreg.backends.errors import CatalogCorrupt, restore_or_salvage
from plugreg.backends.footprint import unreadable
from plugreg.backends.fresh import replacement
from plugreg.backends.regular import open_regular

from .header import HEAD_SIZE, read_header
from .reader import GdbmReader
from .writer import fill

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from .header import Header

_MARK = b"GDBM"
_MARKER = _MARK + struct.pack(">3I", 1, 23, 0)


def is_marker(head: bytes) -> bool:
    """Tell whether a .dir file that starts so belongs to a GDBM pair."""
    if not head or (head.startswith(_MARK) and len(head) == len(_MARKER)):
        return True
    return read_header(head) is not None


class PairReader(GdbmReader):
    """A read-only store over the .pag of a pair; with a strange .dir, it can only be salvaged."""

    def __init__(
        self, flavour: str, path: str, *, timeout_s: float, exclusive: bool = False
    ) -> None:
        super().__init__(flavour, path, path + ".pag", timeout_s=timeout_s, exclusive=exclusive)

    def header(self) -> Header:
        """Return the GDBM header; a CatalogCorrupt where it or the .dir is wrong."""
        if self._header is None:
            require_marker(self.path)
        return super().header()


def require_marker(path: str) -> None:
    """Do nothing where `path`.dir is what stands beside a GDBM file.

    Raises:
        CatalogCorrupt: It is something else.
        CatalogError: It is missing, or may not be read.
    """
    try:
        with open(path + ".dir", "rb", opener=open_regular) as file:
            head = file.read(HEAD_SIZE)
    except OSError as error:
        raise unreadable(error, path + ".dir") from error
    if not is_marker(head):
        raise CatalogCorrupt(
            f"{path}.dir is not the marker of a GDBM pair: it starts with {head[:4]!r}",
            hint=restore_or_salvage(path),
            path=path,
        )


def settle_marker(path: str) -> None:
    """Leave a `path`.dir that tells nothing of the .pag; the caller holds the pair's WriterLock.

    A hard link of the .pag, as gdbm 1.8 made it, would go stale when that is replaced.

    Raises:
        CatalogCorrupt: The .dir is not what stands beside a GDBM file.
    """
    require_marker(path)
    if os.path.getsize(path + ".dir") > len(_MARKER):
        with replacement(path + ".dir") as beside, open(beside, "wb") as file:
            file.write(_MARKER)


def fill_pair(
    files: tuple[str, ...], path: str, flavour: str, records: Iterable[tuple[bytes, bytes]]
) -> int:
    """Write a .pag of these records and its marker over the two files; the number of records."""
    pag, marker = files
    with open(marker, "wb") as file:
        file.write(_MARKER)
    return fill(pag, path, flavour, records)
