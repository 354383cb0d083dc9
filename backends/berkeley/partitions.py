"""Reading a partitioned database: its records lie in files of their own, each a whole database.

Source: db/partition.c of 5.3: `__dbp.NAME.NNN` beside the file, as many as its meta page tells.
The file itself holds the keys that divide the ranges, if it is not divided by a function.
"""

from __future__ import annotations

import os
import stat

from plugreg.backends.errors import CatalogCorrupt

from .methods import reader_of_method
from .paged_reader import PagedReader
from .pages import open_pages

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from .pages import Budget

_MOST = 1_000_000  # as libdb's PART_MAXIMUM
_DIGITS = 3  # at least, of a partition's number


def partition_name(path: str, number: int) -> str:
    """Return where a partition lies."""
    folder, name = os.path.split(path)
    return os.path.join(folder, f"__dbp.{name}.{number:0{_DIGITS}}")


class PartitionedReader(PagedReader):
    """A partitioned btree or hash database."""

    def _walk(self, budget: Budget) -> Iterator[tuple[bytes, bytes]]:
        del budget
        for number in range(min(self.meta.partitions, _MOST)):
            with self._partition(number) as reader:
                yield from reader.records()
                self._take_warnings(reader)
        more = [number for number in self._standing() if number >= self.meta.partitions]
        if more:
            path = partition_name(self.path, more[0])
            self.warnings.append(
                f"{self.path} tells of {self.meta.partitions} partitions: what is"
                f" in {path} is not read"
            )

    def _partition(self, number: int) -> PagedReader:
        path = partition_name(self.path, number)
        if not os.path.exists(path) or not stat.S_ISREG(os.stat(path).st_mode):
            raise CatalogCorrupt(
                f"{self.path}: its partition {path} is missing",
                hint="put all partitions beside it",
                path=self.path,
            )
        pages, meta = open_pages(path)
        pages.opened_as = self.path
        if meta.method != self.meta.method or meta.is_master:
            os.close(pages.descriptor)
            raise CatalogCorrupt(
                f"{path} is no partition of {self.path}",
                hint="put its own partitions beside it",
                path=self.path,
            )
        # A partition has the flag of being partitioned, and none of its own.
        from dataclasses import replace

        return reader_of_method(self.flavour, path, pages, replace(meta, partitions=0))

    def _take_warnings(self, reader: PagedReader) -> None:
        self.warnings.extend(line for line in reader.warnings if line not in self.warnings)

    def _fetch(self, key: bytes) -> bytes | None:
        """Ask each partition: which one a key belongs to may be up to a function."""
        self._require_open()
        for number in range(min(self.meta.partitions, _MOST)):
            with self._partition(number) as reader:
                value = reader._fetch(key)
            if value is not None:
                return value
        return None

    def salvage(self) -> Iterator[tuple[bytes, bytes]]:
        """Yield every whole record of every partition that is there."""
        self._require_open()
        self.losses = []
        standing = self._standing()
        for number in standing:
            try:
                reader = self._partition(number)
            except CatalogCorrupt as error:
                self.losses.append(error.message)
                continue
            with reader:
                yield from reader.salvage()
                self.losses.extend(reader.losses)
                self._take_warnings(reader)
        missing = self.meta.partitions - len(standing)
        if missing > 0:
            self.losses.append(f"{missing} of {self.meta.partitions} partitions: no such file")

    def _standing(self) -> list[int]:
        """Return the numbers of the partition files that are there, whatever the meta page says.

        A damaged one can tell of a million.
        """
        prefix = os.path.basename(partition_name(self.path, 0))[:-_DIGITS]
        names = os.listdir(os.path.dirname(self.path) or ".")
        numbers = [name.removeprefix(prefix) for name in names if name.startswith(prefix)]
        return sorted({int(each) for each in numbers if each.isascii() and each.isdecimal()})
