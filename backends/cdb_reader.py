"""Reading a cdb file: the records in a row, or one by its hash. Layout: see `cdb`."""

from __future__ import annotations

import os
import struct
from bisect import bisect_right

from .errors import CatalogCorrupt, restore_or_salvage
from .footprint import unreadable
from .reader import Reader
from .regular import open_regular

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

HEADER_SIZE = 2048
_TABLES = 256
_PAIR = struct.Struct("<II")
_SLOTS_AT_ONCE = 4096
_Tables = list[tuple[int, int]]


def tables_of(head: bytes) -> _Tables | None:
    """Return (position, slots) of the 256 tables, or None where they do not stand in a row."""
    tables = list(_PAIR.iter_unpack(head))
    used = [(position, slots) for position, slots in tables if slots]
    end = used[0][0] if used else HEADER_SIZE
    if end < HEADER_SIZE:
        return None
    for position, slots in used:
        if position != end:
            return None
        end += slots * _PAIR.size
    return tables


def hash_of(key: bytes) -> int:
    """Return the 32-bit hash of a key (the specification: h = (h << 5) + h, xor c, from 5381)."""
    hashed = 5381
    for byte in key:
        hashed = (hashed * 33 & 0xFFFFFFFF) ^ byte
    return hashed


class CdbReader(Reader):
    """A read-only store over a cdb file; a look-up reads one table's slots and one record."""

    may_repeat = True

    def __init__(self, path: str) -> None:
        super().__init__("cdb", path)
        self.losses: list[str] = []
        try:
            self._descriptor = open_regular(path)
        except OSError as error:
            raise unreadable(error, path) from error
        self._size = os.fstat(self._descriptor).st_size
        tables = tables_of(self._read(0, HEADER_SIZE)) if self._size >= HEADER_SIZE else None
        if tables is None:
            os.close(self._descriptor)
            raise self._corrupt("the hash tables do not stand in a row")
        self._tables = tables
        self._data_end = min((at for at, slots in tables if slots), default=HEADER_SIZE)
        self._end = max((at + slots * _PAIR.size for at, slots in tables if slots), default=0)

    def records(self) -> Iterator[tuple[bytes, bytes]]:
        """Yield every (key, value) in the order in which they were added, duplicates included.

        Raises:
            CatalogCorrupt: A record or a table reaches beyond its end, or one has no slot.
        """
        self._require_open()
        self._require_tables()
        position, count, digest = HEADER_SIZE, 0, 0
        while position < self._data_end:
            record = self._record(position)
            if record is None:
                raise self._corrupt(f"the record at byte {position} reaches into the tables")
            yield record
            digest += hash((hash_of(record[0]), position))
            position += _PAIR.size + len(record[0]) + len(record[1])
            count += 1
        if (count, digest) != self._checked_slots():
            raise self._corrupt("the hash tables lead to other records than there are")

    def record_count(self) -> int:
        """Return how many records the hash tables lead to, without reading a record."""
        self._require_open()
        self._require_tables()
        return self._checked_slots()[0]

    def _require_tables(self) -> None:
        if self._end > self._size:
            raise self._corrupt(f"cut at byte {self._size}, the tables end at {self._end}")

    def _checked_slots(self) -> tuple[int, int]:
        """Return how many slots are used, and a digest of what they lead to, of good tables."""
        used = digest = 0
        for number, (table, slots) in enumerate(self._tables):
            last_empty, wrapped = -1, slots
            for slot, (hashed, position) in enumerate(self._slots(table, slots)):
                if not position:
                    last_empty = slot
                    continue
                home = hashed // _TABLES % slots
                start = home if home <= slot else 0  # a probe goes on from the first slot
                wrapped = wrapped if home <= slot else min(wrapped, home)
                if hashed % _TABLES != number or last_empty >= start:
                    raise self._corrupt(f"no look-up comes to slot {slot} of table {number}")
                used += 1
                digest += hash((hashed, position))
            if last_empty >= wrapped:
                raise self._corrupt(f"no look-up goes round the end of table {number}")
        return used, digest

    def _slots(self, table: int, slots: int) -> Iterator[tuple[int, int]]:
        """Yield (hash, position of the record) of each slot of a table."""
        for first in range(0, slots, _SLOTS_AT_ONCE):
            size = min(_SLOTS_AT_ONCE, slots - first) * _PAIR.size
            yield from _PAIR.iter_unpack(self._read(table + first * _PAIR.size, size))

    def salvage(self) -> Iterator[tuple[bytes, bytes]]:
        """Yield each record whose key has the hash that a slot says, in the order of the tables.

        Takes about 200 bytes of memory a record.
        """
        self._require_open()
        self.losses.clear()
        found: dict[int, None] = {}
        for at, hashed, position in self._used_slots():
            record = self._record(position)
            if record is None or hash_of(record[0]) != hashed:
                self.losses.append(f"the slot at byte {at} leads to no such record at {position}")
            else:
                found[position] = None
        starts = [*sorted(found), self._data_end]
        ends = {HEADER_SIZE}
        for position in found:
            record = self._record(position)
            if record is not None and self._ends_well(position, starts):
                yield record
                ends.add(position + _PAIR.size + len(record[0]) + len(record[1]))
            else:
                self.losses.append(f"the record at byte {position} does not end where one starts")
        if self._end > self._size:
            self.losses.append(f"the hash tables are cut at byte {self._size} of {self._end}")
        if not self.losses:
            lost = sorted(ends.difference(starts))
            self.losses += [f"a record at byte {end}, to which no slot leads" for end in lost]

    def _ends_well(self, position: int, starts: list[int]) -> bool:
        """Tell whether a record is followed by another, known or not, as they leave no gap.

        The hash proves where a record starts, and nothing where its value ends.
        """
        following = starts[bisect_right(starts, position)]
        while position < following:
            record = self._record(position)
            if record is None:
                return False
            position += _PAIR.size + len(record[0]) + len(record[1])
        return position == following

    def _used_slots(self) -> Iterator[tuple[int, int, int]]:
        """Yield (where the slot is, hash, position of the record)."""
        end = min(self._end, self._size)
        step = _SLOTS_AT_ONCE * _PAIR.size
        for start in range(self._data_end, end, step):
            block = self._read(start, min(step, end - start) // _PAIR.size * _PAIR.size)
            for place, (hashed, position) in enumerate(_PAIR.iter_unpack(block)):
                if position:
                    yield start + place * _PAIR.size, hashed, position

    def _record(self, position: int) -> tuple[bytes, bytes] | None:
        """Return (key, value) of the record there, or None where none can be."""
        start = position + _PAIR.size
        limit = min(self._data_end, self._size)
        if position < HEADER_SIZE or start > limit:
            return None
        key_size, value_size = _PAIR.unpack(self._read(position, _PAIR.size))
        if start + key_size + value_size > limit:
            return None
        both = self._read(start, key_size + value_size)
        return both[:key_size], both[key_size:]

    def _fetch(self, key: bytes) -> bytes | None:
        """Return the first value of `key`: probe its table from its slot to an empty one."""
        self._require_open()
        hashed = hash_of(key)
        table, slots = self._tables[hashed % _TABLES]
        first = hashed // _TABLES % slots if slots else 0
        for probe in range(slots):
            at = table + (first + probe) % slots * _PAIR.size
            if at + _PAIR.size > self._size:
                raise self._corrupt(f"cut at byte {self._size}, the tables end at {self._end}")
            found, position = _PAIR.unpack(self._read(at, _PAIR.size))
            if not position:
                return None
            if found == hashed:
                record = self._record(position)
                if record is None:
                    raise self._corrupt(f"the slot at byte {at} leads to no record at {position}")
                if record[0] == key:
                    return record[1]
        return None

    def _keys(self) -> Iterator[bytes]:
        seen: set[bytes] = set()
        for key, _ in self.records():
            if key not in seen:
                seen.add(key)
                yield key

    def _count(self) -> int:
        return sum(1 for _ in self._keys())

    def _read(self, position: int, size: int) -> bytes:
        block = os.pread(self._descriptor, size, position)
        if len(block) != size:
            raise self._corrupt(f"cut at byte {position + len(block)} while it was open")
        return block

    def _corrupt(self, damage: str) -> CatalogCorrupt:
        return CatalogCorrupt(
            f"{self.path} is damaged: {damage}",
            hint=restore_or_salvage(self.path),
            path=self.path,
        )

    def _close(self) -> None:
        os.close(self._descriptor)
