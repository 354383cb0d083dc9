"""The slow look at an environment, taken when it or the projects changed: who is here, who fits."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os

from plugreg import SourceError
from plugreg.fingerprint import looks_as_recorded
from plugreg.names import normalize_name
from plugreg.plugins.environments import Environment
from plugreg.plugins.hosts.overlay import entered_overlays
from plugreg.plugins.hosts.renewal import as_switched, record_again
from plugreg.plugins.hosts.selection import is_gone, why_gone

from .rules import Gates, installed_elsewhere, required_by

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence
    from importlib.metadata import Distribution

    from plugreg import Project
    from plugreg.plugins.hosts.renewal import Place
    from plugreg.plugins.hosts.verdicts import Verdicts


def examine(
    projects: Sequence[Project],
    hosts: Collection[str],
    catalog: Place | None,
    verdicts: Verdicts,
    libraries: Callable[[], Sequence[Project]] = tuple,
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
        libraries: Returns the other projects of the catalog whose code can be linked.
    """
    environment = _Here()
    moved: dict[str, Project] = {}
    for project in projects:
        if project.source.kind == "distribution":
            _look_up(project, environment, verdicts, moved)
    recorded = {} if catalog is None else record_again(moved, projects, catalog)
    verdicts.here.update({name: moved[name] for name in moved.keys() - recorded.keys()})
    known = [recorded.get(project.name, project) for project in projects]
    here = [verdicts.here.get(one.name, one) for one in known]
    others = {one.name: one for one in libraries()} if any(one.dependencies for one in here) else {}
    wanted = [one for one in required_by(here, others) if environment.find(one.name) is None]
    verdicts.required = wanted
    verdicts.refused.update({one.name: why_gone(one) for one in wanted if is_gone(one)})
    _pass_gates([*here, *wanted], hosts, environment, verdicts)
    can_work = {one.name: one for one in wanted if one.name not in verdicts.refused}
    verdicts.libraries = required_by(here, can_work)
    return known


def _look_up(
    project: Project, environment: Environment, verdicts: Verdicts, moved: dict[str, Project]
) -> None:
    """Find an installed project in this environment."""
    location = project.source.location
    found = environment.find(project.name)
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


def _read(project: Project, found: Distribution) -> Project | None:
    from plugreg.plugins.sources.distribution import read_distribution

    try:
        now = read_distribution(found)
    except (SourceError, OSError):
        return None
    return now if now.name == project.name else None


def _pass_gates(
    projects: list[Project],
    hosts: Collection[str],
    environment: Environment,
    verdicts: Verdicts,
) -> None:
    """Refuse what cannot work, and then what needs that, until all that is left can."""
    names = {normalize_name(host) for host in hosts}
    left = [project for project in projects if project.name not in verdicts.refused]
    while True:
        linked = {project.name for project in left if project._record["root"]}
        gates = Gates(names, linked, environment, verdicts.refused)
        found = {project.name: gates.obstacle(project) for project in left}
        refused = {name: obstacle for name, obstacle in found.items() if obstacle is not None}
        if not refused:
            return
        verdicts.refused.update(refused)
        left = [project for project in left if project.name not in refused]


class _Here(Environment):
    """The environment of this process, without what its earlier loads have linked."""

    def __init__(self) -> None:
        super().__init__()
        self._overlays = entered_overlays()

    def find(self, name: str) -> Distribution | None:
        """Return the installed distribution of that name in any spelling, or None."""
        if not self._overlays:
            return super().find(name)
        path = [entry for entry in self.path if entry not in self._overlays]
        return next(iter(importlib.metadata.distributions(name=name, path=path)), None)

    def has_module(self, name: str) -> bool:
        """Tell whether a top-level module of that name is there; it is not imported."""
        return super().has_module(name) and not (self._overlays and self._is_linked(name))

    def _is_linked(self, name: str) -> bool:
        try:
            spec = importlib.util.find_spec(name)
        except ValueError:
            return False
        places = [spec.origin or "", *(spec.submodule_search_locations or ())] if spec else []
        overlays = tuple(os.path.join(folder, "") for folder in self._overlays)
        return any(place.startswith(overlays) for place in places)


def _gone(project: Project) -> tuple[str, str]:
    reason = f"it is not installed any more: {project.source.location} does not exist"
    fix = f"pip install {project.name}, or plugreg remove {project.name}"
    return reason, fix
