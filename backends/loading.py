"""The text of a dump as records again, in the forms that `dumping` writes and one more.

`gdbm` is also what gdbm_dump writes with `-H binary`, and gdbm_export: bytes, and not lines.
"""

from __future__ import annotations

import os
from functools import partial
from itertools import chain

from .dumping import FORMS
from .errors import CatalogCorrupt, CatalogError
from .migration.duplicates import kept

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import BinaryIO

    Record = tuple[bytes, bytes]

_BINARY = b"!\r\n"
# A line is in memory whole. Base64 makes this of a value of 190 MiB.
MOST_LINE_BYTES = 256 * 1024**2


def records_of(
    lines: Iterable[bytes],
    form: str | None = None,
    *,
    duplicates: str | None = None,
    allow_empty: bool = False,
    warnings: list[str] | None = None,
) -> Iterator[Record]:
    """Yield (key, value) of each record of a dump.

    Streams, but for GDBM's binary form and `duplicates="last"`, which go through a temporary file.

    Args:
        lines: A file opened for reading bytes, or any lines.
        form: One of `FORMS`; None lets the first line say.
        duplicates: "first" or "last", the value to keep of a key that has several; None keeps all.
            Takes about 100 bytes of memory for each key.
        allow_empty: Take no bytes at all for the dump of an empty database. They are also what a
            pipe gives of a dump that failed.
        warnings: Gets what else to know, one line each, when all records have been read.

    Raises:
        CatalogError: A line breaks the form, the end is missing, there are no bytes at all, or a
            file has a line of more than 256 MiB (code "dump-line-too-long").
    """
    told = [] if warnings is None else warnings
    read = getattr(lines, "readline", None)
    rest = iter(lines) if read is None else _bounded(read)
    first = next(rest, b"")
    if not first:
        if not allow_empty:
            raise CatalogError(
                "the dump is empty, as that of a command that failed",
                hint="see what made it; an empty database is made with --allow-empty",
                code="dump-empty",
            )
        return iter(())
    parse = _PARSERS[form or _form_of(first)]
    whole = chain((first,), rest)
    if duplicates is None:
        return parse(whole, told)
    return _chosen(whole, parse, duplicates, told)


def _bounded(read: Callable[[int], bytes]) -> Iterator[bytes]:
    """Yield the lines of a file, and never more of one than a bound: a device may have no end."""
    for number, line in enumerate(iter(partial(read, MOST_LINE_BYTES + 1), b""), 1):
        if len(line) > MOST_LINE_BYTES:
            raise CatalogError(
                f"line {number} of the dump is longer than {MOST_LINE_BYTES:,} bytes",
                hint="is it a dump? `plugreg migrate` copies a database of values as large as that",
                code="dump-line-too-long",
                line=number,
            )
        yield line


def _chosen(
    lines: Iterable[bytes],
    parse: Callable[[Iterable[bytes], list[str]], Iterator[Record]],
    choice: str,
    warnings: list[str],
) -> Iterator[Record]:
    """Yield the records with one value for each key; then say how many were left out."""
    read = 0
    told: list[str] = []

    def counted(found: Iterable[bytes]) -> Iterator[Record]:
        nonlocal read
        read = 0
        told.clear()  # it may be read twice
        for record in parse(found, told):
            read += 1
            yield record

    written = 0
    if choice == "first":
        records = kept(lambda: counted(lines), choice)
    else:
        file = _spooled(lines)
        records = kept(lambda: counted(_from_start(file)), choice)
    for record in records:
        written += 1
        yield record
    warnings += told
    if read > written:
        warnings.append(
            f"left out: {read - written:,} further values of keys that have several; the {choice}"
            " of each was kept"
        )


def _spooled(lines: Iterable[bytes]) -> BinaryIO:
    """Return a file with the lines in it, which is gone when it is closed or forgotten."""
    import tempfile

    file = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as the records are read
    try:
        file.writelines(lines)
        file.flush()
    except OSError as error:
        raise CatalogError(
            f"{tempfile.gettempdir()} cannot hold a copy of the dump: {error.strerror or error}",
            hint="make room there, or set TMPDIR to another folder",
            code="dump-spool",
        ) from error
    return file


def _from_start(file: BinaryIO) -> BinaryIO:
    file.seek(0)
    return file


def _form_of(line: bytes) -> str:
    if line.startswith(b"# GDBM") or line == _BINARY:
        return "gdbm"
    if line.startswith((b"VERSION=", b"format=")):
        return "berkeley"
    if not line.strip() or line.lstrip().startswith(b"{"):
        return "jsonl"
    raise CatalogError(
        f"the dump starts with {line[:40]!r}, which none of the forms {', '.join(FORMS)} does",
        hint="load takes what dump, gdbm_dump or db_dump wrote",
        code="dump-form",
    )


def _from_json_lines(lines: Iterable[bytes], warnings: list[str]) -> Iterator[Record]:
    from .json_lines import loaded

    return loaded(lines, warnings)


def _from_gdbm(lines: Iterable[bytes], warnings: list[str]) -> Iterator[Record]:
    rest = iter(lines)
    first = next(rest, b"")
    if first == _BINARY:
        return _from_binary(chain((first,), rest), warnings)
    from .gdbm.ascii_dump import read_ascii

    return read_ascii(chain((first,), rest))


def _from_binary(lines: Iterable[bytes], warnings: list[str]) -> Iterator[Record]:
    from .gdbm.binary_dump import BinaryDump

    with _spooled(lines) as file:
        descriptor = file.fileno()
        size = os.fstat(descriptor).st_size
        dump = BinaryDump(lambda size, at: os.pread(descriptor, size, at), size, _of_no_file)
        yield from dump.records(warnings)


def _of_no_file(problem: str) -> CatalogCorrupt:
    return CatalogCorrupt(f"the dump: {problem}", hint="dump the database again")


def _from_berkeley(lines: Iterable[bytes], _: list[str]) -> Iterator[Record]:
    from .berkeley.dump_text import read_dump

    names = set()
    for name, key, value in read_dump(lines):
        names.add(name)
        if len(names) > 1:
            raise CatalogError(
                f"the dump holds several databases: {', '.join(map(repr, sorted(names)))}",
                hint="keep it as a file, and migrate one of them by --database",
                code="database-ambiguous",
            )
        yield key, value


_PARSERS: dict[str, Callable[[Iterable[bytes], list[str]], Iterator[Record]]] = {
    "jsonl": _from_json_lines,
    "gdbm": _from_gdbm,
    "berkeley": _from_berkeley,
}
