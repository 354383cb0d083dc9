"""The trees of a SQLite file, read without SQLite: what is left when it says "malformed".

Layout: the specification, https://www.sqlite.org/fileformat2.html. Header: page size at 16,
reserved bytes of each page at 20, first page of the free list at 32. A tree page (page 1 from byte
100): type, at 3 the number of cells, at 8 the last child (interior pages), then the cells' offsets.
Types: 2 and 10 index, 5 and 13 table; 2 and 5 have children.
"""

from __future__ import annotations

import os
import struct

from plugreg.backends.errors import CatalogCorrupt

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

INDEX_INNER, TABLE_INNER, INDEX_LEAF, TABLE_LEAF = 2, 5, 10, 13
_INNER = (INDEX_INNER, TABLE_INNER)
_FILE_HEADER = 100
_PAGE_SIZE_MIN = 512
_USABLE_MIN = 480
_VARINT_MAX = 9
_MORE = 0x80
_BLOBS_FROM = 12
_INTEGER_SIZES = {0: 0, 1: 1, 2: 2, 3: 3, 4: 4, 5: 6, 6: 8, 8: 0, 9: 0}
_FLOAT = 7
Value = bytes | int | None
Row = list[Value]


class BadPage(Exception):
    """A page or a cell breaks a rule; the text says which."""


class SqlitePages:
    """The pages of a file, from an open descriptor.

    Attributes:
        count: How many whole pages there are.
    """

    def __init__(self, descriptor: int, path: str) -> None:
        self._descriptor = descriptor
        head = os.pread(descriptor, _FILE_HEADER, 0)
        size = int.from_bytes(head[16:18], "big")
        self.size = 65536 if size == 1 else size
        if len(head) < _FILE_HEADER or self.size < _PAGE_SIZE_MIN or self.size & (self.size - 1):
            raise _beyond_salvage(path, "tells of no page size")
        self._usable = self.size - head[20]
        if self._usable < _USABLE_MIN:
            raise _beyond_salvage(path, "leaves no room on pages")
        self._free_head = int.from_bytes(head[32:36], "big")
        self._file_size = os.fstat(descriptor).st_size
        self.count = self._file_size // self.size

    def page(self, number: int) -> bytes:
        """Return a page, from 1; raises BadPage beyond the end."""
        if not 1 <= number <= self.count:
            raise BadPage(f"page {number} is beyond the end of the file")
        return os.pread(self._descriptor, self.size, (number - 1) * self.size)

    def walk(
        self, root: int, leaf: int, report: Callable[[str], None], seen: set[int]
    ) -> Iterator[tuple[int | None, Row]]:
        """Yield (rowid, columns) of a tree, None for an index's; `seen` gathers its pages."""
        for number, page in self.holding(root, leaf, report, seen):
            yield from self.rows(number, page, report, seen)

    def holding(
        self, root: int, leaf: int, report: Callable[[str], None], seen: set[int]
    ) -> Iterator[tuple[int, bytes]]:
        """Yield (number, bytes) of the pages of a tree that hold its rows."""
        waiting = [root]
        while waiting:
            number = waiting.pop()
            if number in seen:
                report(f"page {number} is led to twice")
                continue
            seen.add(number)
            try:
                page = self.page(number)
                children = self._children(number, page, leaf)
            except BadPage as error:
                report(f"page {number} is damaged ({error}), and what it leads to may be lost")
                continue
            waiting.extend(reversed(children))
            if page[self._start(number)] != TABLE_INNER:
                yield number, page

    def rows(
        self, number: int, page: bytes, report: Callable[[str], None], seen: set[int]
    ) -> Iterator[tuple[int | None, Row]]:
        """Yield (rowid, columns) of the good cells of one page."""
        try:
            offsets = self._offsets(number, page)
        except BadPage as error:
            report(f"page {number} is damaged ({error})")
            return
        for place, offset in enumerate(offsets):
            try:
                yield self._cell(page, page[self._start(number)], offset, seen)
            except (BadPage, IndexError, struct.error) as error:
                report(f"page {number}: cell {place} is damaged ({error})")

    @staticmethod
    def _start(number: int) -> int:
        return _FILE_HEADER if number == 1 else 0

    def _offsets(self, number: int, page: bytes) -> tuple[int, ...]:
        start = self._start(number)
        (count,) = struct.unpack_from(">H", page, start + 3)
        first = start + (12 if page[start] in _INNER else 8)
        if first + 2 * count > self._usable:
            raise BadPage(f"{count} cells cannot be on it")
        return struct.unpack_from(f">{count}H", page, first)

    def _children(self, number: int, page: bytes, leaf: int) -> list[int]:
        start = self._start(number)
        kind = page[start]
        if kind == leaf:
            return []
        if kind != (TABLE_INNER if leaf == TABLE_LEAF else INDEX_INNER):
            raise BadPage(f"its type is {kind}")
        offsets = self._offsets(number, page)
        if any(offset + 4 > self._usable for offset in offsets):
            raise BadPage("a cell is beyond its end")
        children = [int.from_bytes(page[offset : offset + 4], "big") for offset in offsets]
        return [*children, int.from_bytes(page[start + 8 : start + 12], "big")]

    def _cell(self, page: bytes, kind: int, offset: int, seen: set[int]) -> tuple[int | None, Row]:
        if kind == INDEX_INNER:
            offset += 4
        size, offset = _varint(page, offset)
        rowid = None
        if kind == TABLE_LEAF:
            rowid, offset = _varint(page, offset)
        if size > self._file_size:
            raise BadPage("it is larger than the file")
        payload = self._payload(page, offset, size, kind == TABLE_LEAF, seen)
        return rowid, _columns(payload)

    def _payload(self, page: bytes, offset: int, size: int, table: bool, seen: set[int]) -> bytes:
        """Join what is on the page and on overflow pages (section 1.6 of the specification)."""
        room = self._usable
        most = room - 35 if table else (room - 12) * 64 // 255 - 23
        if size <= most:
            local = size
        else:
            least = (room - 12) * 32 // 255 - 23
            local = least + (size - least) % (room - 4)
            local = local if local <= most else least
        end = offset + local
        if end + (4 if local < size else 0) > room:
            raise BadPage("it reaches beyond the page")
        parts = [page[offset:end]]
        left = size - local
        following = int.from_bytes(page[end : end + 4], "big") if left else 0
        while left:
            overflow = self.page(following)
            seen.add(following)
            parts.append(overflow[4 : 4 + min(left, room - 4)])
            left -= len(parts[-1])
            following = int.from_bytes(overflow[:4], "big")
        return b"".join(parts)

    def free(self, report: Callable[[str], None]) -> set[int]:
        """Return the pages of the free list (section 1.5), as far as it is good."""
        found: set[int] = set()
        trunk = self._free_head
        while trunk:
            if trunk in found:
                report("the list of free pages goes round in a circle")
                break
            try:
                page = self.page(trunk)
            except BadPage as error:
                report(f"the list of free pages is damaged ({error})")
                break
            found.add(trunk)
            trunk, count = struct.unpack_from(">2I", page)
            count = min(count, self._usable // 4 - 2)
            found.update(struct.unpack_from(f">{count}I", page, 8))
        return found


def _varint(data: bytes, offset: int) -> tuple[int, int]:
    """Return (number, where it ends): 7 bits a byte, the ninth has 8."""
    number = 0
    for place in range(_VARINT_MAX - 1):
        byte = data[offset + place]
        number = number << 7 | byte & 0x7F
        if byte < _MORE:
            return number, offset + place + 1
    return number << 8 | data[offset + _VARINT_MAX - 1], offset + _VARINT_MAX


def _columns(payload: bytes) -> Row:
    """Return the columns of a record (section 2.1); a float as None."""
    header_size, offset = _varint(payload, 0)
    if header_size > len(payload):
        raise BadPage("its header is larger than the record")
    kinds: list[int] = []
    while offset < header_size:
        kind, offset = _varint(payload, offset)
        kinds.append(kind)
    if offset != header_size:
        raise BadPage("its header ends inside a number")
    row: Row = []
    for kind in kinds:
        size = _size_of(kind)
        part = payload[offset : offset + size]
        if len(part) != size:
            raise BadPage("it is shorter than its columns")
        offset += size
        row.append(_value(kind, part))
    if offset != len(payload):
        raise BadPage("it is longer than its columns")
    return row


def _size_of(kind: int) -> int:
    if kind >= _BLOBS_FROM:
        return (kind - _BLOBS_FROM) // 2
    if kind == _FLOAT:
        return 8
    if kind not in _INTEGER_SIZES:
        raise BadPage(f"no column has type {kind}")
    return _INTEGER_SIZES[kind]


def _value(kind: int, part: bytes) -> Value:
    if kind >= _BLOBS_FROM:
        return part
    if kind in (0, _FLOAT):
        return None
    return kind - 8 if kind in (8, 9) else int.from_bytes(part, "big", signed=True)


def _beyond_salvage(path: str, what: str) -> CatalogCorrupt:
    return CatalogCorrupt(
        f"{path}: its SQLite header {what}", hint="restore it from a backup", path=path
    )
