"""What is wrong with the projects of a catalog; none of their code is imported."""

from __future__ import annotations

import os

from plugreg import PlugregError, Project, code_state, state_of
from plugreg.plugins.environments import OtherEnvironment, environment_of
from plugreg.plugins.hosts.gates.rules import (
    Gates,
    installed_elsewhere,
    module_named_as,
    requirement_names,
)
from plugreg.plugins.hosts.gates.there import hosts_of
from plugreg.plugins.missing import missing_of
from plugreg.plugins.refreshing import read_again
from plugreg.printable import as_argument
from plugreg.quarantine import quarantined

from .entry_points import module_of, unresolved
from .problem import Problem
from .side_by_side import about_circles, about_duplicates, about_modules

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from plugreg.catalog_view import ProjectsView
    from plugreg.plugins.environments import Environment


def about_projects(
    registry: ProjectsView,
    python: str = "",
    progress: Callable[[str, int, int], None] | None = None,
) -> Iterator[Problem]:
    """Yield what is wrong with the records and the projects of open catalogs, by name.

    Args:
        registry: The catalog, or the layers.
        python: The environment that they are to work in; "" is this process's own.
        progress: See `examine`.

    Raises:
        SourceError: There is no such environment (code "environment-not-found").
    """
    found = list(registry.scan())
    projects = [each for each in found if isinstance(each, Project)]
    environment = environment_of(python, _modules_of(projects) if python else ())
    yield from (_unreadable(each) for each in found if not isinstance(each, Project))
    for done, project in enumerate(projects):
        if progress is not None:
            progress("check", done, len(projects))
        yield from _about_source(project, environment)
    enabled = [one for one in projects if one.enabled]
    hindered = list(_about_environment(enabled, environment))
    yield from hindered
    out = {problem.project for problem in hindered}
    there = [one for one in enabled if state_of(one) != "missing"]
    yield from about_duplicates(there)
    yield from about_modules([one for one in there if one.name not in out])
    yield from about_circles(enabled)
    for name, sightings in quarantined(registry).items():
        for seen in sightings:
            yield Problem(
                "quarantined",
                f"hosts leave it out: {seen.reason}",
                f"mend it, or `plugreg enable {name}` to try it again",
                project=name,
                file=seen.environment.partition(" ")[0],
            )


def _modules_of(projects: Sequence[Project]) -> Iterator[str]:
    """Yield the top-level names that their environment is asked for."""
    for project in projects:
        yield from map(module_named_as, requirement_names(project))
        for entry in project.entry_points:
            yield module_of(entry).partition(".")[0]


def _unreadable(error: PlugregError) -> Problem:
    name = str(error.details.get("name", ""))
    hint = error.hint or f"`plugreg remove {as_argument(name)}`, and add its source again"
    return Problem(error.code, error.message, hint, project=name)


def _about_source(project: Project, environment: Environment) -> Iterator[Problem]:
    missing = missing_of(project)
    if missing is not None:
        yield Problem(
            "source-missing",
            missing.reason,
            missing.fix,
            project=project.name,
            file=missing.file,
            fixable=missing.can_be_unpacked,
        )
        return
    location = project.source.location
    if state_of(project) == "changed":
        yield _about_change(project)
    if code_state(project) == "changed":
        yield Problem(
            "code-changed",
            "its code is not what was added",
            f"look at it; `plugreg refresh {project.name}` approves it",
            project=project.name,
            file=location,
        )
    for entry, module in unresolved(project, environment):
        yield Problem(
            "entry-point-unresolved",
            f"its entry point {entry.name} of {entry.group} names {module}, and there is no such"
            " module",
            f"mend the entry point or the module, then `plugreg refresh {project.name}`",
            project=project.name,
            file=location,
        )


def _about_change(project: Project) -> Problem:
    """Return that the metadata changed, and whether reading them again is of use."""
    name, location = project.name, project.source.location
    broken = _unreadable_source(project)
    if broken is None:
        message = "its metadata changed since they were read"
        hint = f"`plugreg refresh {name}`, or `plugreg doctor --fix` for all"
    else:
        message = f"its metadata changed, and cannot be used: {broken.message}"
        hint = broken.hint
    return Problem(
        "source-changed", message, hint, project=name, file=location, fixable=broken is None
    )


def _unreadable_source(project: Project) -> PlugregError | None:
    """Return why a source cannot be read again; None also where reading it would unpack code."""
    if project.source.kind not in ("directory", "module"):
        return None
    try:
        read_again(project)
    except PlugregError as error:
        return error
    return None


def _about_absence(project: Project, there: OtherEnvironment) -> Iterator[Problem]:
    """Yield that an environment does not have a distribution that a host there would ask for."""
    if state_of(project) == "missing" or there.version(project.name) is not None:
        return
    if hosts_of(project, there):
        why, fix = installed_elsewhere(project)
        yield Problem("installed-elsewhere", why, fix, project=project.name, file=there.prefix)


def _about_environment(enabled: Sequence[Project], environment: Environment) -> Iterator[Problem]:
    """Yield what hinders projects in an environment.

    Distributions of other ones are those', unless this one was named and a host of theirs is in it.
    """
    gates = Gates((), {project.name for project in enabled if project.root}, environment)
    for project in enabled:
        if not project.root and os.path.dirname(project.source.location) not in environment.path:
            if isinstance(environment, OtherEnvironment):
                yield from _about_absence(project, environment)
            continue
        for why, fix in gates.obstacles(project):
            yield Problem(
                "requirement-unmet", why, fix, project=project.name, file=environment.prefix
            )
