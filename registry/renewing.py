"""Writing a catalog's damaged header anew, where nothing in it might be of a later plugreg."""

from __future__ import annotations

from plugreg.backends import CatalogError, PlugregError

from .catalog import HEADER, OTHERS, header_of
from .history import History, is_entry
from .record import SCHEMA

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .catalog import Catalog


def doubt_about(catalog: Catalog) -> str:
    """Return what in a catalog might be of a later plugreg, or "" where all of it is known."""
    for key in catalog.store:
        if key.startswith(OTHERS) and key != HEADER.encode() and not is_entry(key):
            return f"nobody knows its record {key!r}"
    found = (*catalog.scan(), *History(catalog.store).changes())
    return next((each.message for each in found if isinstance(each, PlugregError)), "")


def renew_header(catalog: Catalog) -> None:
    """Write a damaged header anew.

    Raises:
        CatalogError: Something in the catalog might be of a later plugreg; nothing was written.
    """
    with catalog.store.transaction():
        doubt = doubt_about(catalog)
        if doubt:
            raise CatalogError(
                f"the header of {catalog.store.path} was not written anew: {doubt}",
                hint="what cannot be read could be of a later plugreg; remove it first",
                code="header-damaged",
                path=catalog.store.path,
            )
        if catalog.header_damage:
            catalog.store[HEADER.encode()] = header_of(SCHEMA)
            catalog.header_damage = ""
