"""`plugreg add`: read sources as projects and record them."""

from __future__ import annotations

import typer

from plugreg import PlugregError, Registry
from plugreg.unpacked import drop_unused

from .batch import require_part
from .catalogs import chosen
from .command_words import command_words
from .options import CATALOG, LAYER_TO_CHANGE, TIMEOUT
from .placing import place_projects
from .progress import Progress
from .project_object import project_object
from .project_text import change_lines
from .result import Result

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

    from plugreg import Project

    from .result import Item
    from .screen import Screen

_FEW = 2  # warnings of one kind; of more, one names them all
_SOURCES: Any = typer.Argument(
    metavar="SOURCE...",
    help="Directories, wheels, sdists, .py modules, or names of installed distributions.",
)
_DISABLED: Any = typer.Option(False, "--disabled", help="Record them switched off.")
_PRIORITY: Any = typer.Option(
    None, "--priority", metavar="N", help="Projects load from the lowest to the highest."
)
_TAGS: Any = typer.Option(None, "--tag", metavar="T", help="A tag; may be repeated.")
_BUILD: Any = typer.Option(
    False, "--build", help="Let a project's own build backend say its metadata: this runs its code."
)
_PYTHON: Any = typer.Option(
    "", "--python", metavar="ENV", help="The environment that distributions are installed in."
)
_GROUP: Any = typer.Option("", "--group", metavar="G", help="The host's group of a bare module.")
_NAME: Any = typer.Option("", "--name", metavar="N", help="The plug-in's name of a bare module.")


def add_projects(
    sources: list[str] = _SOURCES,
    *,
    disabled: bool = _DISABLED,
    priority: int | None = _PRIORITY,
    tag: list[str] | None = _TAGS,
    build: bool = _BUILD,
    python: str = _PYTHON,
    group: str = _GROUP,
    name: str = _NAME,
    catalog: str | None = CATALOG,
    layer: str = LAYER_TO_CHANGE,
    timeout: float = TIMEOUT,
) -> Result:
    """Record plug-in projects, so that their hosts load them. Nothing is built or installed.

    A known name is updated and keeps its switches, except those that are given here; so does one of
    a layer that you may not write, by a record of your own. A new one goes to the environment's
    catalog where there is one already, else to the user's.

    Example: plugreg add ./my-plugin dist/other-1.0-py3-none-any.whl
    """
    catalogs = chosen(catalog, layer, timeout, python)
    how = {"build": build, "python": python, "group": group, "name": name}
    projects, errors = _read_all(sources, home=catalogs.home_for_new, **how)
    switches = _Switches(priority, tag, disabled=disabled)
    warnings: list[str] = []
    items: list[dict[str, object]] = []
    try:
        for path, some in place_projects(catalogs, projects, errors, warnings, how).items():
            with catalogs.open(path) as registry, registry.batch(command_words()):
                done, refused = _record_all(registry, some, switches, warnings)
            items += [{**item, **catalogs.place(path)} for item in done]
            errors += refused
    finally:
        for project in projects:  # unpacked code of what was not recorded
            drop_unused(project.root)
    warnings += _useless([str(item["name"]) for item in items if not item["entry_points"]])
    return Result("add", "projects", items, _text, errors, warnings)


class _Switches:
    """The switches that the command line gives; what it does not give stays as it is."""

    def __init__(self, priority: int | None, tags: list[str] | None, *, disabled: bool) -> None:
        self._priority = priority
        self._tags = [tag for tag in tags if tag] if tags else None
        self._disabled = disabled

    def set_on(self, registry: Registry, project: Project) -> Project:
        """Return the recorded project with them set."""
        if self._priority is not None or self._tags is not None:
            project = registry.set(project.name, priority=self._priority, tags=self._tags)
        return registry.disable(project.name) if self._disabled else project


def _read_all(sources: list[str], **how: Any) -> tuple[list[Project], list[PlugregError]]:
    """Read every source before the catalog is opened: a build can take minutes."""
    from plugreg.plugins import read_project

    projects: list[Project] = []
    errors: list[PlugregError] = []
    with Progress("projects") as progress:
        for source in progress.over("read", sources):
            try:
                projects.append(read_project(source, **how))
            except PlugregError as error:
                error.details.setdefault("source", source)
                errors.append(error)
    return projects, errors


def _record_all(
    registry: Registry, projects: list[Project], switches: _Switches, warnings: list[str]
) -> tuple[list[dict[str, object]], list[PlugregError]]:
    items: list[dict[str, object]] = []
    errors: list[PlugregError] = []
    moved: dict[str, str] = {}
    for project in projects:
        known = project.name in registry
        try:
            before = _place_of(registry, project.name)
            recorded = switches.set_on(registry, registry.add(project))
        except PlugregError as error:
            require_part(error)
            errors.append(error)
        else:
            items.append({**project_object(recorded), "change": _change(known=known)})
            if before not in ("", project.source.location):
                moved[project.name] = f"{project.source.location}, and no longer from {before}"
    warnings += _moves(moved)
    return items, errors


def _place_of(registry: Registry, name: str) -> str:
    """Return where a known project is taken from until now; "" where that is not known."""
    try:
        old = registry.get(name)
    except PlugregError:  # damaged: about to be replaced
        return ""
    return "" if old is None else old.source.location


def _moves(moved: dict[str, str]) -> list[str]:
    """Return a warning for each known project that now comes from elsewhere, or one for many."""
    if len(moved) <= _FEW:
        return [f"{name} is now taken from {places}" for name, places in moved.items()]
    told = "are now taken from elsewhere; `plugreg history` shows from where"
    return [f"{', '.join(moved)} {told}"]


def _useless(names: list[str]) -> list[str]:
    """Return a warning that names the projects without entry points."""
    if not names:
        return []
    has, it = ("has", "it") if len(names) == 1 else ("have", "them")
    return [f"{', '.join(names)} {has} no entry points, so no host will load anything of {it}"]


def _change(*, known: bool) -> str:
    return "updated" if known else "added"


def _text(projects: Iterable[Item], screen: Screen) -> Iterator[str]:
    told = ({**project, "switched_off": not project["enabled"]} for project in projects)
    return change_lines(told, screen)
