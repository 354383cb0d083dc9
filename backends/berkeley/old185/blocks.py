"""The pages of a 1.85 file, and the reader over them."""

from __future__ import annotations

import os
import struct

from plugreg.backends.berkeley.damage import broken_page
from plugreg.backends.errors import CatalogCorrupt, restore_or_salvage
from plugreg.backends.footprint import unreadable
from plugreg.backends.reader import Reader
from plugreg.backends.regular import open_regular

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator


class Blocks:
    """A file of pages of one size, read with `os.pread`.

    Attributes:
        path: Of the file.
        file_size: In bytes.
        size: Of a page, in bytes; set once the header was read.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        try:
            self.descriptor = open_regular(path)
        except OSError as error:
            raise unreadable(error, path) from error
        self.file_size = os.fstat(self.descriptor).st_size
        self.size = 1
        self.order = "<"

    @property
    def count(self) -> int:
        """How many whole pages the file has."""
        return self.file_size // self.size

    def set_layout(self, size: int, order: str) -> None:
        """Take page size and byte order from the file's header."""
        self.size = size
        self.order = order
        self.u16 = struct.Struct(f"{order}H").unpack_from
        self.u32 = struct.Struct(f"{order}I").unpack_from

    def head(self, size: int) -> bytes:
        """Return the first bytes of the file."""
        return os.pread(self.descriptor, size, 0)

    def page(self, number: int) -> bytes:
        """Return a page of the file.

        Raises:
            CatalogCorrupt: It lies beyond the end.
        """
        if not 0 <= number < self.count:
            raise self.broken(number, f"the file ends at page {self.count}: cut or damaged")
        page = os.pread(self.descriptor, self.size, number * self.size)
        if len(page) < self.size:
            raise self.broken(number, "the file was cut while it was read")
        return page

    def broken(self, number: int, what: str) -> CatalogCorrupt:
        """Return the error that names a page and what is wrong with it."""
        return broken_page(self.path, number, self.size, what)


class Old185Reader(Reader):
    """A reader over a 1.85 file; keys are found through an index."""

    header_size: int

    def __init__(self, flavour: str, path: str) -> None:
        blocks = Blocks(path)
        super().__init__(flavour, path)
        self.blocks = blocks
        self.losses: list[str] = []
        try:
            self._read_header(blocks.head(self.header_size))
        except BaseException:
            self.close()
            raise

    def records(self) -> Iterator[tuple[bytes, bytes]]:
        """Yield every (key, value) in the order of the file, duplicates included.

        Raises:
            CatalogCorrupt: The bytes break a rule of the format; the page is named.
        """
        self._require_open()
        return self._walk()

    def _read_header(self, head: bytes) -> None:
        """Set the layout of the blocks by the file's first bytes, or raise CatalogCorrupt."""
        raise NotImplementedError

    def _bad_header(self, what: str) -> CatalogCorrupt:
        return CatalogCorrupt(
            f"{self.path}: header: {what}", hint=restore_or_salvage(self.path), path=self.path
        )

    def _walk(self) -> Iterator[tuple[bytes, bytes]]:
        raise NotImplementedError

    def _close(self) -> None:
        os.close(self.blocks.descriptor)
