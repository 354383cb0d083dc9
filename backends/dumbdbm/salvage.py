"""The whole records of a damaged pair of dumb files. Layout: see `index`."""

from __future__ import annotations

import os

from plugreg.backends.footprint import unreadable
from plugreg.backends.reader import Reader
from plugreg.backends.regular import open_regular

from .index import BLOCK, LINE, Index, unquoted
from .store import DumbStore

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator


class DumbSalvage(Reader):
    """A read-only store over a pair that may be damaged.

    Where the .dir is missing, as an interrupted commit of CPython leaves it, the .bak is read, the
    index before that commit. Beside a damaged .dir the .bak is not: it may name old values. Its
    keys that the .dir lacks are told in `losses`, for the user to decide.
    """

    def __init__(self, path: str) -> None:
        super().__init__("dumb", path)
        self.losses: list[str] = []
        try:
            self._data = open_regular(path + ".dat")
        except OSError as error:
            raise unreadable(error, path + ".dat") from error

    def records(self) -> Iterator[tuple[bytes, bytes]]:
        """Yield every (key, value) of a pair without damage.

        Raises:
            CatalogError: As for opening the pair.
        """
        self._require_open()
        with DumbStore(self.path, lock=None) as store:
            yield from store.items()

    def salvage(self) -> Iterator[tuple[bytes, bytes]]:
        """Yield the records of the good lines whose values are wholly there."""
        self._require_open()
        self.losses.clear()
        suffix = ".dir"
        if not os.path.exists(self.path + suffix):
            suffix = ".bak"
            self.losses.append(f"{self.path}.dir is missing: read from the .bak, changes may lack")
        index = self._good_lines(suffix, self.losses)
        if (self.losses or not index) and suffix == ".dir":
            self._look_into_backup(index)
        end = os.fstat(self._data).st_size
        for key, (position, size) in index.items():
            if position % BLOCK:
                self.losses.append(f"the value of {key[:40]!r} cannot be at byte {position}")
                continue
            if size and position + size > end:
                self.losses.append(
                    f"{self.path}.dat ends at byte {end}, the value of {key[:40]!r} at"
                    f" {position + size}"
                )
                continue
            value = os.pread(self._data, size, position)
            if len(value) == size:
                yield key, value

    def _good_lines(self, suffix: str, losses: list[str]) -> Index:
        index: Index = {}
        try:
            with open(self.path + suffix, "rb", opener=open_regular) as file:
                for number, line in enumerate(file, 1):
                    match = LINE.fullmatch(line)
                    if match is None:
                        losses.append(f"bad line {number} in {self.path}{suffix}")
                    else:
                        index[unquoted(match[1])] = (int(match[2]), int(match[3]))
        except OSError as error:
            raise unreadable(error, self.path + suffix) from error
        return index

    def _look_into_backup(self, index: Index) -> None:
        if not os.path.exists(self.path + ".bak"):
            return
        older = [key for key in self._good_lines(".bak", []) if key not in index]
        if older:
            named = ", ".join(repr(key[:40]) for key in older[:5])
            self.losses.append(
                f"{self.path}.bak, the index before the last commit, has {len(older)} more keys,"
                f" deleted or lost since: {named}"
            )

    def _close(self) -> None:
        os.close(self._data)
