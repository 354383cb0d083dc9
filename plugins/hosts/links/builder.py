"""Building an overlay: the slow path, taken when the projects or the environment changed."""

from __future__ import annotations

import errno
import os
import shutil
import tempfile
import time

from plugreg.locations import cache_folder
from plugreg.names import normalize_name
from plugreg.plugins.hosts.overlay import MANIFEST, is_trusted, manifest_text, read_overlay
from plugreg.trust import status_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from .folder import Notes

_UNUSED_S = 30 * 24 * 60 * 60
_BUILDING = ".building-"


def find_or_build(manifest: str, name: str, catalog: str, lay_out: Callable[[str], Notes]) -> str:
    """Build the overlay beside the catalog, or find or build it in the user's cache.

    Args:
        manifest: For what it is, word for word.
        name: The folder's name.
        catalog: The catalog's path.
        lay_out: Fills a folder; returns what to remember of it.

    Returns:
        Its folder.

    Raises:
        OSError: Neither place can be written.
    """
    try:
        return _build(manifest, f"{catalog}.overlay", name, catalog, lay_out)
    except OSError:  # or it is another user's, who could put any code there
        place = os.path.join(cache_folder(), "overlay")
        digest = f"{normalize_name(os.path.basename(catalog))}-{name}"
        folder = os.path.join(place, digest)
        if read_overlay(folder, manifest, catalog) is not None:
            return folder
        return _build(manifest, place, digest, catalog, lay_out)


def fix_of(error: OSError) -> str:
    """Return what to do where `find_or_build` failed: its last try was in the user's cache."""
    place = cache_folder()
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return f"make room on the disk of {place}, or set XDG_CACHE_HOME to a folder on another"
    return f"make {place} writable, or set XDG_CACHE_HOME to a folder that is"


def _build(
    manifest: str, place: str, name: str, catalog: str, lay_out: Callable[[str], Notes]
) -> str:
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
        notes = lay_out(building)
        with open(os.path.join(building, MANIFEST), "wb") as file:
            text = manifest_text(manifest, notes)
            file.write(text.encode(errors="surrogateescape"))
        os.chmod(building, 0o755)  # noqa: S103 - links to code that others may be allowed to read
        _take_place(building, folder, manifest, catalog)
    finally:
        shutil.rmtree(building, ignore_errors=True)
    return folder


def _share_with_readers_of(catalog: str, place: str) -> None:
    """Let those who may read the catalog find its overlays; the cache stays the user's own."""
    readers = status_of(catalog).st_mode & 0o044
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


def _keep_out_of_git(place: str) -> None:
    """Keep what is made here out of the repository that a catalog may lie in."""
    ignore = os.path.join(place, ".gitignore")
    if not os.path.exists(ignore):
        with open(ignore, "w", encoding="utf-8") as file:
            file.write("*\n")


def _clear_away(place: str) -> None:
    """Remove overlays that no start has used for a month, and what killed builds left behind."""
    for entry in os.scandir(place):
        if not entry.is_dir(follow_symlinks=False):
            continue
        dated = os.path.join(entry.path, MANIFEST)
        if not os.path.exists(dated):
            dated = entry.path
        try:
            if time.time() - os.stat(dated).st_mtime > _UNUSED_S and not _is_held(dated):
                shutil.rmtree(entry.path, ignore_errors=True)
        except OSError:  # gone meanwhile
            continue


def _is_held(manifest: str) -> bool:
    """Tell whether a child of `plugreg run` still lives that may import something from there."""
    try:
        import fcntl
    except ImportError:  # Windows
        return False
    held = os.open(manifest, os.O_RDONLY)
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(held)
    return False
