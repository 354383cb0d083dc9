"""One writer at a time, for the flavours whose own library does not see to it."""

from __future__ import annotations

import errno
import os

from .errors import CatalogReadOnly

_POLL_S = 0.02
# What NFS and other file systems without locks answer.
_NO_LOCKS = (errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP)


class WriterLock:
    """A lock that one open writer of a database holds; the system frees it when he dies.

    It lies beside the database, in `.NAME.lock`, and stays there: removing a lock file while
    somebody waits for it would let two in. Any thread may release it.
    """

    def __init__(self, path: str, *, timeout_s: float) -> None:
        """Take the lock, waiting for up to `timeout_s`.

        Raises:
            CatalogLocked: Somebody still holds it then; who, where it can be told.
            CatalogReadOnly: The lock's file cannot be made or opened.
            CatalogError: The file system knows no locks ("catalog-no-locks").
        """
        from filelock import FileLock, Timeout

        from .holders import locked, without_locks

        folder, name = os.path.split(path)
        lock_path = os.path.join(folder, f".{name}.lock")
        self._lock = FileLock(lock_path, thread_local=False)
        try:
            self._lock.acquire(timeout=timeout_s, poll_interval=_POLL_S)
        except Timeout as error:
            raise locked(path, lock_path) from error
        except NotImplementedError as error:  # how older releases of filelock say ENOSYS
            raise without_locks(path) from error
        except OSError as error:
            if error.errno in _NO_LOCKS:
                raise without_locks(path) from error
            raise CatalogReadOnly(
                f"{path} cannot be written: its lock {lock_path}: {error.strerror or error}",
                hint="check the permissions of the folder",
                path=path,
            ) from error

    def release(self) -> None:
        """Let the next writer in."""
        self._lock.release()
