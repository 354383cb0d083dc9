"""Ctrl-C, and the signals by which a session or a service ends: an orderly end from all of them."""

from __future__ import annotations

import signal
from contextlib import contextmanager

from plugreg import PlugregError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

_SIGNALS = ("SIGINT", "SIGTERM", "SIGHUP")
_STATUS_OF_SIGNALS = 128  # what a shell adds


class Interrupted(BaseException):
    """A signal asked this process to end; raised where it came, so that all clean-up is done.

    Attributes:
        number: Which signal.
        hint: What to do next, or "".
        told: Whether it is in the output already.
    """

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number
        self.hint = ""
        self.told = False

    @property
    def status(self) -> int:
        """The exit status: 130 for Ctrl-C, 143 for SIGTERM, 129 for SIGHUP."""
        return _STATUS_OF_SIGNALS + self.number

    def error(self) -> PlugregError:
        """Return it as an error to print."""
        return PlugregError("interrupted", hint=self.hint, code="interrupted")


class _Listener:
    """What is to be done with a signal: to raise it, or to keep it in mind."""

    def __init__(self) -> None:
        self.waits = False
        self.came: int | None = None

    def hear(self, number: int, _frame: object) -> None:
        signal.signal(number, signal.SIG_DFL)  # the same again ends the process at once
        if not self.waits:
            raise Interrupted(number)
        self.came = number


_LISTENER = _Listener()


def listen() -> None:
    """From now on, raise Interrupted for the signals; one that is ignored (nohup) stays so."""
    for name in _SIGNALS:
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _LISTENER.hear)


@contextmanager
def waiting() -> Iterator[None]:
    """Let a signal wait for `require_no_signal`: what is being written is not to be cut."""
    _LISTENER.waits = True
    try:
        yield
    finally:
        _LISTENER.waits = False


def require_no_signal() -> None:
    """Raise Interrupted where a signal waits."""
    if _LISTENER.came is not None:
        raise Interrupted(_LISTENER.came)


@contextmanager
def nothing_half_made() -> Iterator[None]:
    """Tell the user of a command that may be interrupted anywhere what that has left: nothing."""
    try:
        yield
    except Interrupted as stop:
        stop.hint = "no half-made database is left, so that it can just be started again"
        raise
