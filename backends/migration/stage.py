"""The folder in which a database's successor is built, beside the place that it will take.

It is private (mode 0700), hidden, on the same file system, and locked while somebody builds in it.
Until its journal is written the database was not touched, and what lies in the folder is waste.
From then on the swap is to be finished, by whoever comes next.
"""

from __future__ import annotations

import os
import shutil

from plugreg.backends import durable
from plugreg.backends.errors import CatalogLocked
from plugreg.backends.footprint import PAIR_SUFFIXES
from plugreg.backends.holders import by_whom, lockers_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self

_SUFFIX = ".migration"
_BUILT = "new"
_JOURNAL = "journal.json"
_LOCK = "lock"


class Stage:
    """The building site of the database that programs will open as `name`; a context manager.

    Leaving it removes the folder, except after an error with the swap begun: that is finished
    by the next run.

    Attributes:
        name: The name that programs will open, absolute.
        folder: The private folder.
        journal: Where the swap's plan is kept.
    """

    def __init__(self, name: str) -> None:
        place, self._base = os.path.split(name)
        self.name = name
        self.folder = os.path.join(place, f".{self._base}{_SUFFIX}")
        self.journal = os.path.join(self.folder, _JOURNAL)

    @property
    def built(self) -> str:
        """The name under which the new database is built."""
        return os.path.join(self.folder, _BUILT, self._base)

    def new_files(self) -> list[str]:
        """Return where the new database's files will stand, a pair's .dir last: it makes it one."""
        names = os.listdir(os.path.dirname(self.built))
        folder = os.path.dirname(self.name)
        in_order = sorted(names, key=lambda name: (name.endswith(".dir"), name))
        return [os.path.join(folder, name) for name in in_order]

    def staged(self, final: str) -> str:
        """Return where one of `new_files` stands until then."""
        return os.path.join(os.path.dirname(self.built), os.path.basename(final))

    def __enter__(self) -> Self:
        from filelock import FileLock, Timeout

        try:
            os.makedirs(self.folder, mode=0o700, exist_ok=True)
            lock_path = os.path.join(self.folder, _LOCK)
            self._lock = FileLock(lock_path)
            self._lock.acquire(timeout=0)
        except Timeout as error:
            raise CatalogLocked(
                f"{self.name} is being migrated{by_whom(lockers_of([lock_path]))}",
                hint="wait for it to finish",
                path=self.name,
            ) from error
        except OSError as error:
            raise durable.unwritable(error, self.folder) from error
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if kind is None or not os.path.exists(self.journal):
            shutil.rmtree(self.folder, ignore_errors=True)
        self._lock.release()

    def clear(self) -> None:
        """Remove what a killed builder left, and make room for the new database."""
        folder = os.path.dirname(self.built)
        shutil.rmtree(folder, ignore_errors=True)
        os.mkdir(folder)


def interrupted(typed: str) -> Stage | None:
    """Return the stage of a swap that was begun and not finished, for any name a user may type."""
    resolved = os.path.realpath(typed)
    stem, suffix = os.path.splitext(resolved)
    names = [resolved, stem] if suffix in (*PAIR_SUFFIXES, ".db") else [resolved]
    for stage in map(Stage, (*names, resolved + ".db")):
        if os.path.exists(stage.journal):
            return stage
    return None
