"""Zip archives, read without trusting the length of their list of members.

`zipfile` reads that list as a whole and makes an object of each entry before anybody can look at
it; where the list is, and how long, is told in several places that need not agree. So what is read
is looked at, and not what is told (PKWARE's APPNOTE, 4.3.12).
"""

from __future__ import annotations

import io
import os
import zipfile
from contextlib import contextmanager

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

_ENTRY = b"PK\x01\x02"
# 46 bytes for each member, and a name, a comment and more of what systems note.
MAX_BYTES_PER_FILE = 512


class TooManyFiles(Exception):
    """The list has more entries, or more bytes, than an archive may have."""


@contextmanager
def open_zip(path: str, most_files: int) -> Iterator[zipfile.ZipFile]:
    """Give an open zip archive, of so many members at most.

    Raises:
        TooManyFiles: It has more.
        zipfile.BadZipFile: It is none.
        OSError: It cannot be read.
    """
    with (
        io.FileIO(path) as raw,
        _BoundedList(raw, most_files) as stream,
        zipfile.ZipFile(stream) as archive,
    ):
        stream.end_of_list()
        yield archive


class _BoundedList(io.BufferedReader):
    """A file that refuses to return a giant list of members, or one of too many."""

    def __init__(self, raw: io.FileIO, most_files: int) -> None:
        super().__init__(raw)
        self._most_files = most_files
        self._size = os.fstat(raw.fileno()).st_size
        self._done = False

    def end_of_list(self) -> None:
        """From now on, contents are read, which `zipfile` does in small pieces."""
        self._done = True

    def read(self, size: int | None = -1) -> bytes:
        """Return up to `size` bytes, unless they are more entries than there may be."""
        if self._done:
            return super().read(size)
        limit = self._most_files * MAX_BYTES_PER_FILE
        asked = self._size if size is None or size < 0 else size
        data = super().read(min(asked, self._size, limit + 1))
        if len(data) > limit or data.count(_ENTRY) > self._most_files:
            raise TooManyFiles
        return data
