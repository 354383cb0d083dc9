"""What a command returns: frozen data, and how a person sees it. Nothing here prints."""

from __future__ import annotations

from typing import NamedTuple

from plugreg import PlugregError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from typing import Any

    from .screen import Screen

    Item = Mapping[str, Any]


class UsageError(PlugregError):
    """The command line was not understood, or asks for nothing."""

    code = "usage"


def _nothing() -> None:
    """Close nothing."""


class Result(NamedTuple):
    """The outcome of one command.

    Attributes:
        command: The command's name.
        key: The word under which `data` holds the items: "projects", "files", ...
        items: What the command has to say: one plain-data object, or any number of them. An
            iterator is consumed once, item by item, so that it may be long.
        text: Makes lines for a person or a pipe of the items.
        errors: The parts that failed; the others are done.
        warnings: What to say on stderr besides. It may grow while the items are consumed.
        close: Lets go of what the items are read from.
        verbatim: Whether the text is a file's content, which only a terminal is kept safe from.
        is_content: Whether what is printed is all that the command is for, and lost without stdout.
    """

    command: str
    key: str
    items: Item | Iterable[Item]
    text: Callable[[Any, Screen], Iterable[str]]
    errors: Sequence[PlugregError] = ()
    warnings: Sequence[str] = ()
    close: Callable[[], None] = _nothing
    verbatim: bool = False
    is_content: bool = False


def status_of(*, done: bool, failed: bool) -> str:
    """Return the envelope's status: "success", "partial" (something is done), or "error"."""
    if not failed:
        return "success"
    return "partial" if done else "error"


def error_object(error: PlugregError) -> dict[str, object]:
    """Return an error as the JSON envelope holds it; its own details never hide the fixed words."""
    fixed = {"code": error.code, "message": error.message, "hint": error.hint}
    return {**fixed, **error.details, **fixed}
