"""Mending what can be mended without a decision: one change in the history, which can be undone."""

from __future__ import annotations

import os

from plugreg import PlugregError, Registry, state_of
from plugreg.backends import DEFAULT_TIMEOUT_S
from plugreg.backends.leftovers import remove_leftovers
from plugreg.locations import locate_catalog
from plugreg.plugins.hosts.renewal import as_switched
from plugreg.plugins.refreshing import read_again

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from plugreg import Project

    from .problem import Problem


def mend(
    problems: Iterable[Problem],
    catalog: str | None = None,
    *,
    command: str = "doctor",
    timeout_s: float = DEFAULT_TIMEOUT_S,
) -> list[PlugregError]:
    """Mend the problems that are fixable; return the errors of those that could not be.

    Changed sources are read again and recorded as one change. What was approved of their code stays
    what it was. Half-made files are removed where nobody is making one. Examine the catalog again
    to see what is left.

    Args:
        problems: What `examine` found.
        catalog: The catalog's path, as `examine` was given it.
        command: What the history calls the change.
        timeout_s: How long to wait for another process that has it locked, in seconds.

    Raises:
        CatalogError: The catalog cannot be written; nothing in it is changed then.
    """
    fixable = [problem for problem in problems if problem.fixable]
    if any(problem.code == "leftover" for problem in fixable):
        remove_leftovers(os.path.realpath(locate_catalog(catalog)[0]))
    names = [problem.project for problem in fixable if problem.code == "source-changed"]
    errors: list[PlugregError] = []
    if names:
        with Registry.open(catalog, read_only=True, timeout_s=timeout_s) as reading:
            known = [project for name in names if (project := reading.get(name)) is not None]
        _record(_read(known, errors), catalog, command, timeout_s)
    return errors


def _read(known: list[Project], errors: list[PlugregError]) -> list[Project]:
    """Return the projects as their sources say now; before the catalog is held: it takes time."""
    read: list[Project] = []
    for project in known:
        if state_of(project) != "changed":
            continue
        try:
            read.append(as_switched(read_again(project), project))
        except PlugregError as error:
            error.details.setdefault("name", project.name)
            errors.append(error)
    return read


def _record(read: list[Project], catalog: str | None, command: str, timeout_s: float) -> None:
    if not read:
        return
    with Registry.open(catalog, timeout_s=timeout_s) as registry, registry.batch(command):
        for project in read:
            if project.name in registry:  # else removed meanwhile: it stays so
                registry.add(project)
