"""`plugreg list`: the projects of a catalog, from one pass over it."""

from __future__ import annotations

import typer

from plugreg import Project, Registry
from plugreg.quarantine import quarantined

from .options import CATALOG, TIMEOUT
from .project_object import project_object, unreadable_object
from .project_text import list_of_projects
from .result import Result

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import Any

    from plugreg.quarantine import Sighting

    from .result import Item
    from .screen import Screen

_GROUP: Any = typer.Option("", "--group", metavar="G", help="Only those for this host's group.")
_ENABLED: Any = typer.Option(
    None, "--enabled/--disabled", help="Only those that are switched on, or off."
)
_TAGS: Any = typer.Option(
    None, "--tag", metavar="T", help="Only those with this tag; given again, with all of them."
)


def list_projects(
    *,
    group: str = _GROUP,
    enabled: bool | None = _ENABLED,
    tag: list[str] | None = _TAGS,
    catalog: str | None = CATALOG,
    timeout: float = TIMEOUT,
) -> Result:
    """List the projects.

    For each: name, version, on or off or quarantined, groups, source, state. In a pipe each is
    one line, with tabs between. A catalog that does not exist yet is empty.

    Example: plugreg list --group datasette --enabled
    """
    registry = Registry.open(catalog, read_only=True, timeout_s=timeout)
    wanted = _Filter(enabled, frozenset(tag or ()), filtered=bool(group))
    warnings: list[str] = []
    items = _objects(registry, group, wanted, warnings)
    text = _table(wanted, warnings)
    return Result("list", "projects", items, text, (), warnings, registry.close)


class _Filter:
    """Which projects are wanted."""

    def __init__(self, enabled: bool | None, tags: frozenset[str], *, filtered: bool) -> None:
        self._enabled = enabled
        self._tags = tags
        self.takes_all = enabled is None and not tags and not filtered

    def takes(self, project: Project) -> bool:
        right_switch = self._enabled is None or project.enabled is self._enabled
        return right_switch and self._tags.issubset(project.tags)


def _objects(
    registry: Registry, group: str, wanted: _Filter, warnings: list[str]
) -> Iterator[dict[str, object]]:
    """Yield the wanted projects; what cannot be read is warned of, and is listed where all are."""
    seen = quarantined(registry)
    for found in registry.scan(group):
        if isinstance(found, Project):
            if wanted.takes(found):
                sightings = seen.get(found.name, ())
                warnings += [_quarantine_line(one) for one in sightings if found.enabled]
                yield project_object(found, sightings)
            continue
        warnings.append(str(found))
        if wanted.takes_all:
            yield unreadable_object(str(found.details["name"]), found)


def _quarantine_line(sighting: Sighting) -> str:
    name = sighting.project
    where = f"quarantined in {sighting.environment}"
    return f"{name} is {where}: {sighting.reason}; mend it, or `plugreg enable {name}`"


def _table(
    wanted: _Filter, warnings: list[str]
) -> Callable[[Iterable[Item], Screen], Iterator[str]]:
    """Return what makes the table, and tells a person at a terminal why it is empty."""

    def lines(projects: Iterable[Item], screen: Screen) -> Iterator[str]:
        if not screen.terminal:
            yield from list_of_projects(projects, screen)
            return
        listed = list(projects)
        if listed:
            yield from list_of_projects(listed, screen)
        elif wanted.takes_all:
            warnings.append("no projects yet; `plugreg add SOURCE` records one")
        else:
            warnings.append("no project fits; `plugreg list` shows all")

    return lines
