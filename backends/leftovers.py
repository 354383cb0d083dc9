"""Files that makers of databases who were killed left beside them, and when they may be removed.

Who makes a database holds a shared lock on its folder. Who gets the exclusive one knows that
every half-made file in there is waste. It is never the file's own lock: closing it would drop what
SQLite holds on the same file, when that has its name already.
"""

from __future__ import annotations

import os
import time
from contextlib import contextmanager, suppress

from .footprint import FILE_SUFFIX, PAIR_SUFFIXES

try:
    import fcntl
except ImportError:  # Windows: what a killed maker leaves there stays
    fcntl = None  # type: ignore[assignment]

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

_SUFFIX = ".tmp"
_TIMEOUT_S = 1.0
_PAUSE_S = 0.005


@contextmanager
def making_in(folder: str) -> Iterator[None]:
    """Keep others from taking what is half made in the folder for left behind."""
    descriptor = _open_folder(folder)
    try:
        if descriptor is not None:
            _share(descriptor)
        yield
    finally:
        if descriptor is not None:
            os.close(descriptor)


def temporary_beside(path: str) -> str:
    """Make an empty file, readable by its owner only, in the folder of `path`; its path."""
    import tempfile  # 5 ms, which only those who make a file pay

    folder, name = os.path.split(path)
    descriptor, temporary = tempfile.mkstemp(prefix=f".{name}.", suffix=_SUFFIX, dir=folder or ".")
    os.close(descriptor)
    return temporary


def find_leftovers(path: str) -> list[str]:
    """Return what makers of the database at `path` have half made, killed or still at work.

    Sorted, absolute where `path` is; nothing of a folder that cannot be read.
    """
    folder, name = os.path.split(path)
    try:
        found = [other for other in os.listdir(folder) if _is_leftover(other, name)]
    except OSError:
        return []
    return [os.path.join(folder, other) for other in sorted(found)]


def remove_leftovers(path: str) -> None:
    """Remove what killed makers of the database at `path` left, unless somebody makes one now."""
    found = find_leftovers(path)
    if found:
        with suppress(OSError):
            _remove(os.path.dirname(path), found)


def _is_leftover(other: str, name: str) -> bool:
    if not other.startswith(f".{name}.") or _SUFFIX not in other:
        return False
    import re

    suffixes = "|".join(map(re.escape, (FILE_SUFFIX, *PAIR_SUFFIXES)))
    made = rf"\.{re.escape(name)}({suffixes})?\.[a-z0-9_]{{8}}{_SUFFIX}(\.mode)?"
    return re.fullmatch(made, other) is not None


def _remove(folder: str, files: list[str]) -> None:
    descriptor = _open_folder(folder)
    if descriptor is None:
        return
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        for file in files:
            with suppress(FileNotFoundError):
                os.unlink(file)
    finally:
        os.close(descriptor)


def _open_folder(folder: str) -> int | None:
    return None if fcntl is None else os.open(folder or ".", os.O_RDONLY)


def _share(descriptor: int) -> None:
    """Take the shared lock; who removes leftovers lets go at once; nobody else is waited for."""
    end = time.monotonic() + _TIMEOUT_S
    while time.monotonic() < end:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            time.sleep(_PAUSE_S)
        except OSError:  # no locks here, so that nobody gets the exclusive one either
            return
        else:
            return
