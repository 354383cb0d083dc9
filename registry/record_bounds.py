"""What a project's record may hold, beside its shape: names that are names."""

from __future__ import annotations

from .names import is_normalized
from .printable import safe

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# How much of a text an error shows.
_SHOWN = 80


def fault_in(record: dict[str, Any]) -> str:
    """Return what a record of the right shape holds that no project's does, "" where nothing is.

    The quick proof of a record proves this, too, without coming here.
    """
    if not is_normalized(record["name"]):
        return f"`{safe(record['name'][:_SHOWN])}` is no name of a project in its one spelling"
    return ""
