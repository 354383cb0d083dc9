"""Which of the projects that are on may be imported here, each as it is now."""

from __future__ import annotations

from plugreg.fingerprint import looks_as_recorded

from .selection import is_gone
from .verdicts import judge

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection

    from plugreg import Project, Registry

    from .selection import Selection


def admit(
    selection: Selection,
    hosts: Collection[str],
    catalog: Registry | None = None,
    *,
    verify: bool = False,
) -> None:
    """Move from `selection.on` to `refused` what must not be imported; renew what changed.

    What changed at its source is read again, and recorded where the catalog may be written. In an
    environment where nothing changed that takes some stat calls and one read.

    Args:
        selection: What the catalog says; gets warnings of what could not be read again.
        hosts: Names that the host's distribution may have, in any spelling.
        catalog: The open registry, where the caller has one.
        verify: Read all code, and refuse what is not as it was approved.
    """
    place = catalog or selection.homes or selection.path
    there = [project for project in selection.on if not _is_lost(project, selection)]
    if any(project._record["root"] and not looks_as_recorded(project) for project in there):
        from .renewal import renewed

        there = renewed(there, place, selection.warnings)
    known, verdicts = judge(there, hosts, selection.path, place)
    selection.on = []
    for project in known:
        if project.name in verdicts.refused:
            reason, fix = verdicts.refused[project.name]
            selection.refuse(project, reason, fix, gone=project.name in verdicts.gone)
        else:
            selection.on.append(verdicts.here.get(project.name, project))
    if verify:
        _verify(selection)


def _is_lost(project: Project, selection: Selection) -> bool:
    if not is_gone(project):
        return False
    fix = f"plugreg add it from where it is now, or plugreg remove {project.name}"
    selection.refuse(project, f"its code is gone: {project.root} does not exist", fix, gone=True)
    return True


def _verify(selection: Selection) -> None:
    from plugreg import code_state

    fixes = {
        "changed": "its code is not what was approved: it changed since",
        "unrecorded": "no digest of its code was recorded when it was added",
    }
    for project in list(selection.on):
        reason = fixes.get(code_state(project))
        if reason:
            selection.on.remove(project)
            fix = f"look at it; plugreg refresh {project.name} approves it"
            selection.refuse(project, reason, fix)
