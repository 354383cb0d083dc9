"""The few classes and functions that an old pickle may name, and what stands for each call.

Sets and bytes become plain data. The rest of the standard library's values (dates, decimals and
the like) stay calls, of the same class in Python 3, with arguments that were checked here. What
Python 2 wrote for each was looked at in its own pickles, of protocols 0, 1 and 2.
"""

from __future__ import annotations

from .nodes import (
    Atom,
    Blank,
    Call,
    Container,
    Frozen,
    Global,
    Node,
    OldText,
    beyond_plain,
    built,
    damaged,
)
from .values import PYTHON_3_NAMES, checked_arguments

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

# Builtins that a defaultdict may have for its factory.
_FACTORIES = frozenset(
    f"builtins.{name}"
    for name in (
        "bool", "bytearray", "bytes", "complex", "dict", "float", "frozenset", "int", "list",
        "set", "str", "tuple",
    )
)  # fmt: skip
_INSTANCES = frozenset(("uuid.UUID", "sets.Set", "sets.ImmutableSet"))
_BASE = "builtins.object"  # of an instance, in protocols 0 and 1
_MOST_PARTS = 2  # of what any handler below is given
_UUID_BITS = 128


class Known:
    """The calls of one pickle, whose copying is bounded by the pickle's size."""

    def __init__(self, size_bytes: int) -> None:
        # A pickler gives each set a list of its own, so that all copies together are shorter than
        # the pickle; one made to be copied often would take the square of its length.
        self._may_copy = 4 * size_bytes

    def global_(self, module: str, name: str, *, renamed: bool) -> Global:
        """Return a known global, a `renamed` one as Python 3 names it; else raise UnsafeRecord."""
        names = (module, name)
        found = Global(*(PYTHON_3_NAMES.get(names, names) if renamed else names))
        known = str(found)
        if known in _CALLS or known in _FACTORIES or known in _INSTANCES or known == _BASE:
            return found
        raise beyond_plain("the class", f"{module}.{name}")

    def called(self, function: Node, arguments: list[Node]) -> Node:
        """Return what stands for the value of a call, as REDUCE asks for it."""
        call = _CALLS.get(str(function)) if isinstance(function, Global) else None
        if call is None or not isinstance(function, Global):
            raise damaged("a call of what cannot be called")
        return call(self, function, [built(argument) for argument in arguments])

    def blank(self, cls: Node) -> Blank:
        """Return an instance without its state, as NEWOBJ asks for it."""
        if not isinstance(cls, Global) or str(cls) not in _INSTANCES:
            raise damaged("an instance of what has none")
        return Blank(cls)

    def set_state(self, instance: Node, state: Node) -> None:
        """Give an instance its state, as BUILD does."""
        if not isinstance(instance, Blank) or instance.built is not None:
            raise beyond_plain("attributes of", "an object that has none of its own")
        if instance.cls.module == "uuid":
            instance.built = _uuid(instance.cls, state)
        else:
            instance.built = self._set_of_module(instance.cls, state)

    def copied(self, node: Node, *kinds: str) -> list[Node]:
        """Return a copy of the children of a container, within the limit."""
        if not isinstance(node, (Container, Frozen)) or node.kind not in kinds:
            raise damaged(f"no {' or '.join(kinds)} where one belongs")
        self._spend(len(node.children))
        return list(node.children)

    def bytearray(self, content: bytes) -> Call:
        """Return what stands for a bytearray."""
        return Call(Global("builtins", "bytearray"), [Atom(content)])

    def _spend(self, size: int) -> None:
        self._may_copy -= size
        if self._may_copy < 0:
            raise damaged("it copies the same parts out of all proportion")

    def _set_of_module(self, cls: Global, state: Node) -> Container | Frozen:
        """Return the set of an instance of Python 2's own `sets` module: a dict of its elements."""
        if not isinstance(state, Frozen) or not 1 <= len(state.children) <= _MOST_PARTS:
            raise damaged(f"a {cls} without its elements")
        elements = self.copied(built(state.children[0]), "dict")[::2]
        if cls.name == "Set":
            return Container("set", elements)
        return Frozen(elements, "frozenset")

    def _set(self, function: Global, arguments: list[Node]) -> Node:
        elements: list[Node] = []
        if arguments:
            elements = self.copied(_only(arguments), "list", "tuple")
        if function.name == "set":
            return Container("set", elements)
        return Frozen(elements, "frozenset")

    def _encode(self, _: Global, arguments: list[Node]) -> Node:
        """`_codecs.encode(text, "latin1")`: how Python 3 writes bytes for Python 2."""
        return Atom(self._latin_1(arguments))

    def _bytearray(self, _: Global, arguments: list[Node]) -> Node:
        if not arguments:
            return self.bytearray(b"")
        if len(arguments) == _MOST_PARTS:
            return self.bytearray(self._latin_1(arguments))
        content = _only(arguments)
        if not isinstance(content, Atom) or not isinstance(content.value, bytes):
            raise damaged("a bytearray of no bytes")
        self._spend(len(content.value))
        return self.bytearray(content.value)

    def _latin_1(self, arguments: list[Node]) -> bytes:
        """Return the bytes of a text and the name of its encoding, which is always Latin-1."""
        text, encoding = arguments if len(arguments) == _MOST_PARTS else (None, None)
        if not isinstance(text, Atom) or not isinstance(text.value, str):
            raise damaged("bytes that are not written as text")
        if _name_of(encoding) not in ("latin-1", "latin1"):
            raise damaged("bytes that are not written as Latin-1")
        self._spend(len(text.value))
        try:
            return text.value.encode("latin-1")
        except UnicodeEncodeError as error:
            raise damaged(f"bytes that are no Latin-1: {error.reason}") from None

    def _no_bytes(self, _: Global, arguments: list[Node]) -> Node:
        """`bytes()`: how Python 3 writes no bytes for Python 2."""
        if arguments:
            raise damaged("bytes with arguments")
        return Atom(b"")

    def _reconstructed(self, _: Global, arguments: list[Node]) -> Node:
        """`copy_reg._reconstructor(cls, object, None)`: an instance, in protocols 0 and 1."""
        cls, base, state = arguments if len(arguments) == 3 else (None, None, None)  # noqa: PLR2004 - all
        if cls is None or str(base) != _BASE or state is None or not _is_none(state):
            raise damaged("an instance with more than its class")
        return self.blank(cls)

    def _ordered_dict(self, function: Global, arguments: list[Node]) -> Node:
        items: list[Node] = []
        for pair in self.copied(_only(arguments), "list") if arguments else ():
            key_and_value = self.copied(built(pair), "list", "tuple")
            if len(key_and_value) != 2:  # noqa: PLR2004 - a pair
                raise damaged("an item that is no pair")
            items += key_and_value
        return Container("dict", items, Call(function, []))

    def _counter(self, function: Global, arguments: list[Node]) -> Node:
        items = self.copied(_only(arguments), "dict") if arguments else []
        return Container("dict", items, Call(function, []))

    def _default_dict(self, function: Global, arguments: list[Node]) -> Node:
        for factory in arguments:
            if str(factory) not in _FACTORIES and not _is_none(factory):
                raise damaged("a default factory that is none")
        if len(arguments) > 1:
            raise damaged("a defaultdict with more than its factory")
        return Container("dict", [], Call(function, arguments))

    def _deque(self, function: Global, arguments: list[Node]) -> Node:
        if len(arguments) > _MOST_PARTS:
            raise damaged("a deque with more than its length")
        items = self.copied(arguments[0], "list", "tuple") if arguments else []
        longest = arguments[1:]
        if longest and not _is_none(longest[0]) and not _is_length(longest[0]):
            raise damaged("a deque of no length")
        return Container("list", items, Call(function, [Frozen([]), *longest]))

    def _value(self, function: Global, arguments: list[Node]) -> Node:
        return Call(function, checked_arguments(function, arguments))


def _only(arguments: list[Node]) -> Node:
    if len(arguments) != 1:
        raise damaged(f"{len(arguments)} arguments where one belongs")
    return arguments[0]


def _name_of(node: Node | None) -> object:
    if isinstance(node, OldText):
        return node.raw[:20].decode("latin-1")
    return node.value if isinstance(node, Atom) else None


def _is_none(node: Node) -> bool:
    return isinstance(node, Atom) and node.value is None


def _is_length(node: Node) -> bool:
    return isinstance(node, Atom) and type(node.value) is int and 0 <= node.value < 2**31


def _uuid(cls: Global, state: Node) -> Call:
    """Return the call for a UUID, whose state is a dict of one number."""
    parts = state.children if isinstance(state, Container) and state.kind == "dict" else []
    if len(parts) != _MOST_PARTS or _name_of(parts[0]) != "int":
        raise damaged("a UUID with more than its number")
    number = _name_of(parts[1])
    if type(number) is not int or not 0 <= number < 1 << _UUID_BITS:
        raise damaged("a UUID of no 128 bits")
    return Call(cls, [Atom(f"{number:032x}")])


_CALLS: dict[str, Callable[[Known, Global, list[Node]], Node]] = {
    "_codecs.encode": Known._encode,
    "builtins.bytearray": Known._bytearray,
    "builtins.bytes": Known._no_bytes,
    "builtins.complex": Known._value,
    "builtins.frozenset": Known._set,
    "builtins.range": Known._value,
    "builtins.set": Known._set,
    "collections.Counter": Known._counter,
    "collections.OrderedDict": Known._ordered_dict,
    "collections.defaultdict": Known._default_dict,
    "collections.deque": Known._deque,
    "copyreg._reconstructor": Known._reconstructed,
    "datetime.date": Known._value,
    "datetime.datetime": Known._value,
    "datetime.time": Known._value,
    "datetime.timedelta": Known._value,
    "decimal.Decimal": Known._value,
    "fractions.Fraction": Known._value,
}
