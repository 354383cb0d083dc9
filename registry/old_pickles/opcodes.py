"""The opcodes of pickle protocols 0 to 5, and what each has the machine do.

Source: Lib/pickletools.py of CPython; PEP 307 (protocol 2), PEP 3154 (4), PEP 574 (5).
"""

from __future__ import annotations

import struct

from . import arguments as text
from .arguments import Arguments, utf8
from .machine import Machine
from .nodes import Atom, Container, Node, built, damaged

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

_STOP = ord(".")


def run(machine: Machine) -> Node:
    """Return what the machine's pickle holds; raise RecordUnreadable or UnsafeRecord."""
    while True:
        opcode = machine.arguments.take(1)[0]
        if opcode == _STOP:
            return built(machine._pop())
        act = _ACTS.get(opcode)
        if act is None:
            raise damaged(f"opcode {opcode:#04x} at byte {machine.position - 1}")
        act(machine)
        machine.steps += 1


def _atom(read: Callable[[Arguments], float | str | bytes | None]) -> Callable[[Machine], None]:
    return lambda machine: machine._push(Atom(read(machine.arguments)))


_ACTS: dict[int, Callable[[Machine], None]] = {
    ord(opcode): act
    for opcode, act in {
        "\x80": Machine._proto,
        "\x95": Machine._frame,
        "(": Machine._mark,
        "0": Machine._drop,
        "1": Machine._drop_mark,
        "2": Machine._duplicate,
        # Atoms
        "N": _atom(lambda _: None),
        "\x88": _atom(lambda _: True),
        "\x89": _atom(lambda _: False),
        "I": _atom(lambda a: text.integer_or_bool(a.line())),
        "L": _atom(lambda a: text.integer(a.line())),
        "K": _atom(lambda a: a.number(1)),
        "M": _atom(lambda a: a.number(2)),
        "J": _atom(lambda a: a.signed(4)),
        "\x8a": _atom(lambda a: a.signed(a.number(1))),
        "\x8b": _atom(lambda a: a.signed(a.number(4))),
        "F": _atom(lambda a: text.floating(a.line())),
        "G": _atom(lambda a: struct.unpack(">d", a.take(8))[0]),
        "V": _atom(lambda a: text.raw_unicode_escape(a.line())),
        "\x8c": _atom(lambda a: utf8(a.counted(1))),
        "X": _atom(lambda a: utf8(a.counted(4))),
        "\x8d": _atom(lambda a: utf8(a.counted(8))),
        "C": _atom(lambda a: a.counted(1)),
        "B": _atom(lambda a: a.counted(4)),
        "\x8e": _atom(lambda a: a.counted(8)),
        "S": lambda m: m._old_text(text.unquoted(m.arguments.line())),
        "U": lambda m: m._old_text(m.arguments.counted(1)),
        "T": lambda m: m._old_text(m.arguments.counted(4)),
        "\x96": lambda m: m._push(m._known.bytearray(m.arguments.counted(8))),
        # Tuples and containers
        ")": lambda m: m._tuple_of(0),
        "\x85": lambda m: m._tuple_of(1),
        "\x86": lambda m: m._tuple_of(2),
        "\x87": lambda m: m._tuple_of(3),
        "t": lambda m: m._marked("tuple"),
        "\x91": lambda m: m._marked("frozenset"),
        "]": lambda m: m._push(Container("list", [])),
        "}": lambda m: m._push(Container("dict", [])),
        "\x8f": lambda m: m._push(Container("set", [])),
        "l": lambda m: m._marked("list"),
        "d": lambda m: m._marked("dict"),
        "a": Machine._append,
        "e": lambda m: m._extend("list"),
        "s": Machine._set_item,
        "u": lambda m: m._extend("dict"),
        "\x90": lambda m: m._extend("set"),
        # Memo
        "p": lambda m: m._put(m.arguments.memo_index()),
        "q": lambda m: m._put(m.arguments.number(1)),
        "r": lambda m: m._put(m.arguments.number(4)),
        "\x94": Machine._memoize,
        "g": lambda m: m._get(m.arguments.memo_index()),
        "h": lambda m: m._get(m.arguments.number(1)),
        "j": lambda m: m._get(m.arguments.number(4)),
        # Whatever is more than plain data
        "c": lambda m: m._global(m.arguments.name(), m.arguments.name()),
        "\x93": Machine._stack_global,
        "R": Machine._reduce,
        "\x81": Machine._new_object,
        "b": Machine._build,
        "i": Machine._instance,
        "o": Machine._obj,
        "\x92": lambda m: m._refuse("an instance with keywords"),
        "\x82": lambda m: m._refuse("an extension code"),
        "\x83": lambda m: m._refuse("an extension code"),
        "\x84": lambda m: m._refuse("an extension code"),
        "P": lambda m: m._refuse("a persistent id"),
        "Q": lambda m: m._refuse("a persistent id"),
        "\x97": lambda m: m._refuse("a buffer of another file"),
        "\x98": lambda m: m._refuse("a buffer of another file"),
    }.items()
}
