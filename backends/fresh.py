"""Files that get their names only when they are whole: the one way in which databases are written.

A file is filled under a temporary name beside, readable by its owner only, then synced and given
the name that it is for: a new one by a link, which fails where the name exists, so that two makers
cannot overwrite each other; a replacement by a rename.
"""

from __future__ import annotations

import errno
import os
from contextlib import contextmanager, suppress

from . import durable
from .errors import PlugregError
from .leftovers import making_in, temporary_beside

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def fresh_files(*paths: str) -> Iterator[tuple[str, ...]]:
    """Give an empty file beside each path, for the block to fill; at its end they get the names.

    In the order given, each durable before the next. After any error, one of the block's own
    included, none of the names stands and nothing is left beside.

    Raises:
        FileExistsError: One of the names is taken; what has it stays.
        CatalogError: The disk is full, or the folder may not be written; "catalog-storage".
    """
    for path in paths:
        if os.path.lexists(path):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), path)
    beside: list[str] = []
    try:
        with making_in(os.path.dirname(paths[0])):
            for path in paths:
                beside.append(temporary_beside(path))  # noqa: PERF401 - each is to be removed
            yield tuple(beside)
            _publish(beside, paths)
    except (PlugregError, FileExistsError):
        raise
    except OSError as error:
        raise durable.unwritable(error, paths[0]) from error
    finally:
        for file in beside:
            with suppress(OSError):  # published, or left to the next maker
                os.unlink(file)


def make_first_of_pair(path: str) -> None:
    """Make the file of a pair that is empty in a new database, durably; the other makes it one.

    An empty one is what a killed maker left: it is taken over.

    Raises:
        FileExistsError: There is one that is not empty.
        CatalogError: It cannot be made; "catalog-storage".
    """
    try:
        os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o666))
        durable.sync_folder_of(path)
    except OSError as error:
        raise durable.unwritable(error, path) from error
    if os.path.getsize(path):
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), path)


@contextmanager
def replacement(path: str) -> Iterator[str]:
    """Give an empty file beside an existing one, for the block to fill; then it takes its place.

    In one durable step, with the mode of the old one, and its owner where this process may. After
    any error the old one stands, but for that of the last sync. The caller holds the database's
    WriterLock: the file beside always has the same name, so that what a kill leaves is used up by
    the next writer.

    Raises:
        CatalogError: The disk is full, or the folder may not be written ("catalog-storage"); or it
            has the name, and the folder could not be synced ("catalog-unconfirmed").
    """
    folder, name = os.path.split(path)
    beside = os.path.join(folder, f".{name}.new")
    try:
        _make_private(beside)
        yield beside
        durable.copy_access(path, beside)
        durable.sync_path(beside)
        os.replace(beside, path)
    except PlugregError:
        raise
    except OSError as error:
        raise durable.unwritable(error, path) from error
    finally:
        with suppress(OSError):  # it has its name, or is left to the next writer
            os.unlink(beside)
    try:
        durable.sync_folder_of(path)
    except OSError as error:
        raise durable.unconfirmed(error.strerror or str(error), path) from error


def _make_private(path: str) -> None:
    if os.path.lexists(path):
        os.unlink(path)
    os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))


def _publish(beside: list[str], paths: tuple[str, ...]) -> None:
    for file in beside:
        durable.grant_default_access(file)
    try:
        for file, path in zip(beside, paths, strict=True):
            durable.publish(file, path)
    except BaseException:
        for file, path in zip(beside, paths, strict=True):
            _withdraw(file, path)
        raise


def _withdraw(file: str, path: str) -> None:
    """Take the name from our file where it has it already; another's stays."""
    if os.path.exists(path) and (not os.path.exists(file) or os.path.samefile(file, path)):
        os.unlink(path)
