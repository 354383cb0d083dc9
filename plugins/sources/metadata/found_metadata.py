"""Metadata that lies in a folder already: an unpacked sdist's, an editable install's, a wheel's."""

from __future__ import annotations

import os
from importlib.metadata import Distribution

from packaging.utils import canonicalize_name

from plugreg import SourceError
from plugreg.plugins.sources.layout.names import SKIPPED

from .core_metadata import parse_core_metadata
from .entry_points_txt import parse_entry_points
from .facts import Facts
from .requirements import own_requirements

TYPE_CHECKING = False
if TYPE_CHECKING:
    from plugreg.plugins.sources.folder import ProjectFolder

PKG_INFO = "PKG-INFO"
_KINDS = {".egg-info": PKG_INFO, ".dist-info": "METADATA"}


def read_pkg_info(folder: ProjectFolder) -> Facts | None:
    """Return what an unpacked sdist's `PKG-INFO` says, or None where there is none."""
    data = folder.data(PKG_INFO)
    return None if data is None else parse_core_metadata(data, folder.place(PKG_INFO))


def find_metadata(folder: ProjectFolder, name: str | None = None) -> str | None:
    """Return the folder's `*.egg-info` or `*.dist-info`, relative to it, or None.

    Args:
        folder: It, and the folders right inside it, are looked through.
        name: The project's name, if it is known: only its own metadata is found.

    Raises:
        SourceError: There are several (code "source-ambiguous").
    """
    found = [file for file in _candidates(folder) if name is None or _is_of(file, name)]
    if len(found) > 1:
        raise SourceError(
            f"{folder.path} holds the metadata of several projects: {', '.join(found)}",
            hint="name one project's own folder, or an installed distribution by its name",
            code="source-ambiguous",
            path=folder.path,
        )
    return found[0] if found else None


def read_metadata(folder: ProjectFolder, place: str) -> Facts:
    """Return what an `*.egg-info` or `*.dist-info` of the folder says, entry points included.

    Raises:
        SourceError: It is damaged (code "source-invalid").
    """
    installed = place.endswith(".dist-info")
    file = f"{place}/{_KINDS[place[-10:] if installed else place[-9:]]}"
    facts = parse_core_metadata(folder.data(file) or b"", folder.place(file), installed=installed)
    entries_file = f"{place}/entry_points.txt"
    entries = parse_entry_points(folder.text(entries_file) or "", folder.place(entries_file))
    return facts.completed_by(
        Facts("", entry_points=entries, requires_python="", dependencies=_requires(folder, place))
    )


def _requires(folder: ProjectFolder, place: str) -> tuple[str, ...]:
    """Return the requirements of an egg-info, whose PKG-INFO may leave them to `requires.txt`."""
    folder.has(f"{place}/requires.txt")
    return own_requirements(Distribution.at(folder.place(place)).requires or ())


def _candidates(folder: ProjectFolder) -> list[str]:
    inside = [
        entry.name for entry in folder.entries() if entry.is_dir() and entry.name not in SKIPPED
    ]
    own = [name for name in inside if _is_metadata(folder, name)]
    if own:
        return own
    deeper = (f"{name}/{entry.name}" for name in inside for entry in folder.entries(name))
    return [place for place in deeper if _is_metadata(folder, place)]


def _is_metadata(folder: ProjectFolder, place: str) -> bool:
    file = _KINDS.get(os.path.splitext(place)[1])
    return file is not None and os.path.isfile(folder.place(f"{place}/{file}"))


def _is_of(place: str, name: str) -> bool:
    stem = os.path.splitext(place.rpartition("/")[2])[0].partition("-")[0]
    return canonicalize_name(stem) == canonicalize_name(name)
