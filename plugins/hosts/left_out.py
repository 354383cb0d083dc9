"""What a host without pluggy does not get, as the report that hosts with pluggy have."""

from __future__ import annotations

from .report import LoadReport, Outcome

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
    report.warnings += selection.warnings
    for unread in selection.unread[:1]:
        report.catalog_error = unread
    report.warnings += map(str, selection.unread[1:])
    for error in selection.unreadable:
        name = str(error.details.get("name", ""))
        report.failed.append(Outcome(name, reason=error.message, fix=error.hint, error=error))
    for project, reason, fix in selection.off + selection.refused:
        report.skipped += _outcomes(project, selection.group, reason, fix)
    for project, reason, fix in selection.gone:
        report.failed += _outcomes(project, selection.group, reason, fix)
    for project in selection.on:
        reason = overlay.conflicts.get(project.name, "")
        if reason:
            fix = overlay.fix_for(project.name)
            report.failed += _outcomes(project, selection.group, reason, fix)
    for project, entry, provider in duplicates:
        reason, fix = duplicate(project.name, provider)
        report.skipped.append(_outcome(project, entry, reason, fix))
    return report


def duplicate(name: str, provider: str) -> tuple[str, str]:
    """Return why a plug-in of project `name` is skipped whose name `provider` has, and the fix."""
    fix = f"plugreg disable {provider}, or plugreg disable {name}"
    return f"{provider} provides a plug-in of that name", fix


def _outcomes(project: Project, group: str, reason: str, fix: str) -> list[Outcome]:
    return [_outcome(project, entry, reason, fix) for entry in project.entry_points_of(group)]


def _outcome(project: Project, entry: EntryPoint, reason: str, fix: str) -> Outcome:
    return Outcome(project.name, entry.name, project.version, reason=reason, fix=fix)
