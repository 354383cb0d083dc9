"""Which of the projects that are on may be imported here, each as it is now."""

from __future__ import annotations

from plugreg.starts import place_of, possible_places, tells_something

from .selection import is_gone, why_gone
from .verdicts import judge

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from plugreg import Project, Registry

    from .selection import Selection


def place_of_start(selection: Selection, catalog: Registry | None = None) -> str:
    """Return the folder for the record of what this start imports; "" where it records nothing.

    Where earlier starts have left something behind, what ended them is taken out of the selection.

    Args:
        selection: What the catalog holds for the host.
        catalog: The open registry, where the caller has one.
    """
    place = place_of(selection.path) if selection.on else ""
    if place and _tells_something(selection, place):
        from .quarantining import take_out_quarantined

        take_out_quarantined(selection, catalog)
    return place if selection.on else ""


def places_of_layers(selection: Selection) -> dict[str, str]:
    """Return the folder for the record of each project's import, by name; of layers only.

    It is the one of the catalog that has the project: what is noted beside another environment's
    catalog nobody would find who switches the project on.
    """
    homes = selection.homes
    if homes is None:
        return {}
    names = [project.name for project in selection.on if project.name in homes]
    places = {home: place_of(home) for home in {homes[name] for name in names}}
    return {name: places[homes[name]] for name in names}


def _tells_something(selection: Selection, place: str) -> bool:
    """Tell whether something was seen: of layers, also beside those that were the nearest once."""
    if len(selection.paths) == 1:
        return tells_something(place)
    return any(tells_something(one) for path in selection.paths for one in possible_places(path))


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
    place = (selection.homes or selection.path) if catalog is None else catalog
    recorded = selection.on
    linked = [project for project in selection.on if project._record["root"]]
    as_recorded = _are_as_recorded(linked)
    there: Sequence[Project] = selection.on
    if not as_recorded:
        from .renewal import renewed

        there = renewed(there, place, selection.warnings)
    there = [
        project
        for project in there
        if (as_recorded and _was_seen(project)) or not _is_lost(project, selection)
    ]
    catalogs = selection.paths or [selection.path]
    known, verdicts = judge(there, hosts, catalogs, place, lambda: _libraries(selection, catalog))
    selection.on, selection.libraries = [], verdicts.libraries
    for project in known:
        if project.name in verdicts.refused:
            reason, fix = verdicts.refused[project.name]
            selection.refuse(project, reason, fix, gone=project.name in verdicts.gone)
        else:
            selection.on.append(verdicts.here.get(project.name, project))
    if not as_recorded or verdicts.here:
        _refuse_what_lost_the_host(selection, recorded)
    if verify:
        _verify(selection)


def _are_as_recorded(linked: Collection[Project]) -> bool:
    """Tell whether the sources of projects that are not installed are as they were."""
    if not linked:
        return True
    from plugreg.fingerprint import looks_as_recorded

    return all(map(looks_as_recorded, linked))


def _was_seen(project: Project) -> bool:
    """Tell whether the root is there, of what is as recorded: its modules lie in it."""
    return bool(project._record["modules"])


def _is_lost(project: Project, selection: Selection) -> bool:
    if not is_gone(project):
        return False
    selection.refuse(project, *why_gone(project), gone=True)
    return True


def _libraries(selection: Selection, catalog: Registry | None) -> list[Project]:
    """Return the projects that are on and no plug-ins of the host; what changed is read again."""
    from .renewal import renewed
    from .selection import select

    named = selection.path if selection.homes is None else None
    whole = select("", catalog or named, prefix=selection.prefix)
    group = selection.group
    others = [one for one in whole.on if one._record["root"] and not one.is_for(group)]
    return renewed(others, catalog or whole.homes or whole.path, [])


def _refuse_what_lost_the_host(selection: Selection, recorded: Collection[Project]) -> None:
    """Refuse what is recorded for this host, and is for others only as its source is now."""
    lost = {project.name for project in selection.on if not project.is_for(selection.group)}
    selection.on = [project for project in selection.on if project.name not in lost]
    reason = f"its source no longer names {selection.group}"
    for project in recorded:
        if project.name in lost:
            fix = f"correct its entry points, or plugreg refresh {project.name}"
            selection.refuse(project, reason, fix)


def _verify(selection: Selection) -> None:
    for project in list(selection.on):
        doubt = _doubt_about(project)
        if doubt is not None:
            selection.on.remove(project)
            selection.refuse(project, *doubt)
    for library in list(selection.libraries):
        doubt = _doubt_about(library)
        if doubt is not None:
            _refuse_what_needs(selection, library, *doubt)


def _doubt_about(project: Project) -> tuple[str, str] | None:
    """Return why a project's code is not what was approved, and the fix, or None."""
    from plugreg import code_state

    reasons = {
        "changed": "its code is not what was approved: it changed since",
        "unrecorded": "no digest of its code was recorded when it was added",
    }
    reason = reasons.get(code_state(project))
    if reason is None:
        return None
    return reason, f"look at it; plugreg refresh {project.name} approves it"


def _refuse_what_needs(selection: Selection, library: Project, reason: str, fix: str) -> None:
    from .gates.rules import required_by

    known = {one.name: one for one in selection.libraries}
    for project in list(selection.on):
        if library in required_by([project], known):
            selection.on.remove(project)
            selection.refuse(project, f"it needs {library.name}: {reason}", fix)
