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
# The temporary folder of this process, once it has one.
_own: list[str] = []


def find_or_build(
    manifest: str,
    name: str,
    catalog: str,
    lay_out: Callable[[str], Notes],
    *,
    for_this_process: bool = False,
) -> str:
    """Build the overlay beside the catalog, or find or build it in the user's cache.

    Args:
        manifest: For what it is, word for word.
        name: The folder's name.
        catalog: The catalog's path.
        lay_out: Fills a folder; returns what to remember of it.
        for_this_process: Where neither can be written, take a temporary folder.

    Returns:
        Its folder.

    Raises:
        OSError: None of these places can be written; the error is that of the cache.
    """
    try:
        return _build(manifest, f"{catalog}.overlay", name, catalog, lay_out)
    except OSError:  # or it is another user's, who could put any code there
        name = f"{normalize_name(os.path.basename(catalog))}-{name}"
    try:
        place = os.path.join(cache_folder(), "overlay")
        return _found_or_built(manifest, place, name, catalog, lay_out)
    except OSError as error:
        if not for_this_process:
            raise
        try:
            return _found_or_built(manifest, _own_folder(), name, catalog, lay_out)
        except OSError:
            raise error from None


def _found_or_built(
    manifest: str, place: str, name: str, catalog: str, lay_out: Callable[[str], Notes]
) -> str:
    folder = os.path.join(place, name)
    if read_overlay(folder, manifest, catalog) is not None:
        return folder
    return _build(manifest, place, name, catalog, lay_out)


def _own_folder() -> str:
    """Return a temporary folder that goes with this process, and with all forked from it.

    Each of them keeps the lock on it. Whoever is killed leaves it to those who clear the folder for
    temporary files; nobody else can enter it meanwhile.
    """
    if not _own:
        import atexit

        _own.append(tempfile.mkdtemp(prefix="plugreg-"))
        atexit.register(_leave, _own[0], _hold(_own[0]))
    return _own[0]


def _hold(place: str) -> int | None:
    """Keep a folder from being removed by others that this process was forked to, or is from."""
    try:
        import fcntl
    except ImportError:  # Windows, where nothing forks
        return None
    held = os.open(place, os.O_RDONLY)
    fcntl.flock(held, fcntl.LOCK_SH)
    return held


def _leave(place: str, held: int | None) -> None:
    if held is not None:
        os.close(held)
    if not _is_held(place):
        shutil.rmtree(place, ignore_errors=True)


def fix_of(error: OSError) -> str:
    """Return what to do where `find_or_build` failed: the error is that of the user's cache."""
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
