"""A progress bar on stderr, where a person looks at it and the work takes longer than a second."""

from __future__ import annotations

import sys
import time
from contextlib import suppress

from .screen import screen_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator
    from types import TracebackType
    from typing import Self, TypeVar

    Item = TypeVar("Item")

_PATIENCE_S = 1.0
_PAUSE_S = 0.1  # between two looks of it
_BAR = 30  # columns
_CLEAR = "\r\x1b[K"


class Progress:
    """Shows how far each phase of some work is, on one line, which is gone at the end.

    A context manager. To be called with the phase, the number of things done, and that of all, or
    None.
    """

    def __init__(
        self, things: str = "records", clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Begin to wait.

        Args:
            things: What is counted.
            clock: What tells the time, in seconds.
        """
        self._things = things
        self._clock = clock
        self._screen = screen_of(sys.stderr)
        self._next = clock() + _PATIENCE_S
        self._shown = False

    def __call__(self, phase: str, done: int, total: int | None) -> None:
        """Show it, if it is time to."""
        now = self._clock()
        if self._screen.terminal and now >= self._next:
            self._next = now + _PAUSE_S
            line = progress_line(phase, done, total, self._things)
            self._show(line[: self._screen.width - 1])
            self._shown = True

    def over(self, phase: str, items: Collection[Item]) -> Iterator[Item]:
        """Yield the items; before each, show how many are done."""
        for done, item in enumerate(items):
            self(phase, done, len(items))
            yield item

    def _show(self, line: str) -> None:
        if sys.stderr is not None:
            with suppress(OSError):  # a terminal that is gone
                sys.stderr.write(_CLEAR + line)
                sys.stderr.flush()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._shown:
            self._show("")


def progress_line(phase: str, done: int, total: int | None, things: str = "records") -> str:
    """Return the line that shows the phase, a bar where all are known, and how many are done.

    >>> progress_line("compare", 1500, 2000)
    'compare [######################--------]  75 %  1,500 records'
    >>> progress_line("copy", 1500, None)
    'copy  1,500 records'
    """
    if not total:
        return f"{phase}  {done:,} {things}"
    part = min(1.0, done / total)
    full = int(part * _BAR)
    bar = "#" * full + "-" * (_BAR - full)
    return f"{phase} [{bar}] {part:4.0%}  {done:,} {things}".replace("%", " %")
