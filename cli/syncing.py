"""`plugreg sync`: take up what is installed for a host."""

from __future__ import annotations

import typer

from plugreg import Project

from .batch import open_to_change
from .catalogs import Catalogs, chosen
from .command_words import command_words
from .options import CATALOG, LAYER_TO_CHANGE, TIMEOUT
from .project_object import project_object
from .project_text import change_lines
from .result import Result
from .spelling import meant

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

    from .result import Item
    from .screen import Screen

_GROUP: Any = typer.Option(..., "--group", metavar="G", help="The host's entry-point group.")
_PYTHON: Any = typer.Option(
    "", "--python", metavar="ENV", help="The environment that the host is installed in."
)


def sync_group(
    *,
    group: str = _GROUP,
    python: str = _PYTHON,
    catalog: str | None = CATALOG,
    layer: str = LAYER_TO_CHANGE,
    timeout: float = TIMEOUT,
) -> Result:
    """Record what is installed for a host's group, and say what is gone.

    New projects are switched on; known ones keep their switches, and those of another layer stay
    there. What is no longer installed stays in the catalog, as missing, until `plugreg remove`
    takes it out.

    Example: plugreg sync --group datasette --python ~/venvs/datasette
    """
    from plugreg.plugins.syncing import Installed, sync

    catalogs = chosen(catalog, layer, timeout, python)
    path = catalogs.path_for_new
    elsewhere, unread = _elsewhere(catalogs, path)
    installed = Installed(group, python)
    new = any(project.name not in elsewhere for project in installed.projects)
    with open_to_change(catalogs, path, make=new) as registry:
        done = sync(
            registry,
            group,
            command=command_words(),
            elsewhere={name: project for name, (project, _) in elsewhere.items()},
            installed=installed,
        )
    items = [
        {
            **project_object(project),
            **catalogs.place(elsewhere[project.name][1] if project.name in elsewhere else path),
            "change": change,
        }
        for change in ("added", "updated", "unchanged", "gone")
        for project in getattr(done, change)
    ]
    warnings = [] if items or done.failed else [_nothing_of(group, python)]
    return Result("sync", "projects", items, _text, done.failed, [*unread, *warnings])


def _nothing_of(group: str, python: str) -> str:
    """Return a warning that nothing was found, with the group that was probably meant."""
    from plugreg.plugins.syncing import installed_groups

    where = f"in `{python}`" if python else "in plugreg's own environment"
    other = "check that it is the host's" if python else "`--python ENV` looks in another one"
    hint = meant(group, installed_groups(python)) or other
    return f"nothing of the group `{group}` is installed {where}; {hint}"


def _elsewhere(catalogs: Catalogs, path: str) -> tuple[dict[str, tuple[Project, str]], list[str]]:
    """Return the projects that other layers than that of `path` have, and which layers failed."""
    if catalogs.named is not None or catalogs.layer:
        return {}, catalogs.unread_layers()
    with catalogs.look_into_layers() as view:
        found = {
            each.name: (each, layer.path)
            for layer, each in view.scan_layers()
            if layer.path != path and isinstance(each, Project)
        }
        return found, list(map(str, view.errors))


def _text(projects: Iterable[Item], screen: Screen) -> Iterator[str]:
    return change_lines(projects, screen)
