"""A project's folder, which remembers what was looked at: that is the project's fingerprint."""

from __future__ import annotations

import os

from plugreg import SourceError, take_fingerprint

from .metadata.table import Table, parse_toml
from .metadata.text import MAX_BYTES, MAX_LONG_BYTES, require_short

PYPROJECT = "pyproject.toml"


class ProjectFolder:
    """A folder whose metadata files are read; nothing in it is imported or run.

    Attributes:
        path: The absolute path.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        self._looked_at: dict[str, None] = {}

    def place(self, file: str) -> str:
        """Return the absolute path of a file, given relative to the folder with "/"."""
        return os.path.join(self.path, *file.split("/")) if file else self.path

    def data(self, file: str, most: int = MAX_LONG_BYTES) -> bytes | None:
        """Return the bytes of a metadata file, or None where there is no such file.

        Raises:
            SourceError: It is there and cannot be read (code "source-unreadable"), or has more
                bytes than `most` (code "source-invalid").
        """
        self._looked_at[file] = None
        place = self.place(file)
        if not os.path.isfile(place):  # a pipe of that name would block a reader for ever
            return None
        try:
            with open(place, "rb") as stream:
                require_short(os.fstat(stream.fileno()).st_size, place, most)
                return stream.read(most)
        except OSError as error:
            raise SourceError(
                f"{place} cannot be read: {error.strerror}",
                hint="make it readable",
                code="source-unreadable",
                path=place,
            ) from error

    def text(self, file: str, most: int = MAX_BYTES) -> str | None:
        """Return the text of a metadata file, or None where there is no such file.

        Raises:
            SourceError: It cannot be read, is not UTF-8, or has more bytes than `most` (code
                "source-invalid").
        """
        data = self.data(file, most)
        try:
            return None if data is None else data.decode("utf-8-sig").replace("\r\n", "\n")
        except UnicodeDecodeError as error:
            raise SourceError(
                f"{self.place(file)} is not UTF-8: byte {error.start}",
                hint="save it as UTF-8",
                code="source-invalid",
                path=self.place(file),
            ) from error

    def own_text(self, file: str) -> str | None:
        """Return the text of a file that the metadata points to, None outside of the folder.

        A project could otherwise make a reader print any file of his as its version.
        """
        base = os.path.realpath(self.path) + os.sep
        if not os.path.realpath(self.place(file)).startswith(base):
            return None
        return self.text(file)

    def pyproject(self) -> Table:
        """Return the tables of `pyproject.toml`, empty where there is none."""
        text = self.text(PYPROJECT)
        return parse_toml(text or "", self.place(PYPROJECT))

    def has(self, file: str) -> bool:
        """Tell whether a metadata file is there."""
        self._looked_at[file] = None
        return os.path.isfile(self.place(file))

    def holds(self, place: str) -> bool:
        """Tell whether the folder holds a file or folder of code; that is no look at metadata."""
        return os.path.exists(self.place(place))

    def entries(self, inside: str = "") -> list[os.DirEntry[str]]:
        """Return what the folder, or one in it, holds, sorted by name; nothing where it is not."""
        try:
            with os.scandir(self.place(inside)) as found:
                return sorted(found, key=lambda entry: entry.name)
        except OSError:
            return []

    def expect(self, place: str) -> None:
        """Note what would be code of the project by coming, or a folder in which such code is."""
        self._looked_at[place] = None

    def fingerprint(self) -> str:
        """Return how the files look that were asked for until now, present or absent."""
        return take_fingerprint(self.path, self._looked_at)
