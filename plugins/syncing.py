"""Taking up what is installed for a host."""

from __future__ import annotations

from importlib.metadata import distributions

from plugreg import PlugregError, Project, SourceError, state_of
from plugreg.backends import CatalogError, RecordUnreadable, SchemaTooNew
from plugreg.names import normalize_name

from .reading import with_digest
from .sources.distribution import find_distribution, read_distribution
from .sources.environment import search_path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from importlib.metadata import Distribution

    from plugreg import Registry


class Synced:
    """What a sync found and did, for one group.

    Attributes:
        added: Projects that are new in the catalog, and switched on.
        updated: Projects whose installed distribution is another one now, or another version.
        unchanged: Projects that are as they were.
        gone: Projects that are no longer installed; they stay in the catalog, and their state says
            so.
        failed: The errors of distributions that cannot be read or not be recorded.
    """

    def __init__(self) -> None:
        self.added: list[Project] = []
        self.updated: list[Project] = []
        self.unchanged: list[Project] = []
        self.gone: list[Project] = []
        self.failed: list[PlugregError] = []


def sync(
    registry: Registry,
    group: str,
    *,
    python: str = "",
    command: str = "sync",
    elsewhere: Mapping[str, Project] | None = None,
) -> Synced:
    """Record the installed distributions that have an entry point in a group, as one change.

    A project that the catalog has from elsewhere, such as a directory, stays that.

    Args:
        registry: The open catalog.
        group: The host's entry-point group.
        python: The environment's folder or interpreter; "" is this one.
        command: What the history calls the change.
        elsewhere: Projects that other layers have, by name: they stay there, as they are.

    Raises:
        SourceError: There is no such environment (code "environment-not-found").
        CatalogError: The catalog cannot be written.
    """
    done = Synced()
    found = _read(group, python, done)
    with registry.batch(command):
        for project in found:
            try:
                if elsewhere and project.name in elsewhere:
                    done.unchanged.append(elsewhere[project.name])
                else:
                    _take_up(registry, project, done)
            except CatalogError as error:
                if error.code != "name-taken" and not isinstance(error, SchemaTooNew):
                    raise
                done.failed.append(error)
        seen = {project.name for project in found}
        done.gone += [
            project
            for project in registry.scan(group)
            if isinstance(project, Project)
            and project.source.kind == "distribution"
            and project.name not in seen
            and state_of(project) == "missing"
        ]
    return done


def _read(group: str, python: str, done: Synced) -> list[Project]:
    projects: list[Project] = []
    for found in _installed(group, python):
        try:
            projects.append(with_digest(read_distribution(found)))
        except SourceError as error:  # its metadata are broken: pluggy would not load it either
            done.failed.append(error)
    return sorted(projects, key=lambda project: project.name)


def _installed(group: str, python: str) -> Iterator[Distribution]:
    """Yield the distributions that have an entry point in a group; of one name, the first."""
    seen: set[str] = set()
    for each in distributions(path=search_path(python)):
        if not each.entry_points.select(group=group):
            continue
        name = normalize_name(each.name or "")
        found = None if name in seen else find_distribution(name, python)
        seen.add(name)
        if found is not None and found.entry_points.select(group=group):
            yield found


def installed_groups(python: str = "") -> set[str]:
    """Return the entry-point groups of all that is installed in an environment; "" is this one."""
    found = distributions(path=search_path(python))
    return {entry.group for each in found for entry in each.entry_points}


def _take_up(registry: Registry, project: Project, done: Synced) -> None:
    try:
        known = registry.get(project.name)
    except RecordUnreadable:  # damaged, and replaced
        known = None
    if known is not None and known.source.kind != "distribution":
        done.unchanged.append(known)
        return
    recorded = registry.add(project)
    kind = done.added if known is None else done.unchanged if recorded == known else done.updated
    kind.append(recorded)
