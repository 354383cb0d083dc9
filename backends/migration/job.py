"""What goes where: the names and files of a migration, settled before anything is written."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass, field, replace

from plugreg.backends.errors import (
    CatalogCorrupt,
    CatalogError,
    CatalogNotFound,
    FlavourUnavailable,
    NotADatabase,
)
from plugreg.backends.footprint import FILE_SUFFIX
from plugreg.backends.identification import identify
from plugreg.backends.known import PINNED, require_flavour
from plugreg.backends.regular import require_regular

from .swap import taken

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from plugreg.backends.flavour import Flavour
    from plugreg.backends.identification import Identification


@dataclass(frozen=True, slots=True)
class Job:
    """Where a new database goes, and what it replaces.

    Attributes:
        target: Its flavour.
        name: The name by which programs will open it, absolute.
        old: The files that it replaces.
        backups: Where each of those is kept, by its file; empty for no backup.
        backup: The name by which the kept database opens, or None.
    """

    target: Flavour
    name: str
    old: tuple[str, ...] = ()
    backups: dict[str, str] = field(default_factory=dict)
    backup: str | None = None


def require_target(name: str) -> Flavour:
    """Return the flavour of that name, if a database of it can be made here.

    Raises:
        FlavourError: No flavour is called so, or it cannot be written here.
    """
    target = require_flavour(name)
    reason = target.unwritable_here()
    if reason:
        raise FlavourUnavailable(
            f"{target.name} cannot be written here: {reason}",
            hint=f"{PINNED}, which is the default, can be written by every Python",
            flavour=target.name,
        )
    return target


def in_place(typed: str, found: Identification, target: Flavour, *, backup: bool) -> Job:
    """Return the job of replacing a database, under the name that programs open.

    Args:
        typed: The name that was identified, as it was given.
        found: What it is.
        target: What it becomes.
        backup: Whether to keep the old files.

    Raises:
        CatalogError: Something else stands where the new files would, or would hide them.
    """
    name = known_name(found)
    old = files_of(found)
    for file in (*_existing(target.files(name)), *_hiding(name, target)):
        if file not in old:
            raise taken(file, hint="move it away, or name a DEST")
    if not set(old) & set(target.files(name)):
        _require_no_link(typed, old)
    job = Job(target, name, old)
    return _keeping(found.path, job) if backup else job


def beside(
    name: str, target: Flavour, *, sources: tuple[str, ...], force: bool, backup: bool = False
) -> Job:
    """Return the job of making a database that programs will open as `name`.

    Args:
        name: Absolute.
        target: Its flavour.
        sources: The files that are being read, which are not to be overwritten.
        force: Whether other files in its place are.
        backup: Whether to keep those.

    Raises:
        CatalogError: Its folder does not exist, or something stands in its place.
    """
    if not os.path.isdir(os.path.dirname(name)):
        raise CatalogNotFound(
            f"{name} cannot be made: its folder does not exist",
            hint="make the folder, or name another",
            path=name,
        )
    old = _existing((name, *target.files(name), *_database_files(name), *_hiding(name, target)))
    for file in filter(os.path.isdir, old):
        raise taken(file, hint="it is a directory; name a file in it")
    for file in filter(os.path.exists, old):
        require_regular(file)
    if set(old) & set(sources):
        raise taken(name, hint="it is what is to be read; leave DEST out to migrate it in place")
    if old and not force:
        raise taken(old[0])
    job = Job(target, name, old)
    return _keeping(name, job) if old and backup else job


def _keeping(path: str, job: Job) -> Job:
    """Return a job that keeps the old files, which a database at `path` has, under a dated name."""
    folder, base = os.path.split(path)
    kept = _dated(folder, base)
    backups = {file: _renamed(file, base, kept) for file in job.old}
    return replace(job, backups=backups, backup=os.path.join(folder, kept))


def files_of(found: Identification) -> tuple[str, ...]:
    """Return the files that a database consists of."""
    return _existing(require_flavour(found.flavour).files(found.path))


def known_name(found: Identification) -> str:
    """Return the name by which programs open a database; of a damaged one, that of its file."""
    try:
        return require_flavour(found.flavour).known_as(found.path)
    except CatalogCorrupt:
        return found.path


def _database_files(name: str) -> tuple[str, ...]:
    """Return the files of what is found as `name` now: it would hide the new database."""
    try:
        return files_of(identify(name))
    except (CatalogNotFound, NotADatabase):
        return ()


def _hiding(name: str, target: Flavour) -> tuple[str, ...]:
    """Return the files of a database `name`.db, which is found before a pair of the name is."""
    single = name + FILE_SUFFIX
    if {name, single} & set(target.files(name)):
        return ()
    found = _database_files(single)
    return found if single in found else ()


def _require_no_link(typed: str, old: tuple[str, ...]) -> None:
    """Refuse to take a file away that a symbolic link names."""
    for link in (typed, typed + FILE_SUFFIX, *old):
        if os.path.islink(link):
            raise CatalogError(
                f"{link} is a symbolic link, and the new files would have other names",
                hint=f"migrate {os.path.realpath(link)} itself, then make the link anew",
                code="source-is-link",
                path=link,
            )


def other_names(job: Job) -> str:
    """Return a warning where a file that is replaced has other names, hard links; else ""."""
    for file in filter(os.path.isfile, job.old):
        found = os.stat(file)
        own = sum(os.path.samefile(file, other) for other in job.old if os.path.isfile(other))
        if found.st_nlink > own:
            return (
                f"{file} has other names (hard links): those lead to the old database still;"
                f" `find -inum {found.st_ino}` finds them"
            )
    return ""


def _existing(files: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(filter(os.path.lexists, files)))


def _dated(folder: str, base: str) -> str:
    """Return a dated name that nothing in the folder starts with."""
    present = os.listdir(folder)
    stamp = f"{base}.backup-{time.strftime('%Y%m%d-%H%M%S')}"
    name, number = stamp, 1
    while any(name in other for other in present):
        number += 1
        name = f"{stamp}-{number}"
    return name


def _renamed(file: str, base: str, kept: str) -> str:
    """Return the name of a backup's file: the database's own in it is what tells its parts."""
    folder, name = os.path.split(file)
    if name.startswith(base):
        return os.path.join(folder, kept + name.removeprefix(base))
    before, _, after = name.rpartition(f".{base}.")  # a partition or extent of Berkeley DB
    return os.path.join(folder, f"{before}.{kept}.{after}")
