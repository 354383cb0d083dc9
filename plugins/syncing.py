"""Taking up what is installed for a host."""

from __future__ import annotations

from contextlib import nullcontext
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


class Installed:
    """What is installed for a group, as projects that no catalog knows yet.

    Attributes:
        projects: Sorted by name.
        failed: The errors of distributions that cannot be read.
    """

    def __init__(self, group: str, python: str = "") -> None:
        """Look into an environment, named by its folder or its interpreter; "" is this one.

        Raises:
            SourceError: There is no such environment (code "environment-not-found").
        """
        self.projects: list[Project] = []
        self.failed: list[PlugregError] = []
        for found in _distributions(group, python):
            try:
                self.projects.append(with_digest(read_distribution(found)))
            except SourceError as error:  # broken metadata: pluggy would not load it either
                self.failed.append(error)
        self.projects.sort(key=lambda project: project.name)


def sync(
    registry: Registry,
    group: str,
    *,
    python: str = "",
    command: str = "sync",
    elsewhere: Mapping[str, Project] | None = None,
    installed: Installed | None = None,
) -> Synced:
    """Record the installed distributions that have an entry point in a group, as one change.

    A project that the catalog has from elsewhere, such as a directory, stays that.

    Args:
        registry: The open catalog; where nothing is to be recorded, it may be read-only.
        group: The host's entry-point group.
        python: The environment's folder or interpreter; "" is this one.
        command: What the history calls the change.
        elsewhere: Projects that other layers have, by name: they stay there, as they are.
        installed: What `Installed` found there already; None looks now.

    Raises:
        SourceError: There is no such environment (code "environment-not-found").
        CatalogError: The catalog cannot be written.
    """
    done = Synced()
    installed = installed or Installed(group, python)
    done.failed += installed.failed
    elsewhere = elsewhere or {}
    seen = {project.name for project in installed.projects}
    done.unchanged += [elsewhere[name] for name in seen & set(elsewhere)]
    found = [project for project in installed.projects if project.name not in elsewhere]
    with registry.batch(command) if found else nullcontext():
        for project in found:
            try:
                _take_up(registry, project, done)
            except CatalogError as error:
                if error.code != "name-taken" and not isinstance(error, SchemaTooNew):
                    raise
                done.failed.append(error)
        done.unchanged.sort(key=lambda project: project.name)
        done.gone += [
            project
            for project in registry.scan(group)
            if isinstance(project, Project)
            and project.source.kind == "distribution"
            and project.name not in seen
            and state_of(project) == "missing"
        ]
    return done


def _distributions(group: str, python: str) -> Iterator[Distribution]:
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
