"""Any database as text, in three forms; `loading` has the way back.

`jsonl` is a line of JSON for each record (`json_lines`), `gdbm` the ASCII dump that gdbm_load
takes, `berkeley` the text that db_load takes.
"""

from __future__ import annotations

import os
from contextlib import ExitStack

from .migration.duplicates import require_no_duplicates
from .migration.source import Opening, opened, require_source

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Self

    Record = tuple[bytes, bytes]

FORMS = ("jsonl", "gdbm", "berkeley")


class Dump:
    """An open database whose records go out as text; a context manager.

    Attributes:
        path: The name by which it was opened.
        flavour: What it is.
    """

    def __init__(
        self,
        source: str | bytes | os.PathLike[str],
        *,
        flavour: str | None = None,
        database: str | None = None,
        salvage: bool = False,
        duplicates: str | None = None,
        timeout_s: float = 5.0,
    ) -> None:
        """Open the database.

        Args:
            source: Any name that `identify` takes.
            flavour: What it is, where its bytes do not say.
            database: Which one, in a file of several.
            salvage: Take what is whole of a damaged one; `skipped` says what was lost.
            duplicates: "first" or "last", the value to keep of a key that has several; None keeps
                all of them, which JSON Lines and db_dump's text can hold.
            timeout_s: How long to wait for a lock, in seconds.

        Raises:
            CatalogError: It does not exist, is locked, damaged, or may not be read.
            FlavourError: It is no database.
        """
        found = require_source(os.fsdecode(source), flavour, salvage=salvage)
        self.path = found.path
        self.flavour = found.flavour
        self._exit = ExitStack()
        how = Opening(
            salvage=salvage, duplicates=duplicates, timeout_s=timeout_s, database=database
        )
        self._source = self._exit.enter_context(opened(found, how, alone=False))
        self._written = 0

    def records(self) -> Iterator[Record]:
        """Yield every (key, value); streams."""
        self._written = 0
        for record in self._source.records():
            self._written += 1
            yield record

    def lines(self, form: str = "jsonl") -> Iterator[str]:
        """Yield the text of a dump, in lines with their newlines; streams.

        Raises:
            CatalogCorrupt: The database is damaged; the dump has no end then.
            DuplicateKeys: Keys have several values, which `gdbm` cannot hold.
        """
        return self.text_of(self.records(), form)

    def text_of(self, records: Iterable[Record], form: str) -> Iterator[str]:
        """Yield the text of these records in one of `FORMS`, as of a dump of this database."""
        if form == "jsonl":
            from .json_lines import dumped

            return dumped(records)
        if form == "gdbm":
            from .gdbm.ascii_dump import write_ascii

            if self._source.may_repeat and not self._source.chosen:
                require_no_duplicates(self._source.all_records(), self.path)
            return _text(write_ascii(records, os.path.basename(self.path)))
        from .berkeley.dump_text import write_dump

        source = self._source
        several = source.repeats()
        dump = write_dump(
            records,
            method=source.method,
            duplicates=several,
            dupsort=several and source.sorts_repeated,
        )
        return _text(dump)

    @property
    def skipped(self) -> list[str]:
        """What was left out, one line each; known when all records have been read."""
        return self._source.skipped(self._written)

    @property
    def warnings(self) -> list[str]:
        """What else to know, when all records have been read."""
        return self._source.warnings

    def close(self) -> None:
        """Close the database."""
        self._exit.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()


def _text(lines: Iterable[bytes]) -> Iterator[str]:
    return (line.decode("ascii", "backslashreplace") for line in lines)
