"""The two open files of a pair, read page by page."""

from __future__ import annotations

import errno
import os

from plugreg.backends.errors import CatalogCorrupt, CatalogError
from plugreg.backends.footprint import unreadable
from plugreg.backends.regular import open_regular

from .bitmap import BitMap
from .page import PAGE_SIZE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

_PAGES_AT_ONCE = 64


class PairFiles:
    """A .pag file and its .dir, which may be missing: reading all records does not take it.

    Attributes:
        size: Of the .pag, in bytes.
        bits: The bits of the .dir, or None where there is none.
    """

    def __init__(self, path: str) -> None:
        self._open: list[int] = []
        self._path = path
        pag = self._opened(".pag")
        if pag is None:
            raise CatalogCorrupt(
                f"{path}.pag is missing: {path}.dir alone holds no record",
                hint="look for the .pag file in a backup",
                path=path,
            )
        self._pag = pag
        self.size = os.fstat(pag).st_size
        index = self._opened(".dir")
        self.bits = BitMap(index) if index is not None else None

    def _opened(self, suffix: str) -> int | None:
        try:
            descriptor = open_regular(self._path + suffix)
        except FileNotFoundError:
            return None
        except OSError as error:
            self.close()
            raise unreadable(error, self._path + suffix) from error
        except CatalogError:
            self.close()
            raise
        self._open.append(descriptor)
        return descriptor

    def pages(self, most: int | None = None) -> Iterator[tuple[int, bytes]]:
        """Yield (number, bytes) of the pages in order, of the first so many; the last may be cut.

        Pages of zeros, which are empty, may be left out: deep splits leave large holes.
        """
        count = -(-self.size // PAGE_SIZE)
        count = count if most is None else min(count, most)
        first = 0
        while first < count:
            some = min(_PAGES_AT_ONCE, count - first)
            block = os.pread(self._pag, some * PAGE_SIZE, first * PAGE_SIZE)
            if block.count(0) == len(block):
                first = max(first + some, self._next_data((first + some) * PAGE_SIZE))
                continue
            for place in range(some):
                yield first + place, block[place * PAGE_SIZE : (place + 1) * PAGE_SIZE]
            first += some

    def _next_data(self, position: int) -> int:
        """Return the page with the next bytes that are no hole, where the system tells."""
        if not hasattr(os, "SEEK_DATA"):
            return 0
        try:
            return os.lseek(self._pag, position, os.SEEK_DATA) // PAGE_SIZE
        except OSError as error:
            if error.errno == errno.ENXIO:  # a hole up to the end
                return self.size
            return 0

    def close(self) -> None:
        """Close both files."""
        while self._open:
            os.close(self._open.pop())
