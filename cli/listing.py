"""`plugreg list`: the projects of a catalog, from one pass over it."""

from __future__ import annotations

import typer

from plugreg import Project
from plugreg.criteria import Criteria
from plugreg.quarantine import quarantined

from .catalogs import Catalogs, chosen_to_look, errors_of, scan_places
from .options import CATALOG, LAYER, PYTHON, TIMEOUT
from .project_columns import COLUMNS, DEFAULT_COLUMNS, list_of_projects, require_columns, sort_key
from .project_object import STATES, UNREADABLE, project_object, unreadable_object
from .result import Result
from .spelling import meant, require_known

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import Any

    from plugreg.catalog_view import ProjectsView
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


_STATE: Any = typer.Option(
    "", "--state", metavar="S", help=f"Only those in this state: {', '.join(STATES)}."
)
_KIND: Any = typer.Option(
    "", "--kind", metavar="K", help="Only those from a directory, wheel, sdist, module, ..."
)
_REQUIRES: Any = typer.Option(
    "", "--requires", metavar="D", help="Only those that require this distribution."
)
_MATCH: Any = typer.Option("", "--match", metavar="TEXT", help="Only those with this text.")
_SORT: Any = typer.Option(
    "name", "--sort", metavar="COLUMN", help="By which column; -COLUMN is the other way round."
)
_SHOWN: Any = typer.Option(
    "", "--columns", metavar="C,C,...", help=f"Which columns to show, of {', '.join(COLUMNS)}."
)


def list_projects(
    *,
    group: str = _GROUP,
    enabled: bool | None = _ENABLED,
    tag: list[str] | None = _TAGS,
    state: str = _STATE,
    kind: str = _KIND,
    requires: str = _REQUIRES,
    match: str = _MATCH,
    sort: str = _SORT,
    columns: str = _SHOWN,
    catalog: str | None = CATALOG,
    layer: str = LAYER,
    python: str = PYTHON,
    timeout: float = TIMEOUT,
) -> Result:
    """List the projects.

    For each: name, version, on or off or quarantined, groups, source, state, and the layer where
    there are catalogs of the environment or the site. In a pipe each is one line, with tabs
    between. A catalog that does not exist yet is empty.

    Example: plugreg list --group datasette --enabled --sort -updated
    """
    if state:
        require_known("state", state, STATES)
    catalogs = chosen_to_look(catalog, layer, timeout, python)
    usual = [*DEFAULT_COLUMNS, "layer"] if catalogs.tables_tell_layers else DEFAULT_COLUMNS
    shown = require_columns(columns.split(",")) if columns else usual
    [by] = require_columns([sort.removeprefix("-")])
    view = catalogs.look()
    wanted = Criteria(
        group=group, enabled=enabled, tags=tag or (), state=state, kind=kind, requires=requires,
        match=match,
    )  # fmt: skip
    warnings: list[str] = []
    unreadable = wanted.any or state == UNREADABLE
    items: Iterable[dict[str, object]] = _objects(
        catalogs, view, group, wanted, warnings, unreadable=unreadable
    )
    if sort != "name":
        items = sorted(items, key=sort_key(by), reverse=sort.startswith("-"))
    asked = {"groups": [group], "tags": tag or [], "kinds": [kind]}
    text = _table(wanted, shown, warnings, lambda: _misspelt(view, asked))
    return Result("list", "projects", items, text, errors_of(view), warnings, view.close)


def _objects(
    catalogs: Catalogs,
    view: ProjectsView,
    group: str,
    wanted: Criteria,
    warnings: list[str],
    *,
    unreadable: bool,
) -> Iterator[dict[str, object]]:
    """Yield the wanted projects; what cannot be read is warned of, and is listed where all are."""
    seen = quarantined(view)
    places = {path: catalogs.place(path) for path in view.paths}
    for path, found in scan_places(view, group):
        if isinstance(found, Project):
            if wanted.fits(found):
                sightings = seen.get(found.name, ())
                warnings += [_quarantine_line(one) for one in sightings if found.enabled]
                yield {**project_object(found, sightings), **places[path]}
            continue
        warnings.append(str(found))
        if unreadable:
            name = str(found.details["name"])
            yield {**unreadable_object(name, found), **places[path]}


def _quarantine_line(sighting: Sighting) -> str:
    name = sighting.project
    where = f"quarantined in {sighting.environment}"
    return f"{name} is {where}: {sighting.reason}; mend it, or `plugreg enable {name}`"


def _misspelt(registry: ProjectsView, asked: dict[str, list[str]]) -> str:
    """Return what was probably meant by the first word that no project has, or ""."""
    known = registry.map_reduce(_words_of, lambda one, _: one)
    for what, words in asked.items():
        there = [word for kind, word in known if kind == what]
        for word in words:
            if word and word not in there and (hint := meant(word, there)):
                return hint
    return ""


def _words_of(project: Project) -> Iterator[tuple[tuple[str, str], None]]:
    for group in project.groups:
        yield ("groups", group), None
    for tag in project.tags:
        yield ("tags", tag), None
    yield ("kinds", project.source.kind), None


def _table(
    wanted: Criteria, shown: list[str], warnings: list[str], misspelt: Callable[[], str]
) -> Callable[[Iterable[Item], Screen], Iterator[str]]:
    """Return what makes the table, and tells a person at a terminal why it is empty."""

    def lines(projects: Iterable[Item], screen: Screen) -> Iterator[str]:
        if not screen.terminal:
            yield from list_of_projects(projects, screen, shown)
            return
        listed = list(projects)
        if listed:
            yield from list_of_projects(listed, screen, shown)
        elif wanted.any:
            warnings.append("no projects yet; `plugreg add SOURCE` records one")
        else:
            warnings.append(f"no project fits; {misspelt() or '`plugreg list` shows all'}")

    return lines
