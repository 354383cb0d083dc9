r"""The lines of a pysos file, in the order of the file.

Layout (pysos 1.3.0): UTF-8 text. Line 1 is `# FILE-DICT v1`, also for lists, or `# FILE-LIST v1`.
Then lines `json(key) TAB json(value) LF`; a raw TAB never stands inside JSON. Empty lines and those
that start with `#` are free space, which may hold the rest of an old record, also in the middle of
a character. The last line of a key wins.
"""

from __future__ import annotations

import json
import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

LIST_MAGIC = b"# FILE-LIST v1"
MAGICS = (b"# FILE-DICT v1", LIST_MAGIC)
_HEAD_SIZE = max(map(len, MAGICS)) + 2
_BLANK = b" \t\r"
_SCALARS = (str, int, float, bool, type(None))
_BLOCK = 1 << 16


class SosLine:
    """One line that should hold a record.

    Attributes:
        number: From 1.
        position: Where it starts, in bytes.
        key: The bytes before the TAB, without blanks around them.
        value: Those behind it.
        damage: Why the line is no record, or "".
    """

    __slots__ = ("damage", "key", "number", "position", "value")

    def __init__(self, number: int, position: int, line: bytes) -> None:
        self.number = number
        self.position = position
        text = line.removesuffix(b"\n")
        key, tab, value = text.partition(b"\t")
        self.key = key.strip(_BLANK)
        self.value = value.strip(_BLANK)
        self.damage = "" if tab else "has no TAB"
        if not self.damage and text == line and self.value[-1:].isdigit():
            self.damage = "has no end, so that its number may be cut"


def is_first_line(head: bytes) -> bool:
    """Tell whether a file that starts so has the first line of a pysos file."""
    line, newline, _ = head.partition(b"\n")
    return line.removesuffix(b"\r") in MAGICS if newline else line in MAGICS


def starts_well(descriptor: int) -> bool:
    """Tell whether the first line is that of a pysos file, from an open descriptor."""
    return is_first_line(os.pread(descriptor, _HEAD_SIZE, 0))


def record_lines(descriptor: int) -> Iterator[SosLine]:
    """Yield every line that is no comment; damage in the JSON is not looked for yet."""
    position = 0
    for number, line in enumerate(_lines(descriptor), 1):
        if number > 1 and line[:1] != b"#" and line.strip(b" \t\r\n"):
            yield SosLine(number, position, line)
        position += len(line)


def _lines(descriptor: int) -> Iterator[bytes]:
    """Yield each line with its LF; no more of the file than the longest line is in memory."""
    position = 0
    parts: list[bytes] = []
    while block := os.pread(descriptor, _BLOCK, position):
        position += len(block)
        first, *others = _cut(block)
        parts.append(first)
        for line in others:
            yield b"".join(parts)
            parts = [line]
        if parts[-1].endswith(b"\n"):
            yield b"".join(parts)
            parts = []
    if parts:
        yield b"".join(parts)


def _cut(block: bytes) -> list[bytes]:
    """Cut after each LF, and nowhere else."""
    *whole, rest = block.split(b"\n")
    return [line + b"\n" for line in whole] + ([rest] if rest else [])


def parsed_key(text: bytes) -> object:
    """Return the key that a JSON text stands for.

    Raises:
        ValueError: It is no JSON, or no text, number, boolean or null.
    """
    key = parsed_value(text)
    if not isinstance(key, _SCALARS):
        raise ValueError(f"a key cannot be a {type(key).__name__}")  # noqa: TRY004 - of the text
    return key


def parsed_value(text: bytes) -> object:
    """Return what a JSON text stands for; raises ValueError where it is none."""
    try:
        return json.loads(text.decode("utf-8"), parse_constant=_no_number)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


def _no_number(name: str) -> object:
    raise ValueError(f"{name} is no JSON number")


def damage_of(line: SosLine) -> str:
    """Return why a line is no record, or ""."""
    if line.damage:
        return line.damage
    for name, text, parse in (("key", line.key, parsed_key), ("value", line.value, parsed_value)):
        try:
            parse(text)
        except ValueError as error:
            return f"has a {name} that is no JSON: {error}"
    return ""
