"""Opening a database's files to read them: regular files only, so that no open waits for anybody.

A FIFO would hold up whoever opens it until somebody writes into it, and a device may do anything.
"""

from __future__ import annotations

import os
import stat

from .errors import CatalogError

READING = os.O_RDONLY | getattr(os, "O_BINARY", 0)
_AT_ONCE = getattr(os, "O_NONBLOCK", 0)


def open_regular(path: str, flags: int = READING) -> int:
    """Return a descriptor of the regular file at `path`; also an `opener` for the built-in `open`.

    Raises:
        OSError: As `os.open`.
        CatalogError: Something else than a regular file stands there; it was not read.
    """
    descriptor = os.open(path, flags | _AT_ONCE)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise irregular(path)
    return descriptor


def require_regular(path: str) -> None:
    """Do nothing where `path` is a regular file or nothing, for what others are to open.

    Raises:
        CatalogError: Something else stands there.
    """
    try:
        mode = os.stat(path).st_mode
    except OSError:
        return
    if not stat.S_ISREG(mode):
        raise irregular(path)


def irregular(path: str) -> CatalogError:
    """Return the error for a folder, a FIFO, a socket or a device."""
    return CatalogError(
        f"{path} is not a regular file",
        hint="no database has such a part: move it away, or name another",
        code="not-a-regular-file",
        path=path,
    )
