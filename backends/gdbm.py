"""GDBM files: their magic numbers, and opening them with the standard library's `dbm.gnu`.

Magic numbers (gdbm 1.23, gdbmconst.h), the first 32-bit word in the writer's byte order.
"""

from __future__ import annotations

import importlib.util

from .errors import CatalogCorrupt
from .module_store import ModuleStore

_MAGICS = {
    0x13579ACE: "old format, word size not told",
    0x13579ACD: "32-bit",
    0x13579ACF: "64-bit",
    0x13579AD0: "32-bit, numsync",
    0x13579AD1: "64-bit, numsync",
}
_HEADER_SIZE = 32  # of the smallest layout


def gdbm_evidence(head: bytes) -> str | None:
    """Return what a GDBM header says of its writer, or None for any other bytes."""
    for order in ("little", "big"):
        word = int.from_bytes(head[:4], order)
        if len(head) >= _HEADER_SIZE and word in _MAGICS:
            return f"GDBM magic {word:#x}: {_MAGICS[word]}, {order}-endian"
    return None


def missing_gnu_module() -> str:
    """Return why `dbm.gnu` cannot be imported here, or ""."""
    if importlib.util.find_spec("_gdbm") is not None:
        return ""
    return "this Python has no dbm.gnu (Debian: apt install python3-gdbm, for /usr/bin/python3)"


def open_with_gnu(flavour: str, path: str, file: str, *, read_only: bool) -> ModuleStore:
    """Open `file` with `dbm.gnu`, whose own lock keeps other writers out.

    Raises:
        CatalogCorrupt: A writer was killed; libgdbm would show the file as empty.
    """
    import dbm.gnu

    flag = "r" if read_only else "w"
    store = ModuleStore(
        flavour,
        path,
        read_only=read_only,
        connect=lambda: dbm.gnu.open(file, flag),  # noqa: SIM115 - the store closes it
        errors=dbm.gnu.error,
    )
    try:
        len(store)  # the one call that notices; keys() and get() find nothing and say nothing
    except CatalogCorrupt:
        store.close()
        raise
    return store
