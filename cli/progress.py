"""A progress bar on stderr, where a person looks at it and the work takes longer than a second."""

from __future__ import annotations

import sys
import time

import typer

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import TracebackType
    from typing import Any, Self

_PATIENCE_S = 1.0


class Progress:
    """Shows how far each phase of some work is; a context manager.

    To be called with the phase, the number of records done, and that of all, or None.
    """

    def __init__(self) -> None:
        self._visible = sys.stderr is not None and sys.stderr.isatty()
        self._start = time.monotonic()
        self._phase = ""
        self._bar: Any = None
        self._done = 0

    def __call__(self, phase: str, done: int, total: int | None) -> None:
        """Show it, if it is time to."""
        if not self._visible or time.monotonic() - self._start < _PATIENCE_S:
            return
        if phase != self._phase:
            self._finish()
            self._phase, self._done = phase, 0
            self._bar = _bar(phase, total)
            self._bar.__enter__()
        self._bar.update(done - self._done, f"{done:,} records")
        self._done = done

    def _finish(self) -> None:
        if self._bar is not None:
            self._bar.__exit__(None, None, None)
            self._bar = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._finish()


def _bar(phase: str, total: int | None) -> Any:
    """Return typer's bar; where nobody knows how long the work is, only its numbers."""
    known: dict[str, Any] = {"show_percent": True, "show_eta": True}
    if total is None:
        known = {"show_percent": False, "show_eta": False, "bar_template": "%(label)s  %(info)s"}
    return typer.progressbar(
        length=total or 1, label=phase, file=sys.stderr, item_show_func=_shown, **known
    )


def _shown(text: str | None) -> str:
    return text or ""
