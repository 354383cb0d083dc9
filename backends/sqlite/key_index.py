"""What the index of a SQLite table's keys confirms of its rows, where either may be damaged."""

from __future__ import annotations

from itertools import pairwise

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import ItemsView, Iterable, Sequence

    from .pages import Row

_COLUMNS = 2  # key and value of a row; key and row number in the index


class KeyIndex:
    """What is left of the index, in memory.

    Attributes:
        is_whole: Whether nothing of it is lost; set by who has read it.
    """

    def __init__(self, entries: Iterable[tuple[int | None, Row]]) -> None:
        self.is_whole = False
        self._keys: dict[int, bytes] = {}
        for _, row in entries:
            if len(row) == _COLUMNS and isinstance(row[0], bytes) and isinstance(row[1], int):
                self._keys.setdefault(row[1], row[0])
        self._known = set(self._keys.values())

    def items(self) -> ItemsView[int, bytes]:
        """Return (row number, key) of each entry."""
        return self._keys.items()

    def confirms(self, rowid: int, row: Row) -> bool:
        """Tell whether the row of that number has that key."""
        return len(row) == _COLUMNS and self._keys.get(rowid) == row[0]

    def may_hold(self, rows: Sequence[tuple[int | None, Row]]) -> bool:
        """Tell whether the rows of a page may all be true, as far as can be told of them.

        An index that is whole knows all true rows. What is left of another contradicts none of
        them: neither has it another key for a row, nor another row for a key. They are in order,
        too, and have the two columns.
        """
        numbers = [rowid or 0 for rowid, _ in rows]
        in_order = all(before < after for before, after in pairwise(numbers))
        return in_order and all(self._may_be(rowid, row) for rowid, row in rows)

    def _may_be(self, rowid: int | None, row: Row) -> bool:
        if rowid is None:
            return False
        return self.confirms(rowid, row) or (
            not self.is_whole
            and len(row) == _COLUMNS
            and rowid not in self._keys
            and isinstance(row[0], bytes)
            and row[0] not in self._known
        )
