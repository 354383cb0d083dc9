"""Which of a catalog's other projects have a module that a project has: only one can be linked."""

from __future__ import annotations

from typing import NamedTuple

from plugreg.plugins.hosts.gates.there import refused_there
from plugreg.plugins.hosts.links.conflicts import conflicts_among

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from plugreg import Project


class Rival(NamedTuple):
    """Another project of the catalog, with a module of the same name.

    Attributes:
        name: Its normalised name.
        conflict: What a host says of the one that comes second.
        same_host: Whether a host asks for both; else only `plugreg run` shows both at once.
    """

    name: str
    conflict: str
    same_host: bool


def rivals_of(project: Project, known: Iterable[Project], python: str, catalog: str) -> list[Rival]:
    """Return the rivals of a project among those that are on and can work in an environment.

    Args:
        project: The project that is checked.
        known: The projects of the catalog.
        python: The path of the environment's interpreter.
        catalog: The path of the catalog beside which verdicts may be kept.
    """
    on = [one for one in known if one.enabled and one.root and one.name != project.name]
    found = {one.name: conflict for one in on if (conflict := _conflict(one, project))}
    near = [one for one in on if one.name in found]
    refused = refused_there(near, python, catalog) if near else {}
    return [
        Rival(one.name, found[one.name], not set(project.groups).isdisjoint(one.groups))
        for one in near
        if one.name not in refused
    ]


def _conflict(first: Project, second: Project) -> str:
    """Return why the second of two projects cannot be linked beside the first, "" where it can."""
    if not _tops(first) & _tops(second):
        return ""
    try:
        return conflicts_among([first, second]).get(second.name, "")
    except OSError:  # its code cannot be read: the run itself says so
        return ""


def _tops(project: Project) -> set[str]:
    """Return the top-level names of a project's modules."""
    return {module.partition(".")[0] for module in project.modules}
