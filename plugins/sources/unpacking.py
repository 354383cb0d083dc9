"""Unpacking an archive once, into a folder named by its digest, whole or not at all."""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
import stat
import tempfile
from contextlib import contextmanager
from functools import partial
from io import FileIO

from plugreg import SourceError
from plugreg.locations import data_folder
from plugreg.unpacked import drop_unused, unpacked_folder

from .archive import Member
from .metadata.text import shown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

CODE = "code"
_BYTE_CODE = "__pycache__"
_CHUNK_BYTES = 256 * 1024
_ATTEMPTS = 5


def unpack(archive: str, members: Mapping[str, Member], home: str = "") -> str:
    """Return the absolute path of the folder that holds an archive's files.

    Where it is there already and whole, nothing is written. It is built beside and renamed into
    place, so any number of processes may do it at once, and one that is killed leaves nothing
    that looks whole.

    Args:
        archive: The archive, whose digest names the folder.
        members: Its files, by their paths in the folder.
        home: The folder of the layer that it is for; "" is the user's data folder. All who may
            enter another one than the user's can read what is unpacked there.

    Raises:
        SourceError: It could not be written (code "unpack-failed").
        EOFError: A member has not the size that the archive says.
    """
    return _put(archive, digest_of(archive), members, home)


def copy_code(code: str, home: str = "") -> str:
    """Return the absolute path of a copy, for another layer, of what `unpack` has made.

    Byte code and links are left out; whether the rest is what it was is for the caller to look at.

    Args:
        code: The folder that `unpack` has returned.
        home: As for `unpack`.

    Raises:
        SourceError: It could not be copied (code "unpack-failed").
    """
    try:
        return _put(code, os.path.basename(os.path.dirname(code)), _files_in(code), home)
    except EOFError as error:  # it changes at this moment
        raise _failed(code, unpacked_folder(home), error) from error


def _files_in(code: str) -> dict[str, Member]:
    found: dict[str, Member] = {}
    for folder, folders, names in os.walk(code):
        folders[:] = [name for name in folders if name != _BYTE_CODE]
        for name in names:
            path = os.path.join(folder, name)
            status = os.lstat(path)
            if stat.S_ISREG(status.st_mode):
                below = os.path.relpath(path, code).replace(os.sep, "/")
                found[below] = Member(below, status.st_size, partial(FileIO, path))
    return found


def _put(origin: str, digest: str, members: Mapping[str, Member], home: str) -> str:
    """Return the folder that holds the files, whole, in the place that the digest names."""
    base = unpacked_folder(home)
    place = os.path.join(base, digest)
    code = os.path.join(place, CODE)
    if is_whole(code, members):
        return code
    mode = 0o700 if home in ("", data_folder()) else 0o755
    try:
        for folder in (os.path.dirname(base), base):
            os.makedirs(folder, mode=mode, exist_ok=True)
        with tempfile.TemporaryDirectory(
            prefix=".unpacking-", dir=base, ignore_cleanup_errors=True
        ) as beside:
            fresh = os.path.join(beside, CODE)
            _write(fresh, members, mode)
            _publish(fresh, place, members, mode)
    except OSError as error:
        raise _failed(origin, base, error) from error
    return code


def _failed(origin: str, base: str, error: Exception) -> SourceError:
    reason, hint = getattr(error, "strerror", "") or str(error), "make room or give access there"
    if isinstance(error, OSError) and error.errno == errno.ENAMETOOLONG:
        reason += f", {shown(os.path.basename(error.filename))}"
        hint = "give it a shorter name in the project: few file systems take more than 255 bytes"
    return SourceError(
        f"{origin} could not be unpacked below {base}: {reason}",
        hint=hint,
        code="unpack-failed",
        path=origin,
    )


@contextmanager
def unpacked(archive: str, members: Mapping[str, Member], home: str = "") -> Iterator[str]:
    """Give the folder of an archive's files, as `unpack`; it goes again after an error.

    Unless a catalog uses it.
    """
    code = unpack(archive, members, home)
    try:
        yield code
    except BaseException:
        drop_unused(code)
        raise


def digest_of(archive: str) -> str:
    """Return the name of an archive's folder: the first half of its SHA-256, in hex."""
    with open(archive, "rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()[:32]


def is_whole(code: str, members: Mapping[str, Member]) -> bool:
    """Tell whether every file is there with its size: a removal may have been cut short."""
    try:
        return os.path.isdir(code) and all(
            os.stat(os.path.join(code, name)).st_size == member.size
            for name, member in members.items()
        )
    except OSError:
        return False


def _write(folder: str, members: Mapping[str, Member], mode: int) -> None:
    os.mkdir(folder, mode)
    for name, member in members.items():
        path = os.path.join(folder, *name.split("/"))
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with member.open() as source, open(path, "xb") as target:
            shutil.copyfileobj(source, target, _CHUNK_BYTES)
            target.flush()
            os.fsync(target.fileno())  # a catalog will say for good that it is here
            if target.tell() != member.size:
                raise EOFError(f"{shown(name)} has {target.tell()} bytes, and says {member.size}")


def _publish(fresh: str, place: str, members: Mapping[str, Member], mode: int) -> None:
    """Give the finished folder its place, unless another process was first."""
    code = os.path.join(place, CODE)
    for attempt in range(_ATTEMPTS):
        os.makedirs(place, mode=mode, exist_ok=True)
        try:
            os.rename(fresh, code)
        except OSError:
            if is_whole(code, members):
                return
            if attempt == _ATTEMPTS - 1:
                raise
            if os.path.isdir(code):  # what a removal left of it
                os.rename(code, f"{fresh}.torn{attempt}")
        else:
            return
