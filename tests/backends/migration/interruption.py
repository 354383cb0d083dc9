"""Running a migration in a child that is stopped before one of its calls to the system.

SQLite says of itself: fail the Nth write for every N, reopen, check. Counted is what changes names,
modes or what is on disk; nothing is synced, as no power is cut here.
"""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING, Any

from plugreg.backends import PlugregError

if TYPE_CHECKING:
    from collections.abc import Callable

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

    def install(self) -> None:
        """Put the functions in; for good, so that it is for a child only."""
        for name in ALL:
            setattr(os, name, self._counted(name, getattr(os, name)))

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
    """Run the task in a child; what came of it, and whether the call was reached.

    What came of it is "" for a success, "died", or the error as "its class: its code".
    """
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        stopping = Stopping(number, happens, often=often)
        write, leave = os.write, os._exit
        try:
            stopping.install()
            task()
            said = ""
        except PlugregError as error:
            said = f"{type(error).__name__}: {error.code}"
        except BaseException as error:
            said = f"{type(error).__name__}: {error}"
        write(writing, f"{stopping.calls} {said}".encode())
        leave(0)
    os.close(writing)
    with open(reading, "rb") as pipe:
        answer = pipe.read().decode()
    os.waitpid(child, 0)
    calls, _, said = answer.partition(" ")
    return (said, int(calls) >= number) if answer else (DIED, True)
