"""A store over a db_dump text file."""

from __future__ import annotations

from contextlib import suppress

from plugreg.backends.errors import CatalogCorrupt, FlavourError
from plugreg.backends.footprint import unreadable
from plugreg.backends.reader import Reader
from plugreg.backends.regular import open_regular

from .dump_text import DumpParser

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

_DUMPED_AS = {"hash": "hash", "recno": "recno", "queue": "recno"}


class DumpReader(Reader):
    """A dump of one database, or one database of a dump of several."""

    may_repeat = True

    def __init__(self, flavour: str, path: str, database: str | None = None) -> None:
        """Open the dump; a `database` is needed where there are several.

        Raises:
            FlavourError: It is not told, or not there; the details have the names.
        """
        super().__init__(flavour, path)
        self.losses: list[str] = []
        self._database = database
        try:
            self._file = open(path, "rb", opener=open_regular)  # noqa: SIM115 - closed with the store
        except OSError as error:
            raise unreadable(error, path) from error
        try:
            self._require_choice()
            self._read_header()
        except BaseException:
            self._file.close()
            raise

    def _require_choice(self) -> None:
        names = dump_databases(self.path)
        if self._database is None and len(names) > 1:
            raise FlavourError(
                f"{self.path} holds {len(names)} databases: {', '.join(map(repr, names))}",
                hint="name one of them",
                code="database-ambiguous",
                path=self.path,
                databases=names,
            )
        if self._database is not None and self._database not in names:
            raise FlavourError(
                f"{self.path} has no database `{self._database}`",
                hint=f"choose one of {', '.join(map(repr, names))}",
                code="database-unknown",
                path=self.path,
            )

    def _read_header(self) -> None:
        """Take from the chosen section's header how its records are to be loaded.

        One that is damaged, or comes behind damage, tells nothing; reading the records will.
        """
        with suppress(CatalogCorrupt), open(self.path, "rb", opener=open_regular) as file:
            parser = DumpParser(self.path, file)
            for section in parser.sections():
                if self._database in (None, section.database):
                    self.method = _DUMPED_AS.get(section.method, "btree")
                    self.says_repeats = section.duplicates
                    self.sorts_repeated = section.dupsort
                    return
                for _ in parser.records(section):
                    pass

    def records(self) -> Iterator[tuple[bytes, bytes]]:
        """Yield every (key, value) in the order of the dump.

        Raises:
            CatalogCorrupt: A line breaks the form; its number is named.
        """
        self._require_open()
        with open(self.path, "rb", opener=open_regular) as file:
            parser = DumpParser(self.path, file)
            for section in parser.sections():
                wanted = self._database in (None, section.database)
                for record in parser.records(section):
                    if wanted:
                        yield record

    def salvage(self) -> Iterator[tuple[bytes, bytes]]:
        """Yield the records before the damage: after it, keys and values cannot be told apart."""
        self.losses = []
        try:
            yield from self.records()
        except CatalogCorrupt as error:
            lost = "what may have followed" if "cut" in error.details else "all after it"
            self.losses.append(f"{lost}: {error.message}")

    def _close(self) -> None:
        self._file.close()


def dump_databases(path: str) -> list[str]:
    """Return the names of the databases in a dump, in its order; "" for one without a name."""
    names = []
    with open(path, "rb", opener=open_regular) as file:
        in_header = True
        name = ""
        for line in file:
            stripped = line.rstrip(b"\r\n")
            if in_header and stripped.startswith(b"database="):
                name = stripped[9:].decode("utf-8", "surrogateescape")
            if in_header and stripped == b"HEADER=END":
                names.append(name)
                in_header, name = False, ""
                if len(names) == 1 and not names[0]:  # a dump of one database: no need to look on
                    return names
            elif stripped == b"DATA=END":
                in_header = True
    return names
