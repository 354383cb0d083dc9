"""Flavour `berkeley185-btree`: a btree or recno file of Berkeley DB 1.85.

Page 0 (btree/btree.h of 1.85), in the writer's order: magic 0x00053162 at 0, version 3 at 4.
"""

from __future__ import annotations

import struct

from .berkeley.flavour import ReadOnlyFlavour

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .footprint import Footprint
    from .reader import Reader

_MAGIC = 0x00053162
_RECNO = 0x80
_META_SIZE = 24


class Berkeley185BtreeFlavour(ReadOnlyFlavour):
    """A 1.85 btree or recno file."""

    name = "berkeley185-btree"
    title = "Berkeley DB 1.85 btree or recno file"

    def recognise(self, found: Footprint) -> str | None:
        """Look for the magic number in either byte order."""
        head = found.head()
        if len(head) < _META_SIZE:
            return None
        for order, name in (("<", "little"), (">", "big")):
            magic, version, size, _, _, flags = struct.unpack_from(f"{order}6I", head)
            if magic == _MAGIC:
                kind = "recno" if flags & _RECNO else "btree"
                return (
                    f"Berkeley DB 1.85 {kind}, version {version}, {name}-endian; page size {size}"
                )
        return None

    def reader(self, path: str) -> Reader:
        """Return the reader of the file."""
        from .berkeley.old185.btree import Old185BtreeReader

        return Old185BtreeReader(self.name, path)


FLAVOUR = Berkeley185BtreeFlavour()
