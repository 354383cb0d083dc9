"""What must hold of every pickle, whoever made it: a reader's answer is judged, whatever it is.

Nothing runs and nothing is imported; time and memory stay within bounds; errors are ours; what is
accepted is plain data, the same that `pickle.loads` makes of it; and the three proofs of a record
agree.
"""

from __future__ import annotations

import copyreg
import math
import pickle
import pickletools
import sys
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from plugreg import PickleUpgrade, Project, record_pickle
from plugreg.backends import PlugregError, RecordUnreadable
from plugreg.plain import loads
from plugreg.record import fits
from plugreg.record_pattern import compiled
from plugreg.record_pickle import load_record, require_harmless
from tests.backends.fuzzing.bounds import cpu_limit, peak_bytes
from tests.hostile.pickles import CLASS_CODE, CODE, PICKLES, WITNESS
from tests.hostile.witness import RAN

if TYPE_CHECKING:
    from collections.abc import Iterator

SECONDS = 5.0  # of the processor, for one input and one reader
# What one input may take, beside 250 bytes for each of its own: a memo of a million places.
MEMORY_BYTES = 40 << 20
PER_BYTE = 500
_SMALL = 4096
PLAIN = (type(None), bool, int, float, str, bytes, list, tuple, dict, set, frozenset)
_PATTERN = compiled()
# The classes that rewritten pickles of Python 2 may name.
_KNOWN = {
    *("datetime date", "datetime time", "datetime datetime", "datetime timedelta"),
    *("decimal Decimal", "fractions Fraction", "uuid UUID"),
    *("collections OrderedDict", "collections Counter", "collections deque"),
    "collections defaultdict",
    *(f"builtins {name}" for name in ("complex", "bytearray", "range", "dict", "list", "set")),
    *(f"builtins {name}" for name in ("int", "float", "str", "bytes", "tuple", "frozenset")),
    *("builtins bool", "builtins object"),
}


class Found(Exception):
    """A reader did what none may do."""


_watched: list[str] | None = None


def _note(event: str, arguments: tuple[object, ...]) -> None:
    if _watched is not None:
        _watched.append(f"{event} {arguments!r}"[:200])


def prepare() -> None:
    """Watch this process from now on; extension codes lead to the witness, and are looked up."""
    module = WITNESS.decode()
    for name, code in (("witness", CODE), ("Witness", CLASS_CODE)):
        copyreg.add_extension(module, name, code)
        pickle.loads(b"\x80\x02\x84" + code.to_bytes(4, "little") + b".")
    rewrite = PickleUpgrade()
    for data in PICKLES.values():  # what they import, they import now
        if len(data) <= _SMALL:
            for read in (loads, load_record, lambda data: rewrite(b"", data)):
                with suppress(RecordUnreadable):
                    read(data)
    sys.addaudithook(_note)


@contextmanager
def _bounded(reader: str, data: bytes) -> Iterator[None]:
    """Raise Found where more is done than read, or more than a pickle of that size may cost."""
    global _watched  # noqa: PLW0603 - audit hooks stay for good
    before, modules = peak_bytes(), len(sys.modules)
    _watched = noted = []
    try:
        with cpu_limit(SECONDS):
            yield
    finally:
        _watched = None
    noted = [one for one in noted if not one.startswith(_OF_THE_LIMIT)]
    if noted or RAN or len(sys.modules) != modules:
        raise Found(f"{reader}: something ran: {noted} {RAN} {len(sys.modules) - modules}")
    if (grown := peak_bytes() - before) > MEMORY_BYTES + PER_BYTE * len(data):
        raise Found(f"{reader}: {grown} bytes of memory for {len(data)}")


_OF_THE_LIMIT = "signal."


def read_shelf(data: bytes) -> str:
    """Read as `open_shelf` does."""
    try:
        with _bounded("open_shelf", data):
            value = loads(data)
    except RecordUnreadable as error:
        return type(error).__name__
    _require_same(value, data)
    return "read"


def read_record(data: bytes) -> str:
    """Read as a catalog does, with each of its proofs."""
    record_pickle._quick.matches = None
    record_pickle._quick._left = 2
    try:
        with _bounded("catalog", data):
            value, proven = load_record(data)
    except RecordUnreadable as error:
        return type(error).__name__
    _require_same(value, data)
    _require_agreement(data)
    if proven:
        if not fits(value):
            raise Found("catalog: proved, and has another shape")
        return "proved"
    with _bounded("project", data):
        return _as_project(value)


def _as_project(value: object) -> str:
    try:
        Project.from_record(value)  # type: ignore[arg-type] # whatever it is
    except (PlugregError, TypeError):  # the catalog names the record for both
        return "no project"
    return "project"


def _require_agreement(data: bytes) -> None:
    """Raise Found where a quick proof held for what a slower one refuses."""
    try:
        own = record_pickle._is_own(data, [])
    except (IndexError, ValueError):
        own = False
    if _PATTERN.fullmatch(data) and not own:
        raise Found("catalog: the expression takes what the fields refuse")
    try:
        require_harmless(data)
    except RecordUnreadable as error:
        raise Found(f"catalog: read, and refused: {error}") from error


def upgrade(data: bytes) -> str:
    """Rewrite as `migrate --upgrade-pickles` does."""
    with _bounded("upgrade", data):
        rewrite = PickleUpgrade("latin-1")
        written = rewrite(b"key", data)
    if rewrite.left_count:
        return "left"
    if rewrite.unchanged:
        return "unchanged"
    named = list(_names_in(written))
    if not set(named) <= _KNOWN:
        raise Found(f"upgrade: names {sorted(set(named) - _KNOWN)}")
    if not named:
        try:
            loads(written)
        except RecordUnreadable as error:
            if "tuples" not in str(error):  # too deep to hash, or shared: refused when it is read
                raise Found(f"upgrade: what it wrote is refused: {error}") from error
    return "upgraded"


def _names_in(data: bytes) -> Iterator[str]:
    texts: list[str] = []
    for opcode, argument, _ in pickletools.genops(data):
        if opcode.name == "GLOBAL":
            yield str(argument)
        elif opcode.name == "STACK_GLOBAL":
            yield " ".join(texts[-2:])
        elif isinstance(argument, str):
            texts.append(argument)


def _require_same(value: object, data: bytes) -> None:
    """Raise Found where a value is not plain, or not what the unpickler makes of the pickle."""
    parts = list(_parts(value))
    strange = {type(part).__name__ for part in parts if type(part) not in PLAIN}
    if strange:
        raise Found(f"accepted: {strange}")
    if any(type(part) is float and math.isnan(part) for part in parts):
        return  # in a set, its place is by chance
    try:
        same = pickle.dumps(value, 4) == pickle.dumps(pickle.loads(data), 4)
    except RecursionError:  # lists in lists, deeper than any pickler goes
        return
    if not same:
        raise Found("accepted: not what pickle.loads makes of it")


def _parts(value: object) -> Iterator[object]:
    seen: set[int] = set()
    left = [value]
    while left:
        part = left.pop()
        if id(part) in seen:
            continue
        seen.add(id(part))
        yield part
        if isinstance(part, dict):
            left += [*part, *part.values()]
        elif isinstance(part, (list, tuple, set, frozenset)):
            left += part


READERS = {"shelf": read_shelf, "record": read_record, "upgrade": upgrade}
