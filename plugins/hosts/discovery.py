"""Plug-ins for hosts without pluggy: lazy entries, imported when they are asked for."""

from __future__ import annotations

import sys

from plugreg.backends import DEFAULT_TIMEOUT_S
from plugreg.catalog_view import CatalogView
from plugreg.starts import ImportRecord
from plugreg.value import Value

from .admission import admit, place_of_start, places_of_layers
from .importing import give_back_path, homes_of, load_object
from .overlay import overlay_or_reasons
from .selection import select

TYPE_CHECKING = False
if TYPE_CHECKING:
    import os
    from typing import Any

    from plugreg import EntryPoint, Project, Registry

    from .overlay import Overlay
    from .report import LoadReport
    from .selection import Selection


class LazyEntry(Value):
    """One plug-in that is switched on; nothing of it is imported yet.

    Attributes:
        group: The host's entry-point group.
        name: The plug-in's name in the host.
        value: What it names, "package.module:attribute".
        project: The project's normalised name.
        version: The project's version.
        homes: The folders that its top-level module may come from; none allows any.
        places: The folder for the records of this start, and that for the record of this import,
            where it is another; "" for none.
    """

    __slots__ = ("group", "homes", "name", "places", "project", "value", "version")
    group: str
    name: str
    project: str
    value: str
    version: str
    homes: tuple[str, ...]
    places: tuple[str, str]

    def __init__(
        self,
        group: str,
        name: str,
        project: str,
        value: str,
        version: str,
        *,
        homes: tuple[str, ...] = (),
        places: tuple[str, str] = ("", ""),
    ) -> None:
        self._set(group, homes, name, places, project, value, version)

    def __reduce__(self) -> tuple[object, ...]:
        return (_entry, ({slot: getattr(self, slot) for slot in self.__slots__},))

    def load(self) -> object:
        """Import the plug-in; returns the object that its value names.

        What it takes from `sys.path` meanwhile comes back.

        Raises:
            ImportError: Another module of its name, such as one of the standard library, hides it.
            Anything that the plug-in raises while it is imported.
        """
        start, noted = self.places
        record = ImportRecord(start)
        record.note(self.project, self.name, noted)
        path = [*sys.path]
        try:
            return load_object(self.value, self.homes)
        finally:
            record.end()
            give_back_path(path)


def _entry(parts: dict[str, Any]) -> LazyEntry:
    return LazyEntry(**parts)


class Discovery(list[LazyEntry]):
    """The plug-ins of a group that are on, in load order; `report` tells what is left out."""

    def __init__(self, selection: Selection, overlay: Overlay, place: str) -> None:
        """Take all entry points that can be loaded; of those with one name, the first."""
        super().__init__()
        self._selection = selection
        self._overlay = overlay
        self._duplicates: list[tuple[Project, EntryPoint, str]] = []
        providers: dict[str, str] = {}
        places = places_of_layers(selection) if place else {}
        for project in selection.on:
            if project.name not in overlay.conflicts:
                for entry in project.entry_points_of(selection.group):
                    if entry.name in providers:
                        self._duplicates.append((project, entry, providers[entry.name]))
                    else:
                        providers[entry.name] = project.name
                        noted = places.get(project.name, "")
                        self.append(_lazy(project, entry, overlay.place, (place, noted)))

    @property
    def report(self) -> LoadReport:
        """What is left out and why, as `plugins.load` has it; nothing is in its `loaded`.

        `skipped` has what is off, cannot work here, or has a name that is taken; `failed` what is
        gone, unreadable or hidden.
        """
        from .left_out import report_of

        return report_of(self._selection, self._overlay, self._duplicates)

    @property
    def troubles(self) -> list[str]:
        """What the user should know, a line each: all but what is switched off."""
        selection = self._selection
        troubles = [str(error) for error in [*selection.hindrances, *selection.unreadable]]
        troubles += [warning for warning in selection.warnings if warning not in selection.ended]
        refused = selection.gone + selection.refused
        troubles += [f"{project.name}: {reason}; {fix}" for project, reason, fix in refused]
        overlay = self._overlay
        troubles += [
            f"{name}: {reason}; {overlay.fix_for(name)}"
            for name, reason in overlay.conflicts.items()
        ]
        if self._duplicates:
            from .left_out import duplicate

            for project, entry, provider in self._duplicates:
                reason, fix = duplicate(project.name, provider)
                troubles.append(f"{entry.name} of {project.name}: {reason}; {fix}")
        return troubles + selection.ended


def _lazy(project: Project, entry: EntryPoint, overlays: str, places: tuple[str, str]) -> LazyEntry:
    return LazyEntry(
        entry.group,
        entry.name,
        project.name,
        entry.value,
        project.version,
        homes=homes_of(entry.value, project, overlays),
        places=places,
    )


def discover(
    group: str,
    catalog: str | os.PathLike[str] | Registry | None = None,
    *,
    installed: bool = False,
    verify: bool = False,
    timeout_s: float = DEFAULT_TIMEOUT_S,
) -> Discovery:
    """Return the plug-ins of a group that are on, in load order, importable and not imported.

    As by `load`, what changed is read again, and what cannot work here is left out; the list's
    `report` tells what and why. Of several with one name, the first in load order has it.

    Args:
        group: The host's entry-point group.
        catalog: A path or an open registry; None takes PLUGREG_CATALOG, else what the catalogs of
            the environment, the user and the site hold. One that does not exist yet is empty.
        installed: First take up newly installed distributions of the group into the catalog.
        verify: Read all code first, and leave out what is not as it was when it was added or
            refreshed.
        timeout_s: How long to wait for a catalog that another process has locked, in seconds.

    Raises:
        CatalogError: The catalog cannot be read (of several layers, none can), or, with
            `installed`, it cannot be written. Where PLUGREG_DISABLE is `all`, that is a warning.
        FlavourError: It is no DBM database; likewise.

    Warns:
        RuntimeWarning: For all of the report but what is switched off, a line each: a layer or a
            record cannot be read, a project's code is gone or another's, it cannot work here, its
            name is taken, or its import has ended a start. Or others can change the catalog.
    """
    not_taken_up = None
    if installed:
        from .installed import try_to_take_up

        not_taken_up = try_to_take_up(group, catalog, timeout_s=timeout_s)
    selection = select(group, catalog, timeout_s=timeout_s)
    selection.error = not_taken_up or selection.error
    if selection.error is not None and not selection.is_all_off:
        raise selection.error
    opened = catalog if isinstance(catalog, CatalogView) else None
    place = place_of_start(selection, opened)
    admit(selection, (group,), opened, verify=verify)
    overlay = overlay_or_reasons([*selection.on, *selection.libraries], selection.path)
    overlay.enter()
    found = Discovery(selection, overlay, place)
    for trouble in found.troubles:
        import warnings

        from plugreg.printable import safe

        warnings.warn(safe(trouble), RuntimeWarning, stacklevel=2)
    return found
