"""Flavour `berkeley-btree`: a sorted tree of keys, Berkeley DB 2 to 6."""

from __future__ import annotations

from .berkeley.flavour import BerkeleyFlavour


class BerkeleyBtreeFlavour(BerkeleyFlavour):
    """A Berkeley DB btree file, whoever made it."""

    name = "berkeley-btree"
    title = "Berkeley DB btree file: a sorted tree of keys"
    method = "btree"


FLAVOUR = BerkeleyBtreeFlavour()
