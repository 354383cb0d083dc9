"""Building an overlay: the slow path, taken when the projects or the environment changed."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import time

from plugreg.locations import cache_folder
from plugreg.names import is_module_place, normalize_name

from .overlay import (
    BACK,
    FRONT,
    MANIFEST,
    SITE_FOLDERS,
    is_trusted,
    manifest_text,
    read_overlay,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from plugreg import Project

_UNUSED_S = 30 * 24 * 60 * 60
_BUILDING = ".building-"


def find_or_build(projects: Sequence[Project], manifest: str, name: str, catalog: str) -> str:
    """Build the overlay beside the catalog, or find or build it in the user's cache.

    Returns:
        Its folder.

    Raises:
        OSError: Neither place can be written.
    """
    try:
        return _build(projects, manifest, f"{catalog}.overlay", name, catalog)
    except OSError:  # or it is another user's, who could put any code there
        place = os.path.join(cache_folder(), "overlay")
        digest = f"{normalize_name(os.path.basename(catalog))}-{name}"
        folder = os.path.join(place, digest)
        if read_overlay(folder, manifest, catalog) is not None:
            return folder
        return _build(projects, manifest, place, digest, catalog)


def _build(projects: Sequence[Project], manifest: str, place: str, name: str, catalog: str) -> str:
    """Build in a temporary folder and rename it, so that a half-built one is never found."""
    folder = os.path.join(place, name)
    os.makedirs(place, mode=0o700, exist_ok=True)
    if not is_trusted(place, catalog):
        raise PermissionError(f"{place} belongs to another user, or others can write it")
    _share_with_readers_of(catalog, place)
    _keep_out_of_git(place)
    _clear_away(place)
    building = tempfile.mkdtemp(prefix=_BUILDING, dir=place)
    try:
        links = _Links(building)
        links.add_all(projects)
        with open(os.path.join(building, MANIFEST), "wb") as file:
            text = manifest_text(manifest, links.conflicts, links.watched)
            file.write(text.encode(errors="surrogateescape"))
        os.chmod(building, 0o755)  # noqa: S103 - links to code that others may be allowed to read
        _take_place(building, folder, manifest, catalog)
    finally:
        shutil.rmtree(building, ignore_errors=True)
    return folder


def _share_with_readers_of(catalog: str, place: str) -> None:
    """Let those who may read the catalog find its overlays; the cache stays the user's own."""
    readers = os.stat(catalog).st_mode & 0o044
    if place == f"{catalog}.overlay" and readers:
        os.chmod(place, 0o700 | readers | readers >> 2)


def _take_place(building: str, folder: str, manifest: str, catalog: str) -> None:
    try:
        os.rename(building, folder)
    except OSError:
        if not os.path.isdir(folder):
            raise
        if read_overlay(folder, manifest, catalog) is not None:
            return  # another process was quicker
        aside = f"{building}.old"  # what it is for has changed, or the checksum is another's, too
        os.rename(folder, aside)
        os.rename(building, folder)
        shutil.rmtree(aside, ignore_errors=True)


class _Links:
    """The links of an overlay under way.

    Attributes:
        conflicts: Project name to the reason why its code is not linked.
        watched: Folders that were opened up, whose new files need new links, to their mtimes.
    """

    def __init__(self, building: str) -> None:
        self._building = building
        self._installed = _installed_names()
        self._side = ""
        self.conflicts: dict[str, str] = {}
        self.watched: dict[str, str] = {}

    def add_all(self, projects: Sequence[Project]) -> None:
        """Link every project; those whose code is another's already become conflicts."""
        for project in projects:
            side = FRONT if project.name in self._installed else BACK
            self._side = os.path.join(self._building, side)
            os.makedirs(self._side, exist_ok=True)
            for module, path in sorted(project.modules.items()):
                self._add(project, module, path)
            _add_dist_info(project, self._side)
        os.makedirs(os.path.join(self._building, BACK), exist_ok=True)

    def _add(self, project: Project, module: str, path: str) -> None:
        target = os.path.join(project.root, *path.split("/"))
        if not is_module_place(module, path):
            self.conflicts[project.name] = f"{module!r} at {path!r} is no module of it"
        elif os.path.exists(target):  # else importing it says what is missing
            try:
                self._link(target, os.path.join(self._side, *_link_parts(module, target)))
            except FileExistsError:
                reason = f"another project has the same module `{module}`"
                self.conflicts[project.name] = reason

    def _link(self, target: str, link: str) -> None:
        """Link `target`, sharing folders that are no package of one project alone.

        Two projects may have parts of one namespace package: the folders become real ones with
        links inside. A dotted name below a package that is linked already opens that link up in the
        same way.
        """
        self._make_real(os.path.dirname(link))
        if not os.path.lexists(link):
            os.symlink(target, link)
            return
        if os.path.realpath(link) == os.path.realpath(target):
            return
        if not (_is_namespace(link) and _is_namespace(target)):
            raise FileExistsError(link)
        if os.path.islink(link):
            self._open_up(link)
        self._watch(target)
        for name in sorted(os.listdir(target)):
            if name != "__pycache__":
                self._link(os.path.join(target, name), os.path.join(link, name))

    def _make_real(self, folder: str) -> None:
        """Make everything from the side down to `folder` a folder, and not a link to one."""
        if folder == self._side:
            return
        self._make_real(os.path.dirname(folder))
        if os.path.islink(folder):
            self._open_up(folder)
        elif not os.path.isdir(folder):
            os.mkdir(folder)

    def _open_up(self, link: str) -> None:
        """Turn a link to a folder into a folder of links."""
        target = os.readlink(link)
        self._watch(target)
        os.unlink(link)
        os.mkdir(link)
        for name in os.listdir(target):
            if name != "__pycache__":
                os.symlink(os.path.join(target, name), os.path.join(link, name))

    def _watch(self, folder: str) -> None:
        self.watched[folder] = str(os.stat(folder).st_mtime_ns)


def _link_parts(module: str, target: str) -> list[str]:
    """Return where the link to a module lies: a file keeps its suffix, all of it."""
    *parents, last = module.split(".")
    if os.path.isdir(target):
        return [*parents, last]
    return [*parents, os.path.basename(target)]


def _is_namespace(folder: str) -> bool:
    return os.path.isdir(folder) and not os.path.exists(os.path.join(folder, "__init__.py"))


def _add_dist_info(project: Project, side: str) -> None:
    """Link the project's own dist-info, as wheels have it, or write one from its record."""
    stem = f"{project.name.replace('-', '_')}-{project.version}"
    folder = os.path.join(side, f"{stem}.dist-info")
    own = _own_dist_info(project)
    if own:
        os.symlink(own, folder)
        return
    os.mkdir(folder)
    _write(os.path.join(folder, "METADATA"), _metadata(project))
    _write(os.path.join(folder, "INSTALLER"), "plugreg\n")
    _write(os.path.join(folder, "entry_points.txt"), _entry_points_txt(project))


def _own_dist_info(project: Project) -> str:
    if project.source.kind != "wheel":  # elsewhere it can be older than the record
        return ""
    try:
        names = os.listdir(project.root)
    except OSError:  # lost; the report says so
        return ""
    for name in names:
        own = normalize_name(name.partition("-")[0]) == project.name
        if own and name.endswith(".dist-info"):
            return os.path.join(project.root, name)
    return ""


def _metadata(project: Project) -> str:
    lines = [
        "Metadata-Version: 2.1",
        f"Name: {project.display_name}",
        f"Version: {project.version}",
        f"Summary: {project.summary}",
    ]
    if project.requires_python:
        lines.append(f"Requires-Python: {project.requires_python}")
    lines += [f"Requires-Dist: {dependency}" for dependency in project.dependencies]
    return "\n".join(lines) + "\n"


def _entry_points_txt(project: Project) -> str:
    lines = []
    for group in project.groups:
        lines.append(f"[{group}]")
        lines += [
            f"{entry.name} = {entry.value}"
            for entry in project.entry_points
            if entry.group == group
        ]
        lines.append("")
    return "\n".join(lines)


def _write(path: str, text: str) -> None:
    with open(path, "w", encoding="utf-8", errors="surrogateescape") as file:
        file.write(text)


def _installed_names() -> set[str]:
    import importlib.metadata

    names = set()
    text = [entry for entry in sys.path if isinstance(entry, str)]
    folders = [entry for entry in text if os.path.basename(entry) in SITE_FOLDERS]
    for distribution in importlib.metadata.distributions(path=folders):
        name = distribution.metadata["Name"]
        if name:
            names.add(normalize_name(name))
    return names


def _keep_out_of_git(place: str) -> None:
    """Keep what is made here out of the repository that a catalog may lie in."""
    ignore = os.path.join(place, ".gitignore")
    if not os.path.exists(ignore):
        _write(ignore, "*\n")


def _clear_away(place: str) -> None:
    """Remove overlays that no start has used for a month, and what killed builds left behind."""
    for entry in os.scandir(place):
        if not entry.is_dir(follow_symlinks=False):
            continue
        dated = os.path.join(entry.path, MANIFEST)
        if not os.path.exists(dated):
            dated = entry.path
        try:
            if time.time() - os.stat(dated).st_mtime > _UNUSED_S:
                shutil.rmtree(entry.path, ignore_errors=True)
        except OSError:  # gone meanwhile
            continue
