"""One writer at a time, for the flavours whose own library does not see to it."""

from __future__ import annotations

import os

from .errors import CatalogLocked, CatalogReadOnly


class WriterLock:
    """A lock that one open writer of a database holds; the system frees it when he dies.

    It lies beside the database, in `.NAME.lock`, and stays there: removing a lock file while
    somebody waits for it would let two in.
    """

    def __init__(self, path: str, *, timeout_s: float) -> None:
        from filelock import FileLock, Timeout

        folder, name = os.path.split(path)
        lock_path = os.path.join(folder, f".{name}.lock")
        self._lock = FileLock(lock_path)
        try:
            self._lock.acquire(timeout=timeout_s)
        except Timeout as error:
            raise CatalogLocked(
                f"{path} is locked by another process",
                hint="wait for it to finish, then try again",
                path=path,
            ) from error
        except OSError as error:
            raise CatalogReadOnly(
                f"{path} cannot be written: its lock {lock_path}: {error.strerror or error}",
                hint="check the permissions of the folder",
                path=path,
            ) from error

    def release(self) -> None:
        """Let the next writer in."""
        self._lock.release()
