"""`plugreg export`: the catalog as JSON, as pip's requirements, or as a table for spreadsheets."""

from __future__ import annotations

import os

import typer

from plugreg import PlugregError, Project
from plugreg.exchange import export_lines, portable_object

from .catalogs import chosen, errors_of
from .options import CATALOG, LAYER, TIMEOUT
from .result import Result, UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

    from plugreg.catalog_view import ProjectsView

    from .result import Item
    from .screen import Screen

_FILE: Any = typer.Argument(
    "", metavar="[FILE]", help="Where to write it; else, or for -, it is printed."
)
_ROOT: Any = typer.Option(
    "", "--root", metavar="DIR", help="Paths below it become relative; else FILE's folder."
)
_REQUIREMENTS: Any = typer.Option(
    False, "--requirements", help="pip's lines for the projects that are installed distributions."
)
_CSV: Any = typer.Option(False, "--csv", help="A table for spreadsheets, one project a line.")
_COLUMNS = (
    "name", "version", "enabled", "priority", "tags", "groups", "kind", "location",
    "requires_python", "dependencies", "summary", "added_at", "updated_at",
)  # fmt: skip
# A spreadsheet would take text that begins so for a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def export_catalog(
    file: str = _FILE,
    *,
    root: str = _ROOT,
    requirements: bool = _REQUIREMENTS,
    csv: bool = _CSV,
    catalog: str | None = CATALOG,
    layer: str = LAYER,
    timeout: float = TIMEOUT,
) -> Result:
    """Write all projects as JSON that can be read, compared and kept in git.

    `plugreg import` makes any catalog match it, on this machine or another one.

    Example: plugreg export plugins.json
    """
    if requirements and csv:
        raise UsageError("--requirements and --csv are two forms", hint="give one of them")
    file = "" if file == "-" else file
    folder = os.path.abspath(root or os.path.dirname(file) or ".")
    catalogs = chosen(catalog, layer, timeout)
    home = os.path.dirname(catalogs.named or "")
    view = catalogs.look()
    errors = errors_of(view)
    warnings: list[str] = []
    projects = _readable(view, errors)
    if requirements:
        projects = _distributions(projects, warnings)

    def lines(chosen: Iterable[Project]) -> Iterator[str]:
        if requirements:
            return _pip_lines(chosen, warnings)
        return _table(chosen) if csv else export_lines(chosen, folder, home)

    if file:
        with view:
            whole = list(projects)
            _write(os.path.abspath(file), lines(whole))
        item = {"file": os.path.abspath(file), "projects": len(whole)}
        return Result("export", "export", item, _told, errors, warnings)

    def text(_items: Iterable[Item], _screen: Screen) -> Iterator[str]:
        return lines(projects)

    items = (portable_object(project, folder, home) for project in projects)
    return Result(
        "export",
        "projects",
        items,
        text,
        errors,
        warnings,
        view.close,
        verbatim=True,
        is_content=True,
    )


def _readable(view: ProjectsView, errors: list[PlugregError]) -> Iterator[Project]:
    """Yield the projects; a record that cannot be read is an error, and is not exported."""
    found = list(view.scan())
    errors += [each for each in found if not isinstance(each, Project)]
    return (each for each in found if isinstance(each, Project))


def _distributions(projects: Iterable[Project], warnings: list[str]) -> Iterator[Project]:
    whole = list(projects)
    chosen = [project for project in whole if project.source.kind == "distribution"]
    if len(chosen) < len(whole):
        others = len(whole) - len(chosen)
        one, many = (
            "project is no installed distribution",
            "projects are no installed distributions",
        )
        warnings.append(f"{others} {one if others == 1 else many}")
    return iter(chosen)


def _pip_lines(projects: Iterable[Project], warnings: list[str]) -> Iterator[str]:
    from plugreg.plugins.pip_lines import pip_line

    here = []
    for project in projects:
        line = pip_line(project)
        here += [project.name] if line.is_of_here else []
        yield line.text
    if here:
        warnings.append(f"{', '.join(here)}: installed from folders or files of this machine")


def _table(projects: Iterable[Project]) -> Iterator[str]:
    import csv
    import io

    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="")
    for row in (_COLUMNS, *map(_row, projects)):
        stream.seek(0)
        stream.truncate()
        writer.writerow(row)
        yield stream.getvalue()


def _row(project: Project) -> tuple[object, ...]:
    cells = (
        project.name, project.version, "yes" if project.enabled else "no", project.priority,
        " ".join(project.tags), " ".join(project.groups), project.source.kind,
        project.source.location, project.requires_python or "", ", ".join(project.dependencies),
        project.summary, project.added_at, project.updated_at,
    )  # fmt: skip
    return tuple(
        f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell
        for cell in cells
    )


def _write(path: str, lines: Iterable[str]) -> None:
    """Write a file whole or not at all; one that is there is replaced."""
    from plugreg.backends import fresh_files, replacement

    data = "".join(f"{line}\n" for line in lines).encode(errors="backslashreplace")
    path = os.path.realpath(path)
    if os.path.isdir(path):
        raise PlugregError(
            f"{path} is a folder", hint="name a file in it", code="export-unwritable", path=path
        )
    if os.path.exists(path):
        with replacement(path) as beside, open(beside, "wb") as stream:
            stream.write(data)
    else:
        with fresh_files(path) as (beside,), open(beside, "wb") as stream:
            stream.write(data)


def _told(item: Item, _screen: Screen) -> Iterator[str]:
    count = item["projects"]
    yield f"exported {count} project{'s' if count != 1 else ''} to {item['file']}"
