"""Pickles of plain data: what a record is on disk, and why reading one can run nothing.

Plain data is None, bool, int, float, str, bytes, and list, tuple, dict, set, frozenset of them. At
protocol 4 none of these names a global, so the opcodes of a record can be checked against a list of
harmless ones before the unpickler sees it. An `Unpickler.find_class` that refuses is not enough:
the extension opcodes go round it, an opcode that asks for a giant memo eats memory before any class
is looked for, and tuples as keys can take for ever to hash. Opcodes: Lib/pickletools.py of CPython.
"""

from __future__ import annotations

import re

from plugreg.backends import RecordUnreadable, UnsafeRecord

TYPE_CHECKING = False
if TYPE_CHECKING:
    import pickle
else:  # the C module that `pickle` wraps: all that is used of it here, 1 ms of a host's start less
    try:
        import _pickle as pickle
    except ImportError:
        import pickle

PROTOCOL = 4

# Opcode -> how many bytes of little-endian length follow it, then that many bytes of content.
COUNTED = {
    ord("\x8c"): 1,  # SHORT_BINUNICODE
    ord("\x8a"): 1,  # LONG1
    ord("C"): 1,  # SHORT_BINBYTES
    ord("U"): 1,  # SHORT_BINSTRING
    ord("X"): 4,  # BINUNICODE
    ord("B"): 4,  # BINBYTES
    ord("T"): 4,  # BINSTRING
    ord("\x8b"): 4,  # LONG4
    ord("\x8d"): 8,  # BINUNICODE8
    ord("\x8e"): 8,  # BINBYTES8
}

# Longest string that the expression below takes in its stride; longer ones are stepped over one by
# one.
_SHORT = 48
_STOP = ord(".")
# Tuples, frozensets and large numbers, whose hashing may cost too much, and a memo index that may
# be too high.
_WEIGHED = b"t\x85\x86\x87\x91rp\x8bIL"
# The text opcodes of protocol 0, up to their newline; a memo index of at most six digits, a number
# of a few hundred. Making a number of its digits takes time in the square of how many there are.
_TEXT = rb"[SV][^\n]*+\n|[IL][^\n]{0,300}+\n|F[^\n]{0,20000}+\n|g\d{1,10}\n|p\d{1,6}\n"


def dumps(value: object, protocol: int = PROTOCOL) -> bytes:
    """Return the pickle of `value`, unchecked: the caller knows that it is plain data."""
    return pickle.dumps(value, protocol)


def loads(data: bytes) -> object:
    """Return the plain data of a pickle, of any protocol at which it names no global.

    Sets name one below protocol 4, and bytes below protocol 3: those are refused. No size is: what
    it takes of memory is in proportion to the pickle, and of time at most to its square.

    Raises:
        UnsafeRecord: It names a global, an extension, or anything else than plain data.
        RecordUnreadable: It is damaged, no pickle, or would cost more than its size explains.
    """
    require_plain(data)
    return unpickled(data)


def unpickled(data: bytes) -> object:
    """Return the plain data of a pickle that was looked through before.

    Raises:
        RecordUnreadable: It is damaged, or no pickle.
    """
    try:
        return pickle.loads(data)
    except Exception as error:  # the unpickler meets damage with a dozen kinds of error
        raise _damaged(data, f"damaged pickle: {error}") from error


def _damaged(data: bytes, reason: str) -> RecordUnreadable:
    """Return the error of what is no pickle, or no more; with what it is where that can be told."""
    from .encodings import foreign_encoding

    return RecordUnreadable(foreign_encoding(data) or reason)


def require_plain(data: bytes) -> None:
    """Check every opcode of a pickle, and what hashing its keys would cost, in linear time.

    Raises:
        UnsafeRecord: As `find_weighed`.
        RecordUnreadable: As `find_weighed`, or it would cost too much.
    """
    if find_weighed(data):
        from .sharing import Sharing

        Sharing(data).run()


def find_weighed(data: bytes) -> bool:
    """Check every opcode of a pickle against the list of harmless ones.

    Returns:
        Whether it has some that are harmless only where little is made of them.

    Raises:
        UnsafeRecord: One is not on the list; the message names it, and the global it asks for.
        RecordUnreadable: The bytes end before the pickle does.
    """
    skip = _runs_of_harmless().match
    position = 0
    weighed = False
    try:
        while True:
            position = skip(data, position).end()  # type: ignore[union-attr]  # empty runs match
            opcode = data[position]
            if opcode == _STOP:
                return weighed
            if not weighed and opcode in _WEIGHED:
                weighed = True
                skip = _runs_of_harmless(weighed=True).match
                continue
            width = COUNTED.get(opcode)
            if width is None:
                raise _refused(data, position)
            start = position + 1 + width
            position = start + int.from_bytes(data[position + 1 : start], "little")
    except (IndexError, OverflowError):  # behind the end, or behind any end
        raise _damaged(data, f"no pickle, or one cut short, at byte {len(data)}") from None


_compiled: dict[bool, re.Pattern[bytes]] = {}


def _runs_of_harmless(*, weighed: bool = False) -> re.Pattern[bytes]:
    """Return the expression for a run of harmless opcodes, compiled once and only when needed.

    Args:
        weighed: Whether to let those pass, too, that are harmless only where little is made of
            them.
    """
    if weighed not in _compiled:

        def counted(most: int) -> bytes:
            return b"|".join(re.escape(bytes([n])) + b".{%d}" % n for n in range(most + 1))

        alternatives = (
            rb"[\x8cC](?:" + counted(_SHORT) + rb")",  # SHORT_BINUNICODE, SHORT_BINBYTES
            # MEMOIZE, MARK, NONE, booleans, empty and finished containers, POP, POP_MARK
            rb"[\x94(N\x88\x89\]})\x8faesuld\x9001" + (rb"t\x85-\x87\x91]" if weighed else b"]"),
            rb"K.|M..|J.{4}|G.{8}",  # integers and floats
            rb"\x8a(?:" + counted(8) + rb")",  # LONG1
            rb"h.|j.{4}|q.|r..[\x00-\x0f]\x00",  # memo; LONG_BINPUT below 1,048,576
            rb"\x80[\x00-\x05]|\x95.{8}",  # PROTO, FRAME
            _TEXT,
            *((rb"r.{4}|p\d++\n|[IL][^\n]{0,20000}+\n",) if weighed else ()),
        )
        _compiled[weighed] = re.compile(b"(?:" + b"|".join(alternatives) + b")*+", re.DOTALL)
    return _compiled[weighed]


def _refused(data: bytes, position: int) -> RecordUnreadable:
    """Return the error for the opcode at `position`, naming what it asks for where it can."""
    import pickletools

    strings: list[str] = []
    asked = f"opcode {data[position]:#04x}"
    try:
        for opcode, argument, at in pickletools.genops(data):
            if at is not None and at >= position:
                asked = opcode.name
                if opcode.name in {"GLOBAL", "INST"}:
                    asked = str(argument).replace(" ", ".")
                elif opcode.name == "STACK_GLOBAL":
                    asked = ".".join(strings[-2:])
                break
            if isinstance(argument, str):
                strings.append(argument)
    except Exception:  # noqa: BLE001 - a pickle this broken keeps the opcode's number as its name
        return _damaged(data, f"no pickle of plain data: {asked} at byte {position}")
    from .encodings import marked_encoding
    from .printable import safe

    known = "" if "." in asked else marked_encoding(data)  # a class or function is named whatever
    if known:
        return RecordUnreadable(known)
    return UnsafeRecord(
        f"refused: the pickle asks for `{safe(asked)}` at byte {position},"
        " which is more than plain data",
        hint="nothing was run; remove the record if you do not know who wrote it",
        asked=asked,
    )
