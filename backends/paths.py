"""Absolute paths, also where the working directory is gone."""

from __future__ import annotations

import os

from .errors import PlugregError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable


def absolute(path: str) -> str:
    """Return `path` as an absolute one.

    Raises:
        PlugregError: It is relative, and the working directory is gone (code "directory-gone").
    """
    return _from_here(os.path.abspath, path)


def resolved(path: str) -> str:
    """Return `path` as an absolute one without links; raises as `absolute`."""
    return _from_here(os.path.realpath, path)


def _from_here(make: Callable[[str], str], path: str) -> str:
    try:
        return make(path)
    except FileNotFoundError as error:
        raise PlugregError(
            f"`{path}` is relative, and the working directory is gone",
            hint="change to a folder that is there, or give an absolute path",
            code="directory-gone",
            path=path,
        ) from error
