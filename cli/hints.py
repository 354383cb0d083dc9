"""What to do next, in the words of the command line: the options that get over an error."""

from __future__ import annotations

import os
from contextlib import contextmanager

from plugreg import PlugregError, backends

from .result import UsageError
from .spelling import meant

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

_CHOOSE = (
    "choose which to keep: --duplicates first (what a look-up finds) or --duplicates last;"
    " nothing was changed"
)
# What is put to a name while a database is made: the date of a backup, and a suffix.
_LONGEST_ADDITION = 28


@contextmanager
def options_hinted(*, salvage: bool | None = None) -> Iterator[None]:
    """Let an error name the options that get over it.

    Args:
        salvage: Whether --salvage is given; None for a command without it.
    """
    try:
        yield
    except PlugregError as error:
        if error.code in ("duplicate-keys", "key-twice"):
            error.hint = _CHOOSE
        elif salvage is False and _is_salvageable(error):
            error.hint = "restore it from a backup, or take what is whole of it with --salvage"
        raise


def _is_salvageable(error: PlugregError) -> bool:
    """Tell whether what was read is damaged, in a way that the option gets over."""
    return error.code == "catalog-corrupt" and "--salvage" in error.hint


def require_flavour_option(option: str, name: str | None, *, writable: bool = False) -> None:
    """Refuse a name that no flavour has, as any other value that an option does not take.

    Raises:
        UsageError: There is none; the hint has the nearest, or those that make sense here.
    """
    if name is None:
        return
    try:
        backends.require_flavour(name)
    except backends.FlavourUnknown as error:
        raise UsageError(
            f"{option}: {error.message}",
            hint=_flavour_meant(name, writable=writable),
            code=error.code,
        ) from error


def _flavour_meant(name: str, *, writable: bool) -> str:
    names = [
        flavour.name
        for flavour in backends.flavours()
        if not (flavour.unwritable_here() if writable else flavour.unreadable_here())
    ]
    return meant(name.removeprefix("dbm."), names) or f"choose one of {', '.join(names)}"


def require_name(what: str, name: str | None) -> None:
    """Refuse an empty name, which would mean the current folder; None is none.

    Raises:
        UsageError: It is empty.
    """
    if name is not None and not name:
        raise UsageError(f"{what} is empty", hint="name a file")


def require_room_beside(name: str) -> None:
    """Refuse a name so long that neither a new file beside it nor a backup can have one.

    Raises:
        PlugregError: It is; how long it may be is told.
    """
    folder, base = os.path.split(name)
    longest = _longest_name(folder or ".") - _LONGEST_ADDITION
    size = len(os.fsencode(base))
    if size > longest:
        raise PlugregError(
            f"{name}: a name of {size} bytes leaves no room for those of new files beside it",
            hint=f"give it one of up to {longest} bytes",
            code="name-too-long",
            path=name,
        )


def _longest_name(folder: str) -> int:
    """Return how many bytes the name of a file may have there; 255 where that is not told."""
    try:
        return os.pathconf(folder, "PC_NAME_MAX")
    except (AttributeError, OSError, ValueError):
        return 255
