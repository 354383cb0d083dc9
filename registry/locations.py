"""Where things are: the catalog that is meant when nobody names one, and what belongs to it."""

from __future__ import annotations

import contextlib
import os
import sys

from plugreg.backends import CatalogError, absolute

VARIABLE = "PLUGREG_CATALOG"
# The layers that are looked at where nobody names a catalog, the nearest first.
ENVIRONMENT, USER, SITE = LAYERS = ("environment", "user", "site")
UNPACKED = "unpacked"  # the folder, below the data folder, of code from wheels and sdists
SETTINGS = "pyvenv.cfg"
_FILE = "catalog.sqlite3"
_NAME = "plugreg"
# The home of a user whom the system does not know, and no HOME: that of container runtimes. Where
# platformdirs refuses to guess, nothing is there to be read, and writing says what to name instead.
_NO_HOME = "/"
# What the XDG Base Directory Specification says where XDG_DATA_DIRS is not set.
_SITE_FOLDERS = "/usr/local/share:/usr/share"


def data_folder() -> str:
    """Return the user's folder for plugreg's data; it may not exist yet."""
    found = _on_linux("XDG_DATA_HOME", ".local/share")
    if found:
        return found
    import platformdirs

    with contextlib.suppress(RuntimeError):
        return platformdirs.user_data_dir(_NAME, appauthor=False)
    return os.path.join(_NO_HOME, ".local/share", _NAME)


def cache_folder() -> str:
    """Return the user's folder for what can be made again; it may not exist yet."""
    found = _on_linux("XDG_CACHE_HOME", ".cache")
    if found:
        return found
    import platformdirs

    with contextlib.suppress(RuntimeError):
        return platformdirs.user_cache_dir(_NAME, appauthor=False)
    return os.path.join(_NO_HOME, ".cache", _NAME)


def _on_linux(variable: str, below_home: str) -> str:
    """Return what platformdirs says in the plain cases, where a host's start is spared its 8 ms.

    The variable and its default are those of the XDG Base Directory Specification. "" leaves it to
    platformdirs: on other systems, on Android, and where the variable or the home is odd.
    """
    if sys.platform != "linux" or "ANDROID_DATA" in os.environ:
        return ""
    named = os.environ.get(variable, "")
    home = os.environ.get("HOME", "")
    base = named or (home and f"{home}/{below_home}")
    plain = base.startswith("/") and base[1:2] != "/" and os.path.normpath(base) == base
    return f"{base}/{_NAME}" if plain else ""


def site_folders() -> list[str]:
    """Return the machine's folders for plugreg's data, the nearest first; none may exist.

    On Linux those of XDG_DATA_DIRS, all of them: an administrator's and those of packages. An entry
    that is no absolute path is nobody's, as the specification says.
    """
    if sys.platform != "linux" or "ANDROID_DATA" in os.environ:
        import platformdirs

        return [platformdirs.site_data_dir(_NAME, appauthor=False)]
    named = os.environ.get("XDG_DATA_DIRS") or _SITE_FOLDERS
    return [os.path.join(folder, _NAME) for folder in named.split(":") if folder[:1] == "/"]


def layer_catalogs(prefix: str | None = None) -> list[tuple[str, str]]:
    """Return the layer and the path of every catalog that counts where none is named.

    The nearest first; none of them need exist.

    Args:
        prefix: The folder of the environment that is meant, "" for none; None is the one that this
            process runs in, if it does.
    """
    if prefix is None:
        inside = sys.prefix != sys.base_prefix or _is_of_conda(sys.prefix)
        prefix = sys.prefix if inside else ""
    folders = [(ENVIRONMENT, os.path.join(prefix, "share", _NAME))] if prefix else []
    folders.append((USER, data_folder()))
    folders += [(SITE, folder) for folder in site_folders()]
    found: dict[str, str] = {}
    for layer, folder in folders:  # one folder can be named twice: it is the nearest layer
        found.setdefault(os.path.join(folder, _FILE), layer)
    return [(layer, path) for path, layer in found.items()]


def is_environment(folder: str) -> bool:
    """Tell whether a folder is that of an environment which has a layer of its own.

    A virtual environment has the file that PEP 405 names. One of conda, mamba or pixi has conda's
    records and lies in a folder of several; their base, like any Python that is installed for all,
    is none.
    """
    return os.path.isfile(os.path.join(folder, SETTINGS)) or _is_of_conda(folder)


def _is_of_conda(folder: str) -> bool:
    above, _ = os.path.split(folder)
    return os.path.basename(above) == "envs" and os.path.isdir(os.path.join(folder, "conda-meta"))


def is_layer(path: str, prefix: str | None = None) -> bool:
    """Tell whether a catalog is a layer: for this process, or by its place for another one.

    Args:
        path: The catalog's path, absolute.
        prefix: As for `layer_catalogs`.
    """
    return path.endswith(os.path.join(os.sep, "share", _NAME, _FILE)) or any(
        path == known for _, known in layer_catalogs(prefix)
    )


def present_catalogs(prefix: str | None = None) -> list[tuple[str, str]]:
    """Return those of `layer_catalogs` that are looked into: the user's, and where a folder is.

    A folder that may not be looked at counts as there: opening its catalog says so.
    """
    return [
        (layer, path)
        for layer, path in layer_catalogs(prefix)
        if layer == USER or _may_be_there(os.path.dirname(path))
    ]


def _may_be_there(folder: str) -> bool:
    try:
        os.stat(folder)
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError:
        return True
    return True


def is_named(catalog: object) -> bool:
    """Tell whether one catalog is meant, by what is given or by PLUGREG_CATALOG, and no layers."""
    return catalog is not None or bool(os.environ.get(VARIABLE))


def locate_catalog(catalog: str | os.PathLike[str] | None = None) -> tuple[str, str]:
    """Return the absolute path of the one catalog that is meant, and why it is this one.

    The first of: what is given, the environment variable PLUGREG_CATALOG, the user's catalog.
    Where neither of the first two is, hosts and commands look into the other layers, too.
    """
    if catalog is not None:
        return absolute(os.fspath(catalog)), "it was named"
    named = os.environ.get(VARIABLE)
    if named:
        return absolute(named), f"{VARIABLE} names it"
    return os.path.join(data_folder(), _FILE), "it is the user's catalog"


def make_folder_of(path: str) -> None:
    """Make the folder of the user's own catalog, readable by the user only; no other folder."""
    if os.path.dirname(path) == data_folder():
        make_layer_folder(path)


def make_layer_folder(path: str) -> None:
    """Make the folder of a layer's catalog: the user's for the user only, others for their readers.

    Raises:
        CatalogError: It cannot be made (code "catalog-cannot-open").
    """
    folder = os.path.dirname(path)
    try:
        os.makedirs(folder, mode=0o700 if folder == data_folder() else 0o755, exist_ok=True)
    except OSError as error:
        raise CatalogError(
            f"the folder {folder} cannot be made: {error.strerror or error}",
            hint=f"name a catalog elsewhere with --catalog or {VARIABLE}",
            code="catalog-cannot-open",
            path=path,
        ) from error
