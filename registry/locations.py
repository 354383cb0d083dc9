"""Where things are: the catalog that is meant when nobody names one, and what belongs to it."""

from __future__ import annotations

import os

from plugreg.backends import CatalogError, absolute

VARIABLE = "PLUGREG_CATALOG"
UNPACKED = "unpacked"  # the folder, below the data folder, of code from wheels and sdists
_FILE = "catalog.sqlite3"


def data_folder() -> str:
    """Return the user's folder for plugreg's data; it may not exist yet."""
    import platformdirs

    return platformdirs.user_data_dir("plugreg", appauthor=False)


def cache_folder() -> str:
    """Return the user's folder for what can be made again; it may not exist yet."""
    import platformdirs

    return platformdirs.user_cache_dir("plugreg", appauthor=False)


def locate_catalog(catalog: str | os.PathLike[str] | None = None) -> tuple[str, str]:
    """Return the absolute path of the catalog in use, and why it is this one.

    The first of: what is given, the environment variable PLUGREG_CATALOG, the user's catalog.
    """
    if catalog is not None:
        return absolute(os.fspath(catalog)), "it was named"
    named = os.environ.get(VARIABLE)
    if named:
        return absolute(named), f"{VARIABLE} names it"
    return os.path.join(data_folder(), _FILE), "it is the user's catalog"


def make_folder_of(path: str) -> None:
    """Make the folder of the user's own catalog, readable by the user only; no other folder."""
    folder = os.path.dirname(path)
    if folder != data_folder():
        return
    try:
        os.makedirs(folder, mode=0o700, exist_ok=True)
    except OSError as error:
        raise CatalogError(
            f"the folder {folder} cannot be made: {error.strerror or error}",
            hint=f"name a catalog elsewhere with --catalog or {VARIABLE}",
            code="catalog-cannot-open",
            path=path,
        ) from error
