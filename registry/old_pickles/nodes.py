"""What a pickle holds, as a graph of nodes: nothing of it is built, hashed or compared.

A graph keeps what objects cannot: an 8-bit string whose encoding is not decided yet, any depth of
nesting without recursion, and which parts are shared. Edges lead to the same node wherever the
pickle refers to the same object.
"""

from __future__ import annotations

from plugreg.backends import RecordUnreadable, UnsafeRecord

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

LONGEST_NAME = 100  # characters of a name from the record that a message repeats


class Node:
    """One object in a pickle; compared and hashed by identity."""

    __slots__ = ()


class Atom(Node):
    """None, a bool, int, float, str or bytes."""

    __slots__ = ("value",)

    def __init__(self, value: float | str | bytes | None) -> None:
        self.value = value


class OldText(Node):
    """A Python 2 `str`: text in some encoding, or just bytes."""

    __slots__ = ("raw",)

    def __init__(self, raw: bytes) -> None:
        self.raw = raw


class Global(Node):
    """A class or function that the pickle names: it is never looked up."""

    __slots__ = ("module", "name")

    def __init__(self, module: str, name: str) -> None:
        self.module = module
        self.name = name

    def __str__(self) -> str:
        return f"{self.module}.{self.name}"


class Frozen(Node):
    """What is built after its parts: a tuple, or a frozenset (`kind`)."""

    __slots__ = ("children", "kind")

    def __init__(self, children: list[Node], kind: str = "tuple") -> None:
        self.children = children
        self.kind = kind


class Call(Frozen):
    """What a known function returns for arguments that were checked: `datetime.date(bytes)`."""

    __slots__ = ("function",)

    def __init__(self, function: Global, arguments: list[Node]) -> None:
        super().__init__(arguments, "call")
        self.function = function


class Container(Node):
    """What is built empty and filled: a list, set or dict, or what `maker` makes, filled alike.

    The children of a dict are its keys and values by turns.
    """

    __slots__ = ("children", "kind", "maker")

    def __init__(self, kind: str, children: list[Node], maker: Call | None = None) -> None:
        self.kind = kind
        self.children = children
        self.maker = maker


class Blank(Node):
    """An instance of a known class, before its state: `built` is what it is in the end."""

    __slots__ = ("built", "cls")

    def __init__(self, cls: Global) -> None:
        self.cls = cls
        self.built: Frozen | Container | None = None


def built(node: Node) -> Node:
    """Return what stands for a node in the end."""
    if not isinstance(node, Blank):
        return node
    if node.built is None:
        raise damaged(f"a {node.cls} without its state")
    return node.built


def children_of(node: Node) -> list[Node]:
    """Return the nodes that a node is made of, each of them built."""
    if isinstance(node, (Frozen, Container)):
        return [built(child) for child in node.children]
    return []


def value_of(node: Node, decoded: Callable[[OldText], str | bytes]) -> float | str | bytes | None:
    """Return the value of a node without children; `decoded` says what a Python 2 `str` is."""
    if isinstance(node, OldText):
        return decoded(node)
    assert isinstance(node, Atom)
    return node.value


def survey(root: Node) -> tuple[list[Node], set[Node]]:
    """Return each node of a graph once, and those that more than one edge leads to."""
    nodes, shared = [root], set[Node]()
    seen = {root}
    for node in nodes:  # which grows meanwhile
        for child in children_of(node):
            if child in seen:
                shared.add(child)
            else:
                seen.add(child)
                nodes.append(child)
    return nodes, shared


def damaged(what: str) -> RecordUnreadable:
    """Return the error for a pickle that no pickler writes."""
    return RecordUnreadable(f"damaged pickle: {what}")


def beyond_plain(what: str, name: str) -> UnsafeRecord:
    """Return the error for a pickle of more than plain data, naming it within limits."""
    if len(name) > LONGEST_NAME:
        name = f"{name[:LONGEST_NAME]}..."
    shown = name if name.isprintable() else ascii(name)
    return UnsafeRecord(f"holds {what} {shown}", asked=shown)
