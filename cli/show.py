"""`plugreg show`: all of one project."""

from __future__ import annotations

from plugreg import Registry

from .options import CATALOG, NAME, TIMEOUT
from .project_object import project_object
from .project_text import all_of_projects
from .result import Result


def show_project(
    name: str = NAME, *, catalog: str | None = CATALOG, timeout: float = TIMEOUT
) -> Result:
    """Show all of one project.

    Example: plugreg show datasette-cluster-map
    """
    with Registry.open(catalog, read_only=True, timeout_s=timeout) as registry:
        project = registry.find(name)
    return Result("show", "projects", [project_object(project)], all_of_projects)
