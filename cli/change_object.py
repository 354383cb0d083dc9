"""A change as plain data: the object that `--json` prints, and that text is made of."""

from __future__ import annotations

from plugreg import Project
from plugreg.exchange import recorded_object

from .project_object import unreadable_object

TYPE_CHECKING = False
if TYPE_CHECKING:
    from plugreg import Change, Difference
    from plugreg.change import Held


def change_object(change: Change) -> dict[str, object]:
    """Return a change as plain data for JSON."""
    return {
        "number": change.number,
        "at": change.at,
        "by": change.by,
        "command": change.command,
        "undoes": change.undoes or None,
        "redoes": change.redoes or None,
        "projects": [difference_object(each) for each in change.differences],
    }


def difference_object(difference: Difference) -> dict[str, object]:
    """Return what a change does to one project as plain data for JSON."""
    return {
        "name": difference.name,
        "change": difference.kind,
        "fields": sorted(difference.fields),
        "before": _held_object(difference.name, difference.before),
        "after": _held_object(difference.name, difference.after),
    }


def _held_object(name: str, held: Held) -> dict[str, object] | None:
    if held is None:
        return None
    return recorded_object(held) if isinstance(held, Project) else unreadable_object(name)
