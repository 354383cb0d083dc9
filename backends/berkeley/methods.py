"""The reader of each access method of Berkeley DB."""

from __future__ import annotations

from plugreg.backends.errors import FlavourError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .meta import Meta
    from .paged_reader import PagedReader
    from .pages import PageFile


def reader_of_method(flavour: str, path: str, pages: PageFile, meta: Meta) -> PagedReader:
    """Return the reader for a meta page; reading modules are imported as they are needed.

    Raises:
        FlavourError: It tells of no method that can be read.
    """
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
