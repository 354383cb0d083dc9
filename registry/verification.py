"""Reading a whole catalog, so that damage shows now and not later."""

from __future__ import annotations

from plugreg.backends import RecordUnreadable

from .project import Project

TYPE_CHECKING = False
if TYPE_CHECKING:
    from plugreg.backends import SchemaTooNew

    from .catalog import Catalog

_MOST_NAMED = 10


def verify_catalog(catalog: Catalog) -> None:
    """Check the integrity of a catalog's file, and that every record can be read.

    Raises:
        CatalogCorrupt: The file breaks the rules of its format.
        RecordUnreadable: Records cannot be read; all their names are in `details["names"]`.
        SchemaTooNew: There is one such record, and a later plugreg wrote it.
    """
    catalog.store.verify()
    unreadable = [found for found in catalog.scan() if not isinstance(found, Project)]
    if len(unreadable) == 1:
        raise unreadable[0]
    if unreadable:
        raise _several(unreadable, catalog.store.path)


def _several(errors: list[RecordUnreadable | SchemaTooNew], path: str) -> RecordUnreadable:
    names = [str(error.details["name"]) for error in errors]
    more = len(names) - _MOST_NAMED
    shown = ", ".join(names[:_MOST_NAMED]) + (f" and {more} more" if more > 0 else "")
    return RecordUnreadable(
        f"{len(names)} records of {path} cannot be read: {shown}",
        hint="`plugreg list` says why; `plugreg remove NAME` takes one out",
        path=path,
        names=names,
    )
