"""Mending what can be mended without a decision: one change in the history, which can be undone."""

from __future__ import annotations

import os

from plugreg import PlugregError, Registry, state_of
from plugreg.backends import DEFAULT_TIMEOUT_S
from plugreg.backends.leftovers import remove_leftovers
from plugreg.locations import is_named, layer_catalogs, locate_catalog
from plugreg.plugins.hosts.renewal import as_switched
from plugreg.plugins.refreshing import bring_code_back, read_again
from plugreg.unpacked import drop_unused
from plugreg.writing_layer import may_write, path_to_change

from .traces import clear_up

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from plugreg import Project

    from .problem import Problem


def mend(
    problems: Iterable[Problem],
    catalog: str | None = None,
    *,
    layer: str = "",
    prefix: str | None = None,
    command: str = "doctor",
    timeout_s: float = DEFAULT_TIMEOUT_S,
) -> list[PlugregError]:
    """Mend the problems that are fixable; return the errors of those that could not be.

    Changed sources are read again and recorded as one change of each catalog. What was approved of
    their code stays what it was. Code that is gone is unpacked again from the archive that it was
    recorded from. What was cut off is finished or taken away where nobody is at it:
    half-made files, migrations, changes, unpacked code. Examine the catalog again to see what is
    left.

    Args:
        problems: What `examine` found.
        catalog: The catalog's path, as `examine` was given it.
        layer: The layer, likewise.
        prefix: The folder of the virtual environment that is meant, "" for none; None is this
            process's own.
        command: What the history calls the change.
        timeout_s: How long to wait for another process that has it locked, in seconds.

    Raises:
        CatalogError: The catalog cannot be written; nothing in it is changed then.
    """
    fixable = [problem for problem in problems if problem.fixable]
    named = None if layer or not is_named(catalog) else locate_catalog(catalog)[0]
    changed, lost = (
        [problem.project for problem in fixable if problem.code == code]
        for code in ("source-changed", "source-missing")
    )
    errors: list[PlugregError] = []
    for path in _writable_paths(named, layer, prefix):
        if any(problem.code == "leftover" for problem in fixable):
            remove_leftovers(os.path.realpath(path))
        errors += clear_up(fixable, path, timeout_s)
        _remove_unused(fixable, path, timeout_s)
    known = _known(lost, named, layer, prefix, errors=errors, timeout_s=timeout_s)
    for path, some in known.items():
        _bring_code(some, path, errors, timeout_s)
    known = _known(changed, named, layer, prefix, errors=errors, timeout_s=timeout_s)
    for path, some in known.items():
        _record(_read(some, path, errors), path, command, timeout_s)
    return errors


def _remove_unused(problems: list[Problem], path: str, timeout_s: float) -> None:
    folders = [one.file for one in problems if one.code == "code-unused"]
    for folder in folders:
        drop_unused(folder)
    if any(map(os.path.exists, folders)) and os.path.exists(path):  # still claimed, by a catalog
        with Registry.open(path, timeout_s=timeout_s) as registry:
            registry._release_unused()


def _writable_paths(named: str | None, layer: str, prefix: str | None) -> list[str]:
    if named is not None:
        return [named]
    return [
        path for name, path in layer_catalogs(prefix) if layer in ("", name) and may_write(path)
    ]


def _known(
    names: Iterable[str],
    named: str | None,
    layer: str,
    prefix: str | None,
    *,
    errors: list[PlugregError],
    timeout_s: float,
) -> dict[str, list[Project]]:
    """Return the projects by the path of the catalog that each is to be recorded in."""
    if named is not None:
        with Registry.open(named, read_only=True, timeout_s=timeout_s) as reading:
            return {named: [found for name in names if (found := reading.get(name)) is not None]}
    from plugreg.layered import LayeredView

    known: dict[str, list[Project]] = {}
    with LayeredView.open(prefix, only=layer, timeout_s=timeout_s) as view:
        for name in names:
            try:
                path, _ = path_to_change(view, name)
                known.setdefault(path, []).append(view[name])
            except PlugregError as error:
                errors.append(error)
    return known


def _bring_code(
    known: list[Project], catalog: str, errors: list[PlugregError], timeout_s: float
) -> None:
    """Unpack the code that is gone of archives that are as they were; no record changes."""
    with Registry.open(catalog, timeout_s=timeout_s) as registry:
        for project in known:
            try:
                bring_code_back(registry, project)
            except PlugregError as error:
                error.details.setdefault("name", project.name)
                errors.append(error)


def _read(known: list[Project], catalog: str, errors: list[PlugregError]) -> list[Project]:
    """Return the projects as their sources say now; before the catalog is held: it takes time."""
    read: list[Project] = []
    for project in known:
        if state_of(project) != "changed":
            continue
        try:
            read.append(as_switched(read_again(project, catalog=catalog), project))
        except PlugregError as error:
            error.details.setdefault("name", project.name)
            errors.append(error)
    return read


def _record(read: list[Project], catalog: str, command: str, timeout_s: float) -> None:
    if not read:
        return
    with Registry.open(catalog, timeout_s=timeout_s) as registry, registry.batch(command):
        for project in read:
            if project.name in registry:  # else removed meanwhile: it stays so
                registry.add(project)
