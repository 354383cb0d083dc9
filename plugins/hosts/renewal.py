"""Reading the sources again that changed since their projects were added."""

from __future__ import annotations

from plugreg import PlugregError, Registry, SourceError, state_of
from plugreg.fingerprint import looks_as_recorded

from .selection import is_gone

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from plugreg import Project

    # A catalog's path, the open registry, or, of layers, the path that each project's name has.
    Place = str | Registry | dict[str, str]

# A host's start does not wait for a catalog that another process writes: the next start records.
_PATIENCE_S = 0.2


def renewed(projects: Sequence[Project], catalog: Place, warnings: list[str]) -> list[Project]:
    """Return the projects as their sources say now, recorded in the catalog, in the same order.

    Installed distributions are left alone: `examination` looks after them.

    Costs a few stat calls for each project that did not change. What cannot be recorded, or is not
    to be, is returned all the same; one that cannot be read any more stays as it is known.

    Args:
        projects: What the catalog says.
        catalog: Where to record them: see `record_again`.
        warnings: Gets a line for each project that stays as it was.
    """
    stale = [one for one in projects if one._record["root"] and not looks_as_recorded(one)]
    if not stale:
        return list(projects)
    found = {}
    for project in stale:
        if state_of(project) == "changed":
            now = _read_again(project, _path_in(catalog, project.name), warnings)
            if now is not None:
                found[project.name] = now
    kept = {**found, **record_again(found, projects, catalog)}
    return [kept.get(project.name, project) for project in projects]


def record_again(
    found: Mapping[str, Project], known: Sequence[Project], catalog: Place
) -> dict[str, Project]:
    """Record projects that were read again; returns them, none where that cannot be.

    Their switches stay, and so does the digest: what nobody looked at is not approved. One that was
    removed meanwhile is not added again. One that has lost a host is not recorded either: a host
    looks at nothing but the projects that are recorded for it, so it would never look again.

    Args:
        found: Name to the project, which already has the switches and the digest.
        known: What the catalog says of them, and of others.
        catalog: The catalog's path, or the open registry; or for each name the path of its own.
    """
    lasting = {
        one.name: found[one.name]
        for one in known
        if one.name in found and set(one.groups) <= set(found[one.name].groups)
    }
    return _record_again(lasting, catalog)


def _record_again(found: Mapping[str, Project], catalog: Place) -> dict[str, Project]:
    if not found:
        return {}
    if isinstance(catalog, dict):
        return _record_in_each(found, catalog)
    try:
        if isinstance(catalog, Registry):
            return _recorded(found, catalog)
        with Registry.open(catalog, timeout_s=_PATIENCE_S) as registry:
            return _recorded(found, registry)
    except PlugregError:  # read-only, locked, or the like: this start goes on all the same
        return {}


def _record_in_each(found: Mapping[str, Project], homes: dict[str, str]) -> dict[str, Project]:
    """Record each project in the layer that it is seen in, as far as that can be written."""
    done: dict[str, Project] = {}
    for path in dict.fromkeys(homes[name] for name in found):
        done.update(
            _record_again({name: found[name] for name in found if homes[name] == path}, path)
        )
    return done


def _recorded(found: Mapping[str, Project], registry: Registry) -> dict[str, Project]:
    from plugreg.change import READ_AGAIN

    with registry.batch(READ_AGAIN):
        return {
            name: registry.add(project) if name in registry else project
            for name, project in found.items()
        }


def as_switched(now: Project, known: Project) -> Project:
    """Return a project that was read again with the switches and the digest that are known."""
    kept = {field: known._record[field] for field in ("digest", "added_at")}
    return with_switches_of(known, now)._with(**kept)


def with_switches_of(known: Project, project: Project) -> Project:
    """Return a project switched, ordered and tagged as another record of it is."""
    kept = ("enabled", "priority", "tags", "before", "after")
    return project._with(**{field: known._record[field] for field in kept})


def _path_in(catalog: Place, name: str) -> str:
    """Return the path of the catalog that a project is recorded in."""
    if isinstance(catalog, dict):
        return catalog[name]
    return catalog.path if isinstance(catalog, Registry) else catalog


def _read_again(project: Project, catalog: str, warnings: list[str]) -> Project | None:
    from plugreg.plugins.refreshing import read_again

    try:
        now = read_again(project, catalog=catalog)
        _require_kind(now, project)
        return as_switched(now, project)
    except PlugregError as error:
        if not is_gone(project):  # else whoever has asked says so
            warnings.append(
                f"{project.name} is taken as it was added, though its source changed: {error}"
            )
        return None


def _require_kind(now: Project, known: Project) -> None:
    """Raise where another reader takes the source than the one that its user has chosen.

    That of another package may be missing in this environment.
    """
    if now.source.kind != known.source.kind:
        raise SourceError(
            f"{known.source.location} is read as a {now.source.kind} now,"
            f" and was added as {known.source.kind}",
            hint=f"install what reads it, or `plugreg refresh {known.name}`",
            code="source-kind",
            name=known.name,
        )
