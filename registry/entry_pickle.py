"""Reading an entry of the history from its pickle: what it may be made of, whoever wrote it.

A small one can make nothing that is large; of a larger one the parts are counted before any is
made. Then what is in several places is counted as often: a list of the record before can be that of
the record after.
"""

from __future__ import annotations

from plugreg.backends import RecordUnreadable

from .pickle_walk import PickleWalk
from .plain import find_weighed, loads

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from .pickle_walk import Item

# What no harm can come from: 250 bytes of memory for each of these is little.
_SMALL_BYTES = 64 * 1024
# Two records of the largest size, and more; and 250 pairs of records such as projects have.
MOST_BYTES = 64 * 1024**2
MOST_VALUES = 1_000_000
MOST_CONTAINERS = 50_000
_CONTAINER = (0, 1)


class EntryWalk(PickleWalk):
    """A walk that counts: an item says whether it is a list, dict, set or tuple."""

    def __init__(self, data: bytes) -> None:
        if len(data) > MOST_BYTES:
            raise _too_large(f"{len(data)} bytes")
        super().__init__(data)
        self.most_memos = MOST_VALUES
        self.most_opcodes = 4 * MOST_VALUES
        self._values = 0
        self._containers = 0

    def text(self, size: int) -> Item:  # noqa: ARG002 - the pickle's own size is bounded
        """Count a text, or the bytes of a record."""
        return self._counted()

    def number(self, size: int) -> Item:  # noqa: ARG002 - the pickle's own size is bounded
        """Count a number."""
        return self._counted()

    def again(self, item: Item) -> Item:
        """Count what is used once more."""
        return self._contained() if item == _CONTAINER else self._counted()

    def container(self, opcode: int) -> Item:  # noqa: ARG002 - that it is no set is told later
        """Count a list or dict."""
        return self._contained()

    def group(self, items: list[Item]) -> Item:  # noqa: ARG002 - that it is no list is told later
        """Count a tuple."""
        return self._contained()

    def _contained(self) -> Item:
        self._containers += 1
        if self._containers > MOST_CONTAINERS:
            raise _too_large(f"over {MOST_CONTAINERS} lists and dicts")
        return _CONTAINER

    def _counted(self) -> Item:
        self._values += 1
        if self._values > MOST_VALUES:
            raise _too_large(f"over {MOST_VALUES} values")
        return self.SCALAR


def load_entry(data: bytes) -> Any:
    """Return the plain data of an entry.

    Raises:
        UnsafeRecord: It holds more than plain data.
        RecordUnreadable: It is damaged, too large, or no pickle.
    """
    if len(data) > _SMALL_BYTES:
        find_weighed(data)  # first: it names what an unsafe pickle asks for
        EntryWalk(data).run()
    entry = loads(data)
    total = 0
    for size in _sizes(entry):
        total += size
        if total > MOST_VALUES:
            raise _too_large(f"over {MOST_VALUES} values")
    return entry


def _sizes(entry: Any) -> Iterator[int]:
    """Yield the size of each record, then those of its fields; of what is no entry, none."""
    projects = entry.get("projects") if isinstance(entry, dict) else None
    for pair in projects.values() if isinstance(projects, dict) else ():
        for record in pair[:2] if isinstance(pair, list) else ():
            if isinstance(record, dict):
                yield len(record)
                yield from (len(each) for each in record.values() if isinstance(each, list | dict))


def _too_large(what: str) -> RecordUnreadable:
    return RecordUnreadable(f"too large: it holds {what}")
