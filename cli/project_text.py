"""Projects as text: all of one, and the line that says what was done."""

from __future__ import annotations

from plugreg.printable import safe

from .table import show_fields

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from .result import Item
    from .screen import Screen

ABSENT = "-"
_CODE = {
    "ok": "as it was added",
    "changed": "changed since it was added",
    "unrecorded": "no digest of it was recorded",
}


def all_of_projects(projects: Iterable[Item], screen: Screen) -> Iterator[str]:
    """Yield everything about each project, one line a field."""
    for project in projects:
        yield from show_fields(_fields(project), screen)


def changes(verb: str) -> Callable[[Iterable[Item], Screen], Iterator[str]]:
    """Return what makes a line of each project that a command changed: the verb, then which."""

    def lines(projects: Iterable[Item], screen: Screen) -> Iterator[str]:
        for project in projects:
            yield change_line(verb, project, screen)

    return lines


def change_line(verb: str, project: Item, screen: Screen) -> str:
    """Return a line that says what was done with a project."""
    named = " ".join(filter(None, (project["name"], project.get("version"))))
    groups = ", ".join(project.get("groups", ()))
    return f"{screen.paint(verb, 'good')} {safe(named)}" + (f" ({safe(groups)})" if groups else "")


def on_or_off(project: Item) -> str:
    """Return "on", "off", or "quarantined" of one that is on and left out all the same."""
    if project["enabled"] and project["quarantine"]:
        return "quarantined"
    return "on" if project["enabled"] else "off"


def _fields(project: Item) -> Iterator[tuple[str, str]]:
    yield "name", project["name"]
    if project["display_name"] != project["name"]:
        yield "spelt", project["display_name"]
    yield "version", project["version"]
    yield "summary", project["summary"] or ABSENT
    yield "on", on_or_off(project)
    for seen in project["quarantine"]:
        yield "quarantine", f"{seen['reason']}, in {seen['environment']}"
    if project.get("layer"):
        yield "layer", f"{project['layer']}, {project['catalog']}"
    for one in project.get("hides", ()):
        there = "on" if one["enabled"] else "off"
        known = f" ({one['version']}, {there})" if one["version"] else ""
        yield "hides", f"that of the {one['layer']} layer{known}, {one['catalog']}"
    yield "state", project["state"]
    yield "source", f"{project['source']['kind']} {project['source']['location']}"
    for entry in project["entry_points"] or [{"group": ABSENT, "name": "", "value": ""}]:
        yield "entry point", f"{entry['group']}  {entry['name']} = {entry['value']}".rstrip(" =")
    yield "priority", str(project["priority"])
    for field in ("before", "after", "tags"):
        yield field, ", ".join(project[field]) or ABSENT
    yield "python", project["requires_python"] or "any"
    for requirement in project["dependencies"] or [ABSENT]:
        yield "requires", requirement
    for host, versions in project["hosts"].items():
        yield "host", f"{host} {versions}".rstrip()
    if "code" in project:
        yield "code", _CODE[project["code"]]
    yield "added", project["added_at"]
    yield "updated", project["updated_at"]
