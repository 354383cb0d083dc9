"""A store over a GDBM dump, ASCII or binary: read-only, its keys indexed at the first look-up."""

from __future__ import annotations

from plugreg.backends.reader import Reader
from plugreg.backends.regular import open_regular

from .ascii_dump import AsciiDump, lines_of
from .binary_dump import SIGNATURE, BinaryDump
from .file import GdbmFile

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO


class GnuDumpReader(Reader):
    """A read-only store over one dump file; its index holds every record in memory."""

    def __init__(self, flavour: str, path: str, *, timeout_s: float) -> None:
        super().__init__(flavour, path)
        self._file = GdbmFile(path, timeout_s=timeout_s)

    def records(self) -> Iterator[tuple[bytes, bytes]]:
        """Yield every (key, value) in the order of the dump."""
        self._require_open()
        if self._is_binary():
            yield from self._binary().records(self.warnings)
            return
        with open(self.path, "rb", opener=open_regular) as file:
            yield from self._ascii(file).records()

    def salvage(self) -> Iterator[tuple[bytes, bytes]]:
        """Yield the records before the first damage; what follows may be out of step."""
        self._require_open()
        losses: list[str] = []
        self.losses = losses
        if self._is_binary():
            yield from self._binary().salvage(losses)
            return
        with open(self.path, "rb", opener=open_regular) as file:
            yield from self._ascii(file).salvage(losses)

    def _is_binary(self) -> bool:
        head = self._file.read(min(len(SIGNATURE), self._file.size), 0)
        return head == SIGNATURE

    def _binary(self) -> BinaryDump:
        return BinaryDump(self._file.read, self._file.size, self._file.corrupt)

    def _ascii(self, file: BinaryIO) -> AsciiDump:
        return AsciiDump(lines_of(file), self._file.size, self._file.corrupt)

    def _close(self) -> None:
        self._file.close()
