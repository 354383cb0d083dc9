"""Pickles of plain data: what a record is on disk, and why reading one can run nothing.

Plain data is None, bool, int, float, str, bytes, and list, tuple, dict, set, frozenset of them. At
protocol 4 none of these names a global, so the opcodes of a record can be checked against a list of
harmless ones before the unpickler sees it. An `Unpickler.find_class` that refuses is not enough:
the extension opcodes go round it, and an opcode that asks for a giant memo eats memory before any
class is looked for. Opcodes: Lib/pickletools.py of CPython.
"""

from __future__ import annotations

import copyreg
import re
from io import BytesIO

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

# Longest string that the expression below takes in its stride; longer ones are stepped over one by
# one.
_SHORT = 48
_STOP = ord(".")
_NEWLINE = ord("\n")
_GLOBAL, _EXT1, _EXT2, _EXT4 = 0x93, 0x82, 0x83, 0x84  # STACK_GLOBAL, and the extensions
# Opcode -> how many bytes of little-endian length follow it, then that many bytes of content.
_COUNTED = {
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
# The text opcodes of protocol 0, up to their newline; a memo index of at most seven digits.
_TEXT = rb"[ILFSV][^\n]*+\n|g\d{1,7}\n|p\d{1,7}\n"


def dumps(value: object, protocol: int = PROTOCOL) -> bytes:
    """Return the pickle of `value`, unchecked: the caller knows that it is plain data."""
    return pickle.dumps(value, protocol)


def loads(data: bytes) -> object:
    """Return the plain data of a pickle, of any protocol at which it names no global.

    Sets name one below protocol 4, and bytes below protocol 3: those are refused.

    Raises:
        UnsafeRecord: It names a global, an extension, or anything else than plain data.
        RecordUnreadable: It is damaged, or no pickle.
    """
    require_plain(data)
    try:
        return pickle.loads(data)
    except Exception as error:  # the unpickler meets damage with a dozen kinds of error
        raise RecordUnreadable(f"damaged pickle: {error}") from error


class _PlainUnpickler(pickle.Unpickler):
    """An unpickler that finds no class."""

    def find_class(self, module: str, name: str) -> object:
        raise UnsafeRecord(
            f"refused: the pickle asks for '{module}.{name}', which is more than plain data",
            hint="nothing was run; remove the record if you do not know who wrote it",
            asked=f"{module}.{name}",
        )


def loads_own(data: bytes) -> object:
    """Return the plain data of a pickle from a catalog, without looking at each opcode first.

    As safe as `loads` against running anything, and quicker by a third of a read: the opcodes that
    can name a global are STACK_GLOBAL, EXT1 to EXT4, and, with two newlines each, GLOBAL and INST.
    A record without these bytes names none, whatever else it holds; any other is read by an
    unpickler that finds no class. Memory is not looked at: a record that was made to can use much.

    Raises:
        UnsafeRecord: It names a global.
        RecordUnreadable: It is damaged, or no pickle.
    """
    try:
        if not (_GLOBAL in data or _EXT1 in data or _EXT2 in data or _EXT4 in data) and (
            data.find(_NEWLINE, data.find(_NEWLINE) + 1) == -1
        ):
            return pickle.loads(data)
        if copyreg._extension_cache:  # type: ignore[attr-defined] # found without find_class
            require_plain(data)
        return _PlainUnpickler(BytesIO(data)).load()
    except UnsafeRecord:
        raise
    except Exception as error:  # the unpickler meets damage with a dozen kinds of error
        raise RecordUnreadable(f"damaged pickle: {error}") from error


def require_plain(data: bytes) -> None:
    """Check every opcode of a pickle against the list of harmless ones, in linear time.

    Raises:
        UnsafeRecord: One is not on the list; the message names it, and the global it asks for.
        RecordUnreadable: The bytes end before the pickle does.
    """
    skip = _runs_of_harmless().match
    position = 0
    try:
        while True:
            position = skip(data, position).end()  # type: ignore[union-attr]  # empty runs match
            opcode = data[position]
            if opcode == _STOP:
                return
            width = _COUNTED.get(opcode)
            if width is None:
                raise _refused(data, position)
            start = position + 1 + width
            position = start + int.from_bytes(data[position + 1 : start], "little")
    except (IndexError, OverflowError):  # behind the end, or behind any end
        raise RecordUnreadable(f"no pickle, or one cut short, at byte {len(data)}") from None


_compiled: list[re.Pattern[bytes]] = []


def _runs_of_harmless() -> re.Pattern[bytes]:
    """Return the expression for a run of harmless opcodes, compiled once and only when needed."""
    if not _compiled:

        def counted(most: int) -> bytes:
            return b"|".join(re.escape(bytes([n])) + b".{%d}" % n for n in range(most + 1))

        alternatives = (
            rb"\x8c(?:" + counted(_SHORT) + rb")",  # SHORT_BINUNICODE
            # MEMOIZE, MARK, NONE, booleans, empty and finished containers, POP, POP_MARK
            rb"[\x94(N\x88\x89\]})\x8faesutld\x85-\x87\x90\x9101]",
            rb"K.|M..|J.{4}|G.{8}",  # integers and floats
            rb"\x8a(?:" + counted(8) + rb")",  # LONG1
            rb"h.|j.{4}|q.|r..[\x00-\x3f]\x00",  # memo; LONG_BINPUT below 4,194,304
            rb"\x80[\x00-\x05]|\x95.{8}",  # PROTO, FRAME
            _TEXT,
        )
        _compiled.append(re.compile(b"(?:" + b"|".join(alternatives) + b")*+", re.DOTALL))
    return _compiled[0]


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
        return RecordUnreadable(f"no pickle of plain data: {asked} at byte {position}")
    return UnsafeRecord(
        f"refused: the pickle asks for {asked!r} at byte {position}, which is more than plain data",
        hint="nothing was run; remove the record if you do not know who wrote it",
        asked=asked,
    )
