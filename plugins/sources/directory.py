"""A project's directory: a ladder of metadata files; the first that names a project counts."""

from __future__ import annotations

import os

from plugreg import Source, SourceError
from plugreg.plugins.hookspecs import hookimpl

from .folder import PYPROJECT, ProjectFolder
from .layout.importable import find_modules, recorded_modules
from .metadata.facts import Facts, make_project
from .metadata.found_metadata import PKG_INFO, find_metadata, read_metadata, read_pkg_info
from .metadata.pep621 import read_pep621, require_complete
from .metadata.poetry import read_poetry
from .metadata.requirements import hosts_in
from .metadata.setup_cfg import SETUP_CFG, read_setup_cfg, require_version
from .metadata.setup_py import SETUP_PY, require_nothing_more
from .metadata.tool_tables import backend_name, read_tool_tables

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import TypeVar

    from plugreg import Project
    from plugreg.plugins.request import ReadRequest

    from .metadata.table import Table

    _Found = TypeVar("_Found")

_FILES = (PYPROJECT, SETUP_CFG, SETUP_PY, PKG_INFO)


@hookimpl
def plugreg_read_project(request: ReadRequest) -> Project | None:
    """Read a directory as a project; None where the source is not one."""
    if not os.path.isdir(request.path):
        return None
    return read_folder(request.path, Source("directory", request.path), build=request.build)


def read_folder(
    path: str, source: Source, *, build: bool = False, fingerprint: str = ""
) -> Project:
    """Return the project of a folder.

    Args:
        path: The absolute path of the folder.
        source: What the user named: the folder, or the archive that it was unpacked from.
        build: Whether the project's build backend may run, to complete what its files say.
        fingerprint: That of the source; "" takes that of the files looked at.

    Raises:
        SourceError: It is no project, or something is missing or wrong with it.
    """
    folder = ProjectFolder(path)
    pyproject = folder.pyproject()
    if build and _can_build(folder):
        facts, recorded = _built(folder, pyproject)
    else:
        facts = read_static(folder, pyproject)
        recorded = _recorded(folder, facts)
    modules = find_modules(folder, facts, pyproject, recorded)
    return make_project(
        facts,
        source,
        root=path,
        modules=modules,
        fingerprint=fingerprint or folder.fingerprint(),
        hosts=hosts_in(pyproject),
    )


def has_metadata(path: str) -> bool:
    """Tell whether a directory looks like a project at all."""
    folder = ProjectFolder(path)
    return any(map(folder.has, _FILES)) or bool(_quiet(lambda: find_metadata(folder)))


def read_static(folder: ProjectFolder, pyproject: Table) -> Facts:
    """Return what the files of a folder say of a project; nothing is run.

    Raises:
        SourceError: It is no project, or something that it needs is missing or wrong.
    """
    if "project" in pyproject:
        return _pep621(folder, pyproject)
    if "name" in pyproject.table("tool.poetry") and _is_poetry(folder, pyproject):
        return read_poetry(pyproject.table("tool.poetry"))
    facts = read_setup_cfg(folder)
    if facts.name is not None:
        facts = _completed(facts, _metadata(folder, facts.name))
        require_version(folder, facts)
        require_nothing_more(facts, folder)
        return facts
    found = _completed(Facts(""), _metadata(folder, None))
    if found.name is not None:
        return found
    raise _nothing(folder, pyproject)


def _pep621(folder: ProjectFolder, pyproject: Table) -> Facts:
    project = pyproject.table("project")
    facts = read_pep621(project)
    facts = _completed(facts, _completions(folder, pyproject, facts.name))
    require_complete(facts, project, backend_name(pyproject))
    return facts


def _is_poetry(folder: ProjectFolder, pyproject: Table) -> bool:
    """Tell whether Poetry builds the project: its tables are also kept where setuptools does."""
    if "build-system" in pyproject:
        return backend_name(pyproject) == "poetry-core"
    return not folder.has(SETUP_PY)


def _completed(facts: Facts, others: Iterator[Facts | None]) -> Facts:
    """Return the facts, completed by the others in their order, until nothing is open.

    The others are made one by one: a file that is not needed is not looked at, and a change of it
    does not change the project.
    """
    while facts.has_gaps():
        try:
            other = next(others)
        except StopIteration:
            break
        facts = facts if other is None else facts.completed_by(other)
    return facts


def _completions(
    folder: ProjectFolder, pyproject: Table, name: str | None
) -> Iterator[Facts | None]:
    yield read_pkg_info(folder)
    if _is_poetry(folder, pyproject):
        yield read_poetry(pyproject.table("tool.poetry"))
    yield read_tool_tables(folder, pyproject)
    yield read_setup_cfg(folder)
    yield _earlier_build(folder, name)


def _metadata(folder: ProjectFolder, name: str | None) -> Iterator[Facts | None]:
    yield read_pkg_info(folder)
    yield _earlier_build(folder, name)


def _earlier_build(folder: ProjectFolder, name: str | None) -> Facts | None:
    place = find_metadata(folder, name)
    return read_metadata(folder, place) if place else None


def _recorded(folder: ProjectFolder, facts: Facts) -> dict[str, str]:
    """Return what an earlier build's metadata says to be importable; several say nothing."""
    place = _quiet(lambda: find_metadata(folder, facts.name))
    return recorded_modules(folder, place) if place else {}


def _can_build(folder: ProjectFolder) -> bool:
    return folder.has(PYPROJECT) or folder.has(SETUP_PY) or folder.has(SETUP_CFG)


def _built(folder: ProjectFolder, pyproject: Table) -> tuple[Facts, dict[str, str]]:
    from .build import build_metadata  # its library is optional
    from .layout.discovery import pick

    built, names = build_metadata(folder.path)
    static = _quiet(lambda: read_static(folder, pyproject))  # its gaps are why a build is asked for
    facts = built if static is None else built.completed_by(static)
    return facts, pick(folder, names, ("", "src", "lib")) or _recorded(folder, facts)


def _quiet(read: Callable[[], _Found]) -> _Found | None:
    try:
        return read()
    except SourceError:
        return None


def _nothing(folder: ProjectFolder, pyproject: Table) -> SourceError:
    if folder.has(SETUP_PY) or "build-system" in pyproject:
        what = SETUP_PY if folder.has(SETUP_PY) else PYPROJECT
        return SourceError(
            f"{folder.place(what)} says nothing of the project that can be read without running it",
            hint=f"pass --build to ask {backend_name(pyproject)}",
            code="source-dynamic",
            path=folder.path,
        )
    present = " ([project] is not in its pyproject.toml)" if folder.has(PYPROJECT) else ""
    return SourceError(
        f"{folder.path} holds no metadata of a project{present}",
        hint=f"a project has one of {', '.join(_FILES)}, *.egg-info or *.dist-info",
        code="source-no-metadata",
        path=folder.path,
    )
