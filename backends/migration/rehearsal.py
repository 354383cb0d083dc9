"""Going through the records as a migration would, and writing nothing."""

from __future__ import annotations

import errno
import os
import shutil

from plugreg.backends import durable
from plugreg.backends.errors import CatalogError
from plugreg.backends.limits import fitting

from .duplicates import require_no_duplicates
from .tally import Tally

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .job import Job
    from .source import Source

    Record = tuple[bytes, bytes]


def require_writable(job: Job) -> None:
    """Do nothing where this user may make files in the folder of the new database.

    Raises:
        CatalogError: He may not.
    """
    folder = os.path.dirname(job.name)
    if not os.access(folder, os.W_OK | os.X_OK):
        denied = PermissionError(errno.EACCES, os.strerror(errno.EACCES), folder)
        raise durable.unwritable(denied, folder)


def require_room(job: Job, size_bytes: int) -> None:
    """Do nothing where so many bytes of keys and values fit on the disk, whatever else is needed.

    Raises:
        CatalogError: They do not.
    """
    free = shutil.disk_usage(os.path.dirname(job.name)).free
    if size_bytes > free:
        raise CatalogError(
            f"{job.name} could not be written: {size_bytes:,} bytes of keys and values are to be"
            f" copied, {free:,} are free",
            hint="make room on the disk, or name a DEST on another one",
            code="catalog-storage",
            path=job.name,
        )


def rehearse(
    job: Job,
    source: Source,
    records: Iterator[Record],
    progress: Callable[[int], None],
) -> Tally:
    """Return the tally of what would be written.

    Keeps the hash of each key, about 100 bytes, to find those that come twice.

    Raises:
        DuplicateKeys: Some have several values, and none was chosen.
        CatalogError: Records do not fit, or the source is damaged.
    """
    tally = Tally()
    fit = fitting(tally.through(records, progress), job.target.misfit, job.name, job.target.name)
    keys: set[int] = set()
    for key, _ in fit:
        keys.add(hash(key))
    if len(keys) < tally.records and not source.chosen:  # or two keys have the same hash
        require_no_duplicates(source.all_records(), source.path)
    return tally
