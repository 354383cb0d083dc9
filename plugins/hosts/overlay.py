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
    from collections.abc import Callable, Iterable, Sequence

    from plugreg import Project

    from .links.folder import Notes

MANIFEST = "manifest"
# `front` goes before the installed distributions, for projects that are installed as well: the
# catalog's wins. `back` goes behind everything, where it cannot shadow anything.
FRONT, BACK = "front", "back"
# Entries of `sys.path` that earlier loads of this process have made.
_OVERLAYS = (os.sep + FRONT, os.sep + BACK)
SITE_FOLDERS = ("site-packages", "dist-packages")
_END = "\n--\n"
_LINE_END = "\0\n"  # a path can hold a newline, but no NUL
_CONFLICT, _WATCHED, _MEMO = "conflict", "watched", "memo"
_DAY_S = 24 * 60 * 60
_PRIME = 2**30 - 35  # the largest one that CPython divides by in one go


class Overlay:
    """A folder of links, and what could not be linked.

    Attributes:
        folder: Its path, "" where no project needs one.
        conflicts: Project name to the reason why its code is not in it.
        memo: What else was kept with it; with links, the modules whose names nothing has that is
            installed.
        fix: Where no folder could be made, what to do about that, else "".
    """

    __slots__ = ("conflicts", "fix", "folder", "memo")

    def __init__(
        self, folder: str = "", conflicts: dict[str, str] | None = None, memo: str = ""
    ) -> None:
        self.folder = folder
        self.conflicts = conflicts or {}
        self.memo = memo
        self.fix = ""

    def fix_for(self, name: str) -> str:
        """Return what to do about the conflict of a project."""
        return self.fix or f"plugreg disable {name}"

    def enter(self) -> None:
        """Put the folder on `sys.path`, before earlier ones of the same place.

        Those stay: what was loaded from them may still import something.
        """
        back = os.path.join(self.folder, BACK)
        if not self.folder or back in sys.path:
            return
        sys.path.insert(_first(lambda entry: self._is_earlier(entry, BACK)), back)
        front = os.path.join(self.folder, FRONT)
        if os.path.isdir(front):
            sys.path.insert(
                _first(lambda entry: _is_site(entry) or self._is_earlier(entry, FRONT)), front
            )

    def _is_earlier(self, entry: str, side: str) -> bool:
        return entry.startswith(self.place) and os.path.basename(entry) == side

    @property
    def place(self) -> str:
        """The folder that this one lies in, with its separator: that of the catalog's overlays."""
        return os.path.dirname(self.folder) + os.sep


def overlay_for(projects: Sequence[Project], catalog: str) -> Overlay:
    """Return the overlay of these projects in this environment, made if it is not there yet.

    It lies beside the catalog, or, where that folder cannot be written, in the user's cache; where
    that cannot be either, in a temporary folder that goes with this process.

    Raises:
        OSError: It is not there, and can be made in none of these places.
    """
    linked = [project for project in projects if project._record["root"]]
    if not linked:
        return Overlay()

    def lay_out(building: str) -> Notes:
        from .links.sides import lay_out_sides

        front, back = os.path.join(building, FRONT), os.path.join(building, BACK)
        return lay_out_sides(front, back, linked, site_folders())

    manifest = _manifest(linked)
    return find_overlay(manifest, str(len(linked)), catalog, lay_out, for_this_process=True)


def overlay_or_reasons(projects: Sequence[Project], catalog: str) -> Overlay:
    """Return the overlay of these projects; where none can be made, all that need it conflict."""
    try:
        return overlay_for(projects, catalog)
    except OSError as error:
        from .links.builder import fix_of

        reason = f"no folder for its links could be made: {error.strerror or error}"
        needy = [project.name for project in projects if project._record["root"]]
        overlay = Overlay(conflicts=dict.fromkeys(needy, reason))
        overlay.fix = fix_of(error)
        return overlay


def find_overlay(
    manifest: str,
    kind: str,
    catalog: str,
    lay_out: Callable[[str], Notes],
    *,
    for_this_process: bool = False,
) -> Overlay:
    """Return the overlay of a manifest, made if it is not there yet; see `overlay_for`.

    Args:
        manifest: All that it depends on; its checksum is the folder's name.
        kind: The end of that name.
        catalog: The catalog's path.
        lay_out: Fills the folder; returns what to remember of it.
        for_this_process: Whether one will do that goes with this process.
    """
    name = f"{_checksum(manifest):08x}-{kind}"
    beside = os.path.join(f"{catalog}.overlay", name)
    found = read_overlay(beside, manifest, catalog)
    if found is not None:
        return found

    from .links.builder import find_or_build

    folder = find_or_build(manifest, name, catalog, lay_out, for_this_process=for_this_process)
    return read_overlay(folder, manifest, catalog) or Overlay(folder)


def _checksum(text: str) -> int:
    """Return a number of 30 bits for a text; loading what has CRC-32 would cost a start 0.3 ms."""
    return int.from_bytes(text.encode(errors="surrogateescape"), "big") % _PRIME


def read_overlay(folder: str, manifest: str, catalog: str) -> Overlay | None:
    """Return the overlay in a folder if it is of that manifest and still fits, else None."""
    path = os.path.join(folder, MANIFEST)
    try:
        if not is_trusted(os.path.dirname(folder), catalog):
            return None
        with open(path, "rb", buffering=0) as file:
            text = file.read().decode(errors="surrogateescape")
            age_s = _now_s() - os.fstat(file.fileno()).st_mtime
        kept, _, rest = text.partition(_END)
        notes = _notes(rest)
        changed = any(
            str(os.stat(place).st_mtime_ns) != mtime for place, mtime in notes[_WATCHED].items()
        )
    except OSError:
        return None
    if kept != manifest or changed:
        return None
    if age_s > _DAY_S:  # so that clearing away knows what is still in use
        _touch(path)
    return Overlay(folder, notes[_CONFLICT], notes[_MEMO].get("", ""))


def is_trusted(place: str, catalog: str) -> bool:
    """Tell whether only this user, root, or the owner of the catalog can have put code there.

    Raises:
        OSError: It does not exist, or cannot be looked at.
    """
    from plugreg.trust import status_of, stranger_to

    return not stranger_to(os.stat(place), (status_of(catalog).st_uid,))


def _notes(text: str) -> dict[str, dict[str, str]]:
    """Return the notes of each kind."""
    notes: dict[str, dict[str, str]] = {_CONFLICT: {}, _WATCHED: {}, _MEMO: {}}
    for line in text.split(_LINE_END):
        kind, _, note = line.partition("\t")
        key, _, value = note.rpartition("\t")
        if kind:
            notes[kind][key] = value
    return notes


def site_folders() -> list[str]:
    """Return the folders on `sys.path` that distributions are installed in."""
    text = [entry for entry in sys.path if isinstance(entry, str)]
    return [entry for entry in text if _is_site(entry)]


def _is_site(entry: str) -> bool:
    return os.path.basename(entry) in SITE_FOLDERS


def path_folders() -> list[str]:
    """Return the folders on `sys.path`, the working folder under its name."""
    return [entry or working_folder() for entry in sys.path if isinstance(entry, str)]


def lasting_folders() -> list[str]:
    """Return those that a start has again: not the working folder, and no overlay."""
    here = working_folder()
    return [entry for entry in path_folders() if entry != here and not entry.endswith(_OVERLAYS)]


def entered_overlays() -> list[str]:
    """Return what earlier loads of this process have put on `sys.path`."""
    named = [entry for entry in path_folders() if entry.endswith(_OVERLAYS)]
    return [one for one in named if os.path.isfile(os.path.join(os.path.dirname(one), MANIFEST))]


def working_folder() -> str:
    """Return its path, "" where somebody has removed it."""
    try:
        return os.getcwd()
    except OSError:
        return ""


def environment_lines(folders: Iterable[str]) -> list[str]:
    """Return what changes when a distribution is installed in one of the folders, or removed."""
    lines = [sys.version]
    for folder in folders:
        try:
            lines.append(f"{folder} {os.stat(folder).st_mtime_ns}")
        except OSError:
            continue
    return lines


def manifest_text(manifest: str, notes: Notes) -> str:
    """Return what the manifest file holds: for what the overlay is, and what to know of it."""
    kinds = {_CONFLICT: notes.conflicts, _WATCHED: notes.watched, _MEMO: {"": notes.memo}}
    lines = [f"{kind}\t{key}\t{kinds[kind][key]}" for kind in kinds for key in kinds[kind]]
    return manifest + _END + _LINE_END.join(lines)


def _manifest(projects: Sequence[Project]) -> str:
    """Return all that an overlay depends on: the environment's distributions, and the projects."""
    return "\n".join(environment_lines(site_folders()) + project_lines(projects))


def project_lines(projects: Iterable[Project]) -> list[str]:
    """Return what of each project its links and its metadata depend on."""
    return [
        f"{record['display_name']} {record['version']} {record['root']} {record['modules']}"
        f" {record['entry_points']} {record['requires_python']} {record['dependencies']}"
        for record in (project._record for project in projects)
    ]


def _first(fits: Callable[[str], bool]) -> int:
    """Return the place of the first fitting entry of `sys.path`, or its end."""
    for index, entry in enumerate(sys.path):
        if isinstance(entry, str) and fits(entry):  # Python itself skips what is no text
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
