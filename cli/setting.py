"""`plugreg set`: how a project loads, and its tags."""

from __future__ import annotations

import typer

from plugreg import ProjectNotFound
from plugreg.names import normalize_name

from .batch import change_each, own_name
from .catalogs import Catalogs, chosen
from .options import CATALOG, LAYER_TO_CHANGE, NAME, TIMEOUT
from .project_text import changes
from .result import Result, UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from plugreg import Project, Registry

_PRIORITY: Any = typer.Option(
    None, "--priority", metavar="N", help="Projects load from the lowest to the highest."
)
_BEFORE: Any = typer.Option(
    None, "--before", metavar="X", help='Load it before X; may be repeated; "" clears.'
)
_AFTER: Any = typer.Option(
    None, "--after", metavar="X", help='Load it after X; may be repeated; "" clears.'
)
_TAGS: Any = typer.Option(
    None, "--tag", metavar="T", help='Its tags from now on; may be repeated; "" clears.'
)


def set_project(
    name: str = NAME,
    *,
    priority: int | None = _PRIORITY,
    before: list[str] | None = _BEFORE,
    after: list[str] | None = _AFTER,
    tag: list[str] | None = _TAGS,
    catalog: str | None = CATALOG,
    layer: str = LAYER_TO_CHANGE,
    timeout: float = TIMEOUT,
) -> Result:
    """Change how a project loads, and its tags. What is given replaces what was.

    Example: plugreg set datasette-auth --priority 10
    """
    lists = {
        field: [value for value in given if value]
        for field, given in (("before", before), ("after", after), ("tags", tag))
        if given
    }
    if priority is None and not lists:
        raise UsageError(
            f"nothing to set for `{name}`", hint="give --priority, --before, --after or --tag"
        )

    def change(registry: Registry, own: str) -> Project:
        return registry.set(own, priority=priority, **lists)

    catalogs = chosen(catalog, layer, timeout)
    doubts = _doubts(catalogs, name, [*lists.get("before", ()), *lists.get("after", ())])
    batch = change_each(catalogs, [name], change)
    warnings = [*(doubts if batch.done else ()), *batch.warnings]
    return Result("set", "projects", batch.done, changes("set"), batch.errors, warnings)


def _doubts(catalogs: Catalogs, name: str, others: list[str]) -> list[str]:
    """Return a warning for each project that the order names in vain."""
    if not others:
        return []
    with catalogs._replace(layer="").look() as view:  # hosts see all layers
        try:
            own = own_name(view, name)
        except ProjectNotFound:  # which the change says
            return []
        return [
            f"{own} is to load before or after `{other}`, which is "
            + ("itself" if normalize_name(other) == own else "not in the catalog")
            for other in others
            if normalize_name(other) == own or other not in view
        ]
