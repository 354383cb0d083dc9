"""Telling what a .pag holds: its byte order, and whose it is, from its pages and hashes.

There is no magic number. A page of other bytes is almost never a good page (about one in a
million), and a good one of the other byte order never is: its first word would be too large. The
right hash function leads to the right page for all keys, a wrong one for few.
"""

from __future__ import annotations

import os

from .bitmap import ndbm_page, sdbm_mask
from .files import PairFiles
from .hashing import signed_hash, unsigned_hash
from .page import BYTE_ORDERS, PAGE_SIZE, offsets_of, pairs_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .page import ByteOrder

SDBM = "sdbm"
NDBM_CLASSIC = "ndbm-classic"
_PAGES_LOOKED_AT = 64
_MOSTLY = 0.6
_NO_MATTER: ByteOrder = "little"


class Kind:
    """What a pair is.

    Attributes:
        flavour: "sdbm" or "ndbm-classic"; "sdbm" where both fit, which then makes no difference.
        order: The byte order of the words; "little" where no word is there to tell.
        evidence: The facts that say so, one line.
    """

    __slots__ = ("evidence", "flavour", "order")

    def __init__(self, flavour: str, order: ByteOrder, evidence: str) -> None:
        self.flavour = flavour
        self.order = order
        self.evidence = evidence


def kind_of(path: str) -> Kind | None:
    """Return what `path`.pag and its .dir are, or None where they are neither of the two."""
    if not os.path.isfile(path + ".pag"):
        return None
    files = PairFiles(path)
    try:
        return _kind(files)
    finally:
        files.close()


def _kind(files: PairFiles) -> Kind | None:
    pages = list(files.pages(_PAGES_LOOKED_AT))
    if not any(any(page) for _, page in pages):
        return _empty_kind(files)
    order, good, bad = max((_sorted_out(pages, order) for order in BYTE_ORDERS), key=_goodness)
    if not good:
        if bad or files.bits is None or files.size % PAGE_SIZE:
            return None
        return Kind(SDBM, order, "1,024-byte pages without a record, with a .dir bit map")
    if len(bad) >= len(good) or (bad and files.bits is None):
        return None
    return _hashed_kind(files, order, good)


def _empty_kind(files: PairFiles) -> Kind | None:
    """Two files without a byte are a new pair; zeros without a record are rather lost data."""
    if files.size or files.bits is None or 0 in files.bits:
        return None
    return Kind(SDBM, _NO_MATTER, "an empty .pag with a .dir, as of no record")


def _sorted_out(
    pages: list[tuple[int, bytes]], order: ByteOrder
) -> tuple[ByteOrder, dict[int, list[bytes]], list[int]]:
    """Return the keys by page of the good pages, and the numbers of the bad."""
    good: dict[int, list[bytes]] = {}
    bad: list[int] = []
    for number, page in pages:
        offsets = offsets_of(page, order)
        if offsets is None:
            bad.append(number)
        elif offsets:
            good[number] = [key for key, _ in pairs_of(page, offsets)]
    return order, good, bad


def _goodness(found: tuple[ByteOrder, dict[int, list[bytes]], list[int]]) -> tuple[int, int]:
    return len(found[1]), -len(found[2])


def _hashed_kind(files: PairFiles, order: ByteOrder, good: dict[int, list[bytes]]) -> Kind:
    total = sum(map(len, good.values()))
    placed = sum(len(keys) - astray(files, number, keys) for number, keys in good.items())
    pages = f"1,024-byte pages of {order}-endian words"
    agrees = files.bits is not None and all(ndbm_page(files.bits, page) == page for page in good)
    if placed == total or (placed >= _MOSTLY * total and not agrees):
        return Kind(SDBM, order, f"{pages}; sdbm's hash leads to {placed} of {total} keys")
    said = "fits ndbm's numbering" if agrees else "tells nothing"
    return Kind(
        NDBM_CLASSIC,
        order,
        f"{pages}; sdbm's hash leads to {placed} of {total} keys only, the .dir {said}",
    )


def astray(files: PairFiles, number: int, keys: list[bytes]) -> int:
    """Return how many of the keys on page `number` sdbm would look for on another page."""
    if files.bits is None:
        mask = (1 << number.bit_length()) - 1
    else:  # the page lies where its own number leads, and so do its keys
        mask = sdbm_mask(files.bits, number)
        if number & mask != number:
            return len(keys)
    return sum(
        signed_hash(key) & mask != number and (key.isascii() or unsigned_hash(key) & mask != number)
        for key in keys
    )
