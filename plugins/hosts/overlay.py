"""Making projects importable that are not installed: a folder of links, on `sys.path`.

The folder holds, for each project, links to its own packages and modules, and a real `dist-info`;
nothing else of the project's directory, so its neighbours and its tests shadow nothing. To Python
it is one more site-packages: namespace packages, resources, pickles and the children of
multiprocessing work as they do for installed ones.

It is made once for a set of projects and an environment, and named by a checksum of both. Its
manifest says for which, word for word, so a host's start costs one small read.
"""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from plugreg import Project

MANIFEST = "manifest"
# `front` goes before the installed distributions, for projects that are installed as well: the
# catalog's wins. `back` goes behind everything, where it cannot shadow anything.
FRONT, BACK = "front", "back"
SITE_FOLDERS = ("site-packages", "dist-packages")
_END = "\n--\n"
_DAY_S = 24 * 60 * 60


class Overlay:
    """A folder of links, and what could not be linked.

    Attributes:
        folder: Its path, "" where no project needs one.
        conflicts: Project name to the reason why its code is not in it.
    """

    __slots__ = ("conflicts", "folder")

    def __init__(self, folder: str = "", conflicts: dict[str, str] | None = None) -> None:
        self.folder = folder
        self.conflicts = conflicts or {}

    def enter(self) -> None:
        """Put the folder on `sys.path`, in the place of an earlier one of the same catalog."""
        if not self.folder:
            return
        beside = os.path.dirname(self.folder) + os.sep
        sys.path[:] = [entry for entry in sys.path if not entry.startswith(beside)]
        front = os.path.join(self.folder, FRONT)
        if os.path.isdir(front):
            sys.path.insert(_first_site_folder(), front)
        sys.path.append(os.path.join(self.folder, BACK))


def overlay_for(projects: Sequence[Project], catalog: str) -> Overlay:
    """Return the overlay of these projects in this environment, made if it is not there yet.

    It lies beside the catalog, or, where that folder cannot be written, in the user's cache.

    Raises:
        OSError: It is not there, and can be made in neither place.
    """
    linked = [project for project in projects if project._record["root"]]
    if not linked:
        return Overlay()
    from binascii import crc32

    manifest = _manifest(linked)
    name = f"{crc32(manifest.encode(errors='surrogateescape')):08x}-{len(linked)}"
    beside = os.path.join(f"{catalog}.overlay", name)
    found = read_overlay(beside, manifest)
    if found is not None:
        return found

    from .overlay_builder import build_somewhere

    folder = build_somewhere(linked, manifest, name, catalog)
    return read_overlay(folder, manifest) or Overlay(folder)


def read_overlay(folder: str, manifest: str) -> Overlay | None:
    """Return the overlay in a folder if it is the one of that manifest, else None."""
    path = os.path.join(folder, MANIFEST)
    try:
        with open(path, "rb", buffering=0) as file:
            text = file.read().decode(errors="surrogateescape")
            age_s = _now_s() - os.fstat(file.fileno()).st_mtime
    except OSError:
        return None
    kept, _, conflicts = text.partition(_END)
    if kept != manifest:
        return None
    if age_s > _DAY_S:  # so that clearing away knows what is still in use
        _touch(path)
    return Overlay(folder, dict(line.split("\t", 1) for line in conflicts.splitlines()))


def environment_lines() -> list[str]:
    """Return what changes when a distribution is installed here, or removed; a few stat calls."""
    lines = [sys.version]
    for entry in sys.path:
        if os.path.basename(entry) in SITE_FOLDERS:
            try:
                lines.append(f"{entry} {os.stat(entry).st_mtime_ns}")
            except OSError:
                continue
    return lines


def manifest_text(manifest: str, conflicts: dict[str, str]) -> str:
    """Return what the manifest file holds: for what the overlay is, and what is not in it."""
    return manifest + _END + "".join(f"{name}\t{why}\n" for name, why in conflicts.items())


def _manifest(projects: Sequence[Project]) -> str:
    """Return all that an overlay depends on: the environment's distributions, and the projects."""
    lines = environment_lines()
    for project in projects:
        record = project._record
        lines.append(
            f"{record['display_name']} {record['version']} {record['root']} {record['modules']}"
            f" {record['entry_points']} {record['requires_python']} {record['dependencies']}"
        )
    return "\n".join(lines)


def _first_site_folder() -> int:
    for index, entry in enumerate(sys.path):
        if os.path.basename(entry) in SITE_FOLDERS:
            return index
    return len(sys.path)


def _now_s() -> float:
    import time

    return time.time()


def _touch(path: str) -> None:
    try:
        os.utime(path)
    except OSError:  # read-only: whoever can clear it away sees its age, and it can be made again
        return
