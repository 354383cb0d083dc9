"""Noting what a change does while its transaction is open, so that the history holds it."""

from __future__ import annotations

import os
import time
from functools import cache

from .history import KEPT_WHERE_COSTLY, History
from .project import Project

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from plugreg.backends import Store

    from .change import Held

# How many projects one entry holds: enough for all but bulk work, and never much memory.
_MOST = 250


class Journal:
    """One change under way.

    Attributes:
        moment: When it began, to the second: what it records has this time.
        undoes: The number of the change that it takes back, or 0.
        redoes: The number of the change that it does again, or 0.
    """

    def __init__(self, store: Store, time_ns: int, command: str) -> None:
        """Begin one at `time_ns`, in nanoseconds since 1970."""
        seconds, rest_ns = divmod(time_ns, 1_000_000_000)
        self.moment = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))
        self._microseconds = rest_ns // 1000
        self.undoes = self.redoes = 0
        self._store = store
        self._command = command
        self._steps: dict[str, tuple[Held, Held]] = {}
        self._number = 0
        self._parts = 0

    def note(self, name: str, before: Held, after: Held) -> None:
        """Note that a project is another now; of several steps, the first and the last count."""
        steps = self._steps
        if name in steps:
            before = steps[name][0]
        steps[name] = (before, after)
        if len(steps) >= _MOST:
            self._write()

    def finish(self) -> int:
        """Write what is noted, and return the change's number, 0 if it changed nothing."""
        self._write()
        if self._number and not self._store.grows_cheaply:
            History(self._store).trim(KEPT_WHERE_COSTLY)
        return self._number

    def _write(self) -> None:
        steps, self._steps = self._steps, {}
        projects = {
            name: [_plain(old), _plain(new)] for name, (old, new) in steps.items() if old != new
        }
        if not projects:
            return
        history = History(self._store)
        if not self._number:
            self._number = history.last_number() + 1
        entry: dict[str, Any] = {
            "at": self.moment,
            "microseconds": self._microseconds,
            "by": user_name(),
            "command": self._command,
        }
        reverts = {"undoes": self.undoes, "redoes": self.redoes}
        entry.update({field: number for field, number in reverts.items() if number})
        history.append(self._number, self._parts, {**entry, "projects": projects})
        self._parts += 1


def _plain(held: Held) -> object:
    return held._record if isinstance(held, Project) else held


@cache
def user_name() -> str:
    """Return the name of the user that this process acts as; where he has none, his number."""
    import pwd

    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        return str(os.geteuid())
