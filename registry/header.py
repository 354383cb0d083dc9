"""What is wrong with a catalog's header that is not as plugreg writes it.

It is one record, and its damage hinders nobody: the other records tell that it is a catalog.
"""

from __future__ import annotations

from plugreg.backends import CatalogError, PlugregError, SchemaTooNew

from .record import SCHEMA
from .record_pickle import load_record


def damage_of(data: bytes, path: str) -> str:
    """Return what is wrong with the header of the catalog at `path`, or "".

    Raises:
        SchemaTooNew: A later plugreg made the catalog.
    """
    try:
        header, _ = load_record(data)
    except PlugregError as error:
        return error.message
    schema = header.get("schema") if isinstance(header, dict) else None
    if type(schema) is not int or schema < 1:
        return "it tells no schema version"
    if schema > SCHEMA:
        raise SchemaTooNew(
            f"{path} has schema version {schema}, and this plugreg knows up to {SCHEMA}",
            hint="upgrade plugreg; the catalog was not touched",
            path=path,
            schema=schema,
        )
    return ""


def unknown(path: str, damage: str) -> CatalogError:
    """Return the error for a damaged header in a database that nothing else tells to be ours."""
    return CatalogError(
        f"{path}: the catalog's header, its record `@catalog`, is damaged ({damage}), and no"
        " project or change in it can be read",
        hint="restore it from a backup, or name another file with --catalog; it was not touched",
        code="header-damaged",
        path=path,
    )
