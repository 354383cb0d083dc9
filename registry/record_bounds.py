"""What a project's record may hold, beside its shape: names that are names, and text that is text.

Bytes of a path that are no UTF-8 stand in it as PEP 383 has them; nothing else may hold such halves
of characters, which no file, no terminal and no other program takes.
"""

from __future__ import annotations

from .names import is_normalized
from .printable import safe

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

# How much of a text an error shows.
_SHOWN = 80
_WITH_PATHS = {"source", "root", "modules", "fingerprint"}


def fault_in(record: dict[str, Any]) -> str:
    """Return what a record of the right shape holds that no project's does, "" where nothing is.

    The quick proof of a record proves this, too, without coming here.
    """
    if not is_normalized(record["name"]):
        return f"`{safe(record['name'][:_SHOWN])}` is no name of a project in its one spelling"
    for field, value in record.items():
        errors = "surrogateescape" if field in _WITH_PATHS else "strict"
        for text in _texts(value):
            try:
                text.encode(errors=errors)
            except UnicodeEncodeError:
                return f"{field} holds half a character: `{safe(text[:_SHOWN])}`"
    return ""


def _texts(value: object) -> Iterable[str]:
    if isinstance(value, str):
        return (value,)
    if isinstance(value, dict):
        return (*value, *value.values())
    return value if isinstance(value, list) else ()
