"""Flavour `berkeley-multi`: several Berkeley DB databases in one file, each with a name.

Opened as one store where there is one of them; otherwise the choice is `open_database`'s.
"""

from __future__ import annotations

from .berkeley.flavour import BerkeleyFlavour

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .berkeley.meta import Meta
    from .reader import Reader


class BerkeleyMultiFlavour(BerkeleyFlavour):
    """A Berkeley DB file with named databases."""

    name = "berkeley-multi"
    title = "Berkeley DB file of several named databases"

    def fits(self, meta: Meta) -> bool:
        """Tell whether a meta page is that of a master database."""
        return meta.is_master

    def open_one(self, path: str, database: str) -> Reader:
        """Open the database of that name."""
        from .berkeley.databases import open_database

        return open_database(path, database)


FLAVOUR = BerkeleyMultiFlavour()
