"""The overlay of `plugreg run`: for any Python in any environment, told apart only in the child.

- `modules/` has the links of all projects; the child has it behind all else on `sys.path`.
- `own/NAME/` has those of one project; the child puts it before the installed distributions where
  the project is installed as well.
- `site/` has both metadata and modules, as site-packages would; it is on nobody's path, so that
  only the child's own finder sees it.
- `start/` has nothing but the start-up module, and the one that records imports under way.
- `projects` says what is on and what is off.
"""

from __future__ import annotations

import os
from functools import partial

from plugreg import starts
from plugreg.plugins.hosts.links.folder import LinkFolder, Notes
from plugreg.plugins.hosts.links.metadata import add_dist_info
from plugreg.plugins.hosts.overlay import Overlay, find_overlay, project_lines
from plugreg.plugins.module_text import text_of

from . import startup
from .startup import FIELD_END, LINE_END, MODULES, OWN, SITE, START, STARTS, STATE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from plugreg import Project


_STARTUP = "sitecustomize.py"


def run_overlay_for(
    on: Sequence[Project],
    off: Iterable[str],
    catalog: str,
    quarantined: Iterable[tuple[str, str]] = (),
    places: Mapping[str, str] | None = None,
) -> Overlay:
    """Return the overlay that shows these projects, and hides others, in any environment.

    Args:
        on: The projects that are on, in load order.
        off: The normalised names of those that are off.
        catalog: The catalog's path.
        quarantined: Normalised names of those that are left out, each with the environment.
        places: Normalised name to the folder for records of imports, where it is not the start's.

    Raises:
        OSError: It is not there, and cannot be made.
    """
    left_out = [_line("off", name, "") for name in sorted(off)]
    left_out += [_line("quarantined", name, where) for name, where in quarantined]
    left_out += [_line("place", name, place) for name, place in sorted((places or {}).items())]
    parts = {_STARTUP: text_of(startup), f"{STARTS}.py": text_of(starts)}
    manifest = "\n".join([*project_lines(on), *_owners(on), *left_out, *parts.values()])
    return find_overlay(manifest, "run", catalog, partial(_lay_out, on, left_out, parts))


def start_folder(overlay: Overlay) -> str:
    """Return the folder that comes first on the child's PYTHONPATH."""
    return os.path.join(overlay.folder, START)


def _lay_out(
    on: Sequence[Project], left_out: list[str], parts: Mapping[str, str], building: str
) -> Notes:
    notes = Notes()
    for folder in (MODULES, SITE, START):
        os.mkdir(os.path.join(building, folder))
    together = LinkFolder(os.path.join(building, MODULES), notes)
    for project in on:
        together.add(project)
    shown = [project for project in on if project.name not in notes.conflicts]
    linked = [project for project in shown if project._record["root"]]
    for project in linked:
        LinkFolder(os.path.join(building, OWN, project.name), notes).add(project)
        add_dist_info(project, os.path.join(building, SITE))
    for name in os.listdir(os.path.join(building, MODULES)):
        os.symlink(os.path.join(os.pardir, MODULES, name), os.path.join(building, SITE, name))
    lines = [_line("linked", project.name, "") for project in linked]
    lines += [*_owners(shown), *left_out]
    _write(os.path.join(building, STATE), LINE_END.join([*lines, ""]))
    for file, text in parts.items():
        _write(os.path.join(building, START, file), text)
    return notes


def _owners(projects: Iterable[Project]) -> list[str]:
    """Return lines that say by which files and entry points a project is known."""
    lines = []
    for project in projects:
        places = [os.path.join(project.root, path) for path in project.modules.values()]
        values = [entry.value for entry in project.entry_points]
        known = [*map(os.path.realpath, places), *values]
        lines += [_line("owner", project.name, value) for value in known]
    return lines


def _line(kind: str, name: str, value: str) -> str:
    return FIELD_END.join((kind, name, value))


def _write(path: str, text: str) -> None:
    with open(path, "w", encoding="utf-8", errors="surrogateescape", newline="\n") as file:
        file.write(text)
