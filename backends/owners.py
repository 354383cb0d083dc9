"""Whose the files of a database are: what lies beside it takes part in it, whoever put it there.

In a folder where everybody may make files, such as /tmp, anybody can lay a journal beside a
database, and SQLite would write what stands in it into the database. So who cannot change the
database itself has no part in it: what belongs to him is refused before it is read.
"""

from __future__ import annotations

import os
import stat

from .errors import CatalogError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable


def require_same_hand(path: str, beside: Iterable[str]) -> None:
    """Do nothing where each file beside belongs to this user, or to who can change the database.

    Links count as well as what they link to; what is not there counts as nobody's. On systems
    without owners nothing is refused.

    Args:
        path: The database's file, without links.
        beside: The files that would take part in it.

    Raises:
        CatalogError: One belongs to somebody else ("catalog-foreign-file"); it was not read.
    """
    for file in beside:
        for owner in _owners(file):
            if owner != os.geteuid() and not _can_change(path, owner):
                raise _foreign(path, file, owner)


def user_name(uid: int) -> str:
    """Return "name (uid)", or the number alone where nobody has it."""
    import pwd

    try:
        return f"{pwd.getpwuid(uid).pw_name} ({uid})"
    except KeyError:
        return str(uid)


def _owners(file: str) -> set[int]:
    owners: set[int] = set()
    if os.name != "nt":
        for look in (os.lstat, os.stat):
            try:
                owners.add(look(file).st_uid)
            except OSError:  # gone meanwhile, or a link to nothing
                continue
    return owners


def _can_change(path: str, uid: int) -> bool:
    """Tell whether a user may write a file, or put another one in its place."""
    try:
        file, folder = os.stat(path), os.stat(os.path.dirname(path))
    except OSError:  # opening it says so
        return True
    if _may_write(file, uid) or folder.st_uid == uid:
        return True
    return not folder.st_mode & stat.S_ISVTX and _may_write(folder, uid)


def _may_write(status: os.stat_result, uid: int) -> bool:
    if uid in (0, status.st_uid) or status.st_mode & stat.S_IWOTH:
        return True
    return bool(status.st_mode & stat.S_IWGRP) and _is_member(uid, status.st_gid)


def _is_member(uid: int, gid: int) -> bool:
    import grp
    import pwd

    try:
        user = pwd.getpwuid(uid)
        return user.pw_gid == gid or user.pw_name in grp.getgrgid(gid).gr_mem
    except KeyError:
        return False


def _foreign(path: str, file: str, owner: int) -> CatalogError:
    return CatalogError(
        f"{file} belongs to user {user_name(owner)}, who cannot change {path}, and would take part"
        " in it: neither was read",
        hint=f"keep {os.path.basename(path)} in a folder of your own; there, or once its owner or"
        " root has removed that file, it opens",
        code="catalog-foreign-file",
        path=path,
        file=file,
    )
