r"""The text that db_dump writes and db_load reads: parsing it, and writing it from records.

Source: db_dump's manual and db/db_pr.c (__db_prheader) of 5.3. A section is a header of name=value
lines up to HEADER=END, then a line for each datum, up to DATA=END. A line is a blank and the datum
in hexadecimal (format=bytevalue) or as text with `\\` and `\hh` (format=print). Before 3.0 there
was no VERSION line, no blank and no DATA=END.
"""

from __future__ import annotations

import re
from binascii import hexlify, unhexlify
from dataclasses import dataclass

from plugreg.backends.errors import CatalogCorrupt, salvage_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

# Access methods whose records are dumped without their numbers, unless keys=1.
_NUMBERED = ("recno", "queue", "heap")
_ESCAPE = re.compile(rb"\\(\\|[0-9a-fA-F]{2})?")
_UNPRINTABLE = re.compile(rb"[^ -\[\]-~]")
_HEADER_LINES = 1000


@dataclass(frozen=True, slots=True)
class Section:
    """The header of one database in a dump.

    Attributes:
        database: Its name, or "".
        printable: True for format=print.
        old: True for a dump of 2.x.
        keyed: False where each line is a value and its number the key.
        method: The access method that the dump is to be loaded into, or "".
        duplicates: True where a key may have several values.
        dupsort: True where those are sorted.
    """

    database: str
    printable: bool
    old: bool
    keyed: bool
    method: str
    duplicates: bool
    dupsort: bool


class DumpParser:
    """Reads a dump line by line; errors name the line.

    Attributes:
        path: Named in errors.
        line: The number of the line read last.
    """

    def __init__(self, path: str, lines: Iterable[bytes]) -> None:
        self.path = path
        self.line = 0
        self._lines = iter(lines)

    def broken(self, what: str) -> CatalogCorrupt:
        """Return the error that names the line and what is wrong with it."""
        return CatalogCorrupt(
            f"{self.path}: line {self.line}: {what}",
            hint=f"dump the database again, or {salvage_of(self.path)}",
            path=self.path,
            line=self.line,
        )

    def sections(self) -> Iterator[Section]:
        """Yield each section; its records have to be read before the next is asked for."""
        while (line := self._next()) is not None:
            yield self._header(line)

    def _next(self) -> bytes | None:
        line = next(self._lines, None)
        if line is None:
            return None
        self.line += 1
        return line.rstrip(b"\r\n")

    def _header(self, line: bytes | None) -> Section:
        header: dict[bytes, bytes] = {}
        while line != b"HEADER=END":
            name, equals, value = (line or b"").partition(b"=")
            if not equals or len(header) > _HEADER_LINES:
                raise self.broken("a header line is not name=value")
            header[name] = value
            line = self._next()
        form = header.get(b"format", b"bytevalue")
        if form not in (b"bytevalue", b"print"):
            raise self.broken(f"unknown format {form.decode('latin-1')!r}")
        method = header.get(b"type", b"").decode("latin-1")
        return Section(
            database=header.get(b"database", b"").decode("utf-8", "surrogateescape"),
            printable=form == b"print",
            old=b"VERSION" not in header,
            keyed=method not in _NUMBERED or header.get(b"keys") == b"1",
            method=method,
            duplicates=header.get(b"duplicates") == b"1",
            dupsort=header.get(b"dupsort") == b"1",
        )

    def records(self, section: Section) -> Iterator[tuple[bytes, bytes]]:
        """Yield the records of a section.

        Raises:
            CatalogCorrupt: A line breaks the form, or the end is missing.
        """
        data = self._data(section)
        for number, datum in enumerate(data, 1):
            if section.keyed:
                value = next(data, None)
                if value is None:
                    raise self.broken("an odd number of data lines: the last key has no value")
                yield datum, value
            else:
                yield b"%d" % number, datum

    def _data(self, section: Section) -> Iterator[bytes]:
        while (line := self._next()) != b"DATA=END":
            if line is None:
                if section.old:
                    return
                cut = self.broken("the dump is cut: DATA=END is missing")
                cut.details["cut"] = True
                raise cut
            if not section.old:
                if line[:1] != b" ":
                    raise self.broken("a data line does not start with a blank")
                line = line[1:]
            try:
                datum = _from_print(line) if section.printable else unhexlify(line)
            except ValueError as error:
                form = "printable text" if section.printable else "hexadecimal"
                raise self.broken(f"a data line is not {form}") from error
            yield datum


def _from_print(line: bytes) -> bytes:
    return _ESCAPE.sub(_unescaped, line) if b"\\" in line else line


def _unescaped(match: re.Match[bytes]) -> bytes:
    code = match[1]
    if code is None:
        raise ValueError("a lone backslash")
    return code if code == b"\\" else unhexlify(code)


def read_dump(lines: Iterable[bytes], path: str = "the dump") -> Iterator[tuple[str, bytes, bytes]]:
    r"""Yield (name of the database or "", key, value) for each record of a dump.

    `lines` is a file opened for reading bytes, or any iterable of lines; `path` is for errors.

    >>> list(read_dump([b"VERSION=3\n", b"type=hash\n", b"HEADER=END\n", b" 61\n", b" 62\n",
    ...                 b"DATA=END\n"]))
    [('', b'a', b'b')]

    Raises:
        CatalogCorrupt: A line breaks the form; its number is named.
    """
    parser = DumpParser(path, lines)
    for section in parser.sections():
        for key, value in parser.records(section):
            yield section.database, key, value


def write_dump(
    records: Iterable[tuple[bytes, bytes]],
    *,
    method: str = "btree",
    printable: bool = False,
    database: str = "",
    duplicates: bool = False,
    dupsort: bool = False,
) -> Iterator[bytes]:
    r"""Yield the lines of a dump that db_load takes, each with its newline.

    `method` is "btree" or "hash", or "recno" where the keys are decimal numbers; `duplicates`
    lets a key have several values, and `dupsort` says that those are sorted.

    >>> b"".join(write_dump([(b"a", b"\0")], printable=True))
    b'VERSION=3\nformat=print\ntype=btree\nHEADER=END\n a\n \\00\nDATA=END\n'
    """
    encoded = _as_print if printable else hexlify
    yield b"VERSION=3\n"
    yield b"format=print\n" if printable else b"format=bytevalue\n"
    if database:
        yield b"database=%s\n" % database.encode("utf-8", "surrogateescape")
    yield b"type=%s\n" % method.encode("ascii")
    if duplicates:
        yield b"duplicates=1\n"
    if dupsort:
        yield b"dupsort=1\n"
    if method == "recno":
        yield b"keys=1\n"
    yield b"HEADER=END\n"
    for key, value in records:
        yield b" %s\n %s\n" % (encoded(key), encoded(value))
    yield b"DATA=END\n"


def _as_print(datum: bytes) -> bytes:
    escaped = datum.replace(b"\\", b"\\\\")
    return _UNPRINTABLE.sub(_escaped, escaped) if not escaped.isalnum() else escaped


def _escaped(match: re.Match[bytes]) -> bytes:
    # The backslashes of the datum are doubled by now, and stay.
    return match[0] if match[0] == b"\\" else b"\\%02x" % match[0][0]
