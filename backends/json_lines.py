"""Records as JSON Lines, and back: `{"key": base64, "value": base64}`, one record a line.

Base64 is the standard alphabet with padding (RFC 4648, section 4): keys and values are any bytes.
"""

from __future__ import annotations

import binascii
import json

from .errors import CatalogError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_FIELDS = {"key", "value"}


def dumped(records: Iterable[tuple[bytes, bytes]]) -> Iterator[str]:
    r"""Yield a line, with its newline, for each record; streams.

    >>> from plugreg.backends.json_lines import dumped
    >>> list(dumped([(b"name", b"\xff")]))
    ['{"key": "bmFtZQ==", "value": "/w=="}\n']
    """
    for key, value in records:
        yield f'{{"key": "{_encoded(key)}", "value": "{_encoded(value)}"}}\n'


def loaded(lines: Iterable[str | bytes]) -> Iterator[tuple[bytes, bytes]]:
    """Yield (key, value) of each line that is not blank; streams.

    Raises:
        CatalogError: A line is no such object; its number is named.
    """
    for number, line in enumerate(lines, 1):
        if line.strip():
            yield _record(line, number)


def _encoded(data: bytes) -> str:
    return binascii.b2a_base64(data, newline=False).decode("ascii")


def _record(line: str | bytes, number: int) -> tuple[bytes, bytes]:
    try:
        found = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise _bad(number, f"no JSON: {error}") from error
    if not isinstance(found, dict) or found.keys() != _FIELDS:
        raise _bad(number, 'not an object of "key" and "value" alone')
    return _decoded(found["key"], "key", number), _decoded(found["value"], "value", number)


def _decoded(text: object, name: str, number: int) -> bytes:
    if not isinstance(text, str):
        raise _bad(number, f"its {name} is no text")
    try:
        return binascii.a2b_base64(text.encode("ascii"), strict_mode=True)
    except ValueError as error:  # binascii's own error is one, too
        raise _bad(number, f"its {name} is no base64: {error}") from error


def _bad(number: int, reason: str) -> CatalogError:
    return CatalogError(
        f"line {number} is no record: {reason}",
        hint='a record is {"key": base64, "value": base64}',
        code="dump-line",
        line=number,
    )
