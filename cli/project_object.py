"""A project as plain data: the object that `--json` prints, and that text is made of."""

from __future__ import annotations

from plugreg import state_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from plugreg import PlugregError, Project

UNREADABLE = "unreadable"


def project_object(project: Project) -> dict[str, object]:
    """Return a project's fields, and how its source looks now, as plain data for JSON."""
    source = project.source
    entries = project.entry_points
    return {
        "name": project.name,
        "display_name": project.display_name,
        "version": project.version,
        "enabled": project.enabled,
        "priority": project.priority,
        "before": list(project.before),
        "after": list(project.after),
        "tags": list(project.tags),
        "groups": list(project.groups),
        "entry_points": [
            {"group": entry.group, "name": entry.name, "value": entry.value} for entry in entries
        ],
        "source": {"kind": source.kind, "location": source.location},
        "state": state_of(project),
        "summary": project.summary,
        "requires_python": project.requires_python,
        "dependencies": list(project.dependencies),
        "hosts": project.hosts,
        "added_at": project.added_at,
        "updated_at": project.updated_at,
    }


def unreadable_object(name: str, error: PlugregError | None = None) -> dict[str, object]:
    """Return what can be said of a project whose record cannot be read: its name, and why."""
    reason = error.message if error is not None else "its record cannot be read"
    return {"name": name, "state": UNREADABLE, "error": reason}
