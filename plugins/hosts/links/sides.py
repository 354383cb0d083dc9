"""What the overlay of one process holds: projects before the installed ones, and behind them."""

from __future__ import annotations

import os

from plugreg.names import normalize_name

from .folder import LinkFolder, Notes
from .metadata import add_dist_info

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Any

    from plugreg import Project


def lay_out_sides(
    front: str, back: str, projects: Iterable[Project], site_folders: Sequence[str]
) -> Notes:
    """Fill two folders with the links and the metadata of projects, for this environment.

    Args:
        front: That of projects that are installed as well.
        back: That of all others.
        projects: Those that are not used as they are installed.
        site_folders: Where distributions are installed.
    """
    notes = Notes()
    installed = _installed_names(site_folders)
    for project in projects:
        side = front if project.name in installed else back
        LinkFolder(side, notes).add(project)
        add_dist_info(project, side)
    os.makedirs(back, exist_ok=True)
    notes.memo = " ".join(_only_in(back, site_folders))
    return notes


def _only_in(back: str, site_folders: Sequence[str]) -> list[str]:
    """Return the modules of a folder of links whose names nothing has that is installed."""
    try:
        taken = {
            name.partition(".")[0]
            for folder in site_folders
            if os.path.isdir(folder)
            for name in os.listdir(folder)
        }
    except OSError:  # who knows what is in there
        return []
    own = {name.partition(".")[0] for name in os.listdir(back)}
    return sorted(name for name in own - taken if name.isidentifier())


def _installed_names(folders: Sequence[str]) -> set[str]:
    import importlib.metadata

    names = set()
    for distribution in importlib.metadata.distributions(path=list(folders)):
        metadata: Any = distribution.metadata  # None, or without a name, where they are broken
        name = metadata.get("Name") if metadata is not None else None
        if name:
            names.add(normalize_name(name))
    return names
