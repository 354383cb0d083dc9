"""Looking for a project's packages and modules in its folder, where nothing says what they are."""

from __future__ import annotations

from .names import SKIPPED, SKIPPED_MODULES, is_package_name, module_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    import os
    from collections.abc import Iterable

    from plugreg.plugins.sources.folder import ProjectFolder

_DEPTH = 6


def discover(folder: ProjectFolder, named: set[str], own: str, *, by_name: bool) -> dict[str, str]:
    """Return import name to path for what the folder makes importable.

    Args:
        folder: The project's; its `src` alone is searched where that holds code.
        named: Top-level names that entry points name: taken wherever they are.
        own: The project's name as an import name.
        by_name: Whether the build backend takes only the package that is called like the project.
    """
    found = everything_in(folder, "src")
    if found:
        return found
    found = pick(folder, {own, *named})
    if by_name and own in found:
        return found
    packages, modules = _flat(folder)
    # As setuptools has it: modules count only where there is no package at all.
    return {**(packages or ({} if found else modules)), **found}


def everything_in(folder: ProjectFolder, root: str) -> dict[str, str]:
    """Return all packages, namespace packages and modules right inside a folder of the project."""
    prefix = f"{root}/" if root else ""
    found: dict[str, str] = {}
    for entry in folder.entries(root):
        if entry.is_dir():
            if is_package_name(entry.name) and holds_code(folder, prefix + entry.name):
                found[entry.name] = prefix + entry.name
        elif name := module_name(entry.name):
            found.setdefault(name, prefix + entry.name)
    if found and root:  # at the project's top, too much comes and goes
        folder.expect(root)
    return found


def pick(
    folder: ProjectFolder, names: Iterable[str], roots: Iterable[str] = ("",)
) -> dict[str, str]:
    """Return those names that are a package or module in one of the roots; the first root wins."""
    found: dict[str, str] = {}
    for root in roots:
        here = everything_in(folder, root)
        for name in names:
            if name in here:
                found.setdefault(name, here[name])
    return found


def holds_code(folder: ProjectFolder, place: str, depth: int = _DEPTH) -> bool:
    """Tell whether a folder holds a module, itself or below."""
    entries = folder.entries(place)
    if any(module_name(entry.name) for entry in entries if entry.is_file()):
        return True
    return depth > 0 and any(
        holds_code(folder, f"{place}/{entry.name}", depth - 1)
        for entry in entries
        if is_package_name(entry.name) and entry.is_dir(follow_symlinks=False)
    )


def _flat(folder: ProjectFolder) -> tuple[dict[str, str], dict[str, str]]:
    """Return the regular packages and the modules at the project's top, without its tools."""
    packages: dict[str, str] = {}
    modules: dict[str, str] = {}
    for entry in folder.entries():
        if entry.is_dir():
            if _is_regular(folder, entry):
                packages[entry.name] = entry.name
        elif (name := module_name(entry.name)) and name not in SKIPPED_MODULES:
            modules.setdefault(name, entry.name)
    return packages, modules


def _is_regular(folder: ProjectFolder, entry: os.DirEntry[str]) -> bool:
    if not is_package_name(entry.name) or entry.name in SKIPPED:
        return False
    return any(inside.name == "__init__.py" for inside in folder.entries(entry.name))
