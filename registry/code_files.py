"""Which files a digest of a project is taken of: its metadata, and whatever would be imported.

Left out is what Python and installers write where and when they like: byte code in `__pycache__`,
or beside its source, which goes before it; and the RECORD of installed metadata. Byte code without
a source counts, because Python imports it.
"""

from __future__ import annotations

import os
from contextlib import suppress

from .fingerprint import files_of_metadata

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import TextIO

    from .project import Project

# More than any plug-in has; what has more gets no digest.
MAX_FILES = 20_000
_CACHE = "__pycache__"
_INFO = ".dist-info"
_RECORD = "RECORD"  # lists the byte code, too, and pip adds lines to it
_SOURCE = ".py"
_BYTE_CODE = ".pyc"
_FORMER_BYTE_CODE = ".pyo"  # which Python has not imported since 3.5
# importlib.machinery.all_suffixes() of all Pythons: a digest is the same in each of them.
_EXTENSIONS = (".so", ".pyd")
_IMPORTABLE = (_SOURCE, ".pyw", _BYTE_CODE, *_EXTENSIONS)


class TooLarge(Exception):
    """A project has more files, or larger ones, than a digest is taken of."""


def files_of(project: Project) -> dict[str, str]:
    """Return the files of a project: name to path, the name relative to where it lies.

    Raises:
        TooLarge: There are too many.
    """
    files = _files_of(project)
    if len(files) > MAX_FILES:
        raise TooLarge
    return files


def _files_of(project: Project) -> dict[str, str]:
    if project.source.kind == "distribution":
        return _installed_files(project)
    root = project.root
    if project.source.kind in ("wheel", "sdist"):
        return _below(root, [""])
    metadata = filter(None, files_of_metadata(project))
    return _below(root, [*project.modules.values(), *metadata])


def _installed_files(project: Project) -> dict[str, str]:
    from plugreg.backends import CatalogError

    location = project.source.location
    site, own = os.path.split(location)
    try:
        files = _below(site, _recorded(os.path.join(location, _RECORD)))
    except (OSError, CatalogError):
        tops = {entry.value.partition(":")[0].split(".")[0] for entry in project.entry_points}
        named = [part for top in tops | _top_level(location) for part in (top, f"{top}{_SOURCE}")]
        files = _below(site, [own, *named])
    return {**_unlisted(site, files), **files}


def _recorded(path: str) -> list[str]:
    """Return what a RECORD lists beside the scripts, which are no importable code."""
    import csv

    with _opened(path, errors="surrogateescape") as stream:
        names = [row[0] for row in csv.reader(stream) if row]
    return [name for name in names if not name.startswith(("/", "../"))]


def _top_level(location: str) -> set[str]:
    from plugreg.backends import CatalogError

    try:
        with _opened(os.path.join(location, "top_level.txt")) as stream:
            return set(stream.read().split())
    except (OSError, UnicodeDecodeError, CatalogError):
        return set()


def _opened(path: str, *, errors: str = "strict") -> TextIO:
    from plugreg.backends.regular import open_regular

    return open(path, encoding="utf-8", errors=errors, newline="", opener=open_regular)


def _unlisted(site: str, files: dict[str, str]) -> dict[str, str]:
    """Return what Python would import with some installed files, or before them, and nobody lists.

    New modules in a package of theirs, and a package or an extension that has the name of a module
    of theirs. What another distribution lists is that one's: packages can be shared.
    """
    found: dict[str, str] = {}
    packages = {os.path.dirname(name) for name in files if _module_of(name) == "__init__"} - {""}
    modules: dict[str, set[str]] = {}
    for name in packages:
        if not _is_inside(name, packages):
            _walk(os.path.join(site, name), name, found, frozenset())
    for name in files:
        if name.endswith(_SOURCE) and not _is_inside(name, packages):
            modules.setdefault(os.path.dirname(name), set()).add(_module_of(name))
    for folder, names in modules.items():
        _find_shadows(os.path.join(site, folder), folder, names, found)
    added = {name for name in found.keys() - files.keys() if name.endswith(_IMPORTABLE)}
    return {name: found[name] for name in added - (_listed_in(site) if added else set())}


def _is_inside(name: str, packages: set[str]) -> bool:
    while name := os.path.dirname(name):
        if name in packages:
            return True
    return False


def _find_shadows(path: str, name: str, modules: set[str], found: dict[str, str]) -> None:
    """Add what Python imports instead of a folder's sources: packages and extensions."""
    for part in _parts(path):
        file, below = os.path.join(path, part), f"{name}/{part}" if name else part
        if part in modules and any(_module_of(each) == "__init__" for each in _parts(file)):
            _walk(file, below, found, frozenset())
        elif part.endswith(_EXTENSIONS) and _module_of(part) in modules and os.path.isfile(file):
            found[below] = file


def _module_of(name: str) -> str:
    """Return the module that a file would be imported as, "" for what is none."""
    return os.path.basename(name).partition(".")[0] if name.endswith(_IMPORTABLE) else ""


def _listed_in(site: str) -> set[str]:
    """Return what the distributions of a folder say to be theirs."""
    from plugreg.backends import CatalogError

    listed: set[str] = set()
    for part in _parts(site):
        if part.endswith(_INFO):
            with suppress(OSError, CatalogError):
                listed.update(_recorded(os.path.join(site, part, _RECORD)))
    return listed


def _below(root: str, names: Iterable[str]) -> dict[str, str]:
    """Return the files that some names below a folder are, or hold; absent ones hold none."""
    files: dict[str, str] = {}
    for name in names:
        path = os.path.join(root, name) if name else root
        if os.path.isdir(path):
            _walk(path, name, files, frozenset())
        elif os.path.isfile(path) and _counts(path):
            files[name] = path
    return files


def _walk(folder: str, name: str, files: dict[str, str], above: frozenset[str]) -> None:
    """Add the files of a folder, links followed as Python does, a circle of them only once."""
    real = os.path.realpath(folder)
    if real in above or len(files) > MAX_FILES:
        return
    for part in _parts(folder):
        path, below = os.path.join(folder, part), f"{name}/{part}" if name else part
        if part == _CACHE:
            continue
        if os.path.isdir(path):
            _walk(path, below, files, above | {real})
        elif os.path.isfile(path) and _counts(path):
            files[below] = path


def _parts(folder: str) -> list[str]:
    """Return the names in a folder, sorted; none where it cannot be looked at."""
    try:
        return sorted(os.listdir(folder))
    except OSError:
        return []


def _counts(path: str) -> bool:
    """Tell whether a file is no installed RECORD, and no byte code that a source goes before."""
    folder, name = os.path.split(path)
    stem, suffix = os.path.splitext(path)
    if suffix == _BYTE_CODE:
        return os.path.basename(folder) != _CACHE and not os.path.exists(stem + _SOURCE)
    return suffix != _FORMER_BYTE_CODE and not (name == _RECORD and folder.endswith(_INFO))
