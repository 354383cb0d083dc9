"""What `plugreg run` prepares: the environment in which an unmodified host sees the catalog."""

from __future__ import annotations

import os

from plugreg import PlugregError
from plugreg.backends import DEFAULT_TIMEOUT_S
from plugreg.locations import VARIABLE, locate_catalog
from plugreg.plugins.hosts.admission import places_of_layers
from plugreg.plugins.hosts.left_out import duplicate
from plugreg.plugins.hosts.overlay import MANIFEST
from plugreg.plugins.hosts.quarantining import seen_in
from plugreg.plugins.hosts.renewal import renewed
from plugreg.plugins.hosts.selection import Selection, is_gone, select, why_gone
from plugreg.starts import begin_start, place_of

from .startup import START

TYPE_CHECKING = False
if TYPE_CHECKING:
    from plugreg import Project
    from plugreg.plugins.hosts.overlay import Overlay

_PATH = "PYTHONPATH"


class Run:
    """A run that is prepared.

    Attributes:
        environment: The child's environment variables.
        warnings: What the child will not see and why, a line each.
    """

    def __init__(self) -> None:
        self.environment = dict(os.environ)
        self.warnings: list[str] = []


def prepare_run(
    catalog: str | os.PathLike[str] | None = None,
    *,
    timeout_s: float = DEFAULT_TIMEOUT_S,
    prefix: str | None = None,
    python: str = "",
) -> Run:
    """Return the environment in which a child sees the catalog's enabled projects as installed.

    Projects whose sources changed are read again, and recorded. The environment reaches the child's
    children, too, and a `sitecustomize` that is on PYTHONPATH still runs. Where the catalog holds
    nothing, the environment is this process's own.

    Args:
        catalog: Its path; None takes PLUGREG_CATALOG, else what all layers hold. One that is named
            is named to the child, too.
        timeout_s: How long to wait for a catalog that another process has locked, in seconds.
        prefix: The virtual environment of the child, "" for none; None is this process's own.
        python: The interpreter that runs the child, where that is known: what cannot work in its
            environment is left out, with a warning.

    Raises:
        CatalogError: The catalog cannot be read; with all plug-ins switched off for this run, that
            is a warning.
        FlavourError: It is no DBM database; likewise.
        PlugregError: No folder of links can be made (code "overlay"), or PYTHONPATH cannot name it
            (code "path-separator").
    """
    selection = select("", catalog, timeout_s=timeout_s, prefix=prefix)
    run = Run()
    if selection.error is not None:
        if not selection.is_all_off:
            raise selection.error
        run.warnings.append(f"without any plug-in of the catalog: {selection.error}")
    run.warnings += selection.warnings
    run.warnings += map(str, [*selection.unread, *selection.unreadable])
    if catalog is not None:
        run.environment[VARIABLE] = locate_catalog(catalog)[0]
    path = _without_runs(run.environment.get(_PATH, ""))
    place = place_of(selection.path) if selection.on else ""
    quarantined = _quarantined(selection, run.warnings) if place else []
    homes = selection.homes or selection.path
    there = _there(renewed(selection.on, homes, run.warnings), run.warnings)
    off = [project.name for project, _, _ in selection.off]
    if python and there:
        off += _refused(there, python, path, selection.path, run.warnings)
        there = [project for project in there if project.name not in off]
    _warn_of_duplicates(there, run.warnings)
    if there or off:
        places = places_of_layers(selection) if place else {}
        links = _overlay(there, off, quarantined, selection.path, run.warnings, places=places)
        path.insert(0, _start(links))
    if there and place:
        begin_start(place, run.environment)
    if path or _PATH in run.environment:
        run.environment[_PATH] = os.pathsep.join(path)
    return run


def _refused(
    on: list[Project], python: str, path: list[str], catalog: str, warnings: list[str]
) -> list[str]:
    """Return the names of those that cannot work in an environment; warn of each."""
    from plugreg.plugins.hosts.gates.there import refused_there

    refused = refused_there(on, python, catalog, path)
    warnings += [f"{name} is not seen: {reason}; {fix}" for name, (reason, fix) in refused.items()]
    return list(refused)


def _warn_of_duplicates(on: list[Project], warnings: list[str]) -> None:
    """Warn of plug-ins with one name for one host: it takes the first, or both."""
    providers: dict[tuple[str, str], str] = {}
    for project in on:
        for entry in project.entry_points:
            provider = providers.setdefault((entry.group, entry.name), project.name)
            if provider != project.name:
                reason, fix = duplicate(project.name, provider)
                warnings.append(f"`{entry.name}` of {project.name}: {reason}; {fix}")


def _quarantined(selection: Selection, warnings: list[str]) -> list[tuple[str, str]]:
    """Return what the child leaves out, and in which environment: only the child knows its own.

    What has ended a start is said, also where that was only one.
    """
    names = {project.name for project in selection.on}
    found = [one for one in seen_in(selection) if one.project in names]
    for sighting in found:
        name, where = sighting.project, sighting.environment
        seen = f"is not seen in {where}: " if sighting.enough else f"in {where}: "
        fix = "enable" if sighting.enough else "disable"
        warnings.append(f"{name} {seen}{sighting.reason}; mend it, or `plugreg {fix} {name}`")
    return [(one.project, one.environment) for one in found if one.enough]


def _there(on: list[Project], warnings: list[str]) -> list[Project]:
    """Return the projects whose code is still there; warn of the others."""
    lost = [project for project in on if is_gone(project)]
    warnings += [f"{one.name} is not seen: {'; '.join(why_gone(one))}" for one in lost]
    return [project for project in on if project not in lost]


def _overlay(
    on: list[Project],
    off: list[str],
    quarantined: list[tuple[str, str]],
    catalog: str,
    warnings: list[str],
    *,
    places: dict[str, str],
) -> Overlay:
    from .overlay import run_overlay_for

    try:
        overlay = run_overlay_for(on, off, catalog, quarantined, places)
    except OSError as error:
        from plugreg.plugins.hosts.links.builder import fix_of

        raise PlugregError(
            "no folder for the links to the catalog's projects could be made:"
            f" {error.strerror or error}",
            hint=fix_of(error),
            code="overlay",
            path=catalog,
        ) from error
    warnings += [
        f"{name} is not seen: {reason}; `plugreg disable {name}`"
        for name, reason in overlay.conflicts.items()
    ]
    return overlay


def _start(overlay: Overlay) -> str:
    from .overlay import start_folder

    folder = start_folder(overlay)
    if os.pathsep in folder:
        raise PlugregError(
            f"{_PATH} cannot name {folder}: it has a `{os.pathsep}` in it",
            hint="move the catalog, or name another with --catalog",
            code="path-separator",
            path=folder,
        )
    return folder


def _without_runs(path: str) -> list[str]:
    """Return the entries of a PYTHONPATH but for those of an outer run: the inner one replaces it.

    An empty entry stays: it is the working directory.
    """
    entries = path.split(os.pathsep) if path else []
    return [entry for entry in entries if not _is_of_a_run(entry)]


def _is_of_a_run(entry: str) -> bool:
    above, name = os.path.split(entry)
    return name == START and os.path.isfile(os.path.join(above, MANIFEST))
