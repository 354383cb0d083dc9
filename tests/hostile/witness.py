"""What a pickle must never reach: each call is noted."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Self

RAN: list[object] = []


def witness(*arguments: object) -> str:
    """Note that it was called: what no reader may ever do."""
    RAN.append(arguments)
    return "ran"


class Witness:
    """A class that notes every way in which an unpickler uses one."""

    def __new__(cls, *arguments: object) -> Self:
        """Note it."""
        RAN.append(arguments)
        return super().__new__(cls)

    def __setstate__(self, state: object) -> None:
        """Note it."""
        RAN.append(state)
