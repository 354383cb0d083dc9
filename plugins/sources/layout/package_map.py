"""Dotted packages and their folders, reduced to what has to be made importable by itself."""

from __future__ import annotations

from fnmatch import fnmatchcase

from .discovery import holds_code
from .names import SKIPPED, is_package_name, module_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from plugreg.plugins.sources.folder import ProjectFolder


def package_path(package: str, package_dir: Mapping[str, str]) -> str:
    """Return the folder of a dotted package, as the longest fitting entry of `package-dir` says."""
    parts = package.split(".")
    for cut in range(len(parts), -1, -1):
        base = package_dir.get(".".join(parts[:cut]))
        if base is not None:
            return join(base, *parts[cut:])
    return join("", *parts)


def join(base: str, *parts: str) -> str:
    """Return a path relative to the project, with "/" and without "." or empty parts."""
    whole = [*base.replace("\\", "/").split("/"), *parts]
    return "/".join(part for part in whole if part not in ("", "."))


def find_packages(
    folder: ProjectFolder,
    where: str,
    include: Iterable[str] = ("*",),
    exclude: Iterable[str] = (),
    *,
    namespaces: bool = False,
) -> dict[str, str]:
    """Return the dotted packages below a folder that fit the patterns, and their folders.

    Folders that only serve the project's development are left out, unless a pattern spells them.
    """
    include, exclude = list(include), list(exclude)
    if join(where):  # at the project's top, too much comes and goes
        folder.expect(join(where))
    return {
        package: path
        for package, path in _walk(folder, join(where), "", namespaces)
        if any(fnmatchcase(package, pattern) for pattern in include)
        and not any(fnmatchcase(package, pattern) for pattern in exclude)
        and (package.partition(".")[0] not in SKIPPED or package in include)
    }


def reduce(folder: ProjectFolder, packages: Mapping[str, str]) -> dict[str, str]:
    """Return the packages without those that another one brings along.

    A namespace that the project shares with others is mapped by its top-level name where its folder
    holds nothing but these packages, and by the dotted names of these packages elsewhere.
    """
    kept = {name: path for name, path in packages.items() if not _is_implied(name, path, packages)}
    reduced: dict[str, str] = {}
    for name, path in kept.items():
        top, _, rest = name.partition(".")
        top_path = path.removesuffix("/" + rest.replace(".", "/"))
        whole = rest and top not in packages and top_path != path
        if (
            whole
            and top_path.split("/")[-1] == top
            and _is_covered(folder, top, top_path, packages)
        ):
            reduced[top] = top_path
        else:
            reduced[name] = path
    return reduced


def _walk(
    folder: ProjectFolder, place: str, prefix: str, namespaces: bool
) -> Iterator[tuple[str, str]]:
    for entry in folder.entries(place):
        if not is_package_name(entry.name) or not entry.is_dir():
            continue
        path = join(place, entry.name)
        regular = any(inside.name == "__init__.py" for inside in folder.entries(path))
        if regular or (namespaces and holds_code(folder, path)):
            name = prefix + entry.name
            yield name, path
            yield from _walk(folder, path, f"{name}.", namespaces)


def _is_implied(name: str, path: str, packages: Mapping[str, str]) -> bool:
    parent, _, leaf = name.rpartition(".")
    return parent in packages and path == f"{packages[parent]}/{leaf}"


def _is_covered(folder: ProjectFolder, name: str, path: str, packages: Mapping[str, str]) -> bool:
    """Tell whether all code below a namespace's folder is in one of the packages."""
    for entry in folder.entries(path):
        inner, inner_path = f"{name}.{entry.name}", f"{path}/{entry.name}"
        if entry.is_dir():
            if not is_package_name(entry.name) or packages.get(inner) == inner_path:
                continue
            above = any(package.startswith(f"{inner}.") for package in packages)
            if above and _is_covered(folder, inner, inner_path, packages):
                continue
            if above or holds_code(folder, inner_path):
                return False
        elif module_name(entry.name):
            return False
    return True
