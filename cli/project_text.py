"""Projects as text: all of one, and the line that says what was done."""

from __future__ import annotations

from plugreg.printable import safe

from .table import show_fields, wrap

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from .result import Item
    from .screen import Screen

ABSENT = "-"
_FEW = 8  # so many lines leave room for what else is said
ON = {"on": "good", "off": "faint", "quarantined": "bad"}
STATE = {"ok": "good", "changed": "warn", "missing": "bad", "unreadable": "bad"}
_STYLES = {"on": ON, "state": STATE}
_CODE = {
    "ok": "as it was added",
    "changed": "changed since it was added",
    "unrecorded": "no digest of it was recorded",
}


def all_of_projects(projects: Iterable[Item], screen: Screen) -> Iterator[str]:
    """Yield everything about each project, one line a field."""
    for project in projects:
        yield from show_fields(_fields(project), screen, _STYLES)


def changes(verb: str) -> Callable[[Iterable[Item], Screen], Iterator[str]]:
    """Return what tells of each project that a command changed: the verb, then which."""

    def lines(projects: Iterable[Item], screen: Screen) -> Iterator[str]:
        return change_lines(({**project, "change": verb} for project in projects), screen)

    return lines


def change_lines(projects: Iterable[Item], screen: Screen) -> Iterator[str]:
    """Yield a line for each project, by its "change"; of many a terminal gets a paragraph each."""
    if not screen.terminal:
        return (_change_line(project, screen) for project in projects)
    listed = list(projects)
    if len(listed) <= _FEW:
        return (_change_line(project, screen) for project in listed)
    return _paragraphs(listed, screen)


def _change_line(project: Item, screen: Screen) -> str:
    groups = ", ".join(project.get("groups", ()))
    told = f"{screen.paint(project['change'], 'good')} {safe(_named(project))}"
    off = ", switched off" if project.get("switched_off") else ""
    return told + (f" ({safe(groups)})" if groups else "") + off


def _paragraphs(projects: list[Item], screen: Screen) -> Iterator[str]:
    named: dict[str, list[str]] = {}
    for project in projects:
        off = ", switched off" if project.get("switched_off") else ""
        named.setdefault(project["change"] + off, []).append(_named(project))
    for change, names in named.items():
        yield f"{screen.paint(change, 'good')}: {len(names)} projects"
        text = safe(", ".join(names))
        yield from (f"  {line}" for line in wrap(text, screen.width - 2, at_blanks=True))


def _named(project: Item) -> str:
    return " ".join(filter(None, (project["name"], project.get("version"))))


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
