"""Opening GDBM files for writing with the standard library's `dbm.gnu`, where it is there."""

from __future__ import annotations

import importlib.util
import os
import struct
import sys

from plugreg.backends.errors import CatalogCorrupt, FlavourUnavailable
from plugreg.backends.footprint import unreadable
from plugreg.backends.module_store import ModuleStore

from .header import HEAD_SIZE, read_header

_NATIVE_BITS = "64" if struct.calcsize("n") == 8 else "32"  # noqa: PLR2004 - bytes of a word


def missing_gnu_module() -> str:
    """Return why `dbm.gnu` cannot be imported here, or ""."""
    if importlib.util.find_spec("_gdbm") is not None:
        return ""
    return "this Python has no dbm.gnu (Debian: apt install python3-gdbm, for /usr/bin/python3)"


def open_with_gnu(flavour: str, path: str, file: str) -> ModuleStore:
    """Open `file` for writing with `dbm.gnu`, whose own lock keeps others out.

    Raises:
        FlavourUnavailable: It was made on a machine of another kind; libgdbm refuses it.
        CatalogCorrupt: A writer was killed; libgdbm would show the file as empty.
    """
    import dbm.gnu

    _require_native(flavour, file)

    def connect() -> object:
        return dbm.gnu.open(file, "w")

    store = ModuleStore(
        flavour,
        path,
        read_only=False,
        connect=connect,
        errors=dbm.gnu.error,
    )
    try:
        len(store)  # the one call that notices; keys() and get() find nothing and say nothing
    except CatalogCorrupt:
        store.close()
        raise
    return store


def _require_native(flavour: str, file: str) -> None:
    """Refuse a sound header that is not of this machine, which libgdbm calls damaged."""
    try:
        with open(file, "rb") as opened:
            header = read_header(opened.read(HEAD_SIZE), os.path.getsize(file))
    except OSError as error:
        raise unreadable(error, file) from error
    if header is None or header.problems:
        return  # libgdbm says what it thinks of it
    if header.layout.order != sys.byteorder or _foreign_word(header.layout.name):
        raise FlavourUnavailable(
            f"{file} cannot be written on this machine: it is {header.evidence()}",
            hint="migrate it to a new file of this machine's kind; reading works as it is",
            path=file,
            flavour=flavour,
        )


def _foreign_word(layout: str) -> bool:
    """On a 32-bit machine off_t has either size, as libgdbm was built; on others it has 64 bits."""
    return _NATIVE_BITS == "64" and layout != "64"
