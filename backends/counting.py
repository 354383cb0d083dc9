"""How many records a database has, told where that is cheap, and never wrong.

Berkeley DB's own numbers are no counts: `nelem` of a hash is a guess that its maker was given (0,
or 4,096 too many, in real maps), `record_count` of a btree a cache that is often 0, and the `nkeys`
of a 1.85 hash is written when the file is closed, which a killed writer never did. A small database
is read instead.
"""

from __future__ import annotations

import os

from .errors import PlugregError
from .reader import Reader

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .flavour import Flavour

# What is read in some tens of milliseconds, whatever the format.
_SMALL_BYTES = 1 << 20


def told_count(flavour: Flavour, path: str) -> int | None:
    """Return what the flavour tells; None where the database is damaged, locked or not readable."""
    try:
        return flavour.count(path)
    except (PlugregError, OSError):
        return None


def count_cheaply(flavour: Flavour, path: str) -> int | None:
    """Return the number of records of a small database, or of one whose reader tells it.

    Raises:
        PlugregError: It is damaged, locked, or cannot be read.
    """
    small = is_small(*flavour.files(path))
    with flavour.open(path, read_only=True, timeout_s=0.0) as store:
        if not isinstance(store, Reader):
            return len(store) if small else None
        if not small:
            return store.record_count()
        number = sum(1 for _ in store.records())
        return None if store.warnings else number  # newer ones may be in a log


def is_small(*files: str) -> bool:
    """Tell whether the files, those of them that exist, have a megabyte at most."""
    return sum(os.path.getsize(file) for file in files if os.path.exists(file)) <= _SMALL_BYTES
