"""What a change did, in words."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .result import Item


def forgotten_text(count: int, of: str = "") -> str:
    """Return that so many changes of something are forgotten.

    >>> forgotten_text(1), forgotten_text(1000, " of the history")
    ('1 change is forgotten', '1,000 changes of the history are forgotten')
    """
    return f"1 change{of} is forgotten" if count == 1 else f"{count:,} changes{of} are forgotten"


def summary_of(change: Item) -> str:
    """Return what was done to which projects: "added a, b; disabled c"."""
    return "; ".join(f"{kind} {', '.join(names)}" for kind, names in names_by_kind(change).items())


def names_by_kind(change: Item) -> dict[str, list[str]]:
    """Return the names of a change's projects by what was done to them."""
    names: dict[str, list[str]] = {}
    for project in change["projects"]:
        names.setdefault(project["change"], []).append(project["name"])
    return names


def details_of(change: Item) -> str:
    """Return what was done to a change's projects, field by field."""
    return "; ".join(map(details_of_project, change["projects"]))


def details_of_project(project: Item) -> str:
    """Return what was done to a project: its version, or the fields that differ."""
    before, after = project["before"], project["after"]
    version = (after or before).get("version", "")
    if before is None or after is None or not project["fields"]:
        return f"{project['change']} {version}".rstrip()
    told = (_field(field, before, after) for field in project["fields"])
    return f"{project['change']}: {', '.join(told)}"


def _field(field: str, before: Item, after: Item) -> str:
    old, new = _value(before[field]), _value(after[field])
    return f"{field} {old} -> {new}" if old is not None and new is not None else field


def _value(value: Any) -> str | None:
    """Return a value in a word, or None where it is too much for a line."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        plain = all(isinstance(each, str) for each in value)
        return (" ".join(value) or "none") if plain else None
    if isinstance(value, dict):
        return None
    return "none" if value in ("", None) else str(value)
