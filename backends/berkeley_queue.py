"""Flavour `berkeley-queue`: values of one length by record number, Berkeley DB 2 to 6."""

from __future__ import annotations

from .berkeley.flavour import BerkeleyFlavour


class BerkeleyQueueFlavour(BerkeleyFlavour):
    """A Berkeley DB queue file, whoever made it."""

    name = "berkeley-queue"
    title = "Berkeley DB queue file: values of one length by record number"
    method = "queue"


FLAVOUR = BerkeleyQueueFlavour()
