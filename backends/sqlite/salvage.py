"""The whole rows of a damaged SQLite file, found in its pages and checked against its index.

Every page that the table's root still leads to is read. Where one is damaged, the pages below it
are looked for among those that nothing leads to and that are not free. A row counts where the
index of the keys confirms key and row number, so that overwritten bytes make no record, and a
deleted row does not come back. Where a part of the index is lost, a row that the rest of it does
not know counts as well, if the tree leads to it and nothing else is wrong on its page.
"""

from __future__ import annotations

import os

from plugreg.backends.driver import sqlite3
from plugreg.backends.errors import CatalogCorrupt
from plugreg.backends.footprint import unreadable
from plugreg.backends.reader import Reader
from plugreg.backends.regular import open_regular

from .connection import connect, require_own_sidecars
from .key_index import KeyIndex
from .pages import INDEX_LEAF, TABLE_LEAF, BadPage, SqlitePages

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from .pages import Row

_NAMED = 5
_COLUMNS = 2  # key and value
_SCHEMA_COLUMNS = 5  # type, name, tbl_name, rootpage, sql


class SqliteSalvage(Reader):
    """A read-only store over a SQLite file that may be damaged.

    A -wal or a -journal beside it is joined first, in a private copy.
    """

    def __init__(self, path: str) -> None:
        super().__init__("sqlite3", path)
        self.losses: list[str] = []
        self._folder = ""
        file = self._joined() if self._has_sidecar() else path
        try:
            self._descriptor = open_regular(file)
        except OSError as error:
            self._forget_copy()
            raise unreadable(error, path) from error

    def _has_sidecar(self) -> bool:
        return any(
            os.path.exists(file) and os.path.getsize(file)
            for file in (self.path + "-wal", self.path + "-journal")
        )

    def _joined(self) -> str:
        """Return a copy into which SQLite has written the log: that takes no tree to be good."""
        import tempfile
        from shutil import copyfile

        require_own_sidecars(self.path)
        self._folder = tempfile.mkdtemp(prefix="plugreg-")
        copy = os.path.join(self._folder, "copy")
        try:
            for suffix in ("", "-wal", "-journal"):
                if os.path.exists(self.path + suffix):
                    copyfile(self.path + suffix, copy + suffix)
            connection = connect(copy, "rw", 0)
            try:
                connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
            finally:
                connection.close()
        except (sqlite3.Error, UnicodeDecodeError) as error:
            self.warnings.append(f"what stands in the -wal or -journal was not joined: {error}")
        except BaseException as error:
            self._forget_copy()
            if isinstance(error, OSError):
                raise unreadable(error, self.path) from error
            raise
        return copy

    def records(self) -> Iterator[tuple[bytes, bytes]]:
        """Yield every record of a file without damage.

        Raises:
            CatalogCorrupt: There is damage; what was lost is named.
        """
        yield from self.salvage()
        if self.losses:
            raise self._corrupt(self.losses[0])

    def salvage(self) -> Iterator[tuple[bytes, bytes]]:
        """Yield the records of all good rows; `losses` names damage, and keys without a row.

        Memory grows with the keys.
        """
        self._require_open()
        self.losses[:] = self.warnings
        pages = SqlitePages(self._descriptor, self.path)
        table, index = self._roots(pages)
        seen: set[int] = {1}
        before = len(self.losses)
        keys = KeyIndex(pages.walk(index, INDEX_LEAF, self.losses.append, seen))
        keys.is_whole = len(self.losses) == before
        found: set[int] = set()
        for rowid, row in self._confirmed(pages, table, keys, seen):
            if rowid not in found:
                found.add(rowid)
                yield from self._record(rowid, row)
        if self.losses:
            for stray, row in self._strays(pages, seen):
                if stray is not None and stray not in found and keys.confirms(stray, row):
                    found.add(stray)
                    yield from self._record(stray, row)
        self._name_missing([key for rowid, key in keys.items() if rowid not in found])

    def _confirmed(
        self, pages: SqlitePages, table: int, keys: KeyIndex, seen: set[int]
    ) -> Iterator[tuple[int, Row]]:
        """Yield (rowid, columns) of the rows that the tree leads to and that are no invention."""
        refused: list[int] = []
        trusted = 0
        for number, page in pages.holding(table, TABLE_LEAF, self.losses.append, seen):
            before = len(self.losses)
            rows = list(pages.rows(number, page, self.losses.append, seen))
            is_sound = len(self.losses) == before and keys.may_hold(rows)
            for rowid, row in rows:
                if rowid is None:  # of an index, to which a damaged page leads
                    continue
                if keys.confirms(rowid, row):
                    yield rowid, row
                elif is_sound:
                    trusted += 1
                    yield rowid, row
                else:
                    refused.append(rowid)
        if refused:
            self.losses.append(
                f"{len(refused)} rows are not what the index of the keys says, and were left out:"
                f" {', '.join(map(str, refused[:_NAMED]))}"
            )
        if trusted:
            self.losses.append(
                f"{trusted} rows were taken from whole pages without the index of their keys,"
                " which is lost"
            )

    def _record(self, rowid: int, row: Row) -> Iterator[tuple[bytes, bytes]]:
        key, value = row
        if isinstance(key, bytes) and isinstance(value, bytes):
            yield key, value
        else:
            self.losses.append(f"row {rowid} holds no bytes")

    def _roots(self, pages: SqlitePages) -> tuple[int, int]:
        """Return the first pages of the table `Dict` and of the index of its keys, 0 if lost."""
        roots = {b"table": 0, b"index": 0}
        for _, row in pages.walk(1, TABLE_LEAF, self.losses.append, set()):
            if len(row) == _SCHEMA_COLUMNS and row[2] == b"Dict" and isinstance(row[3], int):
                kind = row[0]
                if isinstance(kind, bytes) and kind in roots:
                    roots[kind] = row[3]
        if not roots[b"table"] and not roots[b"index"]:
            raise self._corrupt("page 1 tells of no table Dict")
        return roots[b"table"], roots[b"index"]

    def _strays(self, pages: SqlitePages, seen: set[int]) -> Iterator[tuple[int | None, Row]]:
        """Yield the rows of leaf pages that nothing leads to any more."""
        free = pages.free(self.losses.append)
        for number in range(2, pages.count + 1):
            if number in seen or number in free:
                continue
            try:
                page = pages.page(number)
            except BadPage:  # the file was cut meanwhile
                return
            if page[0] == TABLE_LEAF:
                rows = pages.rows(number, page, lambda _: None, seen)
                yield from (found for found in rows if len(found[1]) == _COLUMNS)

    def _name_missing(self, missing: list[bytes]) -> None:
        if missing:
            named = ", ".join(repr(key[:40]) for key in missing[:_NAMED])
            self.losses.append(f"{len(missing)} keys of the index have no row left: {named}")

    def _corrupt(self, damage: str) -> CatalogCorrupt:
        return CatalogCorrupt(
            f"{self.path} is damaged: {damage}", hint="restore it from a backup", path=self.path
        )

    def _forget_copy(self) -> None:
        if self._folder:
            import shutil

            shutil.rmtree(self._folder, ignore_errors=True)

    def _close(self) -> None:
        os.close(self._descriptor)
        self._forget_copy()
