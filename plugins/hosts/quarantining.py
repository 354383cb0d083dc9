"""Leaving out the projects whose import has ended earlier starts of this environment."""

from __future__ import annotations

from plugreg import PlugregError, Registry
from plugreg.starts import environment_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from plugreg.quarantine import Sighting

    from .selection import Selection


def take_out_quarantined(selection: Selection, catalog: Registry | None = None) -> None:
    """Take what is quarantined here out of a selection; what has ended one start, it says.

    Args:
        selection: What the catalog holds for the host.
        catalog: The open registry, where the caller has one.
    """
    here = environment_name()
    try:
        seen = seen_in(selection, catalog)
    except PlugregError:  # locked meanwhile, say: the next start looks again
        return
    for sighting in seen:
        if sighting.environment == here:
            _apply(selection, sighting)


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
