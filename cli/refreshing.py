"""`plugreg refresh`: read the sources of projects again."""

from __future__ import annotations

import typer

from plugreg import PlugregError, Project, Registry
from plugreg.backends import RecordUnreadable, SchemaTooNew
from plugreg.writing_layer import may_write

from .batch import open_to_change, own_name, require_part, transaction
from .catalogs import Catalogs, catalog_to_change, chosen, errors_of, scan_places
from .options import CATALOG, LAYER_TO_CHANGE, TIMEOUT
from .progress import Progress
from .project_object import project_object
from .project_text import change_lines
from .result import Result

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

    from plugreg.catalog_view import ProjectsView

    from .result import Item
    from .screen import Screen

_ARCHIVES = ("wheel", "sdist")
_NAMES: Any = typer.Argument(None, metavar="[NAME...]", help="Which projects; else all.")
_BUILD: Any = typer.Option(
    False, "--build", help="Let a project's own build backend say its metadata: this runs its code."
)


def refresh_projects(
    names: list[str] | None = _NAMES,
    *,
    build: bool = _BUILD,
    catalog: str | None = CATALOG,
    layer: str = LAYER_TO_CHANGE,
    timeout: float = TIMEOUT,
) -> Result:
    """Read the sources of projects again; switches, order and tags stay.

    A wheel or sdist whose unpacked code is gone is unpacked again. A distribution is looked for in
    the environment that it was in. Without a NAME, layers that you may not write are left alone.

    Example: plugreg refresh datasette-cluster-map
    """
    catalogs = chosen(catalog, layer, timeout)
    errors: list[PlugregError] = []
    with catalogs.look() as view:
        known = _known(catalogs, view, names or [], errors)
        errors += errors_of(view)
    items: list[dict[str, object]] = []
    warnings: list[str] = []
    for path, some in known.items():
        read = _read_all(path, some, errors, build=build)
        warnings += _other_archives(read)
        if read:
            with open_to_change(catalogs, path) as registry, transaction(registry):
                done = _record_all(registry, read, errors)
            items += [{**item, **catalogs.place(path)} for item in done]
    return Result("refresh", "projects", items, _text, errors, warnings)


def _known(
    catalogs: Catalogs, view: ProjectsView, names: list[str], errors: list[PlugregError]
) -> dict[str, list[Project]]:
    """Return the projects that are meant, each once, by the path of their catalog."""
    found: dict[str, list[Project]] = {}
    if not names:
        for path, each in scan_places(view):
            if catalogs.named is None and not may_write(path):
                continue
            if isinstance(each, Project):
                found.setdefault(path, []).append(each)
            else:
                errors.append(each)
        return found
    for own in _own_names(view, names, errors):
        try:
            registry = catalog_to_change(view, own)
            found.setdefault(registry.path, []).append(registry[own])
        except PlugregError as error:
            errors.append(error)
    return found


def _own_names(view: ProjectsView, names: list[str], errors: list[PlugregError]) -> list[str]:
    own: dict[str, None] = {}
    for name in names:
        try:
            own[own_name(view, name)] = None
        except PlugregError as error:
            require_part(error)
            errors.append(error)
    return list(own)


def _read_all(
    path: str, known: list[Project], errors: list[PlugregError], *, build: bool
) -> list[tuple[Project, Project]]:
    """Return each project with what its source says; before the catalog is held: it takes time."""
    from plugreg.plugins import read_again

    read: list[tuple[Project, Project]] = []
    with Progress("projects") as progress:
        for project in progress.over("read", known):
            try:
                read.append((project, read_again(project, build=build, catalog=path)))
            except PlugregError as error:
                error.details.setdefault("name", project.name)
                errors.append(error)
    return read


def _other_archives(read: list[tuple[Project, Project]]) -> list[str]:
    """Return a warning that names the archives of one version that hold other code than they did.

    Whoever edits a directory knows; an archive of a version is made once.
    """
    names = [
        old.name
        for old, now in read
        if old.source.kind in _ARCHIVES and (old.version, old.source) == (now.version, now.source)
        if "" != old.digest != now.digest
    ]
    told = "the code in the archive is another than was recorded, of the same version"
    return [f"{', '.join(names)}: {told}"] if names else []


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
