"""The folder in which a database's successor is built, beside the place that it will take.

It is private (mode 0700), hidden, on the same file system, and locked while somebody builds in it.
Until its journal is written the database was not touched, and what lies in the folder is waste.
From then on the swap is to be finished, by whoever comes next.
"""

from __future__ import annotations

import os
import shutil
import stat
from contextlib import suppress

from plugreg.backends import durable
from plugreg.backends.errors import CatalogError, CatalogLocked
from plugreg.backends.footprint import FILE_SUFFIX, PAIR_SUFFIXES
from plugreg.backends.locking import lock_file

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self

    from filelock import BaseFileLock

_SUFFIX = ".migration"
_BUILT, _BRIDGE = "new", "bridge"
_JOURNAL = "journal.json"
_LOCK = "lock"


class Stage:
    """The building site of the database that programs will open as `name`; a context manager.

    Leaving it removes the folder, except after an error with the swap begun: that is finished
    by the next run. What the system refused inside is told as a CatalogError.

    Attributes:
        name: The name that programs will open, absolute.
        base: The last part of it.
        folder: The private folder.
        journal: Where the swap's plan is kept.
    """

    def __init__(self, name: str) -> None:
        self._place, self.base = os.path.split(name)
        self.name = name
        self.folder = os.path.join(self._place, f".{self.base}{_SUFFIX}")
        self.journal = os.path.join(self.folder, _JOURNAL)

    @property
    def built(self) -> str:
        """The name under which the new database is built."""
        return self.staged(self.base)

    @property
    def bridge(self) -> str:
        """The one file that stands in for the new database while its pair is put in place."""
        return os.path.join(self.folder, _BRIDGE, self.base)

    def new_names(self) -> list[str]:
        """Return the names of the new database's files, a pair's .dir last: it makes it one."""
        names = os.listdir(os.path.dirname(self.built))
        return sorted(names, key=lambda name: (name.endswith(".dir"), name))

    def staged(self, name: str) -> str:
        """Return where the new file of that name is built."""
        return os.path.join(self.folder, _BUILT, name)

    def placed(self, name: str) -> str:
        """Return where a file of that name stands beside the database."""
        return os.path.join(self._place, name)

    def __enter__(self) -> Self:
        from filelock import Timeout

        try:
            self._lock = self._locked()
        except Timeout as error:
            raise CatalogLocked(
                f"{self.name} is being migrated by another process",
                hint="wait for it to finish",
                path=self.name,
            ) from error
        except OSError as error:
            raise durable.unwritable(error, self.folder) from error
        return self

    def _locked(self) -> BaseFileLock:
        while True:
            with suppress(FileExistsError):
                os.mkdir(self.folder, mode=0o700)
            with suppress(FileNotFoundError, FileExistsError):  # its last user just removes it
                self._require_own()
                return lock_file(os.path.join(self.folder, _LOCK), timeout_s=0)

    def _require_own(self) -> None:
        """Refuse a folder that somebody else has put there, to look on or to join in."""
        found = os.lstat(self.folder)
        if not stat.S_ISDIR(found.st_mode) or (
            hasattr(os, "geteuid") and found.st_uid != os.geteuid()
        ):
            raise CatalogError(
                f"{self.folder}, where the new database is to be built, is not yours",
                hint="its owner may have a migration to finish; else look into it and remove it",
                code="migration-folder",
                path=self.folder,
            )
        os.chmod(self.folder, 0o700)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if kind is None or not os.path.lexists(self.journal):
            self._remove()
        self._lock.release()
        if isinstance(error, OSError) and not isinstance(error, CatalogError):
            raise durable.unwritable(error, self.name) from error

    def _remove(self) -> None:
        """Remove the folder: the journal after what it tells of, the lock last, while it is held.

        Who finds the lock gone makes a new one, perhaps in this same folder: then it stays.
        """
        for file in (self.built, self.bridge):
            shutil.rmtree(os.path.dirname(file), ignore_errors=True)
        with suppress(OSError):
            for name in sorted(os.listdir(self.folder), key=lambda name: name == _LOCK):
                os.unlink(os.path.join(self.folder, name))
            os.rmdir(self.folder)

    def clear(self) -> None:
        """Remove what a killed builder left, and make room for the new database.

        Raises:
            CatalogLocked: What lies there is a swap to be finished.
        """
        if os.path.exists(self.journal):
            raise CatalogLocked(
                f"a migration of {self.name} was interrupted just now",
                hint="try again: it is finished first",
                path=self.name,
            )
        for file in (self.built, self.bridge):
            folder = os.path.dirname(file)
            if os.path.lexists(folder):
                shutil.rmtree(folder)
            os.mkdir(folder)


def left_over(typed: str) -> Stage | None:
    """Return the stage that a migration left or is using, for any name a user may type."""
    resolved = os.path.realpath(typed)
    stem, suffix = os.path.splitext(resolved)
    names = [resolved, stem] if suffix in (*PAIR_SUFFIXES, FILE_SUFFIX) else [resolved]
    for stage in map(Stage, (*names, resolved + FILE_SUFFIX)):
        if os.path.lexists(stage.folder):
            return stage
    return None
