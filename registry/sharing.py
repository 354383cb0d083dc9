"""What hashing the keys of a pickle would cost: tuples in tuples, and tuples that are shared.

A tuple's hash is computed anew each time, through all that lies in it. Sixty tuples, each of which
holds the one before it twice, are a hundred bytes of pickle and 2**60 steps of hashing, and a
hundred thousand of them in one another take more stack than a thread has. Frozensets are compared,
where they are not hashed, at the same cost. So is a number's hash, through all its digits: one of a
megabyte, a hundred thousand times as a key.
"""

from __future__ import annotations

from plugreg.backends import RecordUnreadable

from .pickle_walk import PickleWalk

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .pickle_walk import Item

# Tuples and frozensets in one another. Hashing takes some 200 bytes of stack for each of them, and
# the smallest usual stack of a thread is 128 KiB.
MOST_DEEP = 250
# How many parts may be hashed, beside a few for each byte: a third of a second's work.
MOST_HASHED = 10_000_000
_HASHED_PER_BYTE = 8
# How many bytes of a number are hashed in the time of one part.
_BYTES_PER_PART = 32
_ENDLESS = 1 << 62


class Sharing(PickleWalk):
    """A walk that weighs: an item is what hashing a key costs, in parts, and how deep they lie."""

    def __init__(self, data: bytes) -> None:
        super().__init__(data)
        self._hashed = 0
        self._most_hashed = MOST_HASHED + _HASHED_PER_BYTE * len(data)

    def number(self, size: int) -> Item:
        """Return the weight of a number, by its bytes or its digits."""
        return 1 + size // _BYTES_PER_PART, 0

    def group(self, items: list[Item]) -> Item:
        """Return weight and depth of a tuple; refuse one that is too deep."""
        depth = 1 + max((item[1] for item in items), default=0)
        if depth > MOST_DEEP:
            raise RecordUnreadable(
                f"more than {MOST_DEEP} tuples lie in one another",
                hint="store them as a list; nothing was read",
            )
        return min(1 + sum(item[0] for item in items), _ENDLESS), depth

    def hashed(self, items: list[Item]) -> None:
        """Add up what hashing costs; refuse more than the pickle's size can explain."""
        self._hashed += sum(item[0] for item in items)
        if self._hashed > self._most_hashed:
            raise RecordUnreadable(
                f"its keys share tuples or large numbers: over {self._most_hashed} steps to hash",
                hint="nothing was read; remove the record if you do not know who wrote it",
            )
