r"""The arguments of pickle opcodes: counted bytes, and the text forms of protocol 0.

Formats: Lib/pickletools.py and Lib/pickle.py of CPython 2.7 and 3. The text of STRING is `repr` of
Python 2, undone as PyString_DecodeEscape of Objects/stringobject.c (2.7) does.
"""

from __future__ import annotations

import re

from .nodes import damaged

MOST_DIGITS = 4300  # reading decimal digits takes the square of their number; Python's own limit
_LONGEST_FLOAT = 1000  # %.17g and repr write 24 characters

_INTEGER = re.compile(rb"-?(?:0|[1-9][0-9]*)")
_FLOAT = re.compile(rb"[-+]?(?:(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?|inf|nan)")
_ESCAPE = re.compile(rb"\\(?:([0-7]{1,3})|x([0-9A-Fa-f]{2})|(.)|$)", re.DOTALL)
_LETTERS = {
    b"\\": b"\\",
    b"'": b"'",
    b'"': b'"',
    b"a": b"\a",
    b"b": b"\b",
    b"f": b"\f",
    b"n": b"\n",
    b"r": b"\r",
    b"t": b"\t",
    b"v": b"\v",
}


class Arguments:
    """The bytes of a pickle, taken from the front."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.position = 0

    def take(self, size_bytes: int) -> bytes:
        """Return the next bytes, all of them."""
        end = self.position + size_bytes
        if end > len(self.data):
            raise damaged(f"cut short at byte {len(self.data)}")
        start, self.position = self.position, end
        return self.data[start:end]

    def number(self, width: int) -> int:
        """Return the next bytes as a number without sign, little-endian."""
        return int.from_bytes(self.take(width), "little")

    def signed(self, width: int) -> int:
        """Return the next bytes as a number in two's complement, little-endian."""
        return int.from_bytes(self.take(width), "little", signed=True)

    def counted(self, width: int) -> bytes:
        """Return the bytes whose length stands before them."""
        return self.take(self.number(width))

    def line(self) -> bytes:
        """Return what comes before the next newline, and step over that."""
        end = self.data.find(b"\n", self.position)
        if end == -1:
            raise damaged(f"cut short at byte {len(self.data)}")
        start, self.position = self.position, end + 1
        return self.data[start:end]

    def name(self) -> str:
        """Return a line that names a module or class."""
        return utf8(self.line())

    def memo_index(self) -> int:
        """Return the line that numbers a memo entry."""
        line = self.line()
        if not line.isdigit() or len(line) > 10:  # noqa: PLR2004 - as LONG_BINPUT can have
            raise damaged(f"{line[:20]!r} as a memo index")
        return int(line)


def utf8(data: bytes) -> str:
    """Return text, lone surrogates included, as Python 2 allows them."""
    try:
        return data.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError as error:
        raise damaged(f"text that is not UTF-8: {error.reason}") from None


def raw_unicode_escape(line: bytes) -> str:
    r"""Return the text of UNICODE: Latin-1, with `\uXXXX` and `\UXXXXXXXX`."""
    try:
        return line.decode("raw-unicode-escape")
    except UnicodeDecodeError as error:
        raise damaged(f"text with a bad escape: {error.reason}") from None


def integer(line: bytes) -> int:
    """Return the number of INT or LONG, whose `L` may be missing."""
    digits = line.removesuffix(b"L")
    if len(digits) > MOST_DIGITS:
        raise damaged(f"an integer of {len(digits)} digits; {MOST_DIGITS} are the most")
    if _INTEGER.fullmatch(digits) is None:
        raise damaged(f"{line[:20]!r} as an integer")
    try:
        return int(digits)
    except ValueError as error:  # a lower limit, set for this process
        raise damaged(str(error)) from None


def integer_or_bool(line: bytes) -> int:
    """Return the value of INT, which also writes booleans."""
    if line in (b"00", b"01"):
        return line == b"01"
    return integer(line)


def floating(line: bytes) -> float:
    """Return the value of FLOAT."""
    if len(line) > _LONGEST_FLOAT or _FLOAT.fullmatch(line) is None:
        raise damaged(f"{line[:20]!r} as a float")
    return float(line)


def unquoted(line: bytes) -> bytes:
    """Return the bytes of STRING: without its quotes and escapes."""
    quote = line[:1]
    if len(line) < 2 or quote not in (b"'", b'"') or line[-1:] != quote:  # noqa: PLR2004 - the two quotes
        raise damaged("a string without its quotes")
    return _ESCAPE.sub(_unescaped, line[1:-1])


def _unescaped(match: re.Match[bytes]) -> bytes:
    octal, hexadecimal, letter = match.groups()
    if octal is not None:
        return bytes([int(octal, 8) & 0xFF])
    if hexadecimal is not None:
        return bytes([int(hexadecimal, 16)])
    if letter is None or letter == b"x":
        raise damaged("a string with a broken escape")
    return _LETTERS.get(letter, b"\\" + letter)
