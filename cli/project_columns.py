"""The columns that a list of projects can have, and sorting by them."""

from __future__ import annotations

from .project_text import ABSENT, ON, STATE, on_or_off
from .spelling import require_known
from .table import Column, show_rows

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from .result import Item
    from .screen import Screen

# What is left of a project whose record cannot be read.
_OF_ANY = ("name", "state", "layer")
COLUMNS: dict[str, tuple[Column, Callable[[Item], str]]] = {
    "name": (Column("name", whole=True), lambda item: item["name"]),
    "version": (Column("version"), lambda item: item["version"]),
    "on": (Column("on", ON), on_or_off),
    "groups": (Column("groups"), lambda item: ",".join(item["groups"])),
    "source": (Column("source"), lambda item: item["source"]["location"]),
    "state": (Column("state", STATE), lambda item: item["state"]),
    "kind": (Column("kind"), lambda item: item["source"]["kind"]),
    "priority": (Column("priority"), lambda item: str(item["priority"])),
    "tags": (Column("tags"), lambda item: ",".join(item["tags"])),
    "requires": (Column("requires"), lambda item: ", ".join(item["dependencies"])),
    "python": (Column("python"), lambda item: item["requires_python"] or "any"),
    "added": (Column("added"), lambda item: item["added_at"]),
    "updated": (Column("updated"), lambda item: item["updated_at"]),
    "layer": (Column("layer"), lambda item: item["layer"] or ""),
    "summary": (Column("summary"), lambda item: item["summary"]),
}
DEFAULT_COLUMNS = list(COLUMNS)[:6]


def require_columns(names: list[str]) -> list[str]:
    """Return the names of columns, if they all are.

    Raises:
        UsageError: One is not.
    """
    for name in names:
        require_known("column", name, COLUMNS)
    return names


def list_of_projects(projects: Iterable[Item], screen: Screen, columns: list[str]) -> Iterator[str]:
    """Yield the lines of a table of projects."""
    rows = (tuple(_cell(project, name) or ABSENT for name in columns) for project in projects)
    return show_rows(tuple(COLUMNS[name][0] for name in columns), rows, screen)


def sort_key(column: str) -> Callable[[Item], tuple[object, ...]]:
    """Return what to sort projects by; numbers in texts by their size, so 1.10 is after 1.9."""

    def key(project: Item) -> tuple[object, ...]:
        if column == "priority":
            return (project.get("priority", 0), project["name"])
        cell = _cell(project, column)
        of_cell = _as_version(cell) if column == "version" else _numbered(cell)
        return (of_cell, project["name"])

    return key


def _as_version(cell: str) -> tuple[bool, object]:
    """Return a version's place in the order of PEP 440, behind all that are none by it."""
    from plugreg.plugins.standards import version_of

    try:
        return (True, version_of(cell))
    except ValueError:  # as packaging's InvalidVersion is one
        return (False, _numbered(cell))


def _numbered(cell: str) -> list[tuple[int, str]]:
    import re

    parts = re.split(r"(\d+)", cell.casefold())
    digits = {part: part.lstrip("0") for part in parts if part.isdecimal()}
    return [(len(digits[part]), digits[part]) if part in digits else (0, part) for part in parts]


def _cell(project: Item, column: str) -> str:
    known = "version" in project or column in _OF_ANY
    return COLUMNS[column][1](project) if known else ""
