"""Records as JSON Lines, and back: `{"key": base64, "value": base64}`, one record a line.

Base64 is the standard alphabet with padding (RFC 4648, section 4): keys and values are any bytes.
The last record says how many there are, itself among them: `{"key": ..., "value": ..., "records":
3}`. So a dump that was cut between two lines is known as such, and still every line is a record. Of
dumps that were put one behind the other, each has its own count.
"""

from __future__ import annotations

import binascii
import json

from .errors import CatalogError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_FIELDS = {"key", "value"}
_COUNT = "records"


def dumped(records: Iterable[tuple[bytes, bytes]]) -> Iterator[str]:
    r"""Yield a line, with its newline, for each record; streams, one record behind.

    After an error of the records, those before it have come, and none says that it is the last.

    >>> from plugreg.backends.json_lines import dumped
    >>> list(dumped([(b"name", b"\xff"), (b"", b"")]))
    ['{"key": "bmFtZQ==", "value": "/w=="}\n', '{"key": "", "value": "", "records": 2}\n']
    """
    count = 0
    waiting = ""
    try:
        for key, value in records:
            if waiting:
                yield f"{waiting}}}\n"
            count += 1
            waiting = f'{{"key": "{_encoded(key)}", "value": "{_encoded(value)}"'
    except Exception:
        if waiting:
            yield f"{waiting}}}\n"
        raise
    if waiting:
        yield f'{waiting}, "{_COUNT}": {count}}}\n'


def loaded(
    lines: Iterable[str | bytes], warnings: list[str] | None = None
) -> Iterator[tuple[bytes, bytes]]:
    """Yield (key, value) of each line that is not blank; streams.

    Args:
        lines: The lines, as text or as UTF-8.
        warnings: Gets a line, after the last record, where none says how many there are.

    Raises:
        CatalogError: A line is no such object; its number is named. Or there are fewer or more
            records than the last one says (code "dump-cut").
    """
    since = 0  # the last count
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        found = _object(line, number)
        since += 1
        if _COUNT in found:
            _require_count(found[_COUNT], since, number)
            since = 0
        yield _decoded(found["key"], "key", number), _decoded(found["value"], "value", number)
    if since and warnings is not None:
        warnings.append(
            f"the dump does not say how many records it has: {since:,} were read, and whether lines"
            " were cut off its end cannot be told"
        )


def _encoded(data: bytes) -> str:
    return binascii.b2a_base64(data, newline=False).decode("ascii")


def _object(line: str | bytes, number: int) -> dict[str, object]:
    try:
        found = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise _bad(number, f"no JSON: {error}") from error
    if not isinstance(found, dict) or found.keys() - {_COUNT} != _FIELDS:
        raise _bad(number, 'not an object of "key" and "value" alone')
    return found


def _require_count(said: object, read: int, number: int) -> None:
    if type(said) is not int:
        raise _bad(number, "its number of records is no number")
    if said != read:
        raise CatalogError(
            f"line {number} says that it is the last of {said:,} records, but is number {read:,}",
            hint='dump the database again; where lines were changed on purpose, mend its "records"',
            code="dump-cut",
            line=number,
        )


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
