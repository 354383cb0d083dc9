"""`plugreg enable`, `disable` and `remove`: what is done to projects by their names alone."""

from __future__ import annotations

from plugreg import ProjectNotFound, Registry

from .batch import change_each, each_name, own_name
from .options import CATALOG, NAMES, TIMEOUT
from .project_object import project_object, unreadable_object
from .project_text import changes
from .result import Result


def enable_projects(
    names: list[str] = NAMES, *, catalog: str | None = CATALOG, timeout: float = TIMEOUT
) -> Result:
    """Switch projects on: their hosts load them at the next start.

    Example: plugreg enable datasette-cluster-map
    """
    projects, errors = change_each(catalog, names, Registry.enable, timeout_s=timeout)
    return Result("enable", "projects", projects, changes("enabled"), errors)


def disable_projects(
    names: list[str] = NAMES, *, catalog: str | None = CATALOG, timeout: float = TIMEOUT
) -> Result:
    """Switch projects off: they stay known; no host loads them.

    Example: plugreg disable datasette-cluster-map
    """
    projects, errors = change_each(catalog, names, Registry.disable, timeout_s=timeout)
    return Result("disable", "projects", projects, changes("disabled"), errors)


def remove_projects(
    names: list[str] = NAMES, *, catalog: str | None = CATALOG, timeout: float = TIMEOUT
) -> Result:
    """Take projects out of the catalog; their sources stay.

    A record that is damaged can be taken out, too.

    Example: plugreg remove datasette-cluster-map
    """
    projects, errors = each_name(catalog, names, _remove, _removable, timeout_s=timeout)
    return Result("remove", "projects", projects, changes("removed"), errors)


def _removable(registry: Registry, name: str) -> str:
    """Return the name to remove: what other programs put there can be called like no project."""
    try:
        return own_name(registry, name)
    except ProjectNotFound as error:
        if registry.read_only or error.code == "ambiguous":
            raise
        return name


def _remove(registry: Registry, name: str) -> dict[str, object]:
    removed = registry.remove(name)
    return unreadable_object(name) if removed is None else project_object(removed)
