"""The ASCII dump of GDBM (`gdbm_dump`), both ways.

Source: gdbm 1.23, src/gdbmdump.c and src/gdbmload.c. Lines: `#:name=value,...` tells parameters,
any other `#` is a comment. A header up to `# End of header`; then key, value, key, value:
`#:len=N` and the datum in base64, 76 characters a line; then `#:count=N` and `# End of data`. An
empty datum has no line of base64 (version 1.1), or a comment in its place (1.2).
"""

from __future__ import annotations

import binascii
import re
import sys
from functools import partial

from plugreg.backends.errors import CatalogCorrupt

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import BinaryIO

SIGNATURE = b"# GDBM dump file"
_END_OF_HEADER = b"# End of header"
_END_OF_DATA = b"# End of data"
_PARAMETER = re.compile(rb'([A-Za-z_]++)=("(?:[^"\\]|\\.)*+"|[^,"]*+)(?:,|\Z)')
_LONGEST_LINE = 1 << 16
_BYTES_A_LINE = 57  # 76 characters of base64


class AsciiDump:
    """The records of a dump, in its order.

    `size` is that of the file in bytes, or the most that it can be; `fail` makes the error of a
    problem.
    """

    def __init__(
        self, lines: Iterator[bytes], size: int, fail: Callable[[str], CatalogCorrupt]
    ) -> None:
        self._lines = lines
        self._size = size
        self._fail = fail
        self._losses: list[str] | None = None
        self._line = 0
        self._ahead: bytes | None = None

    def records(self) -> Iterator[tuple[bytes, bytes]]:
        """Yield every (key, value); raises where anything is not as it must be."""
        self._header()
        number = 0
        while (length := self._next_length(number, odd=False)) is not None:
            key = self._datum(length)
            length = self._next_length(number, odd=True)
            value = self._datum(length or 0)
            number += 1
            if key is not None and value is not None:
                yield key, value

    def salvage(self, losses: list[str]) -> Iterator[tuple[bytes, bytes]]:
        """Yield the whole records, up to where keys and values may be out of step."""
        self._losses = losses
        try:
            yield from self.records()
        except CatalogCorrupt as error:
            losses.append(error.message)

    def _next(self) -> bytes:
        if self._ahead is not None:
            line, self._ahead = self._ahead, None
            return line
        line = next(self._lines, b"")
        self._line += 1
        if not line:
            raise self._fail(f"truncated after line {self._line - 1}: no {_END_OF_DATA.decode()!r}")
        return line.rstrip(b"\r\n")

    def _wrong(self, what: str) -> CatalogCorrupt:
        return self._fail(f"line {self._line}: {what}")

    def _header(self) -> None:
        if not self._next().startswith(SIGNATURE):
            raise self._wrong("no GDBM dump starts so")
        while (line := self._next()) != _END_OF_HEADER:
            version = self._parameters(line).get(b"version", b"1")
            if version.partition(b".")[0] != b"1":
                raise self._wrong(f"version {version.decode('latin-1')} of the format is not known")
            if not line.startswith(b"#"):
                raise self._wrong("data before the end of the header")

    def _parameters(self, line: bytes) -> dict[bytes, bytes]:
        """Return the parameters that a line tells; none where it is a comment."""
        if not line.startswith(b"#:"):
            return {}
        found, at = dict[bytes, bytes](), 2
        while at < len(line):
            match = _PARAMETER.match(line, at)
            if match is None:
                raise self._wrong(f"unreadable parameters {line[:60]!r}")
            found[match[1]] = match[2].strip(b'"')
            at = match.end()
        return found

    def _next_length(self, number: int, *, odd: bool) -> int | None:
        """Return the next datum's length, or None after the end, whose count must be right."""
        counted = False
        while True:
            line = self._next()
            if line == _END_OF_DATA:
                if odd or not counted:
                    raise self._wrong(
                        "a key has no value" if odd else "the end comes without a count"
                    )
                return None
            if not line.startswith(b"#"):
                raise self._wrong("data without a length")
            told = self._parameters(line)
            if b"len" in told:
                return self._number(told[b"len"], self._size)
            if b"count" in told:
                counted = True
                if self._number(told[b"count"], self._size) != number:
                    raise self._wrong(f"{line.decode('latin-1')} but {number} records")

    def _number(self, text: bytes, most: int) -> int:
        if not (text.isdigit() and len(text) < 20 and int(text) <= most):  # noqa: PLR2004 - digits of a u64
            raise self._wrong(f"{text[:40]!r} is no number of bytes or records in this file")
        return int(text)

    def _datum(self, length: int) -> bytes | None:
        """Return a datum of that length; its lines end where the next `#` starts one.

        In salvage, None for a damaged one that has as many lines as it must have.
        """
        started, lines, held = self._line, [], 0
        while not (line := self._next()).startswith(b"#"):
            lines.append(line)
            held += len(line)
            if held > 2 * length + 4:
                raise self._wrong(f"more data than the {length} bytes that line {started} tells")
        self._ahead = line
        try:
            return _decoded(lines, length)
        except ValueError as error:
            problem = self._fail(f"the datum of line {started}: {error}")
            if self._losses is None or len(lines) != -(-length // _BYTES_A_LINE):
                raise problem from error
            self._losses.append(problem.message)
            return None


def _decoded(lines: list[bytes], length: int) -> bytes:
    data = binascii.a2b_base64(b"".join(lines), strict_mode=True)
    if len(data) != length:
        raise ValueError(f"{length} bytes told, {len(data)} found")
    return data


def lines_of(file: BinaryIO) -> Iterator[bytes]:
    """Yield the lines of a file, the part of an endless one that no dump can have."""
    return iter(partial(file.readline, _LONGEST_LINE), b"")


def read_ascii(lines: Iterable[bytes]) -> Iterator[tuple[bytes, bytes]]:
    """Yield (key, value) of each record of an ASCII dump.

    Raises:
        CatalogCorrupt: A line breaks the form, or the end is missing; the line is named.
    """
    return AsciiDump(iter(lines), sys.maxsize, _of_no_file).records()


def _of_no_file(problem: str) -> CatalogCorrupt:
    return CatalogCorrupt(f"the dump: {problem}", hint="dump the database again")


def write_ascii(records: Iterable[tuple[bytes, bytes]], name: str) -> Iterator[bytes]:
    """Yield the lines of an ASCII dump, version 1.1, of a database called `name`.

    What gdbm_dump 1.23 writes, which gdbm_load reads; but gdbm_load 1.23 refuses its own dumps,
    and so these, where a key or a value is empty.
    """
    quoted = name.encode("utf-8", "surrogateescape").replace(b"\n", b"?").replace(b",", b"?")
    yield SIGNATURE + b" created by plugreg\n#:version=1.1\n"
    yield b"#:file=%b\n#:format=standard\n" % quoted.replace(b'"', b"?")
    yield _END_OF_HEADER + b"\n"
    number = 0
    for key, value in records:
        yield _coded(key) + _coded(value)
        number += 1
    yield b"#:count=%d\n%b\n" % (number, _END_OF_DATA)


def _coded(datum: bytes) -> bytes:
    lines = [
        binascii.b2a_base64(datum[at : at + _BYTES_A_LINE])
        for at in range(0, len(datum), _BYTES_A_LINE)
    ]
    return b"#:len=%d\n%b" % (len(datum), b"".join(lines))
