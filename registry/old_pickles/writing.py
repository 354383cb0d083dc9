"""A graph of nodes as a pickle of protocol 4, without recursion, and as long as the graph.

Opcodes: PEP 3154 and Lib/pickletools.py of CPython.
"""

from __future__ import annotations

import struct

from .nodes import (
    Atom,
    Call,
    Container,
    Frozen,
    Global,
    Node,
    OldText,
    beyond_plain,
    built,
    damaged,
    value_of,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    _Task = tuple[Callable[..., None], object]

_PROTO_4 = b"\x80\x04"
_MARK, _POP, _STOP, _MEMOIZE, _REDUCE, _STACK_GLOBAL = b"(", b"0", b".", b"\x94", b"R", b"\x93"
_FROZENSET, _TUPLE = b"\x91", b"t"
_EMPTY = {"list": b"]", "dict": b"}", "set": b"\x8f"}
_FILL = {"list": b"e", "dict": b"u", "set": b"\x90"}
_TUPLES = [b")", b"\x85", b"\x86", b"\x87"]
_BYTE = 0xFF
_LONGEST_REPEATED = 9  # bytes of an atom that is written again rather than remembered


class Writer:
    """One pickle being written.

    Attributes:
        names_globals: Whether it names a class or function.
    """

    def __init__(self, shared: set[Node], decoded: Callable[[OldText], str | bytes]) -> None:
        self.names_globals = False
        self._shared = shared
        self._decoded = decoded
        self._out = [_PROTO_4]
        self._memo: dict[Node | str, int] = {}  # nodes, and globals by their names
        self._tasks: list[_Task] = []
        # Shared tuples and the like whose parts are being written. What they hold is made empty
        # and filled at the end: filled now, it could lead to them again before they are there.
        self._open: set[Node] = set()
        self._postponed: list[Container] = []

    def pickle(self, root: Node) -> bytes:
        """Return the pickle of a graph; raise RecordUnreadable or UnsafeRecord."""
        self._later([root])
        self._work()
        while self._postponed:
            container = self._postponed.pop()
            self._get(container)
            self._out.append(_MARK)
            self._later(container.children, _FILL[container.kind] + _POP)
            self._work()
        self._out.append(_STOP)
        return b"".join(self._out)

    def _work(self) -> None:
        while self._tasks:
            act, subject = self._tasks.pop()
            act(self, subject)

    def _later(self, nodes: list[Node], then: bytes = b"") -> None:
        """Have nodes written next, and an opcode after them."""
        self._tasks.append((Writer._code, then))
        self._tasks += [(Writer._write, node) for node in reversed(nodes)]

    def _code(self, code: bytes) -> None:
        self._out.append(code)

    def _write(self, node: Node) -> None:
        node = built(node)
        if node in self._memo:
            self._get(node)
        elif isinstance(node, Global):
            raise beyond_plain("the class itself,", str(node))
        elif isinstance(node, Call):
            self._call(node)
            self._remember_shared(node)
        elif isinstance(node, Frozen):
            self._start_frozen(node)
        elif isinstance(node, Container):
            self._start_container(node)
        else:
            self._atom(node)

    def _atom(self, node: Node) -> None:
        code = _code_of(value_of(node, self._decoded))
        self._out.append(code)
        if len(code) > _LONGEST_REPEATED:
            self._remember_shared(node)

    def _call(self, node: Call) -> None:
        """Write a call; its arguments are atoms, empty tuples and factories: nothing is nested."""
        self._global(node.function)
        for argument in node.children:
            if isinstance(argument, Atom):
                self._atom(argument)
            elif isinstance(argument, Global):
                self._global(argument)
            else:
                self._out.append(_TUPLES[0])
        self._out += (_TUPLES[len(node.children)], _REDUCE)

    def _start_frozen(self, node: Frozen) -> None:
        if node in self._open:
            raise damaged("a tuple or frozenset in itself")
        if node in self._shared:
            self._open.add(node)
        self._tasks.append((Writer._finish_frozen, node))
        if node.kind == "frozenset" or len(node.children) >= len(_TUPLES):
            self._out.append(_MARK)
        self._tasks += [(Writer._write, child) for child in reversed(node.children)]

    def _finish_frozen(self, node: Frozen) -> None:
        size = len(node.children)
        if node.kind == "frozenset":
            self._out.append(_FROZENSET)
        else:
            self._out.append(_TUPLES[size] if size < len(_TUPLES) else _TUPLE)
        self._open.discard(node)
        self._remember_shared(node)

    def _start_container(self, node: Container) -> None:
        if node.maker is None:
            self._out.append(_EMPTY[node.kind])
        else:
            self._call(node.maker)
        if self._open and node.children:
            self._postponed.append(node)
            self._remember(node)
            return
        self._remember_shared(node)
        if node.children:
            self._out.append(_MARK)
            self._later(node.children, _FILL[node.kind])

    def _remember_shared(self, node: Node) -> None:
        if node in self._shared:
            self._remember(node)

    def _remember(self, subject: Node | str) -> None:
        self._memo[subject] = len(self._memo)
        self._out.append(_MEMOIZE)

    def _get(self, subject: Node | str) -> None:
        index = self._memo[subject]
        short = index <= _BYTE
        self._out.append(b"h%c" % index if short else b"j" + struct.pack("<I", index))

    def _global(self, node: Global) -> None:
        self.names_globals = True
        name = str(node)
        if name in self._memo:
            self._get(name)
            return
        self._out += (_code_of(node.module), _code_of(node.name), _STACK_GLOBAL)
        self._remember(name)


def _code_of(value: object) -> bytes:
    """Return the opcode of an atom with its argument."""
    if value is None:
        return b"N"
    if isinstance(value, bool):
        return b"\x88" if value else b"\x89"
    if isinstance(value, int):
        return _code_of_integer(value)
    if isinstance(value, float):
        return b"G" + struct.pack(">d", value)
    if isinstance(value, str):
        return _counted(value.encode("utf-8", "surrogatepass"), b"\x8c", b"X", b"\x8d")
    assert isinstance(value, bytes)
    return _counted(value, b"C", b"B", b"\x8e")


def _code_of_integer(value: int) -> bytes:
    if 0 <= value <= _BYTE:
        return b"K%c" % value
    if -(2**31) <= value < 2**31:
        return b"J" + struct.pack("<i", value)
    size = value.bit_length() // 8 + 1
    count = b"\x8a%c" % size if size <= _BYTE else b"\x8b" + struct.pack("<I", size)
    return count + value.to_bytes(size, "little", signed=True)


def _counted(data: bytes, short: bytes, long: bytes, huge: bytes) -> bytes:
    size = len(data)
    if size <= _BYTE:
        return b"%b%c%b" % (short, size, data)
    if size < 1 << 32:
        return long + struct.pack("<I", size) + data
    return huge + struct.pack("<Q", size) + data
