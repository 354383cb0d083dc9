"""Plug-ins for hosts without pluggy: lazy entries, imported when they are asked for."""

from __future__ import annotations

from plugreg import Registry
from plugreg.backends import DEFAULT_TIMEOUT_S
from plugreg.starts import ImportRecord
from plugreg.value import Value

from .admission import admit
from .importing import homes_of, load_object
from .overlay import overlay_for
from .quarantining import take_out_quarantined
from .selection import select

TYPE_CHECKING = False
if TYPE_CHECKING:
    import os
    from typing import Any


class LazyEntry(Value):
    """One plug-in that is switched on; nothing of it is imported yet.

    Attributes:
        group: The host's entry-point group.
        name: The plug-in's name in the host.
        value: What it names, "package.module:attribute".
        project: The project's normalised name.
        version: The project's version.
        homes: The folders that its top-level module may come from; none allows any.
        place: The folder for the record that its import is under way, "" for none.
    """

    __slots__ = ("group", "homes", "name", "place", "project", "value", "version")
    group: str
    name: str
    project: str
    value: str
    version: str
    homes: tuple[str, ...]
    place: str

    def __init__(
        self,
        group: str,
        name: str,
        project: str,
        value: str,
        version: str,
        *,
        homes: tuple[str, ...] = (),
        place: str = "",
    ) -> None:
        self._set(group, homes, name, place, project, value, version)

    def __reduce__(self) -> tuple[object, ...]:
        return (_entry, ({slot: getattr(self, slot) for slot in self.__slots__},))

    def load(self) -> object:
        """Import the plug-in; returns the object that its value names.

        Raises:
            ImportError: Another module of its name, such as one of the standard library, hides it.
            Anything that the plug-in raises while it is imported.
        """
        record = ImportRecord(self.place)
        record.note(self.project, self.name)
        try:
            return load_object(self.value, self.homes)
        finally:
            record.end()


def _entry(parts: dict[str, Any]) -> LazyEntry:
    return LazyEntry(**parts)


def discover(
    group: str,
    catalog: str | os.PathLike[str] | Registry | None = None,
    *,
    timeout_s: float = DEFAULT_TIMEOUT_S,
) -> list[LazyEntry]:
    """Return the plug-ins of a group that are on, in load order, importable and not imported.

    As by `load`, what changed is read again, and what cannot work here is left out.

    Args:
        group: The host's entry-point group.
        catalog: A path or an open registry; None takes PLUGREG_CATALOG, else what the catalogs of
            the environment, the user and the site hold. One that does not exist yet is empty.
        timeout_s: How long to wait for a catalog that another process has locked, in seconds.

    Raises:
        CatalogError: The catalog cannot be read; of several layers, none.
        FlavourError: It is no DBM database.
        OSError: No folder for the links to projects that are not installed could be made.

    Warns:
        RuntimeWarning: A layer or a record cannot be read, a project's code is gone or another's,
            it cannot work here, or its import has ended a start; named each. Or others can change
            the catalog.
    """
    selection = select(group, catalog, timeout_s=timeout_s)
    if selection.error is not None:
        raise selection.error
    place = take_out_quarantined(selection, catalog)
    troubles = [str(error) for error in [*selection.unread, *selection.unreadable]]
    admit(selection, (group,), catalog if isinstance(catalog, Registry) else None)
    troubles += [warning for warning in selection.warnings if warning not in selection.ended]
    refused = selection.gone + selection.refused
    troubles += [f"{project.name}: {reason}; {fix}" for project, reason, fix in refused]
    overlay = overlay_for(selection.on, selection.path)
    overlay.enter()
    troubles += [f"{name}: {reason}" for name, reason in overlay.conflicts.items()]
    troubles += selection.ended
    for trouble in troubles:
        import warnings

        warnings.warn(trouble, RuntimeWarning, stacklevel=2)
    return [
        LazyEntry(
            group,
            entry.name,
            project.name,
            entry.value,
            project.version,
            homes=homes_of(entry.value, project, overlay.place),
            place=place,
        )
        for project in selection.on
        if project.name not in overlay.conflicts
        for entry in project.entry_points_of(group)
    ]
