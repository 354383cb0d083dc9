"""Counting records on their way, with a digest of them that does not depend on their order."""

from __future__ import annotations

from itertools import chain, islice
from operator import mul

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    Record = tuple[bytes, bytes]

_BATCH = 1000
_WORD = (1 << 64) - 1


class Tally:
    """How many records went by, their bytes, and the sum of their hashes.

    The hashes are Python's own (SipHash, keyed anew in each process), at the speed of C. That of
    the pair finds a record that was lost, changed or doubled. It mixes its two parts by sums and
    shifts only, so that two values may be exchanged and leave the sum as it was: the product of
    the two parts' own hashes finds those. It is no proof against somebody who chooses the records
    to deceive it.

    Attributes:
        records: Their number.
        size_bytes: The bytes of all keys and values.
        digest: 64 bits.
    """

    def __init__(self) -> None:
        self.records = self.size_bytes = self.digest = 0

    def through(
        self, records: Iterable[Record], progress: Callable[[int], None]
    ) -> Iterator[Record]:
        """Yield the records as they come, counted some at a time; `progress` gets their number."""
        source = iter(records)
        while batch := list(islice(source, _BATCH)):
            self.records += len(batch)
            self.size_bytes += sum(map(len, chain.from_iterable(batch)))
            keys, values = zip(*batch, strict=True)
            pairs = sum(map(mul, map(hash, keys), map(hash, values)))
            self.digest = (self.digest + pairs + sum(map(hash, batch))) & _WORD
            yield from batch
            progress(self.records)

    def take(self, records: Iterable[Record], progress: Callable[[int], None]) -> Tally:
        """Count all of the records; itself."""
        for _ in self.through(records, progress):
            pass
        return self

    def differences(self, other: Tally) -> str:
        """Say in what another tally differs, or ""."""
        if self.records != other.records:
            return f"{self.records:,} records were copied, {other.records:,} are in the copy"
        if self.size_bytes != other.size_bytes:
            return f"{self.size_bytes:,} bytes were copied, {other.size_bytes:,} are in the copy"
        return "" if self.digest == other.digest else "some record is not what it was"
