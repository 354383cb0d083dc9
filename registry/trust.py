"""Who else can change a file that is trusted: its owner, its mode, and those of its folders.

The rule is that of ssh for keys (StrictModes): only the user and root may be able to, and of each
folder above it as well, up to the user's home or the root: who may rename a folder can put another
one in its place. A group that is the user's own, of which nobody else is a member, is the user.
"""

from __future__ import annotations

import os
import stat

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterator


def stranger_to(status: os.stat_result, trusted: Collection[int] = ()) -> str:
    """Return who can change a file beside this user, root, and the `trusted` user ids, or "".

    On systems without such modes nobody can be named.
    """
    if os.name == "nt":
        return ""
    owner = status.st_uid
    if owner not in (os.geteuid(), 0, *trusted):
        from plugreg.backends.owners import user_name  # a host's start seldom comes here

        return f"it belongs to user {user_name(owner)}"
    if status.st_mode & stat.S_IWOTH:
        return f"every user may write it (mode {stat.S_IMODE(status.st_mode):04o})"
    if status.st_mode & stat.S_IWGRP and not _is_own_group(status):
        return f"its group may write it (mode {stat.S_IMODE(status.st_mode):04o})"
    return ""


def doubts_about(path: str) -> list[str]:
    """Return a warning for a catalog, and one for each folder above it, that others can change."""
    return [
        f"{place} can be changed by others: {who}, and so can which plug-ins are loaded; {fix}"
        for place, who, fix in doubts_in(path)
    ]


def doubts_in(path: str) -> list[tuple[str, str, str]]:
    """Return which of a catalog and its folders others can change: (path, who, what to do).

    A folder in which everybody may only remove what is his own, such as /tmp, is no doubt where the
    catalog lies deeper; in that folder itself everybody can lay files that are taken for a part of
    the catalog. Folders that hold a link on the way to it count: who may change them can link to
    another catalog.
    """
    files = files_of(path)
    fixes = dict.fromkeys(files, "chmod go-w or chown it")
    folders = [*_folders_of(files[0]), *_folders_of_links(path, files[0])]
    fixes.update(dict.fromkeys(folders, "keep it in a folder of your own"))
    strict = (*files, folders[0])
    found = ((place, _stranger_at(place, sticky=place not in strict)) for place in fixes)
    return [(place, who, fixes[place]) for place, who in found if who]


def files_of(path: str) -> list[str]:
    """Return the real paths of a catalog's files: one, but for flavours that add to the name.

    Where there is none yet, the path itself.
    """
    real = os.path.realpath(path)
    if os.path.exists(real):
        return [real]
    from plugreg.backends.footprint import FILE_SUFFIX, PAIR_SUFFIXES

    several = [real + end for end in (FILE_SUFFIX, *PAIR_SUFFIXES) if os.path.exists(real + end)]
    return several or [real]


def status_of(path: str) -> os.stat_result:
    """Return what stat says of a catalog, or of the first of its files.

    Raises:
        OSError: There is none, or it cannot be looked at.
    """
    try:
        return os.stat(path)
    except FileNotFoundError:
        return os.stat(files_of(path)[0])


def _folders_of(real: str) -> Iterator[str]:
    """Yield the folders above a file, the nearest first; none above the user's home."""
    home = os.path.realpath(os.path.expanduser("~"))
    folder = os.path.dirname(real)
    while True:
        yield folder
        above = os.path.dirname(folder)
        if folder in (home, above):
            return
        folder = above


def _folders_of_links(path: str, real: str) -> Iterator[str]:
    """Yield the real folders of each link on the way of a path to its file, and those above."""
    waiting = [os.path.abspath(path)]
    if real.startswith(waiting[0]):  # no link, but for a suffix in the same folder
        return
    seen: set[str] = set()
    while waiting:
        place = waiting.pop()
        if place in seen:
            continue
        seen.add(place)
        for link in filter(os.path.islink, (place, *_folders_of(place))):
            folder = os.path.realpath(os.path.dirname(link))
            yield from _folders_of(os.path.join(folder, os.path.basename(link)))
            waiting.append(os.path.normpath(os.path.join(folder, os.readlink(link))))


def _stranger_at(place: str, *, sticky: bool) -> str:
    """Return who can change a place, or ""; nobody where `sticky` and it has that bit."""
    try:
        status = os.stat(place)
    except OSError:  # not there yet, or not to be looked at: opening it says so
        return ""
    if sticky and status.st_mode & stat.S_ISVTX:
        return ""
    return stranger_to(status)


def _is_own_group(status: os.stat_result) -> bool:
    import grp
    import pwd

    try:
        owner = pwd.getpwuid(status.st_uid).pw_name
        group = grp.getgrgid(status.st_gid)
    except KeyError:
        return False
    return group.gr_name == owner and set(group.gr_mem) <= {owner}
