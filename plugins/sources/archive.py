"""Archives from strangers: what is in one, checked whole before a single byte is written.

Refused are members that would land outside of the folder, links and devices, names that are there
twice or differ only in case, and archives that grow beyond the limits below when they are unpacked.
"""

from __future__ import annotations

import os
import re
import stat
import struct
import tarfile
import zipfile
import zlib
from contextlib import contextmanager
from unicodedata import normalize

from plugreg import SourceError

from .metadata.text import shown
from .tar_reading import MAX_GLOBAL_RECORDS, open_tar
from .zip_reading import TooManyFiles, open_zip

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import IO

MAX_FILES = 50_000
# What Linux lets a path have; names of millions of folders would take long to look through.
MAX_NAME_BYTES = 4096
MAX_TOTAL_BYTES = 2 * 1024**3
# Text shrinks to a tenth, generated tables to a fiftieth; small archives may do better.
MAX_RATIO = 200
RATIO_COUNTS_FROM_BYTES = 32 * 1024**2
try:
    from lzma import LZMAError
except ImportError:  # this Python was built without: zipfile says so by itself
    LZMAError = zipfile.BadZipFile  # type: ignore[misc, assignment]
# What zipfile and tarfile raise on damaged or foreign input.
_DAMAGE = (
    zipfile.BadZipFile,
    tarfile.TarError,
    EOFError,
    NotImplementedError,  # a compression method that this Python does not have
    RecursionError,  # headers of headers of headers
    ValueError,  # numbers beyond all number, and text in them
    struct.error,
    zlib.error,
    LZMAError,
)
_DRIVE = re.compile(r"[A-Za-z]:")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


class Member:
    """One regular file of an archive.

    Attributes:
        name: Its path with "/", neither absolute nor with "." or "..".
        size: Its size in bytes, unpacked.
        open: Returns a stream of its bytes; the archive has to be open still.
    """

    __slots__ = ("name", "open", "size")

    def __init__(self, name: str, size: int, open_: Callable[[], IO[bytes]]) -> None:
        self.name = name
        self.size = size
        self.open = open_


@contextmanager
def open_archive(path: str) -> Iterator[dict[str, Member]]:
    """Give the regular files of a zip or gzipped tar archive by name, all of them checked.

    Raises:
        SourceError: It is no such archive (code "archive-invalid"), or one that must not be
            unpacked (code "archive-unsafe"); the message names the member.
    """
    reader = _zip_members if path.lower().endswith((".zip", ".whl")) else _tar_members
    try:
        with reader(path) as found:
            yield checked_members(path, found)
    except _DAMAGE as error:
        raise _invalid(path, str(error)) from error
    except OSError as error:  # gzip's BadGzipFile is one, a missing permission another
        raise _invalid(path, error.strerror or str(error)) from error


def checked_members(path: str, members: Iterable[Member]) -> dict[str, Member]:
    """Return members by name; stops at the first that may not be unpacked.

    Raises:
        SourceError: A member must not be unpacked (code "archive-unsafe").
    """
    found: dict[str, Member] = {}
    folded: set[str] = set()
    total = 0
    packed = os.path.getsize(path)
    for member in members:
        if member.name in found:
            raise unsafe(path, member.name, "is in it twice")
        if (same := _folded(member.name)) in folded:
            raise unsafe(path, member.name, "is in it twice, in other spelling")
        folded.add(same)
        found[member.name] = member
        total += member.size
        _require_limits(path, len(found), total, packed)
    _require_folders(path, found)
    return found


def _folded(name: str) -> str:
    """Return what two names have in common that are one file to macOS or Windows."""
    return normalize("NFC", name.casefold())


def safe_name(path: str, name: str) -> str:
    """Return a member's name without "." and empty parts, "" for the top folder.

    Raises:
        SourceError: It is absolute, climbs out, is too long, or cannot be a name on every system.
    """
    if len(name) > MAX_NAME_BYTES:
        raise unsafe(path, name, f"has a name of {len(name)} characters")
    if name.startswith("/") or _DRIVE.match(name):
        raise unsafe(path, name, "is an absolute path")
    if "\\" in name or _CONTROL.search(name):
        raise unsafe(path, name, "holds a backslash or a control character")
    parts = name.split("/")
    if ".." in parts:
        raise unsafe(path, name, "climbs out of the archive")
    return "/".join(part for part in parts if part not in ("", "."))


def unsafe(path: str, name: str, fault: str) -> SourceError:
    """Return the error for a member that must not be unpacked."""
    return SourceError(
        f"{path} was not unpacked: its member {shown(name)} {fault}",
        hint="do not trust where it came from; nothing was written",
        code="archive-unsafe",
        path=path,
        member=name[:MAX_NAME_BYTES],
    )


@contextmanager
def _zip_members(path: str) -> Iterator[Iterator[Member]]:
    try:
        with open_zip(path, MAX_FILES) as archive:
            yield (
                _zip_member(path, archive, info)
                for info in archive.infolist()
                if not _is_top(path, info)
            )
    except TooManyFiles:
        raise _too_much(path, f"more than {MAX_FILES} files") from None


def _is_top(path: str, info: zipfile.ZipInfo) -> bool:
    """Tell whether a member is a folder, whose name is checked all the same."""
    return not safe_name(path, info.orig_filename) or info.orig_filename.endswith("/")


def _zip_member(path: str, archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Member:
    kind = stat.S_IFMT(info.external_attr >> 16)
    if kind not in (0, stat.S_IFREG):  # 0: made on a system without such modes
        raise unsafe(path, info.orig_filename, "is a link or a device")
    if info.flag_bits & 1:
        raise unsafe(path, info.orig_filename, "is encrypted")
    return Member(safe_name(path, info.orig_filename), info.file_size, lambda: archive.open(info))


@contextmanager
def _tar_members(path: str) -> Iterator[Iterator[Member]]:
    with open_tar(path) as (archive, end_of_headers):
        yield _listed(path, archive, end_of_headers)


def _listed(
    path: str, archive: tarfile.TarFile, end_of_headers: Callable[[], None]
) -> Iterator[Member]:
    for number, info in enumerate(archive, 1):
        _require_limits(path, number, 0, 0)  # folders, too: a name is packed into a byte or two
        if len(archive.pax_headers) > MAX_GLOBAL_RECORDS:
            raise tarfile.ReadError("it has too many records for all members")
        info.pax_headers = {}  # read, and in memory for as long as the archive is
        if not _is_folder(path, info):
            yield _tar_member(path, archive, info)
    end_of_headers()


def _is_folder(path: str, info: tarfile.TarInfo) -> bool:
    return info.isdir() and safe_name(path, info.name) is not None


def _tar_member(path: str, archive: tarfile.TarFile, info: tarfile.TarInfo) -> Member:
    if not info.isreg() or info.issparse():
        raise unsafe(path, info.name, "is a link or a device")
    name = safe_name(path, info.name)

    def stream() -> IO[bytes]:
        found = archive.extractfile(info)
        if found is None:
            raise unsafe(path, info.name, "has no content")
        return found

    return Member(name, info.size, stream)


def _require_limits(path: str, files: int, total: int, packed: int) -> None:
    reason = ""
    if files > MAX_FILES:
        reason = f"more than {MAX_FILES} files"
    elif total > MAX_TOTAL_BYTES:
        reason = f"more than {MAX_TOTAL_BYTES // 1024**2} MiB"
    elif total > RATIO_COUNTS_FROM_BYTES and total > packed * MAX_RATIO:
        reason = f"more than {MAX_RATIO} times its size"
    if reason:
        raise _too_much(path, reason)


def _too_much(path: str, reason: str) -> SourceError:
    return SourceError(
        f"{path} was not unpacked: it would become {reason}",
        hint="unpack it yourself and add the directory, if you trust it; nothing was written",
        code="archive-unsafe",
        path=path,
    )


def _require_folders(path: str, members: dict[str, Member]) -> None:
    """Check that no member is both a file and the folder of another."""
    for name in members:
        parent = name.rpartition("/")[0]
        while parent:
            if parent in members:
                raise unsafe(path, parent, "is a file and a folder")
            parent = parent.rpartition("/")[0]


def _invalid(path: str, reason: str) -> SourceError:
    return SourceError(
        f"{path} cannot be read as an archive: {reason}",
        hint="download or build it again",
        code="archive-invalid",
        path=path,
    )
