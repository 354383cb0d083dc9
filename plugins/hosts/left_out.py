"""What a host without pluggy does not get, as the report that hosts with pluggy have."""

from __future__ import annotations

from .report import LoadReport, note_left_out, outcome_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from plugreg import EntryPoint, Project

    from .overlay import Overlay
    from .selection import Selection


def report_of(
    selection: Selection,
    overlay: Overlay,
    duplicates: Iterable[tuple[Project, EntryPoint, str]],
) -> LoadReport:
    """Return the report of a look at a group: what is left out, and why.

    Args:
        selection: What the catalog says of the group.
        overlay: What could not be linked, and why.
        duplicates: Entry points whose name is taken, each with the project that has it.
    """
    report = LoadReport(selection.group)
    note_left_out(report, selection)
    for project in selection.on:
        reason = overlay.conflicts.get(project.name, "")
        if reason:
            fix = overlay.fix_for(project.name)
            for entry in project.entry_points_of(selection.group):
                report.failed.append(outcome_of(project, entry, reason, fix))
    for project, entry, provider in duplicates:
        reason, fix = duplicate(project.name, provider)
        report.skipped.append(outcome_of(project, entry, reason, fix))
    return report


def duplicate(name: str, provider: str) -> tuple[str, str]:
    """Return why a plug-in of project `name` is skipped whose name `provider` has, and the fix."""
    fix = f"plugreg disable {provider}, or plugreg disable {name}"
    return f"{provider} provides a plug-in of that name", fix
