"""What a project's record may hold, beside its shape: names and text that are some, and how much.

Bytes of a path that are no UTF-8 stand in it as PEP 383 has them; nothing else may hold such halves
of characters, which no file, no terminal and no other program takes.
"""

from __future__ import annotations

from .names import is_normalized
from .printable import safe
from .record import MAX_RECORD_BYTES, MAX_TEXT_BYTES, MAX_TEXTS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

# How much of a text an error shows.
_SHOWN = 80
# What a pickle takes at most beside the bytes of its texts: for each of them, and for the names of
# the fields, numbers, and moments that are yet to come.
_A_TEXT, _ALL_FIELDS = 16, 1024
_WITH_PATHS = {"source", "root", "modules", "fingerprint"}


def fault_in(record: dict[str, Any]) -> str:
    """Return what a record of the right shape holds that no project's does, "" where nothing is.

    The quick proof of a record proves this, too, without coming here; and what is bounded here is
    within the bounds of the walk.
    """
    if not is_normalized(record["name"]):
        return f"`{safe(record['name'][:_SHOWN])}` is no name of a project in its one spelling"
    sizes: list[int] = []
    for field, value in record.items():
        errors = "surrogateescape" if field in _WITH_PATHS else "strict"
        for text in _texts(value):
            try:
                sizes.append(len(text.encode(errors=errors)))
            except UnicodeEncodeError:
                return f"{field} holds half a character: `{safe(text[:_SHOWN])}`"
            if sizes[-1] > MAX_TEXT_BYTES:
                return f"{field} holds {sizes[-1]} bytes of text, more than {MAX_TEXT_BYTES}"
    if len(sizes) > MAX_TEXTS:
        return f"it holds {len(sizes)} texts, more than {MAX_TEXTS}"
    size = _ALL_FIELDS + sum(sizes) + _A_TEXT * len(sizes)
    return f"it takes {size} bytes, more than {MAX_RECORD_BYTES}" if size > MAX_RECORD_BYTES else ""


def _texts(value: object) -> Iterable[str]:
    if isinstance(value, str):
        return (value,)
    if isinstance(value, dict):
        return (*value, *value.values())
    return value if isinstance(value, list) else ()
