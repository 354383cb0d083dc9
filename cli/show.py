"""`plugreg show`: all of one project, as it is or as it was."""

from __future__ import annotations

from contextlib import suppress

import typer

from plugreg import CatalogError, PlugregError, Project, code_state
from plugreg.quarantine import quarantined

from .catalogs import Catalogs, catalog_of, chosen_to_look, errors_of
from .layer_of_change import catalog_with_history, name_in_history
from .options import CATALOG, LAYER, PYTHON, TIMEOUT
from .project_object import project_object
from .project_text import all_of_projects
from .result import Result
from .undoing import split_revision

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from plugreg.catalog_view import CatalogView, ProjectsView

_NAME: Any = typer.Argument(
    metavar="NAME[@N]",
    help="A project, or an entry point or module of it; with @N, as it was after change N.",
)


def show_project(
    name: str = _NAME,
    *,
    catalog: str | None = CATALOG,
    layer: str = LAYER,
    python: str = PYTHON,
    timeout: float = TIMEOUT,
) -> Result:
    """Show all of one project, as it is now or as it was after a change of the history.

    Now also means whether its code changed since it was added: all of it is read. Where there are
    layers, it says in which the project is, and in which others it is hidden.

    Example: plugreg show datasette-cluster-map@12
    """
    catalogs = chosen_to_look(catalog, layer, timeout, python)
    with catalogs.look() as view:
        own, number = split_revision(name)
        if number is None:
            project, registry = view.find(own), None
        else:
            own = name_in_history(view, own)
            registry = catalog_with_history(view, own)
            project = _then(registry, own, number)
        seen = quarantined(view).get(project.name, ())
        registry = registry or catalog_of(view, project.name)
        place = {} if registry is None else catalogs.place(registry.path)
        item = {**project_object(project, seen), **place}
        item["hides"] = _hidden(catalogs, view, project.name)
    item |= {"digest": project.digest, "code": code_state(project)}
    return Result("show", "projects", [item], all_of_projects, errors_of(view))


def _hidden(catalogs: Catalogs, view: ProjectsView, name: str) -> list[dict[str, object]]:
    """Return where else there is a project of that name, which is not seen."""
    from plugreg.layered import LayeredView

    if not isinstance(view, LayeredView):
        return []
    hidden = []
    for one in view.layers_of(name)[1:]:
        facts: dict[str, object] = {"version": None, "enabled": None}
        with suppress(PlugregError):  # its record cannot be read
            project = one.registry[name]
            facts = {"version": project.version, "enabled": project.enabled}
        hidden.append({**catalogs.place(one.path), **facts})
    return hidden


def _then(registry: CatalogView, name: str, number: int) -> Project:
    project = registry.at(name, number)
    if project is None:
        raise CatalogError(
            f"`{name}` was not in the catalog after change {number}",
            hint=f"`plugreg history {name}` shows its changes",
            code="revision-not-found",
        )
    return project
