r"""Which keys of a dict, and elements of a set, would be equal in Python 3.

`{'a': 1, u'b': 2}` has `str` and `unicode` keys; two that differ in Python 2 (`'\xc3\xa9'` and
`u'\xe9'`) may be the same text once decoded, and one record would then lose a value.
"""

from __future__ import annotations

from .nodes import Atom, Call, Container, Frozen, Node, OldText, built, damaged, value_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Hashable


class Keys:
    """Numbers for hashable nodes: the same number for what would be equal.

    Each node is looked at once: hashing the objects themselves would take exponential time for
    tuples that share their parts, `t = (t, t)` sixty times over.
    """

    def __init__(self, decoded: Callable[[OldText], str | bytes]) -> None:
        self._decoded = decoded
        self._numbers: dict[Hashable, int] = {}
        self._of_node: dict[Node, int] = {}

    def require_distinct(self, node: Node) -> None:
        """Raise RecordUnreadable if two keys of a container would be one, or if one has no hash."""
        if not isinstance(node, (Container, Frozen)):
            return
        if node.kind == "dict":
            keys = node.children[::2]
        elif node.kind in ("set", "frozenset"):
            keys = node.children
        else:
            return
        if len({self._number(built(key)) for key in keys}) < len(keys):
            raise damaged(f"two keys of a {node.kind} become one")

    def _number(self, root: Node) -> int:
        waiting = [root]
        while waiting:
            node = waiting[-1]
            if node in self._of_node:
                waiting.pop()
                continue
            parts = _hashed_parts(node)
            missing = [part for part in parts if part not in self._of_node]
            if missing:
                waiting += missing
                continue
            identity = self._identity(node, [self._of_node[part] for part in parts])
            self._of_node[node] = self._numbers.setdefault(identity, len(self._numbers))
        return self._of_node[root]

    def _identity(self, node: Node, parts: list[int]) -> Hashable:
        """Return what is equal for equal nodes, given the numbers of their parts."""
        if isinstance(node, Call):
            return ("call", str(node.function), tuple(parts))
        if isinstance(node, Frozen):
            return (node.kind, tuple(parts) if node.kind == "tuple" else frozenset(parts))
        value = value_of(node, self._decoded)
        kind = type(value) if isinstance(value, (str, bytes)) else None
        return (kind, value)


def _hashed_parts(node: Node) -> list[Node]:
    if isinstance(node, (Atom, OldText)):
        return []
    if not isinstance(node, Frozen) or (
        isinstance(node, Call) and str(node.function) == "builtins.bytearray"
    ):
        raise damaged("a key or element that has no hash")
    return [built(child) for child in node.children]
