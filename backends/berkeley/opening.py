"""Opening a Berkeley DB file with the reader of its access method."""

from __future__ import annotations

import os

from plugreg.backends.errors import CatalogCorrupt, FlavourError
from plugreg.backends.footprint import unreadable
from plugreg.backends.regular import open_regular

from .meta import META_SIZE, read_meta, require_readable
from .pages import PageFile

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .meta import Meta
    from .paged_reader import PagedReader


def open_reader(flavour: str, path: str) -> PagedReader:
    """Return the reader of the one database in the file at `path`.

    Raises:
        CatalogCorrupt: The meta page is damaged.
        FlavourUnavailable: The file is encrypted.
        FlavourError: It has several databases; the hint names them.
    """
    pages, meta = open_pages(path)
    try:
        if meta.is_master:
            from .databases import only_database

            return only_database(path, pages, meta)
        return reader_over(flavour, path, pages, meta)
    except BaseException:
        os.close(pages.descriptor)
        raise


def open_pages(path: str) -> tuple[PageFile, Meta]:
    """Return the pages of a file, and what its first page says; the caller closes the file."""
    try:
        descriptor = open_regular(path)
    except OSError as error:
        raise unreadable(error, path) from error
    try:
        meta = read_meta(os.pread(descriptor, META_SIZE, 0))
        if meta is None:
            raise CatalogCorrupt(
                f"{path}: no magic number of Berkeley DB at byte 12",
                hint="restore it from a backup",
                path=path,
            )
        require_readable(meta, path)
        return PageFile(path, descriptor, meta), meta
    except BaseException:
        os.close(descriptor)
        raise


def reader_over(flavour: str, path: str, pages: PageFile, meta: Meta) -> PagedReader:
    """Return the reader for a meta page; reading modules are imported as they are needed."""
    if meta.partitions:
        from .partitions import PartitionedReader

        return PartitionedReader(flavour, path, pages, meta)
    if meta.method == "hash":
        from .hash import HashReader

        return HashReader(flavour, path, pages, meta)
    if meta.method == "btree":
        from .btree import BtreeReader

        return BtreeReader(flavour, path, pages, meta)
    if meta.method == "recno":
        from .recno import RecnoReader

        return RecnoReader(flavour, path, pages, meta)
    if meta.method == "queue":
        from .queue import QueueReader

        return QueueReader(flavour, path, pages, meta)
    if meta.method == "heap":
        from .heap import HeapReader

        return HeapReader(flavour, path, pages, meta)
    raise FlavourError(f"{path}: {meta.method} is no access method that can be read", path=path)
