"""`plugreg show`: all of one project."""

from __future__ import annotations

from plugreg import Registry
from plugreg.quarantine import quarantined

from .options import CATALOG, NAME
from .project_object import project_object
from .project_text import all_of_projects
from .result import Result


def show_project(name: str = NAME, *, catalog: str | None = CATALOG) -> Result:
    """Show all of one project.

    Example: plugreg show datasette-cluster-map
    """
    with Registry.open(catalog, read_only=True) as registry:
        project = registry.find(name)
        seen = quarantined(registry).get(project.name, ())
    return Result("show", "projects", [project_object(project, seen)], all_of_projects)
