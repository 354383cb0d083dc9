"""`plugreg show`: all of one project."""

from __future__ import annotations

from plugreg import Registry, code_state

from .options import CATALOG, NAME
from .project_object import project_object
from .project_text import all_of_projects
from .result import Result


def show_project(name: str = NAME, *, catalog: str | None = CATALOG) -> Result:
    """Show all of one project, and whether its code changed since it was added: all is read.

    Example: plugreg show datasette-cluster-map
    """
    with Registry.open(catalog, read_only=True) as registry:
        project = registry.find(name)
    item = {**project_object(project), "digest": project.digest, "code": code_state(project)}
    return Result("show", "projects", [item], all_of_projects)
