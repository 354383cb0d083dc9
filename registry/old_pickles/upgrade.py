"""The pickles of a shelf, one after the other, rewritten for Python 3."""

from __future__ import annotations

from plugreg.backends import PlugregError, RecordUnreadable, UnsafeRecord
from plugreg.plain import require_plain

from .nodes import damaged, survey

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .machine import Machine
    from .nodes import Node, OldText

MOST_NAMED = 100  # records that are named; all are counted
_PROTO, _STOP = b"\x80", b"."


class PickleUpgrade:
    r"""Rewrites the pickles of Python 2 (protocols 0 to 2) so that Python 3 reads them as data.

    Call it with each record's key and value; it returns the value to write. Nothing in a pickle is
    imported, looked up or run, whatever the bytes are. Time and memory are linear in their length.

    Plain data (None, bool, int, float, text, bytes, list, tuple, dict, set, frozenset, and Python
    2's `sets`) is rewritten at protocol 4, at which it names no class. Shared and self-referring
    parts stay so. `date`, `time` and `datetime` (without a time zone), `timedelta`, `Decimal`,
    `Fraction`, `UUID`, `complex`, `bytearray`, `range`, `OrderedDict`, `Counter`, `deque`, and
    `defaultdict` with a builtin factory become pickles that name just those classes: any
    `pickle.loads` of Python 3 reads them, `open_shelf` refuses them. Any other record stays byte
    for byte as it is, and is reported.

    A value that happens to be a whole pickle is taken for one (`b"N."` is None): use it on shelves,
    not on other databases. One upgrade serves one thread.

    Args:
        encoding: How a Python 2 `str` reads, keys of dicts included: a text codec, or "bytes" for
            bytes. A record with a `str` that does not decode stays as it is.

    Attributes:
        upgraded: Records that were rewritten.
        unchanged: Records that Python 3 wrote (protocol 3 to 5), returned as they are.
        with_globals: Those of both that name a class, and that `open_shelf` thus refuses.
        left: Key and reason of the first 100 records that were left as they are, for what they
            hold: other classes, damage, no pickle at all, or a `str` that does not decode.
        left_count: How many were left.

    Raises:
        PlugregError: No text encoding has that name.

    >>> upgrade = PickleUpgrade()
    >>> import pickle
    >>> pickle.loads(upgrade(b"key", b"(dp0\nS'caf\\xc3\\xa9'\np1\nL5L\ns."))
    {'café': 5}
    >>> upgrade(b"other", b"(imodule\nClass\n.")
    b'(imodule\nClass\n.'
    >>> upgrade.left
    [(b'other', 'holds an instance of module.Class')]
    """

    def __init__(self, encoding: str = "utf-8") -> None:
        _require_text_encoding(encoding)
        self.encoding = encoding
        self.upgraded = 0
        self.unchanged = 0
        self.with_globals = 0
        self.left: list[tuple[bytes, str]] = []
        self.left_count = 0

    def __call__(self, key: bytes, value: bytes) -> bytes:
        """Return the value to write for a record, and count what became of it."""
        try:
            written, names_globals = self._rewritten(value)
        except RecordUnreadable as error:
            self.left_count += 1
            if len(self.left) < MOST_NAMED:
                self.left.append((key, error.message))
            return value
        self.with_globals += names_globals
        self.unchanged += written is value
        self.upgraded += written is not value
        return written

    def _rewritten(self, value: bytes) -> tuple[bytes, bool]:
        """Return the value to write, and whether it names a class."""
        from .keys import Keys
        from .writing import Writer

        machine, root = _read(value)
        nodes, shared = survey(root)
        writer = Writer(shared, self._decoded)
        written = writer.pickle(root)  # before the keys: no tuple is in itself from here on
        keys = Keys(self._decoded)
        for node in nodes:
            keys.require_distinct(node)
        if machine.is_of_python_3 and (writer.names_globals or _is_plain(value)):
            written = value
        return written, writer.names_globals

    def _decoded(self, text: OldText) -> str | bytes:
        """Return what a Python 2 `str` is in Python 3."""
        if self.encoding == "bytes":
            return text.raw
        try:
            return text.raw.decode(self.encoding)
        except ValueError:  # UnicodeDecodeError, and what some codecs raise instead
            shown = ascii(text.raw[:20])[1:]
            raise RecordUnreadable(f"holds a str that is no {self.encoding}: {shown}") from None


def _read(value: bytes) -> tuple[Machine, Node]:
    """Return what a whole value holds as a pickle, and the machine that read it."""
    from .machine import Machine
    from .opcodes import run

    machine = Machine(value)
    says_so = value[:1] == _PROTO
    if not value.endswith(_STOP):
        raise (
            damaged("its end is missing")
            if says_so
            else RecordUnreadable("no pickle, or one cut short")
        )
    try:
        root = run(machine)
        if machine.position < len(value):
            raise damaged(f"{len(value) - machine.position} bytes follow its end")
    except UnsafeRecord:
        raise
    except RecordUnreadable as error:
        if says_so:
            raise
        found = error.message.replace("damaged pickle", "no pickle, or a damaged one", 1)
        raise RecordUnreadable(found if machine.steps else "no pickle") from None
    return machine, root


def _is_plain(value: bytes) -> bool:
    """Tell whether `open_shelf` reads a pickle as it is."""
    try:
        require_plain(value)
    except RecordUnreadable:
        return False
    return True


def _require_text_encoding(encoding: str) -> None:
    if encoding == "bytes":
        return
    try:
        b"a".decode(encoding)
    except UnicodeError:  # a codec, of more than one byte a character
        return
    except (LookupError, ValueError) as error:
        raise PlugregError(
            f"`{encoding}` is no text encoding",
            hint="use utf-8, latin-1, another codec of Python, or bytes",
            code="encoding-unknown",
            encoding=encoding,
        ) from error
