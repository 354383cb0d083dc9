"""`plugreg identify`: the flavour of any DBM file, with the evidence."""

from __future__ import annotations

import typer

from plugreg import PlugregError, backends

from .result import Result
from .table import Column, show_rows

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

    from .result import Item
    from .screen import Screen

_FILES: Any = typer.Argument(
    metavar="FILE...", help="DBM files, plugreg's own or any, by any name that a program opens."
)
_COLUMNS = (Column("file"), Column("flavour"), Column("records"), Column("evidence"))


def identify_files(files: list[str] = _FILES) -> Result:
    """Say which flavour DBM files have, from their bytes. They are not changed.

    The number of records is told where that is cheap.

    Example: plugreg identify old.db ~/.cache/*/*.db
    """
    items: list[dict[str, object]] = []
    errors: list[PlugregError] = []
    for file in files:
        try:
            found = backends.identify(file)
        except PlugregError as error:
            error.details["given"] = file
            errors.append(error)
        else:
            items.append(
                {
                    "path": found.path,
                    "flavour": found.flavour,
                    "evidence": found.evidence,
                    "records": found.records,
                    "given": file,
                }
            )
    return Result("identify", "files", items, _text, errors)


def _text(files: Iterable[Item], screen: Screen) -> Iterator[str]:
    return show_rows(_COLUMNS, map(_row, files), screen)


def _row(item: Item) -> tuple[str, ...]:
    records = "?" if item["records"] is None else str(item["records"])
    return (item["given"], item["flavour"], records, item["evidence"])
