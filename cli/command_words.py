"""The words of the command line, as the history of a catalog keeps them."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

# Of the one command that a process runs at a time.
_arguments: list[str] = []
# How the result is printed is no part of what was done.
_LEFT_OUT = "--json"


def remember_words(arguments: Sequence[str]) -> None:
    """Note the arguments of the command that is run now."""
    _arguments[:] = arguments


def command_words() -> str:
    """Return the command that is run now as a shell would take it."""
    from shlex import join

    return join(["plugreg", *(word for word in _arguments if word != _LEFT_OUT)])
