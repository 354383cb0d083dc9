"""Flavours of other packages, which arrive through the entry-point group `plugreg.flavours`.

An entry point's name is the flavour's name; its value is `module:FLAVOUR`, a `Flavour` or a class
of them. They are looked up only when a name is not built in, when flavours are listed, or when no
built-in flavour knows a file. What is wrong with one is warned of, and stands in its place as the
reason why it is unavailable; it never reaches the others.
"""

from __future__ import annotations

import re
import sys
import warnings
from functools import lru_cache

from .counting import told_count
from .errors import FlavourUnavailable, FlavourWarning
from .flavour import Flavour

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterator
    from importlib.metadata import Distribution, EntryPoint
    from typing import NoReturn, TypeVar

    from .footprint import Footprint
    from .store import Store

    _Kind = TypeVar("_Kind", str, int)

GROUP = "plugreg.flavours"
_NAME = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")


class UnavailableFlavour(Flavour):
    """What stands for a flavour of another package that cannot be used.

    Attributes:
        reason: Why not, one line.
    """

    def __init__(self, name: str, package: str, reason: str) -> None:
        self.name = name
        self.title = f"flavour of the package {package}"
        self.reason = reason

    def unreadable_here(self) -> str:
        """Return what is wrong with it."""
        return self.reason

    def recognise(self, found: Footprint) -> None:
        """Return None: it knows no file."""

    def files(self, path: str) -> tuple[str, ...]:
        """Raise FlavourUnavailable."""
        self._refuse(path)

    def open(self, path: str, *, read_only: bool, timeout_s: float) -> Store:
        """Raise FlavourUnavailable."""
        del read_only, timeout_s
        self._refuse(path)

    def _refuse(self, path: str) -> NoReturn:
        raise FlavourUnavailable(f"{path}: {self.reason}", path=path, flavour=self.name)


def outside_flavours(built_in: tuple[str, ...]) -> dict[str, Flavour]:
    """Return the flavours of other packages by name, the unavailable ones among them.

    One that cannot have the name it asks for, because it is built in or taken, is listed as
    `package:name`, so that it stands for nothing else. Each is imported once in a process.
    """
    # What is installed depends on the path alone; a process that extends it sees what is new.
    return _loaded(tuple(sys.path), built_in)


@lru_cache(maxsize=1)
def _loaded(path: tuple[str, ...], built_in: tuple[str, ...]) -> dict[str, Flavour]:
    del path
    found: dict[str, Flavour] = {}
    for package, entry in sorted(_entries(), key=_order):
        reason = _misnamed(entry.name, found, built_in)
        flavour = None if reason else _flavour_of(entry)
        if not isinstance(flavour, Flavour):
            name = f"{package}:{entry.name}" if reason else entry.name
            flavour = UnavailableFlavour(name, package, reason or f"{entry.value}: {flavour}")
            _warn(f"the flavour `{entry.name}` of {package} is unavailable: {flavour.reason}")
        found[flavour.name] = flavour
    return found


def _order(found: tuple[str, EntryPoint]) -> tuple[str, str]:
    """Order by name, then package: folders are listed in any order, and the first one counts."""
    package, entry = found
    return entry.name, package


def _entries() -> Iterator[tuple[str, EntryPoint]]:
    """Yield (package, entry point); of a package that stands on the path twice, the first one's."""
    from importlib.metadata import distributions  # 14 to 22 ms, which a host's start never pays

    seen: dict[str, Distribution] = {}
    for distribution in distributions():
        try:  # one by one: a single malformed entry_points.txt ends `entry_points()`
            own = [entry for entry in distribution.entry_points if entry.group == GROUP]
            package = str(distribution.name) if own else ""
        except Exception:  # noqa: BLE001, S112 - nothing says that it is one of ours
            continue
        if own and seen.setdefault(package, distribution) is distribution:
            yield from ((package, entry) for entry in own)


def _misnamed(name: str, taken: Container[str], built_in: Container[str]) -> str:
    if name in built_in:
        return f"plugreg has a flavour `{name}` built in, which no package can replace"
    if name in taken:
        return f"another package has a flavour `{name}`"
    if not _NAME.fullmatch(name):
        return f"{name!r} is no flavour's name: lower-case letters, digits and single hyphens"
    return ""


def _flavour_of(entry: EntryPoint) -> Flavour | str:
    """Return the flavour that an entry point names, or what is wrong with it."""
    try:
        loaded = entry.load()
        flavour = loaded() if isinstance(loaded, type) else loaded
        if not isinstance(flavour, Flavour):
            return f"it is no plugreg.backends.Flavour but {type(flavour).__name__}"
        problem = _disagreement(flavour, entry.name)
        flavour.unreadable_here()  # a list of flavours asks them all: they must not raise there
        flavour.unwritable_here()
        flavour.unchangeable_here()
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # noqa: BLE001 - SystemExit at import is a stranger's fault, too
        return _said_of(error)
    return problem or flavour


def _disagreement(flavour: Flavour, name: str) -> str:
    if flavour.name != name:
        return f"it calls itself {flavour.name!r}, its entry point {name!r}"
    if flavour.pinned:
        return "it says to be pinned, which only plugreg's own can be"
    if not all(isinstance(text, str) for text in (flavour.title, flavour.guarantees)):
        return "its title and its guarantees must be text"
    return ""


def recognised_by(flavour: Flavour, footprint: Footprint) -> str | None:
    """Return the evidence of a flavour of another package; what it raises is a warning."""
    return _answer(flavour, str, lambda: flavour.recognise(footprint))


def counted_by(flavour: Flavour, path: str) -> int | None:
    """Return how many records a flavour of another package tells; see `recognised_by`."""
    return _answer(flavour, int, lambda: told_count(flavour, path))


def _answer(flavour: Flavour, kind: type[_Kind], ask: Callable[[], _Kind | None]) -> _Kind | None:
    try:
        answer = ask()
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # noqa: BLE001 - whatever it is, others must be asked
        _warn(f"the flavour `{flavour.name}` failed to look at a file: {_said_of(error)}")
        return None
    if answer is None or isinstance(answer, kind):
        return answer
    _warn(f"the flavour `{flavour.name}` answered {answer!r}, which is no {kind.__name__}")
    return None


def _said_of(error: BaseException) -> str:
    """Return an error's kind and words, one line."""
    words = " ".join(str(error).split())
    return f"{type(error).__name__}: {words}" if words else type(error).__name__


def _warn(text: str) -> None:
    warnings.warn(text, FlavourWarning, stacklevel=2)
