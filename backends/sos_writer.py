"""A new pysos file from all its records. Layout: see `sos_lines`."""

from __future__ import annotations

import os

from . import durable
from .errors import CatalogError
from .footprint import unreadable
from .sos_lines import MAGICS, parsed_key, parsed_value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import IO

_NAMED = 5  # so many records that do not fit are named, the others counted


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


def write_fresh(path: str, records: Iterable[tuple[bytes, bytes]]) -> int:
    """Make a file of all the records, each key once; how many they are.

    It is built beside and synced first: after an error nothing stands under the name. Memory
    grows with the keys.

    Raises:
        FileExistsError: The name is taken.
        CatalogError: Records that are not one-line JSON, or keys that come twice (`1` and `1.0`
            are the same key to pysos); they are named.
    """
    if os.path.lexists(path):
        raise FileExistsError(path)
    try:
        temporary = durable.temporary_beside(path)
    except OSError as error:
        raise unreadable(error, path) from error
    try:
        with open(temporary, "wb") as file:
            count = _fill(file, path, records)
        durable.grant_default_access(temporary)
        durable.publish(temporary, path)
    except FileExistsError:
        raise
    except OSError as error:
        raise unreadable(error, path) from error
    finally:
        if os.path.exists(temporary):
            os.unlink(temporary)
    return count


def _fill(file: IO[bytes], path: str, records: Iterable[tuple[bytes, bytes]]) -> int:
    misfits: list[str] = []
    seen: set[object] = set()
    file.write(MAGICS[0] + b"\n")
    for key, value in records:
        reason = misfit(key, value) or _second(key, seen)
        if reason:
            misfits.append(f"{key[:40]!r} ({reason})" if len(misfits) < _NAMED else "")
        else:
            file.write(b"%s\t%s\n" % (key, value))
    if misfits:
        raise _beyond_limits(path, misfits)
    return len(seen)


def _second(key: bytes, seen: set[object]) -> str:
    parsed = parsed_key(key)
    if parsed in seen:
        return "its key comes twice"
    seen.add(parsed)
    return ""


def _beyond_limits(path: str, misfits: list[str]) -> CatalogError:
    named = ", ".join(misfits[:_NAMED])
    more = f" and {len(misfits) - _NAMED} more" if len(misfits) > _NAMED else ""
    return CatalogError(
        f"{path}: a pysos file takes one-line JSON only, not {len(misfits)} of the records:"
        f" {named}{more}",
        hint="choose another flavour; nothing was written",
        code="records-do-not-fit",
        path=path,
        count=len(misfits),
    )
