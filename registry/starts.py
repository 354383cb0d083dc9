"""Which plug-in a host's start is importing: a small file, there for as long as the start imports.

A process that ends during an import leaves its file behind, and nobody holds its lock any more: so
the next start knows. No import waits for a disk: what a process wrote is seen by the others at
once, and a machine that goes down is not the plug-in's doing.

This module imports nothing of plugreg and needs Python 3.8 only: a copy of it serves the children
of `plugreg run`, whatever Python they are.
"""

from __future__ import annotations

import os
import sys
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

# "TOKEN PLACE": which start a process belongs to, so that a host and its workers are one start; the
# second part is the folder that the start's records are in. UNRECORDED keeps no records at all.
VARIABLE = "PLUGREG_START"
UNRECORDED = "none"
# What was seen so far, one line each: see `plugreg.quarantine`, which writes it.
SEEN = "seen"
FIELD_END, LINE_END = "\0", "\0\n"  # a path can hold a newline, but no NUL
_FOLDER = "starts"
_UNDER_WAY = "importing-"
_MODE = 0o700
_HOUR_S = 60 * 60

# The records that this process keeps itself: looking at one would drop the lock on it.
_own: set[str] = set()


def environment_name() -> str:
    """Return the environment that this process runs in, as it is shown and compared."""
    return f"{sys.prefix} (Python {sys.version.partition(' ')[0]})"


def place_of(catalog: str) -> str:
    """Return the folder for the records of a catalog's starts, made if need be; "" if none can be.

    It lies beside the catalog, or in the user's cache where nothing can be written there. Systems
    without POSIX locks have none: the dead could not be told from the living.
    """
    if not hasattr(os, "lockf") or os.environ.get(VARIABLE) == UNRECORDED:
        return ""
    for place in possible_places(catalog):
        if os.access(place, os.W_OK | os.X_OK):
            return place
        try:
            os.makedirs(place, mode=_MODE)
        except OSError:  # is there already and not ours to write, or cannot be made
            continue
        return place
    return ""


def possible_places(catalog: str) -> Iterator[str]:
    """Yield where the records of a catalog's starts can be: beside it, then in the user's cache."""
    yield f"{catalog}.{_FOLDER}"
    from binascii import crc32  # hardly ever needed

    digest = crc32(catalog.encode(errors="surrogateescape"))
    name = f"{os.path.basename(catalog)}-{digest:08x}"
    yield os.path.join(_cache_folder(), "plugreg", _FOLDER, name)


def _cache_folder() -> str:
    """Return the user's folder for caches; what finds it elsewhere costs a start 10 ms."""
    if sys.platform == "darwin":
        return os.path.expanduser("~/Library/Caches")
    return os.environ.get("XDG_CACHE_HOME", "").strip() or os.path.expanduser("~/.cache")


def token_of_start(place: str) -> str:
    """Return what all processes of this start have in common, and hand it on to its children."""
    token, _, of = os.environ.get(VARIABLE, "").partition(" ")
    if of == place and _lives(token.partition("-")[0]):
        return token
    return begin_start(place, os.environ)


def begin_start(place: str, environment: os._Environ[str] | dict[str, str]) -> str:
    """Put a new start into an environment, and return its token."""
    token = f"{os.getpid()}-{time.time_ns()}"
    environment[VARIABLE] = f"{token} {place}"
    return token


def _lives(process: str) -> bool:
    """Tell whether the process that began a start is there: what outlives it starts anew."""
    try:
        os.kill(int(process), 0)
    except PermissionError:
        return True
    except (OSError, ValueError, OverflowError):
        return False
    return True


class ImportRecord:
    """What one start is importing. It never raises: where nothing can be recorded, nothing is."""

    def __init__(self, place: str) -> None:
        self._place = self._folder = place
        self._start = b""
        self._path = ""
        self._file = -1
        self._identity = (-1, -1)

    def note(self, project: str, plugin: str, folder: str = "") -> None:
        """Say which plug-in is imported from now on, until the next is or until `end`.

        It is noted in `folder`, "" for the start's own: a project of another layer, beside that.
        """
        if not self._place:
            return
        if self._folder != (folder or self._place):
            self.end()
            self._folder = folder or self._place
        try:
            if not self._is_open():
                self._open()
            text = f"{project}{FIELD_END}{plugin}{LINE_END}"
            os.pwrite(self._file, self._start + text.encode(errors="surrogateescape"), 0)
        except OSError:  # a full disk, a file system without locks, a folder that went away
            self._place = ""

    def end(self) -> None:
        """Say that no plug-in is being imported any more."""
        if not self._path:
            return
        is_open = self._is_open()
        path, file, self._path, self._file = self._path, self._file, "", -1
        try:
            os.truncate(path, 0)  # who has opened it meanwhile finds nothing when the lock goes
            os.unlink(path)
        except OSError:  # somebody has cleared it away
            pass
        if is_open:
            os.close(file)
        _own.discard(path)

    def _open(self) -> None:
        self.end()
        token = token_of_start(self._place)
        path = os.path.join(self._folder, f"{_UNDER_WAY}{os.getpid()}-{time.time_ns()}")
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        self._path = path
        _own.add(path)
        os.lockf(self._file, os.F_TLOCK, 0)
        self._identity = _identity(self._file)
        self._start = f"{environment_name()}{FIELD_END}{token}{FIELD_END}".encode(
            errors="surrogateescape"
        )

    def _is_open(self) -> bool:
        """Tell whether the file is still ours: plug-ins have closed what they did not open."""
        try:
            return self._file >= 0 and _identity(self._file) == self._identity
        except OSError:
            return False


def _identity(file: int) -> tuple[int, int]:
    status = os.fstat(file)
    return status.st_dev, status.st_ino


def left_behind(place: str) -> list[str]:
    """Return the paths of the records whose process has ended without ending them."""
    try:
        names = os.listdir(place)
    except OSError:
        return []
    paths = [os.path.join(place, name) for name in names if name.startswith(_UNDER_WAY)]
    return [path for path in paths if path not in _own and _is_let_go(path)]


def tells_something(place: str) -> bool:
    """Tell whether a start has ended during an import, the last one or an earlier one."""
    return bool(left_behind(place)) or os.path.exists(os.path.join(place, SEEN))


def _is_let_go(path: str) -> bool:
    """Tell whether no process keeps a record locked, nor is about to."""
    try:
        file = os.open(path, os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError:  # ended meanwhile
        return False
    try:
        os.lockf(file, os.F_TEST, 0)
        status = os.fstat(file)  # an empty one may be about to be locked
        return status.st_size > 0 or time.time() - status.st_mtime > _HOUR_S
    except OSError:
        return False
    finally:
        os.close(file)
