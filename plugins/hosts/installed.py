"""Taking newly installed distributions into the catalog, without a scan to be remembered."""

from __future__ import annotations

import os
import sys
from binascii import crc32

from plugreg import CatalogError, FlavourError, Registry, SourceError
from plugreg.backends import DEFAULT_TIMEOUT_S, RecordUnreadable, SchemaTooNew
from plugreg.names import normalize_name

from .overlay import environment_lines, lasting_folders, site_folders
from .renewal import as_switched

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection

    from plugreg import Project


def take_up_installed(
    group: str,
    catalog: str | os.PathLike[str] | Registry | None = None,
    *,
    timeout_s: float = DEFAULT_TIMEOUT_S,
) -> None:
    """Record what was installed for a group since the last look; new ones are on.

    Nothing is scanned while the folders on the path are as they were: installing and removing
    changes their times. Those of the program and of the work, in which much else changes, do not
    count, unless they are called as folders of distributions are. What is known already is looked
    after where it is loaded; what is uninstalled stays in the catalog, and its state says so.

    Raises:
        CatalogError: The catalog cannot be opened, or not be written.
        FlavourError: It is no DBM database.
    """
    if isinstance(catalog, Registry):
        _take_up(group, catalog)
        return
    from plugreg.locations import is_named, locate_catalog
    from plugreg.writing_layer import path_for_new

    layered = not is_named(catalog)
    path = path_for_new() if layered else locate_catalog(catalog)[0]
    seen, mark = "\n".join(environment_lines(_watched())), _mark_path(path, group)
    if os.path.exists(path) and _read(mark) == seen:
        return
    elsewhere = _known_elsewhere(path, timeout_s) if layered else ()
    with Registry.open(path, timeout_s=timeout_s) as registry:
        _take_up(group, registry, elsewhere)
    _write(mark, seen)


def try_to_take_up(
    group: str, catalog: str | os.PathLike[str] | Registry | None, *, timeout_s: float
) -> CatalogError | FlavourError | None:
    """Do what `take_up_installed` does; return what hinders it: what is in the catalog may load."""
    try:
        take_up_installed(group, catalog, timeout_s=timeout_s)
    except (CatalogError, FlavourError) as error:
        return error
    return None


def _known_elsewhere(path: str, timeout_s: float) -> set[str]:
    """Return the names that other layers have: what is known there is looked after there."""
    from plugreg.layered import LayeredView

    with LayeredView.open(timeout_s=timeout_s) as view:
        return {name for name, layer in view.places() if layer.path != path}


def _take_up(group: str, registry: Registry, elsewhere: Collection[str] = ()) -> None:
    import importlib.metadata

    from plugreg.plugins.reading import with_digest
    from plugreg.plugins.sources.distribution import read_distribution

    entries = importlib.metadata.entry_points(group=group)
    found = {entry.dist.name: entry.dist for entry in entries if entry.dist is not None}
    with registry.batch("plugins.load"):
        for name, distribution in found.items():
            if normalize_name(name) in elsewhere:
                continue
            known = _known(registry, name)
            if known is not None and (known.source.kind != "distribution" or known.is_for(group)):
                continue
            try:
                now = with_digest(read_distribution(distribution))
                registry.add(now if known is None else as_switched(now, known))
            except (SourceError, RecordUnreadable, SchemaTooNew):
                continue  # its metadata are broken, or its record is: others go on


def _watched() -> list[str]:
    """Return the folders into which distributions may be installed while the host is not."""
    program = getattr(sys.modules.get("__main__"), "__file__", None)
    own = os.path.dirname(os.path.realpath(program)) if program else ""
    installed = site_folders()
    return installed + [one for one in lasting_folders() if one != own and one not in installed]


def _known(registry: Registry, name: str) -> Project | None:
    """Return a project that is known; a damaged record is replaced by what is installed."""
    try:
        return registry.get(name)
    except (RecordUnreadable, SchemaTooNew):
        return None


def _mark_path(catalog: str, group: str) -> str:
    digest = crc32(f"{sys.prefix} {group}".encode(errors="surrogateescape"))
    return os.path.join(f"{catalog}.overlay", f"installed-{digest:08x}")


def _read(path: str) -> str:
    try:
        with open(path, encoding="utf-8", errors="surrogateescape") as file:
            return file.read()
    except OSError:
        return ""


def _write(path: str, text: str) -> None:
    """Keep the mark; where that is not possible, the next start looks again."""
    try:
        os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
        with open(path, "w", encoding="utf-8", errors="surrogateescape") as file:
            file.write(text)
    except OSError:
        return
