"""The history of a catalog: its changes, kept in the catalog itself, in the same transaction.

An entry's key is "@history/" and the number of its change in ten digits; of a change of very many
projects, the later entries have "/" and their own number behind that. Each is plain data: which
change, when, who, which command, and for each project its record before and after: None where there
is none, and bytes where it could not be read.
"""

from __future__ import annotations

from plugreg.backends import PlugregError, RecordUnreadable, SchemaTooNew

from .change import Change, Difference, held_as
from .entry_pickle import load_entry
from .names import OWN_KEYS
from .plain import dumps

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from plugreg.backends import Store

    from .change import Held

SCHEMA = 1
# How many changes a catalog keeps whose every change costs more the more records it has.
KEPT_WHERE_COSTLY = 1000
_PREFIX = b"@history/"
_FIRST, _BEHIND = _PREFIX + b"0", _PREFIX + b":"
_DIGITS, _PART_DIGITS = 10, 6
_LENGTHS = (len(_PREFIX) + _DIGITS, len(_PREFIX) + _DIGITS + 1 + _PART_DIGITS)


class History:
    """The changes that the catalog in a store remembers."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def last_number(self) -> int:
        """Return the number of the last change, 0 where none is remembered."""
        last = self._store.last_key(_FIRST, _BEHIND)
        if last is None or is_entry(last):
            return _number_of(last) if last else 0
        keys = (key for key, _ in self._store.span(_FIRST, _BEHIND, descending=True))
        return next((_number_of(key) for key in keys if is_entry(key)), 0)

    def first_number(self) -> int:
        """Return the number of the first change that is still remembered, or 0."""
        keys = (key for key, _ in self._store.span(_FIRST, _BEHIND))
        return next((_number_of(key) for key in keys if is_entry(key)), 0)

    def append(self, number: int, part: int, entry: dict[str, Any]) -> None:
        """Write an entry of a change; a change that is large has several."""
        key = _key(number) + (b"/%0*d" % (_PART_DIGITS, part) if part else b"")
        self._store[key] = dumps({"schema": SCHEMA, "change": number, **entry})

    def changes(self, *, end: int = 0, name: str = "") -> Iterator[Change | RecordUnreadable]:
        """Yield the changes, the last one first; for a damaged entry, its error.

        Args:
            end: The number of the first change, down to which they are yielded.
            name: Only the changes of this project, and of them only what was done to it; and what
                is damaged, which may be of any project.
        """
        gathered: Change | None = None
        for found in self._entries(_key(end), name):
            if isinstance(found, Change) and gathered and gathered.number == found.number:
                gathered = found.followed_by(gathered)
                continue
            if gathered is not None:
                yield gathered
            gathered = found if isinstance(found, Change) else None
            if isinstance(found, RecordUnreadable):
                yield found
        if gathered is not None:
            yield gathered

    def change(self, number: int) -> Change | None:
        """Return the change of that number, or None.

        Raises:
            RecordUnreadable: An entry of it is damaged.
        """
        gathered: Change | None = None
        for key, data in self._store.span(_key(number), _key(number + 1)):
            part = _read(key, data)
            if isinstance(part, RecordUnreadable):
                raise part
            gathered = part if gathered is None else gathered.followed_by(part)
        return gathered

    def held_at(self, name: str, number: int) -> tuple[bool, Held]:
        """Return whether a project was changed at all, and what there was of it after a change.

        Raises:
            RecordUnreadable: An entry that may tell is damaged, or gone.
        """
        for difference in self._differences(name, number, descending=True):
            return True, difference.after
        for difference in self._differences(name, number + 1):
            return True, difference.before
        return False, None

    def trim(self, keep: int) -> int:
        """Forget all changes but the last ones; return how many were forgotten."""
        end = _key(max(self.last_number() + 1 - keep, 0))
        keys = [key for key, _ in self._store.span(_FIRST, end) if is_entry(key)]
        for key in keys:
            del self._store[key]
        return len({_number_of(key) for key in keys})

    def forget_unreadable(self) -> int:
        """Forget the changes that are damaged, whole; return how many.

        Those of a later plugreg are not.
        """
        entries = self._store.span(_FIRST, _BEHIND)
        found = [(key, _read(key, data)) for key, data in entries if is_entry(key)]
        damaged = {_number_of(key) for key, each in found if is_damaged(each)}
        for key, _ in found:
            if _number_of(key) in damaged:
                del self._store[key]
        return len(damaged)

    def _entries(self, end: bytes, name: str) -> Iterator[Change | RecordUnreadable]:
        for key, data in self._store.span(end, _BEHIND, descending=True):
            if not is_entry(key):
                continue
            found = _read(key, data)
            if not name or isinstance(found, RecordUnreadable):
                yield found
            elif name in found.names:
                yield found.only(name)

    def _differences(
        self, name: str, number: int, *, descending: bool = False
    ) -> Iterator[Difference]:
        """Yield what the changes did to a project, from one of them on, or down from it."""
        start, stop = (_FIRST, _key(number + 1)) if descending else (_key(number), _BEHIND)
        following = number
        for key, data in self._store.span(start, stop, descending=descending):
            if not is_entry(key):
                continue
            found = _read(key, data)
            if isinstance(found, RecordUnreadable):
                raise found
            if abs(found.number - number) > abs(following - number):
                raise _lost(following, "is missing")
            following = found.number + (-1 if descending else 1)
            yield from found.only(name).differences


def is_damaged(found: Change | RecordUnreadable) -> bool:
    """Tell whether what was found in a history is a change that no plugreg can read."""
    return isinstance(found, RecordUnreadable) and found.code != SchemaTooNew.code


def _key(number: int) -> bytes:
    return _PREFIX + b"%0*d" % (_DIGITS, number)


def is_entry(key: bytes) -> bool:
    """Tell whether a key is an entry's; other programs can put any key into the file."""
    return len(key) in _LENGTHS and key[len(_PREFIX) : _LENGTHS[0]].isdigit()


def _number_of(key: bytes) -> int:
    return int(key[len(_PREFIX) : _LENGTHS[0]])


def _read(key: bytes, data: bytes) -> Change | RecordUnreadable:
    number = _number_of(key)
    try:
        return _change_of(load_entry(data), number)
    except (PlugregError, KeyError, TypeError, ValueError, AttributeError) as error:
        reason = error.message if isinstance(error, PlugregError) else "it is no entry of a history"
        code = error.code if isinstance(error, SchemaTooNew) else None
        return _lost(number, f"cannot be read: {reason}", code)


def _lost(number: int, why: str, code: str | None = None) -> RecordUnreadable:
    return RecordUnreadable(
        f"change {number} of the history {why}",
        hint="the projects are not affected, and neither are the other changes",
        code=code,
        change=number,
    )


def _of_schema(schema: object) -> PlugregError:
    message = f"its schema version is {schema}"
    later = type(schema) is int and schema > SCHEMA
    return SchemaTooNew(message) if later else PlugregError(message)


def _change_of(entry: Any, number: int) -> Change:
    """Return an entry as a change; what it lacks raises KeyError, TypeError or ValueError."""
    if entry["schema"] != SCHEMA:
        raise _of_schema(entry["schema"])
    for name in entry["projects"]:
        name.encode(errors="surrogateescape")
    if any(not name or name.startswith(OWN_KEYS) for name in entry["projects"]):
        raise ValueError  # undo would write the catalog's own
    differences = tuple(
        Difference(name, held_as(before), held_as(after))
        for name, (before, after) in entry["projects"].items()
    )
    at, by, command = (entry[field] for field in ("at", "by", "command"))
    numbers = [entry.get(field, 0) for field in ("undoes", "redoes", "microseconds")]
    if {type(at), type(by), type(command)} != {str} or {*map(type, numbers)} != {int}:
        raise TypeError
    undoes, redoes, microseconds = numbers
    return Change(number, at, by, command, undoes, redoes, differences, microseconds)
