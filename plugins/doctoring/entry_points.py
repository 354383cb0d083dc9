"""Whether the modules of entry points are there: files are looked for, nothing is imported."""

from __future__ import annotations

import importlib.machinery
import importlib.util
import os
import sys

from plugreg.names import MAX_CHARS
from plugreg.plugins.environments import OtherEnvironment

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from plugreg import EntryPoint, Project
    from plugreg.plugins.environments import Environment


# Below a module that is no package: Python has it all the same, under this name.
_LOADED_AT_START = ("os.path",)


def unresolved(project: Project, environment: Environment) -> Iterator[tuple[EntryPoint, str]]:
    """Yield each entry point of a project whose module is not there, with the module's name.

    An attribute is not looked for. Of a distribution of another environment than the one that is
    meant nothing is said: only that environment knows its finders.
    """
    site = os.path.dirname(project.source.location)
    if not project.root and site not in environment.path:
        return
    for entry in project.entry_points:
        module = module_of(entry)
        if not _is_there(module, project, environment):
            yield entry, module


def module_of(entry: EntryPoint) -> str:
    """Return the dotted name of the module that an entry point names."""
    return entry.value.partition(":")[0].strip()


def _is_there(module: str, project: Project, environment: Environment) -> bool:
    if module in _LOADED_AT_START:
        return True
    parts = module.split(".")
    if len(module) > MAX_CHARS or not all(parts):  # no file is called so
        return False
    for length in range(len(parts), 0, -1):
        path = project.modules.get(".".join(parts[:length]))
        if path is not None:
            return _is_at(os.path.join(project.root, path), parts[length:])
    if isinstance(environment, OtherEnvironment):
        return _is_importable_in(environment, parts)
    return _is_importable(parts)


def _is_at(path: str, inner: Sequence[str]) -> bool:
    """Tell whether a module's file or folder is there, and what is named below it."""
    if not inner:
        return os.path.exists(path)
    return os.path.isdir(path) and _is_in([path], inner)


def _is_importable_in(environment: OtherEnvironment, parts: Sequence[str]) -> bool:
    """Look in another environment: what its finders alone can find counts as whole."""
    if not environment.has_module(parts[0]):
        return False
    in_folders = _is_in(environment.path, parts[:1])
    return not in_folders or _is_in(environment.path, parts)


def _is_importable(parts: Sequence[str]) -> bool:
    """Look for the top-level name as Python does, and for the rest where that leads to."""
    try:
        found = importlib.util.find_spec(parts[0])
    except (ImportError, ValueError):  # another's finder fails, or it is loaded and no module
        return parts[0] in sys.modules
    if found is None:
        return False
    if len(parts) == 1:
        return True
    if found.submodule_search_locations is None:
        return False
    return _is_in(list(found.submodule_search_locations), parts[1:])


def _is_in(folders: Sequence[str], parts: Sequence[str]) -> bool:
    """Tell whether a module is in one of the folders: a file, a package, or a folder."""
    head, *inner = parts
    places = [os.path.join(folder, head) for folder in folders]
    packages = [place for place in places if os.path.isdir(place)]
    if packages:
        return not inner or _is_in(packages, inner)
    ends = importlib.machinery.all_suffixes()
    return not inner and any(os.path.isfile(place + end) for place in places for end in ends)
