"""What the overlay of one process holds: projects before the installed ones, and behind them."""

from __future__ import annotations

import os
import sys

from plugreg.names import normalize_name
from plugreg.plugins.hosts.overlay import BACK, FRONT, SITE_FOLDERS

from .folder import LinkFolder, Notes
from .metadata import add_dist_info

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from plugreg import Project


def lay_out_sides(building: str, projects: Iterable[Project]) -> Notes:
    """Fill a folder with the links and the metadata of projects, for this environment."""
    notes = Notes()
    installed = _installed_names()
    for project in projects:
        side = os.path.join(building, FRONT if project.name in installed else BACK)
        LinkFolder(side, notes).add(project)
        add_dist_info(project, side)
    os.makedirs(os.path.join(building, BACK), exist_ok=True)
    return notes


def _installed_names() -> set[str]:
    import importlib.metadata

    names = set()
    text = [entry for entry in sys.path if isinstance(entry, str)]
    folders = [entry for entry in text if os.path.basename(entry) in SITE_FOLDERS]
    for distribution in importlib.metadata.distributions(path=folders):
        metadata: Any = distribution.metadata  # None, or without a name, where they are broken
        name = metadata.get("Name") if metadata is not None else None
        if name:
            names.add(normalize_name(name))
    return names
