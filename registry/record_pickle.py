"""Reading a record from its pickle, after proof that the pickle can do no harm.

`pickle.dumps` writes the same opcodes for every project, in the same order; only texts and their
lengths differ. So the proof for a record of plugreg's own is to go from field to field and to find
just that, which takes less time than unpickling it, and proves the record's shape, too. Any other
pickle is walked through opcode by opcode.
"""

from __future__ import annotations

from .names import is_normalized
from .plain import find_weighed, unpickled
from .record import MAX_RECORD_BYTES, SCHEMA, TYPES, fits

TYPE_CHECKING = False
if TYPE_CHECKING:
    import re
    from collections.abc import Callable
    from typing import Any

    # Takes a pickle, where a value begins in it, and a list to note in that a text is used again;
    # returns where the value ends.
    Finish = Callable[[bytes, int, list[int]], int]

# Longer ones are walked through: what they cost must be counted.
_MOST_BYTES = 16 * 1024
# U+D800 to U+DFFF as the pickler writes them; whole characters of Korean have the same first byte.
_HALVES, _SECOND_BYTES = 0xED, range(0xA0, 0xC0)
_PROTO_AND_FRAME = b"\x80\x04\x95"
_BEGIN = len(_PROTO_AND_FRAME) + 8
_MEMOIZE, _MARK, _SHORT_TEXT, _LONG_TEXT, _GET, _NONE, _APPEND = b"\x94(\x8cXhNa"
_MEMOIZED = b"\x94"
_BOOLS = b"\x88\x89"
_INTEGERS = {ord("K"): 2, ord("M"): 3, ord("J"): 5}
_LAST = "updated_at"  # usually the very object that the field before it holds


def load_record(data: bytes) -> tuple[Any, bool]:
    """Return the plain data of a catalog's record, and whether it surely has a project's shape.

    Raises:
        UnsafeRecord: It holds more than plain data.
        RecordUnreadable: It is damaged, too large, or no pickle.
    """
    matches = _quick.matches or _quick.counted()
    if matches is not None and len(data) <= _MOST_BYTES and (match := matches(data)):
        record: Any = unpickled(data)
        return record, _is_shaped(record, data, again=bool(match.lastindex))
    again: list[int] = []
    try:
        proven = _is_own(data, again) and len(again) * len(data) <= MAX_RECORD_BYTES
    except (IndexError, ValueError):  # led astray, or beyond the end
        proven = False
    if not proven:
        require_harmless(data)
    record = unpickled(data)
    return record, proven and _is_shaped(record, data, again=bool(again))


def _is_shaped(record: dict[str, Any], data: bytes, *, again: bool) -> bool:
    """Tell whether a record is a project's; its shape was proved but for what is used again.

    Raises:
        RecordUnreadable: What is used again is no text, and no record may hold it.
    """
    if (
        type(record[_LAST]) is str
        and (not again or fits(record))
        and is_normalized(record["name"])
        and (_HALVES not in data or not _has_halves(data))
    ):
        return True
    require_harmless(data)
    return False


def _has_halves(data: bytes) -> bool:
    """Tell whether something in a pickle looks like half a character, which UTF-8 has none of."""
    at = data.find(_HALVES)
    while at >= 0:
        if data[at + 1] in _SECOND_BYTES:
            return True
        at = data.find(_HALVES, at + 1)
    return False


class _Quick:
    """The quick proof, which is made ready once so many records were read that it pays.

    Attributes:
        matches: The proof, or None where it is not ready yet.
    """

    def __init__(self) -> None:
        self.matches: Callable[[bytes], re.Match[bytes] | None] | None = None
        self._left = _PAYS_AFTER

    def counted(self) -> Callable[[bytes], re.Match[bytes] | None] | None:
        """Count one more record, and return the proof if it is ready now."""
        self._left -= 1
        if not self._left:
            from .record_pattern import compiled

            self.matches = compiled().fullmatch
        return self.matches


_PAYS_AFTER = 1000
_quick = _Quick()


def require_harmless(data: bytes) -> None:
    """Check a record that is not as plugreg writes it.

    Raises:
        UnsafeRecord: It holds more than plain data.
        RecordUnreadable: It is damaged, too large, or no pickle.
    """
    from .record_walk import RecordWalk

    walk = RecordWalk(data)
    find_weighed(data)  # first: it names what an unsafe pickle asks for
    walk.run()


def _is_own(data: bytes, again: list[int]) -> bool:
    """Go from field to field; tell whether that led to the end."""
    if not data.startswith(_PROTO_AND_FRAME) or len(data) > _MOST_BYTES:
        return False
    at = _BEGIN
    for literal, width, finish, next_key in _FIELDS:
        end = at + width
        if data[at:end] != literal:  # a slice takes half as long as `startswith`
            at = _unusual(data, at, literal, finish, again)
        elif finish is None:
            at = end + data[end] + 1
        elif next_key and data.startswith(next_key, end):  # an empty list or dict
            at = end
        else:
            at = finish(data, end, again)
    end = at + _USUAL_WIDTH
    if data[at:end] in _USUAL_SWITCHES:
        at = end + data[end] + 1
    else:
        for literal, _, finish in _SWITCHES:
            at = _unusual(data, at, literal, finish, again)
    return data[_unusual(data, at, _LAST_KEY, _last_text, again) :] == b"u."


def _unusual(data: bytes, at: int, literal: bytes, finish: Finish | None, again: list[int]) -> int:
    """Return the end of a field; its text may be long or used before, and so may the last one's."""
    if data[at] != _MEMOIZE:
        literal = literal.removeprefix(_MEMOIZED)
    if finish is None:  # the opcode of a short text is part of what stands before it
        literal, finish = literal[:-1], _any_text
    if not data.startswith(literal, at):
        raise ValueError
    return finish(data, at + len(literal), again)


# Going over one value.


def _text(data: bytes, at: int, _again: list[int]) -> int:
    if data[at] == _SHORT_TEXT:
        return at + 2 + data[at + 1]
    if data[at] == _LONG_TEXT:
        return at + 5 + int.from_bytes(data[at + 1 : at + 5], "little")
    raise ValueError


def _any_text(data: bytes, at: int, again: list[int]) -> int:
    if data[at] == _GET:
        again.append(at)
        return at + 2
    return _text(data, at, again)


def _last_text(data: bytes, at: int, again: list[int]) -> int:
    """Go over the last text; it may be another's without a note: it is always looked at."""
    return at + 2 if data[at] == _GET else _memoized(data, _text(data, at, again))


def _memoized(data: bytes, at: int) -> int:
    if data[at] != _MEMOIZE:
        raise ValueError
    return at + 1


def _optional_text(data: bytes, at: int, again: list[int]) -> int:
    return at + 1 if data[at] == _NONE else _memoized(data, _text(data, at, again))


def _bool(data: bytes, at: int, _again: list[int]) -> int:
    if data[at] not in _BOOLS:
        raise ValueError
    return at + 1


def _int(data: bytes, at: int, _again: list[int]) -> int:
    width = _INTEGERS.get(data[at])
    if width is None:
        raise ValueError
    return at + width


def _list(data: bytes, at: int, again: list[int]) -> int:
    """Go over the texts of a list: none, one and APPEND, or between MARK and APPENDS."""
    if data[at] == _MARK:
        return _texts(data, at + 1, b"e", again)
    end = _memoized(data, _text(data, at, again))  # of a text, or of the next field's name
    return end + 1 if data[end] == _APPEND else at


def _dict(data: bytes, at: int, again: list[int]) -> int:
    """Go over the texts of a dict: none, one pair and SETITEM, or between MARK and SETITEMS."""
    if data[at] == _MARK:
        return _texts(data, at + 1, b"u", again)
    noted = len(again)
    try:
        return _texts(data, at, b"s", again)
    except ValueError:  # the keys of the next fields begin in the same way
        del again[noted:]
        return at


def _texts(data: bytes, at: int, end: bytes, again: list[int]) -> int:
    """Return where texts end, with the opcode `end` behind them."""
    while True:
        if data[at] == _SHORT_TEXT:  # `_memoized(data, _text(...))` again: this is the hot path
            at += 2 + data[at + 1]
            if data[at] != _MEMOIZE:
                raise ValueError
            at += 1
        elif data[at] == _LONG_TEXT:
            at = _memoized(data, _text(data, at, again))
        elif data[at] == _GET:
            again.append(at)
            at += 2
        elif data[at] == end[0]:
            return at + 1
        else:
            raise ValueError


# What stands before each value.


def _key(field: str) -> bytes:
    return b"\x8c" + bytes([len(field)]) + field.encode() + _MEMOIZED


_KINDS: dict[tuple[type, ...], tuple[bytes, Finish | None]] = {
    (str,): (bytes([_SHORT_TEXT]), None),
    (str, type(None)): (b"", _optional_text),
    (bool,): (b"", _bool),
    (int,): (b"", _int),
    (list,): (b"]\x94", _list),
    (dict,): (b"}\x94", _dict),
}


def _steps() -> dict[str, tuple[bytes, int, Finish | None]]:
    """Return for each field what stands before its value, its length, and what goes over it."""
    steps: dict[str, tuple[bytes, int, Finish | None]] = {}
    before = b""
    for field, kind in TYPES.items():
        opener, finish = _KINDS[kind]
        literal = before + _key(field) + opener
        if field == "schema":
            literal, finish = b"}\x94(" + literal + b"K" + bytes([SCHEMA]), _nothing
        steps[field] = (literal, len(literal), finish)
        before = _MEMOIZED if finish is None else b""
    return steps


def _nothing(_data: bytes, at: int, _again: list[int]) -> int:
    return at


_ALL = _steps()
_LAST_KEY = _ALL.pop(_LAST)[0][:-1]  # without the opcode: its value may be another's
_NAMES = list(_ALL)
_FIRST_SWITCH = _NAMES.index("enabled")
# Of lists and dicts also what stands behind an empty one: the next field's name.
_FIELDS = [
    (*_ALL[field], _ALL[_NAMES[at]][0] if _ALL[field][2] in (_list, _dict) else b"")
    for at, field in enumerate(_NAMES[:_FIRST_SWITCH], start=1)
]
_SWITCHES = [_ALL[field] for field in _NAMES[_FIRST_SWITCH:]]
# Most projects have no order and no tags: all of that, on or off, is one comparison.
_USUAL_SWITCHES = tuple(
    b"".join(
        literal + (switch if finish is _bool else b"K\x00" if finish is _int else b"")
        for literal, _, finish in _SWITCHES
    )
    for switch in (b"\x88", b"\x89")
)
_USUAL_WIDTH = len(_USUAL_SWITCHES[0])
