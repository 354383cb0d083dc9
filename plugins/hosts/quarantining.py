"""Leaving out the projects whose import has ended earlier starts of this environment."""

from __future__ import annotations

from plugreg import PlugregError, Registry
from plugreg.starts import environment_name, place_of, possible_places, tells_something

TYPE_CHECKING = False
if TYPE_CHECKING:
    import os

    from plugreg.quarantine import Sighting

    from .selection import Selection


def take_out_quarantined(
    selection: Selection, catalog: str | os.PathLike[str] | Registry | None
) -> str:
    """Take what is quarantined here out of a selection; what has ended one start, it says.

    Args:
        selection: What the catalog holds for the host.
        catalog: What the selection was made from.

    Returns:
        The folder for the record of what this start imports, "" where there is nothing to import
        or to write to.
    """
    place = place_of(selection.path) if selection.on else ""
    if not place or not _tells_something(selection, place):
        return place
    here = environment_name()
    try:
        seen = seen_in(selection, catalog if isinstance(catalog, Registry) else None)
    except PlugregError:  # locked meanwhile, say: the next start looks again
        return place
    for sighting in seen:
        if sighting.environment == here:
            _apply(selection, sighting)
    return place if selection.on else ""


def _tells_something(selection: Selection, place: str) -> bool:
    """Tell whether something was seen: of layers, also beside those that were the nearest once."""
    if len(selection.paths) == 1:
        return tells_something(place)
    return any(tells_something(one) for path in selection.paths for one in possible_places(path))


def seen_in(selection: Selection, catalog: Registry | None = None) -> list[Sighting]:
    """Return what was seen of a selection's projects, up to the last start; nothing of it is run.

    Args:
        selection: What the catalog holds.
        catalog: The open registry, where the caller has one.

    Raises:
        CatalogError: The catalog cannot be read.
        FlavourError: It is no DBM database.
    """
    from plugreg.quarantine import sightings

    if catalog is not None:
        return sightings(catalog)
    if selection.homes is not None:
        from plugreg.layered import LayeredView

        with LayeredView.open(selection.prefix) as view:
            return sightings(view)
    with Registry.open(selection.path, read_only=True) as registry:
        return sightings(registry)


def _apply(selection: Selection, sighting: Sighting) -> None:
    name = sighting.project
    project = next((one for one in selection.on if one.name == name), None)
    if project is None:
        return
    if sighting.enough:
        selection.on.remove(project)
        reason, fix = f"quarantined: {sighting.reason}", f"mend it, or plugreg enable {name}"
        selection.off.append((project, reason, fix))
        selection.ended.append(f"{name} is {reason}; {fix}")
    else:
        warning = f"{name}: {sighting.reason}; mend it, or plugreg disable {name}"
        selection.ended.append(warning)
        selection.warnings.append(warning)
