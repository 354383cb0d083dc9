"""`plugreg refresh`: read the sources of projects again."""

from __future__ import annotations

import typer

from plugreg import PlugregError, Project, Registry
from plugreg.backends import RecordUnreadable, SchemaTooNew

from .batch import open_to_change, own_name, require_part, transaction
from .options import CATALOG, TIMEOUT
from .progress import Progress
from .project_object import project_object
from .project_text import change_lines
from .result import Result

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

    from .result import Item
    from .screen import Screen

_NAMES: Any = typer.Argument(None, metavar="[NAME...]", help="Which projects; else all.")
_BUILD: Any = typer.Option(
    False, "--build", help="Let a project's own build backend say its metadata: this runs its code."
)


def refresh_projects(
    names: list[str] | None = _NAMES,
    *,
    build: bool = _BUILD,
    catalog: str | None = CATALOG,
    timeout: float = TIMEOUT,
) -> Result:
    """Read the sources of projects again; switches, order and tags stay.

    A wheel or sdist whose unpacked code is gone is unpacked again. A distribution is looked for in
    the environment that it was in.

    Example: plugreg refresh datasette-cluster-map
    """
    errors: list[PlugregError] = []
    with Registry.open(catalog, read_only=True, timeout_s=timeout) as registry:
        known = _known(registry, names or [], errors)
    read = _read_all(known, errors, build=build)
    items: list[dict[str, object]] = []
    if read:
        with open_to_change(catalog, timeout) as registry, transaction(registry):
            items = _record_all(registry, read, errors)
    return Result("refresh", "projects", items, _text, errors)


def _known(registry: Registry, names: list[str], errors: list[PlugregError]) -> list[Project]:
    """Return the projects that are meant, each once."""
    if not names:
        found = list(registry.scan())
        errors += [each for each in found if not isinstance(each, Project)]
        return [each for each in found if isinstance(each, Project)]
    known: dict[str, Project] = {}
    for name in names:
        try:
            own = own_name(registry, name)
            known[own] = registry[own]
        except PlugregError as error:
            require_part(error)
            errors.append(error)
    return list(known.values())


def _read_all(
    known: list[Project], errors: list[PlugregError], *, build: bool
) -> list[tuple[Project, Project]]:
    """Return each project with what its source says; before the catalog is held: it takes time."""
    from plugreg.plugins import read_again

    read: list[tuple[Project, Project]] = []
    with Progress("projects") as progress:
        for project in progress.over("read", known):
            try:
                read.append((project, read_again(project, build=build)))
            except PlugregError as error:
                error.details.setdefault("name", project.name)
                errors.append(error)
    return read


def _record_all(
    registry: Registry, read: list[tuple[Project, Project]], errors: list[PlugregError]
) -> list[dict[str, object]]:
    items: list[dict[str, object]] = []
    for old, now in read:
        try:
            if registry.get(old.name) is None:  # removed meanwhile: it stays so
                continue
            recorded = registry.add(now)
        except (RecordUnreadable, SchemaTooNew) as error:
            errors.append(error)
        else:
            change = "unchanged" if recorded == old else "updated"
            items.append({**project_object(recorded), "change": change})
    return items


def _text(projects: Iterable[Item], screen: Screen) -> Iterator[str]:
    return change_lines(projects, screen)
