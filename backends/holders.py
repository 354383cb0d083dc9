"""Who has a file open, and who holds a lock on it, as far as the system says: on Linux, in /proc.

Elsewhere, and for processes of other machines or containers, nothing is known.
"""

from __future__ import annotations

import os

from .errors import CatalogError, CatalogLocked

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

_LOCKS = "/proc/locks"


def open_in(*files: str) -> set[int]:
    """Return the processes that have one of the files open, as far as this user may see them."""
    wanted = [os.stat(file) for file in files]
    return {int(pid) for pid in _names("/proc") if pid.isdecimal() and has_open(pid, *wanted)}


def has_open(process: str, *wanted: os.stat_result) -> bool:
    """Tell whether a process, by its number or "self", is seen to have one of the files open."""
    places = {(status.st_dev, status.st_ino) for status in wanted}
    folder = f"/proc/{process}/fd"
    for name in _names(folder):
        try:
            status = os.stat(f"{folder}/{name}")
            if (status.st_dev, status.st_ino) in places:
                return True
        except OSError:  # closed meanwhile
            continue
    return False


def lockers_of(files: Iterable[str]) -> set[int]:
    """Return the processes that hold a lock on one of the files, of fcntl's or of flock's kind."""
    found = set[int]()
    for file in files:
        try:
            status = os.stat(file)
        except OSError:  # a sidecar that is not there
            continue
        found.update(pid for pid in _lockers(status) if _may_have_open(pid, status))
    return found


def by_whom(processes: set[int]) -> str:
    """Return " by process 4711", for a sentence on who holds something."""
    if not processes:
        return " by another process"
    if processes == {os.getpid()}:
        return " by this process"
    word = "process" if len(processes) == 1 else "processes"
    return f" by {word} {', '.join(map(str, sorted(processes)))}"


def locked(path: str, *files: str) -> CatalogError:
    """Return the error for a database whose lock, on one of the files, was waited for in vain.

    Where nobody here holds one, the file system may know no locks: that is tried.
    """
    holders = lockers_of(files)
    if not holders and _refuses_locks(os.path.dirname(path)):
        return without_locks(path)
    return CatalogLocked(
        f"{path} is locked{by_whom(holders)}",
        hint="wait for it to finish, then try again",
        path=path,
        processes=sorted(holders),
    )


def without_locks(path: str) -> CatalogError:
    """Return the error for a database on a file system that refuses to lock, as NFS can."""
    return CatalogError(
        f"{path} cannot be locked: its file system has no locks (a network share without them?)",
        hint="keep it on a local disk, or ask for the share's lock service; nothing was changed",
        code="catalog-no-locks",
        path=path,
    )


def _lockers(status: os.stat_result) -> list[int]:
    """Return who holds a lock, not who waits for one (proc_locks(5)); 0 and -1 are nobody here."""
    place = f"{os.major(status.st_dev):02x}:{os.minor(status.st_dev):02x}:{status.st_ino}"
    try:
        with open(_LOCKS, encoding="ascii") as file:
            lines = [line.split() for line in file]
    except OSError:
        return []
    held = [words for words in lines if "->" not in words and place in words]
    return [pid for words in held if (pid := int(words[words.index(place) - 1])) > 0]


def _may_have_open(process: int, status: os.stat_result) -> bool:
    """Tell whether a process has the file open, or cannot be looked at."""
    return not _names(f"/proc/{process}/fd") or has_open(str(process), status)


def _refuses_locks(folder: str) -> bool:
    """Try fcntl's lock on a file beside: to open the database itself could drop our own locks."""
    if fcntl is None:
        return False
    import errno
    import tempfile

    try:
        with tempfile.TemporaryFile(dir=folder) as file:
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        return error.errno in (errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP)
    return False


def _names(folder: str) -> list[str]:
    try:
        return os.listdir(folder)
    except OSError:
        return []
