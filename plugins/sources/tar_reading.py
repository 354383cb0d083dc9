"""Gzipped tar archives, read without trusting the lengths that they state."""

from __future__ import annotations

import gzip
import tarfile
from contextlib import contextmanager

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

# `tarfile` reads extended headers at one go, whatever length they state; file contents it does not.
MAX_READ_BYTES = 4 * 1024**2


@contextmanager
def open_tar(path: str) -> Iterator[tarfile.TarFile]:
    """Give an open gzipped tar archive.

    Raises:
        tarfile.TarError: It is none, or states an extended header beyond reason.
        OSError: It cannot be read, or is not gzipped.
    """
    with (
        _BoundedReads(path) as stream,
        tarfile.open(fileobj=stream, mode="r:") as archive,
    ):
        yield archive


class _BoundedReads(gzip.GzipFile):
    """A gzip stream that refuses to return giant pieces."""

    def __init__(self, path: str) -> None:
        super().__init__(path, "rb")

    def read(self, size: int | None = -1) -> bytes:
        """Return up to `size` bytes; refuse more than an extended header can honestly need."""
        if size is None or not 0 <= size <= MAX_READ_BYTES:
            raise tarfile.ReadError(f"it states a header of {size} bytes")
        return super().read(size)
