"""Flavour `berkeley186-hash`: a hash file of Berkeley DB 1.86, named and refused.

Its header is that of 1.85 with version 3, its pages have another layout, which no other release
has ever written or read.
"""

from __future__ import annotations

import struct

from .berkeley.flavour import ReadOnlyFlavour
from .errors import FlavourUnavailable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .footprint import Footprint
    from .reader import Reader

_MAGIC, _VERSION = 0x061561, 3
_REFUSAL = "no reader for the pages of Berkeley DB 1.86, which only that release wrote"
_HEADER_SIZE = 260


class Berkeley186HashFlavour(ReadOnlyFlavour):
    """A 1.86 hash file."""

    name = "berkeley186-hash"
    title = "Berkeley DB 1.86 hash file (told apart, not read)"
    guarantees = "not readable"

    def unreadable_here(self) -> str:
        """Return why not."""
        return _REFUSAL

    def recognise(self, found: Footprint) -> str | None:
        """Look for the magic number of 1.85's hash, with version 3."""
        head = found.head()
        if len(head) < _HEADER_SIZE or struct.unpack_from(">2I", head) != (_MAGIC, _VERSION):
            return None
        return f"Berkeley DB 1.86 hash, version {_VERSION}"

    def reader(self, path: str) -> Reader:
        """Raise FlavourUnavailable."""
        raise FlavourUnavailable(
            f"{path}: {_REFUSAL}",
            hint="dump it with the db_dump of Berkeley DB 1.86",
            path=path,
            flavour=self.name,
        )


FLAVOUR = Berkeley186HashFlavour()
