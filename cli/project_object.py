"""A project as plain data: the object that `--json` prints, and that text is made of."""

from __future__ import annotations

from plugreg import state_of
from plugreg.exchange import recorded_object

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from plugreg import PlugregError, Project
    from plugreg.quarantine import Sighting

UNREADABLE = "unreadable"
STATES = ("ok", "changed", "missing", UNREADABLE)
# Where its code lies and how its files looked: for moving a catalog, and nobody's business else.
_INTERNAL = ("root", "modules", "fingerprint", "digest")


def project_object(project: Project, quarantine: Iterable[Sighting] = ()) -> dict[str, object]:
    """Return a project's fields, and how its source looks now, as plain data for JSON.

    Args:
        project: The project.
        quarantine: What was seen of it in the environments where it is left out.
    """
    recorded = recorded_object(project)
    return {
        **{field: value for field, value in recorded.items() if field not in _INTERNAL},
        "groups": list(project.groups),
        "state": state_of(project),
        "quarantine": [_sighting_object(sighting) for sighting in quarantine],
    }


def _sighting_object(sighting: Sighting) -> dict[str, object]:
    return {
        "environment": sighting.environment,
        "plugin": sighting.plugin,
        "starts": len(sighting.starts),
        "last_at": sighting.last_at,
        "reason": sighting.reason,
    }


def unreadable_object(name: str, error: PlugregError | None = None) -> dict[str, object]:
    """Return what can be said of a project whose record cannot be read: its name, and why."""
    reason = error.message if error is not None else "its record cannot be read"
    return {"name": name, "state": UNREADABLE, "error": reason}
