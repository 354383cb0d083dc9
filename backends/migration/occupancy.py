"""Telling whether another process has a database open, where the system can say so.

On Linux a write lease (fcntl(2), F_SETLEASE) is granted on a file that nobody else has open, to
its owner; it is given back at once. Elsewhere nothing can be told, and the caller has to warn.
"""

from __future__ import annotations

import os
import signal
import time

from plugreg.backends.errors import CatalogLocked
from plugreg.backends.holders import by_whom, has_open, open_in

try:
    import fcntl
except ImportError:  # Windows refuses to replace a file that is open, so that nothing is lost
    fcntl = None  # type: ignore[assignment]

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

_PAUSE_S = 0.05


def require_unused(files: Iterable[str], path: str, timeout_s: float) -> str:
    """Wait until nobody has one of the files open; return a warning where that cannot be told.

    Raises:
        CatalogLocked: Somebody still has, at the end of the time; who, where it can be told.
    """
    unknown = False
    end = time.monotonic() + timeout_s
    for file in files:
        while (used := _is_open_elsewhere(file)) and time.monotonic() < end:
            time.sleep(_PAUSE_S)
        if used:
            raise _in_use(path, open_in(file))
        unknown = unknown or used is None
    if not unknown:
        return ""
    return f"whether another program has {path} open cannot be told here; make sure that none has"


def _is_open_elsewhere(file: str) -> bool | None:
    """Return whether the file is open, or None where the system does not say."""
    if not hasattr(fcntl, "F_SETLEASE"):
        return None
    try:
        if has_open("self", os.stat(file)):  # opening and closing it would drop our own locks
            return True
        descriptor = os.open(file, os.O_RDONLY | os.O_NONBLOCK)
    except FileNotFoundError:  # taken away meanwhile, as SQLite's sidecars are
        return False
    except OSError:
        return None
    try:
        return _lease_is_refused(descriptor)
    finally:
        os.close(descriptor)


def _lease_is_refused(descriptor: int) -> bool | None:
    try:
        # Who opens the file just now has a signal sent to us: not SIGIO, which would end us.
        fcntl.fcntl(descriptor, fcntl.F_SETSIG, signal.SIGURG)
        fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_WRLCK)
        fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_UNLCK)
    except BlockingIOError:
        return True
    except OSError:  # not ours, or a file system without leases
        return None
    return False


def require_nobody_else(files: Iterable[str], path: str) -> None:
    """Look once more whether another process has opened one of the files, as far as this user sees.

    For files that this process itself has open.

    Raises:
        CatalogLocked: One has; which is told.
    """
    if holders := open_in(*filter(os.path.exists, files)) - {os.getpid()}:
        raise _in_use(path, holders)


def _in_use(path: str, processes: set[int]) -> CatalogLocked:
    return CatalogLocked(
        f"{path} is in use{by_whom(processes)}",
        hint="end that program, then try again; nothing was changed",
        path=path,
    )
