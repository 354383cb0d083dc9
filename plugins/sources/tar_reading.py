"""Gzipped tar archives, read without trusting the lengths that they state."""

from __future__ import annotations

import gzip
import re
import tarfile
from contextlib import contextmanager

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

# `tarfile` reads extended headers at one go, whatever length they state; file contents it does not.
MAX_READ_BYTES = 1024**2
# All headers together; an extended one may stand before each member.
MAX_HEADER_BYTES = 64 * 1024**2
# Records that count for all members behind them; `tarfile` goes through them for each.
MAX_GLOBAL_RECORDS = 100
# It looks for a number with an expression that takes the square of how many digits stand in a row
# (CVE-2024-6232).
_DIGITS = re.compile(rb"(?<!\d)\d{128}")


@contextmanager
def open_tar(path: str) -> Iterator[tuple[tarfile.TarFile, Callable[[], None]]]:
    """Give an open gzipped tar archive, and what to call when all its headers were read.

    Raises:
        tarfile.TarError: It is none, or states an extended header beyond reason.
        OSError: It cannot be read, or is not gzipped.
    """
    with (
        _BoundedReads(path) as stream,
        tarfile.open(fileobj=stream, mode="r:") as archive,
    ):
        yield archive, stream.end_of_headers


class _BoundedReads(gzip.GzipFile):
    """A gzip stream that refuses to return giant pieces, and too many while headers are read."""

    def __init__(self, path: str) -> None:
        super().__init__(path, "rb")
        self._header_bytes_left: float = MAX_HEADER_BYTES
        self._last_block = b""

    def end_of_headers(self) -> None:
        """Check that it was the end; from now on, contents are read, whose size was counted.

        `tarfile` takes a damaged header for the end, and leaves the stream's sum unread. What
        follows the end may be long, and is not looked through for it.
        """
        if self._last_block.strip(b"\0"):
            raise tarfile.ReadError("a header in it is damaged, or cut short")
        super().read(MAX_READ_BYTES)
        self._header_bytes_left = float("inf")

    def read(self, size: int | None = -1) -> bytes:
        """Return up to `size` bytes; refuse more than an extended header can honestly need."""
        if size is None or not 0 <= size <= MAX_READ_BYTES:
            raise tarfile.ReadError(f"it states a header of {size} bytes")
        self._header_bytes_left -= size
        if self._header_bytes_left < 0:
            raise tarfile.ReadError(f"it has more than {MAX_HEADER_BYTES} bytes of headers")
        data = super().read(size)
        if size == tarfile.BLOCKSIZE:
            self._last_block = data
        of_header = self._header_bytes_left < float("inf") and size > tarfile.BLOCKSIZE
        if of_header and _DIGITS.search(data):
            raise tarfile.ReadError("it has a header with a number of too many digits")
        return data
