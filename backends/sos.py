"""Flavour `sos`: the text files of pysos, a line of JSON for each record of a Dict or a List.

Keys and values are the JSON texts themselves, as bytes. pysos changes lines in place; here a change
rewrites the file.
"""

from __future__ import annotations

import os

from .errors import CatalogCorrupt, salvage_of
from .flavour import Flavour
from .footprint import unreadable
from .reader import Reader
from .regular import open_regular
from .sos_lines import LIST_MAGIC, MAGICS, damage_of, parsed_key, record_lines, starts_well

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from .footprint import Footprint
    from .sos_lines import SosLine
    from .store import Store


_NO_FIRST_LINE = f"line 1 is not {' or '.join(magic.decode() for magic in MAGICS)}"


class SosReader(Reader):
    """A read-only store over a pysos file; where each key's last line lies is kept in memory."""

    def __init__(self, path: str) -> None:
        super().__init__("sos", path)
        self.losses: list[str] = []
        try:
            self._descriptor = open_regular(path)
        except OSError as error:
            raise unreadable(error, path) from error

    def records(self) -> Iterator[tuple[bytes, bytes]]:
        """Yield (key, value) as JSON text, of each key's last line, in the order of the file.

        Raises:
            CatalogCorrupt: A line is no record; its number is named.
        """
        self._require_open()
        if not starts_well(self._descriptor):
            raise self._corrupt(_NO_FIRST_LINE)
        yield from self._last_lines(self._refuse)

    def salvage(self) -> Iterator[tuple[bytes, bytes]]:
        """Yield the records of all good lines; `losses` names the others."""
        self._require_open()
        self.losses.clear()
        if not starts_well(self._descriptor):
            self.losses.append(_NO_FIRST_LINE)
        yield from self._last_lines(self._lose)

    def _last_lines(self, report: Callable[[SosLine, str], None]) -> Iterator[tuple[bytes, bytes]]:
        """Go through the file twice: what is the last line of its key is known only at the end."""
        last: dict[object, int] = {}
        for line in record_lines(self._descriptor):
            damage = damage_of(line)
            if damage:
                report(line, damage)
            else:
                last[parsed_key(line.key)] = line.number
        wanted = set(last.values())
        last.clear()
        for line in record_lines(self._descriptor):
            if line.number in wanted:
                yield line.key, line.value

    def _lose(self, line: SosLine, damage: str) -> None:
        self.losses.append(f"line {line.number} at byte {line.position} {damage}")

    def _refuse(self, line: SosLine, damage: str) -> None:
        raise self._corrupt(f"line {line.number} at byte {line.position} {damage}")

    def _corrupt(self, damage: str) -> CatalogCorrupt:
        return CatalogCorrupt(
            f"{self.path}: {damage}",
            hint=f"mend the line in an editor, or {salvage_of(self.path)}",
            path=self.path,
        )

    def _close(self) -> None:
        os.close(self._descriptor)


class SosFlavour(Flavour):
    """Pysos' Dict and List."""

    name = "sos"
    title = "pysos text file: a line of JSON a record"
    guarantees = (
        "durable; transactions; one plugreg writer, many readers; a change rewrites the file;"
        " keys and values are one-line JSON"
    )
    bytes_held_per_record = 150
    writer_lock = True

    def recognise(self, found: Footprint) -> str | None:
        """Look for the first line."""
        head = found.head()
        for magic in MAGICS:
            if head.startswith((magic + b"\n", magic + b"\r\n")) or head == magic:
                return f"first line {magic.decode()!r}"
        return None

    def files(self, path: str) -> tuple[str, ...]:
        """Return the one file."""
        return (path,)

    def open(self, path: str, *, read_only: bool, timeout_s: float) -> Store:
        """Open the file, to read it or to rewrite it; pysos has no lock, so it is not kept out.

        Raises:
            FlavourUnavailable: It is a list by its first line, and would become a dict.
        """
        if read_only:
            return SosReader(path)
        from .rewritten import open_rewritten
        from .sos_writer import fill

        return open_rewritten(
            self,
            path,
            connect=SosReader,
            fill=fill,
            timeout_s=timeout_s,
            refusal=_lost_by_rewriting,
        )

    def misfit(self, key: bytes, value: bytes) -> str:
        """Return that a record is not one-line JSON, and why, or ""."""
        from .sos_writer import misfit

        return misfit(key, value)

    def write_fresh(self, path: str, records: Iterable[tuple[bytes, bytes]]) -> int:
        """Make a file of the records, as `Flavour.write_fresh`."""
        from .fresh import fresh_files
        from .sos_writer import fill

        with fresh_files(path) as (file,):
            return fill(file, path, self.name, records)


def _lost_by_rewriting(reader: Reader) -> str:
    with open(reader.path, "rb", opener=open_regular) as file:
        is_list = file.readline().strip() == LIST_MAGIC
    return "it is a pysos List, which would become a Dict" if is_list else ""


FLAVOUR = SosFlavour()
