"""The stack machine of pickles, over nodes instead of objects.

An own machine rather than `pickle.Unpickler`: no opcode of it can look up a name, import or call
anything, whatever the bytes are; 8-bit strings keep their bytes until it is known whether they are
text or a datetime's state; time and memory are linear in the pickle's length.
"""

from __future__ import annotations

from .arguments import Arguments
from .known import Known
from .nodes import Atom, Container, Frozen, Global, Node, OldText, beyond_plain, built, damaged

HIGHEST_PROTOCOL = 5
_FIRST_OF_PYTHON_3 = 3  # protocol


class Machine:
    """One pickle being read: its stack, its marks and its memo.

    Attributes:
        protocol: What the pickle says; 0 when it says nothing (protocols 0 and 1).
        steps: How many opcodes were read.
    """

    def __init__(self, data: bytes) -> None:
        self.arguments = Arguments(data)
        self.protocol = 0
        self.steps = 0
        self._has_old_text = False
        self._stack: list[Node] = []
        self._below: list[list[Node]] = []  # the stacks below each mark
        self._memo: dict[int, Node] = {}
        self._known = Known(len(data))

    @property
    def position(self) -> int:
        """The byte behind what was read."""
        return self.arguments.position

    @property
    def is_of_python_3(self) -> bool:
        """Whether Python 3 wrote it, and only Python 3 reads it."""
        return self.protocol >= _FIRST_OF_PYTHON_3 and not self._has_old_text

    def _push(self, node: Node) -> None:
        self._stack.append(node)

    def _pop(self) -> Node:
        self._top()
        return self._stack.pop()

    def _top(self) -> Node:
        if not self._stack:
            raise damaged(f"nothing on the stack at byte {self.position}")
        return self._stack[-1]

    def _pop_mark(self) -> list[Node]:
        if not self._below:
            raise damaged(f"no mark on the stack at byte {self.position}")
        items, self._stack = self._stack, self._below.pop()
        return items

    def _proto(self) -> None:
        self.protocol = self.arguments.number(1)
        if self.protocol > HIGHEST_PROTOCOL:
            raise damaged(f"protocol {self.protocol}; {HIGHEST_PROTOCOL} is the newest known")

    def _frame(self) -> None:
        self.arguments.take(8)  # how the bytes were cut for reading says nothing of them

    def _mark(self) -> None:
        self._below.append(self._stack)
        self._stack = []

    def _drop(self) -> None:
        if self._stack:
            self._stack.pop()
        else:
            self._pop_mark()

    def _drop_mark(self) -> None:
        self._pop_mark()

    def _duplicate(self) -> None:
        self._push(self._top())

    def _old_text(self, raw: bytes) -> None:
        self._has_old_text = True
        self._push(OldText(raw))

    def _put(self, index: int) -> None:
        self._memo[index] = self._top()

    def _memoize(self) -> None:
        self._put(len(self._memo))

    def _get(self, index: int) -> None:
        if index not in self._memo:
            raise damaged(f"memo entry {index} is not there")
        self._push(self._memo[index])

    def _marked(self, kind: str) -> None:
        items = self._pop_mark()
        if kind == "dict" and len(items) % 2:
            raise damaged("a dict's key without its value")
        frozen = kind in ("tuple", "frozenset")
        self._push(Frozen(items, kind) if frozen else Container(kind, items))

    def _tuple_of(self, size: int) -> None:
        items = [self._pop() for _ in range(size)]
        self._push(Frozen(items[::-1]))

    def _filled(self, *kinds: str) -> Container:
        node = built(self._top())
        if not isinstance(node, Container) or node.kind not in kinds:
            raise damaged(f"an item for no {' or '.join(kinds)} at byte {self.position}")
        return node

    def _append(self) -> None:
        item = self._pop()
        self._filled("list").children.append(item)

    def _extend(self, kind: str) -> None:
        items = self._pop_mark()
        if kind == "dict" and len(items) % 2:
            raise damaged("a dict's key without its value")
        self._filled(kind).children += items

    def _set_item(self) -> None:
        value, key = self._pop(), self._pop()
        self._filled("dict").children += (key, value)

    def _global(self, module: str, name: str) -> None:
        of_python_2 = self.protocol < _FIRST_OF_PYTHON_3
        self._push(self._known.global_(module, name, renamed=of_python_2))

    def _stack_global(self) -> None:
        name, module = self._pop(), self._pop()
        parts = [node.value for node in (module, name) if isinstance(node, Atom)]
        if len(parts) != 2 or not all(isinstance(part, str) for part in parts):  # noqa: PLR2004 - module and name
            raise damaged("a class that is not named by text")
        self._global(str(parts[0]), str(parts[1]))

    def _reduce(self) -> None:
        arguments, function = self._pop(), self._pop()
        self._push(self._known.called(function, _items(arguments)))

    def _new_object(self) -> None:
        arguments, cls = self._pop(), self._pop()
        if _items(arguments):
            raise damaged("an instance with arguments")
        self._push(self._known.blank(cls))

    def _build(self) -> None:
        state = self._pop()
        self._known.set_state(self._top(), state)

    def _instance(self) -> None:
        module, name = self.arguments.name(), self.arguments.name()
        raise beyond_plain("an instance of", f"{module}.{name}")

    def _obj(self) -> None:
        items = self._pop_mark()
        cls = items[0] if items else None
        raise beyond_plain("an instance of", str(cls) if isinstance(cls, Global) else "a class")

    def _refuse(self, what: str) -> None:
        raise beyond_plain(what, f"at byte {self.position - 1}")


def _items(arguments: Node) -> list[Node]:
    if not isinstance(arguments, Frozen) or arguments.kind != "tuple":
        raise damaged("arguments that are no tuple")
    return arguments.children
