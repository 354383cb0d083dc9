"""`plugreg show`: all of one project, as it is or as it was."""

from __future__ import annotations

import typer

from plugreg import CatalogError, Project, Registry, code_state
from plugreg.quarantine import quarantined

from .options import CATALOG, TIMEOUT
from .project_object import project_object
from .project_text import all_of_projects
from .result import Result
from .undoing import split_revision

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_NAME: Any = typer.Argument(
    metavar="NAME[@N]",
    help="A project, or an entry point or module of it; with @N, as it was after change N.",
)


def show_project(
    name: str = _NAME, *, catalog: str | None = CATALOG, timeout: float = TIMEOUT
) -> Result:
    """Show all of one project, as it is now or as it was after a change of the history.

    Now also means whether its code changed since it was added: all of it is read.

    Example: plugreg show datasette-cluster-map@12
    """
    with Registry.open(catalog, read_only=True, timeout_s=timeout) as registry:
        own, number = split_revision(name)
        project = registry.find(own) if number is None else _then(registry, own, number)
        seen = quarantined(registry).get(project.name, ())
    item = {**project_object(project, seen), "digest": project.digest, "code": code_state(project)}
    return Result("show", "projects", [item], all_of_projects)


def _then(registry: Registry, name: str, number: int) -> Project:
    project = registry.at(name, number)
    if project is None:
        raise CatalogError(
            f"`{name}` was not in the catalog after change {number}",
            hint=f"`plugreg history {name}` shows its changes",
            code="revision-not-found",
        )
    return project
