"""The files that stand under one name: what a flavour looks at to recognise itself."""

from __future__ import annotations

import os
import stat

from .errors import CatalogError
from .regular import open_regular

HEAD_SIZE = 4096
# What programs append to the name that they are given: pairs and single files.
PAIR_SUFFIXES = (".dir", ".dat", ".pag", ".bak")
FILE_SUFFIX = ".db"


class Footprint:
    """A database's possible name, and what stands under it.

    Attributes:
        name: The name that programs would open, absolute; a pair's files are name + suffix.
        file: The one existing file to look into, or "" where only a pair can stand here.
        file_size: Its size in bytes; 0 without a file.
    """

    def __init__(self, name: str, file: str = "") -> None:
        self.name = name
        self.file = file
        self.file_size = os.stat(file).st_size if file else 0
        self._heads: dict[str, bytes] = {}

    def head(self) -> bytes:
        """Return the first 4,096 bytes of the file, or b"" where there is none."""
        return self._head_of(self.file) if self.file else b""

    def has(self, suffix: str) -> bool:
        """Tell whether name + suffix is a regular file."""
        return os.path.isfile(self.name + suffix)

    def head_of(self, suffix: str) -> bytes:
        """Return the first 4,096 bytes of name + suffix, or b"" where that is no file."""
        return self._head_of(self.name + suffix) if self.has(suffix) else b""

    def _head_of(self, path: str) -> bytes:
        if path not in self._heads:
            try:
                with open(path, "rb", opener=open_regular) as file:
                    self._heads[path] = file.read(HEAD_SIZE)
            except OSError as error:
                raise unreadable(error, path) from error
        return self._heads[path]


def footprints(path: str) -> list[Footprint]:
    """Return what `path` can mean, the likeliest first.

    Where the path exists, its bytes decide, or, where its suffix is that of a pair, the pair's;
    where it does not, the names that DBM libraries make of it are looked at.

    Raises:
        CatalogError: The system does not let us look, so that nobody knows what stands there.
    """
    status = _status(path)
    if status is not None:
        found = [Footprint(path, path)] if stat.S_ISREG(status.st_mode) else []
        stem, suffix = os.path.splitext(path)
        if suffix in PAIR_SUFFIXES:
            found.insert(0, Footprint(stem))
        return found
    single = path + FILE_SUFFIX
    found = [Footprint(single, single)] if os.path.isfile(single) else []
    return [*found, Footprint(path)]


def _status(path: str) -> os.stat_result | None:
    """Return the status of what stands there, or None; a folder that is closed hides nothing."""
    try:
        return os.stat(path)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise CatalogError(
            f"{path} cannot be looked at: {error.strerror or error}",
            hint="check the permissions of its folders, or name another",
            code="catalog-cannot-open",
            path=path,
        ) from error


def unreadable(error: OSError, path: str) -> CatalogError:
    """Return the error to raise for a file that the system does not let us read."""
    return CatalogError(
        f"{path}: {error.strerror or error}",
        hint="check its permissions and those of its folder",
        code="catalog-cannot-open",
        path=path,
    )
