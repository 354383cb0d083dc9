"""Files that are on disk when a call returns: fsync, link and rename in the right order.

A rename or a link is durable only after its directory was synced, and the bytes of a file only
after the file was: every function here syncs the bytes first, then the name.
"""

from __future__ import annotations

import errno
import os
import sys
from contextlib import suppress

from .errors import CatalogError, CatalogReadOnly

# The code of the error for a change that was made, and may not last.
UNCONFIRMED = "catalog-unconfirmed"

if sys.platform == "darwin":
    import fcntl

    def sync_file(descriptor: int) -> None:
        """Put a file's bytes on the medium; macOS's fsync stops at the drive's cache."""
        try:
            fcntl.fcntl(descriptor, fcntl.F_FULLFSYNC)
        except OSError:  # not every file system has it
            os.fsync(descriptor)

else:

    def sync_file(descriptor: int) -> None:
        """Put a file's bytes on the medium."""
        os.fsync(descriptor)


_ROOM, _RIGHTS = "make room on the disk", "check the permissions of its folder"
_ANY_WAY_OUT = "make room on the disk, or check the permissions"
_WAYS_OUT = {
    **dict.fromkeys((errno.ENOENT, errno.ENOTDIR), "name a folder that is there"),
    errno.ENAMETOOLONG: "choose a shorter name",
    **dict.fromkeys((errno.ENOSPC, errno.EDQUOT), _ROOM),
    **dict.fromkeys((errno.EACCES, errno.EPERM, errno.EROFS), _RIGHTS),
}


def sync_path(path: str) -> None:
    """Put the bytes of the file at `path` on the medium."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        sync_file(descriptor)
    finally:
        os.close(descriptor)


def sync_folder_of(path: str) -> None:
    """Put the names in the folder of `path` on the medium (Windows has no call for it)."""
    if os.name != "nt":
        sync_path(os.path.dirname(path) or ".")


def copy_access(source: str, target: str) -> bool:
    """Give `target` the mode of `source`, its owner and its group where this process may.

    True where all of it was given. Only root gives files away; a group is given by its members.
    """
    status = os.stat(source)
    os.chmod(target, status.st_mode & 0o7777)
    if hasattr(os, "chown"):
        for owner in (status.st_uid, -1):  # -1 leaves it, and gives the group alone
            with suppress(PermissionError):
                os.chown(target, owner, status.st_gid)
                break
    given = os.stat(target)
    return (given.st_uid, given.st_gid) == (status.st_uid, status.st_gid)


def grant_default_access(path: str) -> None:
    """Give `path` the mode of a file that this process would create plainly (umask applied)."""
    probe = f"{path}.mode"
    descriptor = os.open(probe, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666)
    try:
        mode = os.fstat(descriptor).st_mode & 0o7777
    finally:
        os.close(descriptor)
        os.unlink(probe)
    os.chmod(path, mode)


def replace(temporary: str, path: str) -> None:
    """Move a finished file over `path`, durably and in one step."""
    sync_path(temporary)
    os.replace(temporary, path)
    sync_folder_of(path)


def publish(temporary: str, path: str) -> None:
    """Give a finished file its name, durably; raises FileExistsError where the name is taken.

    A link fails where the name exists, so two makers cannot overwrite each other.
    """
    sync_path(temporary)
    try:
        os.link(temporary, path)
    except FileExistsError:
        raise
    except OSError:  # a file system without hard links: the check and the rename are two steps
        if os.path.lexists(path):
            raise FileExistsError(path) from None
        os.rename(temporary, path)
    else:
        with suppress(OSError):  # it has a name too many, which the next writer takes away
            os.unlink(temporary)
    sync_folder_of(path)


def require_writable(path: str, *files: str) -> None:
    """Raise CatalogReadOnly where one of the files or folders is there and may not be written."""
    for file in files:
        if os.path.exists(file) and not os.access(file, os.W_OK):
            raise CatalogReadOnly(
                f"{file} cannot be written", hint="open it for reading only", path=path
            )


def unwritable(error: OSError, path: str) -> CatalogError:
    """Return the error to raise where the system does not let us write a database's file."""
    return CatalogError(
        f"{path} could not be written: {error.strerror or error}",
        hint=f"nothing was changed; {_WAYS_OUT.get(error.errno or 0, _ANY_WAY_OUT)}, and try again",
        code="catalog-storage",
        path=path,
    )


def unconfirmed(reason: str, path: str) -> CatalogError:
    """Return the error to raise where a change was made and the system does not confirm it."""
    return CatalogError(
        f"{path} was changed, but that it is on the disk for good was not confirmed: {reason}",
        hint="a power cut may undo the change; check the disk",
        code=UNCONFIRMED,
        path=path,
    )
