"""Flavour `berkeley-heap`: values under page and slot numbers, Berkeley DB 2 to 6."""

from __future__ import annotations

from .berkeley.flavour import BerkeleyFlavour


class BerkeleyHeapFlavour(BerkeleyFlavour):
    """A Berkeley DB heap file, whoever made it."""

    name = "berkeley-heap"
    title = "Berkeley DB heap file: values under page and slot numbers"
    method = "heap"


FLAVOUR = BerkeleyHeapFlavour()
