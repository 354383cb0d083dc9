"""Flavour `berkeley-recno`: values by record number, Berkeley DB 2 to 6."""

from __future__ import annotations

from .berkeley.flavour import BerkeleyFlavour


class BerkeleyRecnoFlavour(BerkeleyFlavour):
    """A Berkeley DB recno file, whoever made it."""

    name = "berkeley-recno"
    title = "Berkeley DB recno file: values by record number"
    method = "recno"


FLAVOUR = BerkeleyRecnoFlavour()
