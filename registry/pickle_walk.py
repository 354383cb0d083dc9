"""Going through a pickle as the unpickler would, without making a single object of it.

What a pickle is going to cost can be told before it is paid: the walk keeps the unpickler's stack,
marks and memo, with a small pair of numbers in place of each object. What the numbers mean, and
what is too much, is for the subclasses to say. Opcodes: Lib/pickletools.py of CPython.
"""

from __future__ import annotations

from plugreg.backends import RecordUnreadable

from .plain import COUNTED

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Item = tuple[int, int]

_FIXED = {
    **dict.fromkeys(b".(01N\x88\x89]})\x8faesutld\x85\x86\x87\x90\x91\x94", 0),
    **dict.fromkeys(b"Khq\x80", 1),
    **dict.fromkeys(b"M", 2),
    **dict.fromkeys(b"Jjr", 4),
    **dict.fromkeys(b"G\x95", 8),
}
_LINES = b"ILFSVgp"
_STOP = ord(".")
_SET_OPCODES = b"\x8f\x90\x91"


class PickleWalk:
    """A walk over one pickle; `run` takes it.

    Attributes:
        data: The pickle.
        most_memos: The number that every index into the memo must be below.
        most_opcodes: How many opcodes there may be.
    """

    SCALAR: Item = (1, 0)

    def __init__(self, data: bytes) -> None:
        self.data = data
        # The unpickler's memo is an array of twice the highest index: an honest index is below the
        # number of the objects, each of which took at least a byte.
        self.most_memos = len(data)
        self.most_opcodes = len(data)
        self._stack: list[Item] = []
        self._below: list[list[Item]] = []  # what lies under each mark
        self._memo: dict[int, Item] = {}

    def run(self) -> None:
        """Go to the end of the pickle.

        Raises:
            RecordUnreadable: It costs too much, is damaged, or holds an opcode that plain data
                has no need of.
        """
        steps = _STEPS
        try:
            for number, (opcode, start, end) in enumerate(_opcodes(self.data)):
                steps[opcode](self, start, end)
                if number > self.most_opcodes:
                    raise RecordUnreadable(f"too large: more than {self.most_opcodes} opcodes")
        except (IndexError, KeyError):
            raise RecordUnreadable("damaged pickle: it takes what it has not made") from None

    # What the subclasses say of objects.

    def text(self, size: int) -> Item:  # noqa: ARG002 - for those who count
        """Return the item of a text or bytes object of so many bytes."""
        return self.SCALAR

    def number(self, size: int) -> Item:  # noqa: ARG002 - for those who count
        """Return the item of a number of so many bytes, or of None, True or False."""
        return self.SCALAR

    def container(self, opcode: int) -> Item:  # noqa: ARG002 - for those who refuse some
        """Return the item of a list, dict or set, whatever will be put into it."""
        return self.SCALAR

    def group(self, items: list[Item]) -> Item:
        """Return the item of a tuple or frozenset of these."""
        raise NotImplementedError

    def hashed(self, items: list[Item]) -> None:
        """Look at what becomes keys of a dict or members of a set."""

    def again(self, item: Item) -> Item:
        """Return the item of an object that is used once more."""
        return item

    # The opcodes.

    def _push_number(self, start: int, end: int) -> None:
        self._stack.append(self.number(end - start))

    def _push_text(self, start: int, end: int) -> None:
        self._stack.append(self.text(end - start))

    def _push_container(self, start: int, _end: int) -> None:
        self._stack.append(self.container(self.data[start - 1]))

    def _push_group(self, _start: int, _end: int) -> None:
        self._stack.append(self.group([]))

    def _nothing(self, _start: int, _end: int) -> None:
        """PROTO, FRAME and STOP change nothing."""

    def _mark(self, _start: int, _end: int) -> None:
        self._below.append(self._stack)
        self._stack = []

    def _pop(self, _start: int, _end: int) -> None:
        if self._stack:
            self._stack.pop()
        else:  # as the unpickler has it: a mark with nothing above it is what is popped
            self._since_mark()

    def _pop_mark(self, _start: int, _end: int) -> None:
        self._since_mark()

    def _since_mark(self) -> list[Item]:
        items = self._stack
        self._stack = self._below.pop()
        return items

    def _take(self, count: int) -> list[Item]:
        items = self._stack[-count:]
        if len(items) < count:
            raise IndexError
        del self._stack[-count:]
        return items

    def _tuple_of(self, start: int, _end: int) -> None:
        self._stack.append(self.group(self._take(self.data[start - 1] - 0x84)))

    def _tuple(self, _start: int, _end: int) -> None:
        items = self._since_mark()
        self._stack.append(self.group(items))

    def _frozenset(self, _start: int, _end: int) -> None:
        items = self._since_mark()
        self.hashed(items)
        self._stack.append(self.group(items))

    def _list(self, start: int, _end: int) -> None:
        self._since_mark()
        self._stack.append(self.container(self.data[start - 1]))

    def _dict(self, start: int, _end: int) -> None:
        self.hashed(self._since_mark()[::2])
        self._stack.append(self.container(self.data[start - 1]))

    def _append(self, _start: int, _end: int) -> None:
        self._take(1)

    def _set_item(self, _start: int, _end: int) -> None:
        self.hashed(self._take(2)[:1])

    def _set_items(self, _start: int, _end: int) -> None:
        self.hashed(self._since_mark()[::2])

    def _add_items(self, _start: int, _end: int) -> None:
        self.hashed(self._since_mark())

    def _put(self, start: int, end: int) -> None:
        self._keep(int.from_bytes(self.data[start:end], "little"))

    def _put_line(self, start: int, end: int) -> None:
        self._keep(self._number(start, end))

    def _memoize(self, _start: int, _end: int) -> None:
        self._keep(len(self._memo))

    def _keep(self, index: int) -> None:
        if index >= self.most_memos:
            raise RecordUnreadable(f"its pickle counts {index} objects, and cannot hold so many")
        self._memo[index] = self._stack[-1]

    def _get(self, start: int, end: int) -> None:
        self._use(int.from_bytes(self.data[start:end], "little"))

    def _get_line(self, start: int, end: int) -> None:
        self._use(self._number(start, end))

    def _use(self, index: int) -> None:
        self._stack.append(self.again(self._memo[index]))

    def _number(self, start: int, end: int) -> int:
        digits = self.data[start : end - 1]
        if not digits.isdigit() or len(digits) > len(str(self.most_memos)):
            raise RecordUnreadable("its pickle counts objects beyond all number")
        return int(digits)


def _opcodes(data: bytes) -> Iterator[tuple[int, int, int]]:
    """Yield each opcode with the start and the end of its argument, without the length in it."""
    position = 0
    size = len(data)
    while position < size:
        opcode = data[position]
        start = position + 1
        if opcode in _FIXED:
            position = start + _FIXED[opcode]
        elif opcode in COUNTED:
            length_at, start = start, start + COUNTED[opcode]
            position = start + int.from_bytes(data[length_at:start], "little")
        elif opcode in _LINES:
            position = data.find(b"\n", start) + 1 or size + 1
        else:
            raise RecordUnreadable(f"its pickle holds opcode {opcode:#04x}, not of plain data")
        if position > size:
            break
        yield opcode, start, position
        if opcode == _STOP:
            return
    raise RecordUnreadable(f"no pickle, or one cut short, at byte {size}")


def _table() -> dict[int, Callable[[PickleWalk, int, int], None]]:
    walk = PickleWalk
    methods = {
        b"NKMJG\x88\x89\x8a\x8bILF": walk._push_number,
        b"\x8cXCBUT\x8d\x8eSV": walk._push_text,
        b"]}\x8f": walk._push_container,
        b")": walk._push_group,
        b"\x80\x95.": walk._nothing,
        b"(": walk._mark,
        b"0": walk._pop,
        b"1": walk._pop_mark,
        b"\x85\x86\x87": walk._tuple_of,
        b"t": walk._tuple,
        b"\x91": walk._frozenset,
        b"l": walk._list,
        b"d": walk._dict,
        b"a": walk._append,
        b"e": walk._pop_mark,
        b"s": walk._set_item,
        b"u": walk._set_items,
        b"\x90": walk._add_items,
        b"qr": walk._put,
        b"p": walk._put_line,
        b"\x94": walk._memoize,
        b"hj": walk._get,
        b"g": walk._get_line,
    }
    return {opcode: method for opcodes, method in methods.items() for opcode in opcodes}


_STEPS = _table()
