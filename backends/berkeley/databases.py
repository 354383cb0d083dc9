"""The databases of a file: one, or several under a master btree from names to meta pages.

Source: db/db_meta.c, __db_master_open and __db_master_update of 5.3: a record's value is the page
number, always big-endian.
"""

from __future__ import annotations

import os

from plugreg.backends.errors import CatalogCorrupt, FlavourError

from .meta import read_meta, require_readable
from .methods import reader_of_method
from .pages import open_pages

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .meta import Meta
    from .paged_reader import PagedReader
    from .pages import PageFile

_FLAVOUR = "berkeley-multi"
_PAGE_NUMBER_SIZE = 4


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
            return _only_database(path, pages, meta)
        return _reader_over(flavour, path, pages, meta)
    except BaseException:
        os.close(pages.descriptor)
        raise


def database_names(path: str | os.PathLike[str]) -> list[str]:
    """Return the names of the databases in a file, sorted; of a file of one database, none.

    Raises:
        CatalogCorrupt: The file is damaged.
    """
    pages, meta = open_pages(os.path.realpath(path))
    try:
        return sorted(_places(pages, meta)) if meta.is_master else []
    finally:
        os.close(pages.descriptor)


def open_database(path: str | os.PathLike[str], name: str) -> PagedReader:
    """Return a reader of the database `name` in a file of several.

    Raises:
        CatalogCorrupt: The file is damaged.
        FlavourError: No database is called so; the hint lists those that are.
    """
    resolved = os.path.realpath(path)
    pages, meta = open_pages(resolved)
    try:
        places = _places(pages, meta) if meta.is_master else {}
        if name not in places:
            raise FlavourError(
                f"{resolved} has no database `{name}`",
                hint=f"choose one of {', '.join(map(repr, sorted(places)))}" if places else "",
                code="database-unknown",
                path=resolved,
            )
        return _reader_at(resolved, pages, places[name])
    except BaseException:
        os.close(pages.descriptor)
        raise


def _only_database(path: str, pages: PageFile, meta: Meta) -> PagedReader:
    """Return the reader of the one database in a file that could have several.

    Raises:
        FlavourError: It has several, or none; the details have their names.
    """
    places = _places(pages, meta)
    if len(places) != 1:
        names = ", ".join(map(repr, sorted(places)))
        raise FlavourError(
            f"{path} holds {len(places)} databases: {names}" if places else f"{path} is empty",
            hint="take one of them out, by its name (--database), to a DEST" if places else "",
            code="database-ambiguous",
            path=path,
            databases=sorted(places),
        )
    return _reader_at(path, pages, *places.values())


def _places(pages: PageFile, meta: Meta) -> dict[str, int]:
    """Return the number of the meta page of each database."""
    from .btree import BtreeReader

    places: dict[str, int] = {}
    for name, number in BtreeReader(_FLAVOUR, pages.path, pages, meta).records():
        if len(number) != _PAGE_NUMBER_SIZE:
            raise pages.broken(0, f"the database {name!r} has no page number")
        places[name.decode("utf-8", "surrogateescape")] = int.from_bytes(number, "big")
    return places


def _reader_at(path: str, pages: PageFile, number: int) -> PagedReader:
    meta = read_meta(pages.page(number))
    if meta is None or meta.page != number or meta.order != pages.order or meta.is_master:
        raise CatalogCorrupt(
            f"{path}: page {number} is not the meta page that it should be",
            hint="restore it from a backup",
            path=path,
        )
    require_readable(meta, path)
    if meta.page_size != pages.size:
        raise pages.broken(number, f"page size {meta.page_size}, in a file of {pages.size}")
    reader = _reader_over(_FLAVOUR, path, pages, meta)
    reader.shares_file = True
    return reader


def _reader_over(flavour: str, path: str, pages: PageFile, meta: Meta) -> PagedReader:
    """Return the reader for a meta page, of a database that may lie in several files."""
    if meta.partitions:
        from .partitions import PartitionedReader

        return PartitionedReader(flavour, path, pages, meta)
    return reader_of_method(flavour, path, pages, meta)
