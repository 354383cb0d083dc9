"""Absolute paths, also where the working directory is gone; no URLs."""

from __future__ import annotations

import os

from .errors import CatalogError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

_MARK = "://"


def absolute(path: str) -> str:
    """Return `path` as an absolute one.

    Raises:
        CatalogError: It is relative, and the working directory is gone (code "directory-gone"); or
            it is a URL (code "url").
    """
    return _from_here(os.path.abspath, path)


def resolved(path: str) -> str:
    """Return `path` as an absolute one without links; raises as `absolute`."""
    return _from_here(os.path.realpath, path)


def _url(path: str, scheme: str, rest: str) -> CatalogError:
    if scheme == "file":
        hint = f"name its path, {rest.removeprefix('localhost')}"
    else:
        hint = "bring the file here, and name its path"
    return CatalogError(
        f"`{path}` is a URL, and plugreg opens files only", hint=hint, code="url", path=path
    )


def _from_here(make: Callable[[str], str], path: str) -> str:
    scheme, mark, rest = path.partition(_MARK)
    if mark and len(scheme) > 1 and not os.path.exists(f"{scheme}:"):
        raise _url(path, scheme, rest)
    try:
        return make(path)
    except FileNotFoundError as error:
        raise CatalogError(
            f"`{path}` is relative, and the working directory is gone",
            hint="change to a folder that is there, or give an absolute path",
            code="directory-gone",
            path=path,
        ) from error
