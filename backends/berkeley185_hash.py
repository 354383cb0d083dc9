"""Flavour `berkeley185-hash`: a hash file of Berkeley DB 1.85, as BSD's and macOS's ndbm makes.

Header (hash/hash.h of 1.85), always big-endian: magic 0x061561 at 0, version 1 or 2 at 4.
"""

from __future__ import annotations

import struct

from .berkeley.flavour import ReadOnlyFlavour
from .footprint import unreadable
from .regular import open_regular

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .footprint import Footprint
    from .reader import Reader

_MAGIC = 0x061561
_ORDERS = {1234: "little", 4321: "big"}
_HEADER_SIZE = 260


class Berkeley185HashFlavour(ReadOnlyFlavour):
    """A 1.85 hash file."""

    name = "berkeley185-hash"
    title = "Berkeley DB 1.85 hash file (BSD's and macOS's ndbm)"

    def recognise(self, found: Footprint) -> str | None:
        """Look for the magic number and a version before 1.86's."""
        head = found.head()
        if len(head) < _HEADER_SIZE:
            return None
        magic, version, order, size = struct.unpack_from(">4I", head)
        if magic != _MAGIC or version not in (1, 2):
            return None
        pages = _ORDERS.get(order, f"unknown-({order})")
        return f"Berkeley DB 1.85 hash, version {version}, {pages}-endian pages; bucket size {size}"

    def reader(self, path: str) -> Reader:
        """Return the reader of the file."""
        from .berkeley.old185.hash import Old185HashReader

        return Old185HashReader(self.name, path)

    def known_as(self, path: str) -> str:
        """Return the name without .db where an ndbm made the file, and appended that itself."""
        from .berkeley.ndbm_files import known_name

        try:
            with open(path, "rb", opener=open_regular) as file:
                words = struct.unpack(">17I", file.read(68).ljust(68, b"\0"))
        except OSError as error:
            raise unreadable(error, path) from error
        return known_name(path, words[3], words[13])


FLAVOUR = Berkeley185HashFlavour()
