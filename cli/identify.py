"""`plugreg identify`: the flavour of any DBM file, with the evidence."""

from __future__ import annotations

import os

import typer

from plugreg import PlugregError, backends

from .hints import require_name
from .result import Result
from .table import Column, show_rows

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

    from plugreg.backends import Identification

    from .result import Item
    from .screen import Screen

_FILES: Any = typer.Argument(
    metavar="FILE...", help="DBM files, plugreg's own or any, by any name that a program opens."
)
_SMALL_BYTES = 1 << 20  # what is read in some tens of milliseconds
_COLUMNS = (Column("file"), Column("flavour"), Column("records"), Column("evidence"))


def identify_files(files: list[str] = _FILES) -> Result:
    """Say which flavour DBM files have, from their bytes. They are not changed.

    The number of records is told where that is cheap. A database of up to a megabyte is read, and
    damage that is met is a warning.

    Example: plugreg identify old.db ~/.cache/*/*.db
    """
    items: list[dict[str, object]] = []
    errors: list[PlugregError] = []
    warnings: list[str] = []
    for file in files:
        require_name("FILE", file)
        try:
            found = backends.identify(file)
        except PlugregError as error:
            error.details["given"] = file
            errors.append(error)
        else:
            damage = _damage_of(found)
            if damage:
                warnings.append(f"damaged: {damage}")
            items.append(
                {
                    "path": found.path,
                    "flavour": found.flavour,
                    "evidence": found.evidence,
                    "records": None if damage else found.records,
                    "damage": damage.message if damage else None,
                    "given": file,
                }
            )
    return Result("identify", "files", items, _text, errors, warnings)


def _damage_of(found: Identification) -> backends.CatalogCorrupt | None:
    """Return what is wrong with a small database; None also where it is not looked at."""
    flavour = backends.require_flavour(found.flavour)
    files = filter(os.path.exists, flavour.files(found.path))
    if flavour.unreadable_here() or sum(map(os.path.getsize, files)) > _SMALL_BYTES:
        return None
    try:
        with backends.open(found.path, found.flavour, "r") as store:
            for _ in store.records():
                pass
    except backends.CatalogCorrupt as error:
        return error
    except PlugregError:  # locked, or one of several databases is to be chosen: no damage
        pass
    return None


def _text(files: Iterable[Item], screen: Screen) -> Iterator[str]:
    return show_rows(_COLUMNS, map(_row, files), screen)


def _row(item: Item) -> tuple[str, ...]:
    unknown = "damaged" if item["damage"] else "?"
    records = unknown if item["records"] is None else str(item["records"])
    return (item["given"], item["flavour"], records, item["evidence"])
