"""Reading the sources again that changed since their projects were added."""

from __future__ import annotations

from plugreg import PlugregError, Registry, state_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from plugreg import Project

# The others need to be told what `add` was told, or are as they are installed.
_KINDS = ("directory", "wheel", "sdist")


def renewed(projects: Sequence[Project], catalog: str, warnings: list[str]) -> list[Project]:
    """Return the projects as their sources say now, recorded in the catalog, in the same order.

    Costs a few stat calls for each project that did not change. One that cannot be read any more,
    or not be recorded, stays as it is known.

    Args:
        projects: What the catalog says.
        catalog: The catalog's path.
        warnings: Gets a line for each project that stays as it was.
    """
    stale = [one for one in projects if one.source.kind in _KINDS and state_of(one) == "changed"]
    found = {project.name: _renewed(project, catalog, warnings) for project in stale}
    return [found.get(project.name, project) for project in projects]


def _renewed(project: Project, catalog: str, warnings: list[str]) -> Project:
    from plugreg.plugins.refreshing import read_again

    try:
        now = read_again(project)
        with Registry.open(catalog) as registry, registry.batch("plugreg run"):
            return registry.add(now)
    except PlugregError as error:
        warnings.append(
            f"{project.name} is taken as it was added, though its source changed: {error}"
        )
    return project
