"""The slow look at an environment, taken when it or the projects changed: who is here, who fits."""

from __future__ import annotations

import importlib.metadata
import os

from plugreg import SourceError
from plugreg.fingerprint import looks_as_recorded
from plugreg.names import normalize_name
from plugreg.plugins.hosts.renewal import as_switched, record_again

from .rules import Gates, installed_elsewhere

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from importlib.metadata import Distribution

    from plugreg import Project
    from plugreg.plugins.hosts.renewal import Place
    from plugreg.plugins.hosts.verdicts import Verdicts


def examine(
    projects: Sequence[Project],
    hosts: Collection[str],
    catalog: Place | None,
    verdicts: Verdicts,
) -> list[Project]:
    """Return the projects as the catalog has them afterwards; the verdicts on them are added.

    An installed distribution that changed is read again, and recorded where its former place is
    gone: otherwise the record is that of another environment, and what is here goes with the
    verdicts. So does what is not to be recorded: see `record_again`.

    Args:
        projects: What the catalog says, in load order.
        hosts: Names that the host's distribution may have.
        catalog: Where to record what changed: see `record_again`; None records nothing.
        verdicts: Gets what was found out of them here.
    """
    moved: dict[str, Project] = {}
    for project in projects:
        if project.source.kind == "distribution":
            _look_up(project, verdicts, moved)
    recorded = {} if catalog is None else record_again(moved, projects, catalog)
    verdicts.here.update({name: moved[name] for name in moved.keys() - recorded.keys()})
    known = [recorded.get(project.name, project) for project in projects]
    _pass_gates([verdicts.here.get(one.name, one) for one in known], hosts, verdicts)
    return known


def _look_up(project: Project, verdicts: Verdicts, moved: dict[str, Project]) -> None:
    """Find an installed project in this environment."""
    location = project.source.location
    found = _find(project.name)
    if found is None:
        verdicts.refused[project.name] = installed_elsewhere(project)
        if not os.path.exists(location):
            verdicts.refused[project.name] = _gone(project)
            verdicts.gone.add(project.name)
        return
    here = os.path.abspath(str(getattr(found, "_path", "")))
    if os.path.realpath(here) == os.path.realpath(location) and looks_as_recorded(project):
        return
    now = _read(project, found)
    if now is None:  # its metadata are broken: it is taken as it is known
        return
    of_another = here != location and os.path.exists(location)
    (verdicts.here if of_another else moved)[project.name] = as_switched(now, project)


def _find(name: str) -> Distribution | None:
    try:
        return importlib.metadata.distribution(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def _read(project: Project, found: Distribution) -> Project | None:
    from plugreg.plugins.sources.distribution import read_distribution

    try:
        now = read_distribution(found)
    except (SourceError, OSError):
        return None
    return now if now.name == project.name else None


def _pass_gates(projects: list[Project], hosts: Collection[str], verdicts: Verdicts) -> None:
    """Refuse what cannot work, and then what needs that, until all that is left can."""
    names = {normalize_name(host) for host in hosts}
    left = [project for project in projects if project.name not in verdicts.refused]
    while True:
        linked = {project.name for project in left if project._record["root"]}
        gates = Gates(names, linked, refused=verdicts.refused)
        found = {project.name: gates.obstacle(project) for project in left}
        refused = {name: obstacle for name, obstacle in found.items() if obstacle is not None}
        if not refused:
            return
        verdicts.refused.update(refused)
        left = [project for project in left if project.name not in refused]


def _gone(project: Project) -> tuple[str, str]:
    reason = f"it is not installed any more: {project.source.location} does not exist"
    fix = f"pip install {project.name}, or plugreg remove {project.name}"
    return reason, fix
