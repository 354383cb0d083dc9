"""Getting every intact record out of a damaged GDBM file.

A record counts as intact when its bucket's element has the hash and the first bytes of the key
that it points to: 31 bits, in the right range of hashes, so nothing is made up. Values have no
checksum.

First the directory's own way; then, where an entry of it leads nowhere, buckets are looked for
byte by byte. A bucket so found may be one that the library gave up when it split it, full of
records that were deleted since. So it counts only where no other bucket speaks for any of its
hashes, not even one that was cut off the file, and never where the free lists say that room is
free. Without a directory the one with more bits, which is younger, comes first; a deleted record
cannot always be told there, which the losses say.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import replace

from plugreg.backends.errors import CatalogCorrupt

from .accounting import free_list, overlap
from .buckets import miscounted, misplaced, read_bucket, runs
from .hashing import BITS, hashes
from .header import HEAD_SIZE, Header, read_header
from .layout import LAYOUTS
from .search import find_buckets

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from .buckets import Bucket, Element, Run
    from .file import GdbmFile

_BLOCK_SIZES = tuple(1 << power for power in range(9, 17))
_EVERY_HASH = range(1 << BITS)
_GUESS_TRIALS = 3000
_TOLD = 100  # losses that are told one by one
_Place = tuple[int, int, int]  # where a record is, the size of its key, that of its value


class Salvage:
    """One pass over a damaged file; takes about 400 bytes of memory a record.

    Attributes:
        losses: What was lost, and why; filled as the records are taken.
    """

    def __init__(self, file: GdbmFile) -> None:
        self._file = file
        self.losses: list[str] = []
        self._untold = 0
        self._keys = set[bytes]()
        self._free: list[tuple[int, int]] = []
        # Addresses in the directory that lead to no bucket of that place, and how many name each.
        self._astray = dict[int, int]()
        self._covered = set[tuple[int, int]]()  # (bits, the first bits of the hash)
        self._above = set[tuple[int, int]]()  # all that contain one of those
        self._buckets: list[int] = []  # where those stand that were read from

    def records(self) -> Iterator[tuple[bytes, bytes]]:
        """Yield each intact record once."""
        self._file.hold_if_small()
        try:
            yield from self._apart(list(self._by_any_way()))
        finally:
            self._file.let_go()
        if self._untold:
            self.losses.append(f"and {self._untold} more")

    def _apart(self, found: list[_Place]) -> Iterator[tuple[bytes, bytes]]:
        """Yield the records that do not reach into what is known to stand behind them.

        A key proves where a record starts, and nothing where its value ends.
        """
        starts = sorted({at for at, key_size, size in found if key_size + size} | {*self._buckets})
        for at, key_size, size in found:
            key = self._file.read(key_size, at)
            behind = bisect_right(starts, at)
            if behind < len(starts) and starts[behind] < at + key_size + size:
                self._lose(f"the value of {key[:40]!r} reaches over byte {starts[behind]}")
            else:
                yield key, self._file.read(size, at + key_size)

    def _by_any_way(self) -> Iterator[_Place]:
        head = self._file.read(min(HEAD_SIZE, self._file.size), 0)
        header = read_header(head, self._file.size)
        wrong = (*header.problems, *header.doubts) if header else ("it is none of GDBM's",)
        for problem in wrong:
            self._lose(f"header: {problem}")
        mended = _mended(header, self._file.size) if header else None
        if mended is not None:
            yield from self._by_directory(mended)
            if self._astray:
                yield from self._by_search(mended)
            if not self.losses:
                self._account(mended)
            return
        guess = self._likeliest(header)
        if guess is not None:
            self._lose("the directory: a record that was deleted may be among those found")
            self._learn_free(guess)
            yield from self._by_search(guess)

    def _account(self, header: Header) -> None:
        """Tell of bytes that are used twice or not at all, where nothing else is wrong."""
        try:
            wrong = overlap(self._file, header)
        except CatalogCorrupt as error:
            wrong = (error.message, "")
        for what in filter(None, wrong):
            self._lose(f"{what}: a value may be too long or too short")

    def _lose(self, what: str) -> None:
        if len(self.losses) < _TOLD:
            self.losses.append(what)
        else:
            self._untold += 1

    def _is_new(self, place: _Place) -> bool:
        key = self._file.read(place[1], place[0])
        known = key in self._keys
        self._keys.add(key)
        return not known

    def _record(self, header: Header, element: Element, allowed: range) -> _Place | None:
        """Return where an element leads to, or None where the key is not the one it means."""
        number, start, at, key_size, value_size = element
        if min(key_size, value_size) < 0 or at < header.block_size or number not in allowed:
            return None
        if at + key_size + value_size > self._file.size:
            return None
        key = self._file.read(key_size, at)
        if key[:4] != start[:key_size] or number not in hashes(key):
            return None
        return at, key_size, value_size

    # The directory's way.

    def _by_directory(self, header: Header) -> Iterator[_Place]:
        """Yield what the directory leads to, where entry and bucket agree."""
        for run in runs(self._file, header):
            place = f"bucket at byte {run.address} (directory entry {run.first})"
            try:
                bucket = read_bucket(self._file, header, run.address)
            except CatalogCorrupt:
                self._lose(f"{place}: outside the file")
                if header.block_size <= run.address <= header.next_block - header.bucket_size:
                    self._cover_run(header, run)  # it was cut off: what is older must not speak
                else:
                    self._astray.setdefault(run.address, 0)
                continue
            elements = bucket.elements()
            problem = misplaced(bucket, header, run)
            if problem:
                self._lose(f"{place}: {problem}")
                self._astray[run.address] = self._astray.get(run.address, 0) + run.length
                continue
            if said := miscounted(bucket, elements):
                self._lose(f"{place}: {said}")
            self._buckets.append(run.address)
            self._cover(bucket.bits, run.first // run.length)
            self._free += [(at, at + size) for size, at in bucket.free_pieces()]
            yield from self._of_run(header, run, elements, place)
        yield from self._by_majority(header)

    def _by_majority(self, header: Header) -> Iterator[_Place]:
        """Yield the records of buckets that half or more of their entries name."""
        if self._astray:
            self._learn_free(header)
        for address, entries in self._astray.items():
            if not entries:
                continue
            bucket = read_bucket(self._file, header, address)
            if not _is_named_by_half(bucket, entries, header):
                continue
            if miscounted(bucket, elements := bucket.elements()):
                continue
            self._free += [(at, at + size) for size, at in bucket.free_pieces()]
            if elements:
                yield from self._of_found(header, address, bucket)

    def _of_run(
        self, header: Header, run: Run, elements: list[Element], place: str
    ) -> Iterator[_Place]:
        allowed = run.hashes(header)
        for element in elements:
            record = self._record(header, element, allowed)
            if record is None:
                self._lose(f"{place}: the element of {element[1]!r} leads to no such key")
            elif self._is_new(record):
                yield record

    # Where that fails.

    def _by_search(self, header: Header) -> Iterator[_Place]:
        self._free.sort()
        found = [(-bucket.bits, address) for address, bucket in find_buckets(self._file, header)]
        for _, address in sorted(found):
            if not self._is_free(address):
                bucket = read_bucket(self._file, header, address)
                yield from self._of_found(header, address, bucket)

    def _of_found(self, header: Header, address: int, bucket: Bucket) -> Iterator[_Place]:
        """Yield the records of a bucket, unless another speaks for any of its hashes."""
        elements = bucket.elements()
        prefix = elements[0][0] >> (BITS - bucket.bits)
        if self._is_covered(bucket.bits, prefix):
            return
        self._buckets.append(address)
        self._cover(bucket.bits, prefix)
        for element in elements:
            if self._is_free(element[2]) or element[0] >> (BITS - bucket.bits) != prefix:
                continue
            record = self._record(header, element, _EVERY_HASH)
            if record is None:
                self._lose(f"bucket found at byte {address}: {element[1]!r} leads to no such key")
            elif self._is_new(record):
                yield record

    def _learn_free(self, header: Header) -> None:
        """Add what the header's free list says to what those of the buckets said."""
        try:
            self._free += [(at, at + size) for size, at in free_list(self._file, header)]
        except CatalogCorrupt as error:
            self._lose(error.message)
        self._free.sort()

    def _is_free(self, address: int) -> bool:
        place = bisect_right(self._free, (address, self._file.size)) - 1
        return place >= 0 and self._free[place][0] <= address < self._free[place][1]

    def _is_covered(self, bits: int, prefix: int) -> bool:
        """Tell whether a bucket of more, the same or fewer bits speaks for some of the hashes."""
        if (bits, prefix) in self._above:
            return True
        return any((less, prefix >> (bits - less)) in self._covered for less in range(bits + 1))

    def _cover(self, bits: int, prefix: int) -> None:
        """Let no other bucket speak for the hashes that start so."""
        self._covered.add((bits, prefix))
        self._above |= {(less, prefix >> (bits - less)) for less in range(bits)}

    def _cover_run(self, header: Header, run: Run) -> None:
        for entry in range(run.first, run.first + run.length):
            self._cover(header.dir_bits, entry)

    def _likeliest(self, header: Header | None) -> Header | None:
        """Return the guess under which the most records are found, where the header is broken."""
        told = {header.block_size, header.bucket_size} if header else set[int]()
        sizes = sorted(told & set(_BLOCK_SIZES)) or _BLOCK_SIZES
        best, most = None, 0
        for layout in LAYOUTS.values():
            if header is not None and layout.order != header.layout.order:
                continue
            for size in sizes:
                guess = Header(
                    layout, 0, header is not None and header.numsync, size, size, 0, 0, size,
                    layout.bucket_elements(size), self._file.size,
                    header.avail_size if header else 0, 0,
                )  # fmt: skip
                number = self._number_found(guess)
                if number > most:
                    best, most = guess, number
        return best

    def _number_found(self, guess: Header) -> int:
        return sum(
            self._record(guess, element, _EVERY_HASH) is not None
            for _, bucket in find_buckets(self._file, guess, trials=_GUESS_TRIALS)
            for element in bucket.elements()
        )


def _is_named_by_half(bucket: Bucket, entries: int, header: Header) -> bool:
    if not 0 <= bucket.bits <= header.dir_bits:
        return False
    wanted: int = 1 << (header.dir_bits - bucket.bits)
    return 2 * entries >= wanted


def _mended(header: Header, size: int) -> Header | None:
    """Return the header with what its other fields tell in place of what contradicts them."""
    block, layout = header.block_size, header.layout
    if not header.problems:
        return header
    if block not in _BLOCK_SIZES or header.dir_at < block:
        return None
    entries = header.dir_size // layout.offset.size
    if entries < 1 or entries & (entries - 1) or header.dir_at + header.dir_size > size:
        return None
    bits = entries.bit_length() - 1
    elements = layout.bucket_elements(block)
    return replace(header, bucket_size=block, bucket_elems=elements, dir_bits=bits)
