"""One writer at a time, for the flavours whose own library does not see to it."""

from __future__ import annotations

import os
import time
from contextlib import suppress

from .errors import CatalogLocked, CatalogReadOnly

TYPE_CHECKING = False
if TYPE_CHECKING:
    from filelock import BaseFileLock


class WriterLock:
    """A lock that one open writer of a database holds; the system frees it when he dies.

    It lies beside the database, in `.NAME.lock`, and stays there, unless it is removed.
    """

    def __init__(self, path: str, *, timeout_s: float) -> None:
        from filelock import Timeout

        self._file = lock_of(path)
        try:
            self._lock = lock_file(self._file, timeout_s=timeout_s)
        except Timeout as error:
            raise CatalogLocked(
                f"{path} is locked by another process",
                hint="wait for it to finish, then try again",
                path=path,
            ) from error
        except OSError as error:
            raise CatalogReadOnly(
                f"{path} cannot be written: its lock {self._file}: {error.strerror or error}",
                hint="check the permissions of the folder",
                path=path,
            ) from error

    def release(self) -> None:
        """Let the next writer in."""
        self._lock.release()

    def remove(self) -> None:
        """Let the next writer in, and leave no file: for a database that has become another."""
        with suppress(OSError):  # Windows does not remove what somebody waits for
            os.unlink(self._file)
        self._lock.release()


def lock_of(path: str) -> str:
    """Return where the lock of a database lies."""
    folder, name = os.path.split(path)
    return os.path.join(folder, f".{name}.lock")


def lock_file(path: str, *, timeout_s: float) -> BaseFileLock:
    """Take the lock file at `path`, made where it is missing; its holder may remove it.

    Who waited for a file that was removed meanwhile would hold what nobody else can see: he takes
    the file that has the name now.

    Raises:
        filelock.Timeout: Another process holds it.
        OSError: It cannot be made.
    """
    from filelock import FileLock

    end = time.monotonic() + timeout_s
    while True:
        lock = FileLock(path)
        # While this descriptor is open, no other file can get this one's inode number.
        before = os.open(path, os.O_CREAT | os.O_RDWR, 0o644)
        try:
            lock.acquire(timeout=max(0.0, end - time.monotonic()))
            if _is_at(path, before):
                return lock
            lock.release()
        finally:
            os.close(before)


def _is_at(path: str, descriptor: int) -> bool:
    try:
        return os.path.samestat(os.stat(path), os.fstat(descriptor))
    except FileNotFoundError:
        return False
