"""Running a migration that is stopped before one of its calls to the system.

SQLite says of itself: fail the Nth write for every N, reopen, check. Counted is what changes names,
modes or what is on disk; nothing is synced, as no power is cut here.
"""

from __future__ import annotations

import os
import signal
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from plugreg.backends import PlugregError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

# What changes which files there are; a death before anything else is one before the next of these.
NAMING = ("link", "mkdir", "rename", "replace", "rmdir", "unlink")
ALL = (*NAMING, "chmod", "chown", "fsync", "open")
DIED = "died"


class Stopping:
    """Stands in for the functions of `os`; before one of their calls, something happens."""

    def __init__(self, number: int, happens: Callable[[str], None], *, often: bool) -> None:
        self._counts = NAMING if happens is die else ALL
        self.calls = 0
        self._number = number
        self._happens = happens
        self._often = often

    @contextmanager
    def installed(self) -> Iterator[None]:
        """Have the functions put in."""
        real = {name: getattr(os, name) for name in ALL}
        try:
            for name, function in real.items():
                setattr(os, name, self._counted(name, function))
            yield
        finally:
            for name, function in real.items():
                setattr(os, name, function)

    def _counted(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def stand_in(*arguments: Any, **options: Any) -> Any:
            if name in self._counts:
                self.calls += 1
                if self.calls == self._number or (self._often and self.calls > self._number):
                    self._happens(name)
            return None if name == "fsync" else function(*arguments, **options)

        return stand_in


def die(_: str) -> None:
    """End this process as a power cut would."""
    os.kill(os.getpid(), signal.SIGKILL)


def refuse(*numbers: int) -> Callable[[str], None]:
    """Return what raises the system's error of one of the numbers, by the name of the call."""

    def happens(name: str) -> None:
        number = numbers[len(name) % len(numbers)]
        raise OSError(number, os.strerror(number), name)

    return happens


def interrupt(_: str) -> None:
    """Be Ctrl-C."""
    raise KeyboardInterrupt


def stopped(
    task: Callable[[], Any], number: int, happens: Callable[[str], None], *, often: bool = False
) -> tuple[str, bool]:
    """Run the task, in a child if it is to die; what came of it, and whether the call was reached.

    What came of it is "" for a success, "died", or the error as "its class: its code". Here, what
    an error leaves behind (a lock, an open file) is still there when the task is run again.
    """
    stopping = Stopping(number, happens, often=often)
    said = _in_child(task, stopping) if happens is die else _outcome(task, stopping)
    return said, said == DIED or stopping.calls >= number


def _outcome(task: Callable[[], Any], stopping: Stopping) -> str:
    try:
        with stopping.installed():
            task()
    except PlugregError as error:
        return f"{type(error).__name__}: {error.code}"
    except (Exception, KeyboardInterrupt) as error:
        return f"{type(error).__name__}: {error}"
    return ""


def _in_child(task: Callable[[], Any], stopping: Stopping) -> str:
    """Return what came of it, or "died"."""
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        said = _outcome(task, stopping)
        os.write(writing, f"{stopping.calls} {said}".encode())
        os._exit(0)
    os.close(writing)
    with open(reading, "rb") as pipe:
        answer = pipe.read().decode()
    os.waitpid(child, 0)
    calls, _, said = answer.partition(" ")
    stopping.calls = int(calls or 0)
    return said if answer else DIED
