"""An open GDBM file: its descriptor and lock, and reads that stay inside of it."""

from __future__ import annotations

import os
import time

from plugreg.backends.errors import CatalogCorrupt, restore_or_salvage
from plugreg.backends.footprint import unreadable
from plugreg.backends.holders import locked
from plugreg.backends.regular import open_regular

try:
    import fcntl
except ImportError:  # Windows, where libgdbm takes no lock either
    fcntl = None  # type: ignore[assignment]

_PAUSE_S = 0.02
# Files up to this size are read in one go: a record elsewhere costs a system call each.
SMALL = 16 << 20


class GdbmFile:
    """A GDBM file that is read with `pread`; it holds the lock that libgdbm's readers hold.

    A writer through libgdbm is kept out, and waited for, by `flock` (gdbm 1.23, src/lock.c). So
    are its readers, where it is to hold the lock of a writer.

    Attributes:
        path: The name that errors give.
        size: The bytes that the file had when it was opened.
        content: All of them while a small file is read from end to end; else b"".
    """

    def __init__(self, path: str, *, timeout_s: float, exclusive: bool = False) -> None:
        self.path = path
        self.content = b""
        try:
            self.descriptor = open_regular(path)
        except OSError as error:
            raise unreadable(error, path) from error
        try:
            self._lock(timeout_s, exclusive=exclusive)
            self.size = os.fstat(self.descriptor).st_size
        except BaseException:
            os.close(self.descriptor)
            raise

    def _lock(self, timeout_s: float, *, exclusive: bool) -> None:
        deadline = time.monotonic() + timeout_s
        while fcntl is not None:
            kind = fcntl.LOCK_EX if exclusive else fcntl.LOCK_SH
            try:
                fcntl.flock(self.descriptor, kind | fcntl.LOCK_NB)
            except BlockingIOError as error:
                if time.monotonic() >= deadline:
                    raise locked(self.path, self.path) from error
                time.sleep(_PAUSE_S)
            except OSError:  # a file system without locks: a reader can do no better
                return
            else:
                return

    def hold_if_small(self) -> None:
        """Keep the bytes of a small file in memory until `let_go`."""
        if not self.content and 0 < self.size <= SMALL:
            self.content = self.read(self.size, 0)

    def let_go(self) -> None:
        """Forget what `hold_if_small` keeps."""
        self.content = b""

    def read(self, size: int, at: int) -> bytes:
        """Return exactly `size` bytes from `at`; a CatalogCorrupt where the file has them not."""
        if size < 0 or at < 0 or at + size > self.size:
            raise self.corrupt(f"{size} bytes at byte {at} lie outside the file of {self.size}")
        if self.content:
            return self.content[at : at + size]
        data = os.pread(self.descriptor, size, at)
        if len(data) == size:
            return data
        return self._rest(data, size, at)

    def _rest(self, data: bytes, size: int, at: int) -> bytes:
        """Go on after a short read: the system gives at most 2 GiB at once."""
        parts = [data]
        got = len(data)
        while got < size:
            part = os.pread(self.descriptor, size - got, at + got)
            if not part:
                raise self.corrupt("it was cut while it was read")
            parts.append(part)
            got += len(part)
        return b"".join(parts)

    def corrupt(self, problem: str) -> CatalogCorrupt:
        """Return the error that names the file and the problem."""
        return CatalogCorrupt(
            f"{self.path}: {problem}", hint=restore_or_salvage(self.path), path=self.path
        )

    def close(self) -> None:
        """Close it, which frees the lock."""
        os.close(self.descriptor)
