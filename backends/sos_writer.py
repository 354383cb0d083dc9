"""A new pysos file from all its records. Layout: see `sos_lines`."""

from __future__ import annotations

from .limits import fitting, key_twice
from .sos_lines import MAGICS, parsed_key, parsed_value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable


def misfit(key: bytes, value: bytes) -> str:
    """Return why a record is no line of a pysos file, or ""."""
    for name, text, parse in (("key", key, parsed_key), ("value", value, parsed_value)):
        if b"\n" in text or b"\r" in text or b"\t" in text or text != text.strip():
            return f"its {name} is more than one line, or has blanks around it or TABs"
        try:
            parse(text)
        except ValueError as error:
            return f"its {name} is no JSON: {error}"
    return ""


def fill(file: str, path: str, flavour: str, records: Iterable[tuple[bytes, bytes]]) -> int:
    """Write a line for each record over the file at `file`; their number.

    Memory grows with the keys. Nothing is synced. Errors name `path` and `flavour`, what the file
    is for.

    Raises:
        CatalogError: Records are not one-line JSON, or a key comes twice (`1` and `1.0` are the
            same key to pysos).
    """
    seen: set[object] = set()
    with open(file, "wb") as opened:
        opened.write(MAGICS[0] + b"\n")
        for key, value in fitting(records, misfit, path, flavour):
            parsed = parsed_key(key)
            if parsed in seen:
                raise key_twice(key, path)
            seen.add(parsed)
            opened.write(b"%s\t%s\n" % (key, value))
    return len(seen)
