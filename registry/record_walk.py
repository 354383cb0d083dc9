"""What a catalog's record may be made of, whoever wrote it: looked at before anything is made.

A record holds texts and small numbers, in lists, and in dicts whose keys are texts. Of those it may
have as many as any project needs, and not so many that reading or printing them could fill the
memory or take long; a text that is used twice counts twice.
"""

from __future__ import annotations

from plugreg.backends import RecordUnreadable

from .pickle_walk import PickleWalk
from .record import MAX_RECORD_BYTES, MAX_TEXT_BYTES, MAX_TEXTS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .pickle_walk import Item

MAX_VALUES = MAX_TEXTS + 100  # with the names of its fields, and its switches
MAX_OPCODES = 4 * MAX_VALUES
_MAX_CONTAINERS = 10_000
_MAX_NUMBER_BYTES = 256
_NUMBER, _TEXT, _CONTAINER = range(3)
_SET = 0x8F


class RecordWalk(PickleWalk):
    """A walk that counts: an item is the size of a text in bytes, and of which kind it is."""

    def __init__(self, data: bytes) -> None:
        if len(data) > MAX_RECORD_BYTES:
            raise _too_large("it has", len(data))
        super().__init__(data)
        self.most_memos = MAX_VALUES
        self.most_opcodes = MAX_OPCODES
        self._size = 0
        self._values = 0
        self._containers = 0

    def text(self, size: int) -> Item:
        """Count a text; refuse one that is longer than any project's."""
        if size > MAX_TEXT_BYTES:
            raise RecordUnreadable(
                f"too large: it holds a text of {size} bytes, and a project's has at most"
                f" {MAX_TEXT_BYTES}",
                size_bytes=size,
            )
        self._count(size)
        return size, _TEXT

    def number(self, size: int) -> Item:
        """Count a number; refuse one with more digits than Python prints."""
        if size > _MAX_NUMBER_BYTES:
            raise _foreign(f"a number of {size} bytes")
        self._count(size)
        return size, _NUMBER

    def container(self, opcode: int) -> Item:
        """Count a list or dict; refuse a set."""
        self._containers += 1
        if opcode == _SET or self._containers > _MAX_CONTAINERS:
            raise _foreign("a set" if opcode == _SET else f"over {_MAX_CONTAINERS} lists and dicts")
        return 0, _CONTAINER

    def group(self, items: list[Item]) -> Item:  # noqa: ARG002 - whatever is in it
        """Refuse a tuple or frozenset."""
        raise _foreign("a tuple or frozenset")

    def hashed(self, items: list[Item]) -> None:
        """Refuse keys other than text: numbers can be chosen so that all have the same hash."""
        if any(kind != _TEXT for _, kind in items):
            raise _foreign("a key that is no text")

    def again(self, item: Item) -> Item:
        """Count a text once more; refuse a list or dict in two places."""
        size, kind = item
        if kind == _CONTAINER:
            raise _foreign("a list or dict in two places")
        self._count(size)
        return item

    def _count(self, size: int) -> None:
        self._size += size
        self._values += 1
        if self._size > MAX_RECORD_BYTES:
            raise _too_large("its texts have", self._size)
        if self._values > MAX_VALUES:
            raise RecordUnreadable(f"too large: it holds more than {MAX_TEXTS} texts")


def _too_large(what: str, size: int) -> RecordUnreadable:
    return RecordUnreadable(
        f"too large: {what} {size} bytes, and a project's record at most {MAX_RECORD_BYTES}",
        size_bytes=size,
    )


def _foreign(what: str) -> RecordUnreadable:
    return RecordUnreadable(f"not a project: its record holds {what}")
