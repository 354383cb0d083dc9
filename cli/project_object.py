"""A project as plain data: the object that `--json` prints, and that text is made of."""

from __future__ import annotations

from plugreg import state_of
from plugreg.exchange import recorded_object

TYPE_CHECKING = False
if TYPE_CHECKING:
    from plugreg import PlugregError, Project

UNREADABLE = "unreadable"
STATES = ("ok", "changed", "missing", UNREADABLE)
# Where its code lies and how its files looked: for moving a catalog, and nobody's business else.
_INTERNAL = ("root", "modules", "fingerprint")


def project_object(project: Project) -> dict[str, object]:
    """Return a project's fields, and how its source looks now, as plain data for JSON."""
    recorded = recorded_object(project)
    shown = {field: value for field, value in recorded.items() if field not in _INTERNAL}
    return {**shown, "groups": list(project.groups), "state": state_of(project)}


def unreadable_object(name: str, error: PlugregError | None = None) -> dict[str, object]:
    """Return what can be said of a project whose record cannot be read: its name, and why."""
    reason = error.message if error is not None else "its record cannot be read"
    return {"name": name, "state": UNREADABLE, "error": reason}
