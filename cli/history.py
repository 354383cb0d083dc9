"""`plugreg history`: every change of a catalog, who made it and when."""

from __future__ import annotations

import typer

from plugreg import PlugregError, Registry

from .batch import open_to_change
from .change_object import change_object
from .change_text import details_of, summary_of
from .moments import moment_of
from .options import CATALOG, TIMEOUT
from .result import Result
from .table import Column, show_rows

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import Any

    from .result import Item
    from .screen import Screen

_NAME: Any = typer.Argument("", metavar="[NAME]", help="Only the changes of this project.")
_SINCE: Any = typer.Option(
    "", "--since", metavar="WHEN", help="2026-01-31, 2026-01-31T12:00 (UTC), or 90m, 12h, 7d, 4w."
)
_KEEP: Any = typer.Option(
    None, "--keep", metavar="N", min=1, help="First forget all changes but the last N, for good."
)
_COLUMNS = (
    Column("change", whole=True),
    Column("when (UTC)", whole=True),
    Column("who"),
    Column("command"),
    Column("projects"),
)


def list_history(
    name: str = _NAME,
    *,
    since: str = _SINCE,
    keep: int | None = _KEEP,
    catalog: str | None = CATALOG,
    timeout: float = TIMEOUT,
) -> Result:
    """List the changes of the catalog, the last one first.

    For each: its number, when, who, which command, and what it did. One command is one change.
    `plugreg undo N` takes change N back, `plugreg show NAME@N` shows a project as it was after it.

    Example: plugreg history datasette-cluster-map --since 7d
    """
    earliest = moment_of(since)
    warnings: list[str] = []
    if keep is not None:
        with open_to_change(catalog, timeout) as writing:
            forgotten = 0 if writing.read_only else writing.trim_history(keep)
        warnings.append(f"{forgotten} changes are forgotten")
    registry = Registry.open(catalog, read_only=True, timeout_s=timeout)
    own = _own_name(registry, name)
    items = _objects(registry, own, earliest, warnings)
    return Result("history", "changes", items, _text(own), (), warnings, registry.close)


def _own_name(registry: Registry, name: str) -> str:
    """Return the name of the project that is meant; one that was removed has its own name only."""
    if not name or name in registry:
        return name
    try:
        return registry.find(name).name
    except PlugregError as error:
        if error.code == "ambiguous" or next(registry.history(name), None) is None:
            raise
    return name


def _objects(
    registry: Registry, name: str, since: str, warnings: list[str]
) -> Iterator[dict[str, object]]:
    for found in registry.history(name, since=since):
        if isinstance(found, PlugregError):
            warnings.append(str(found))
        else:
            yield change_object(found)


def _reverted(change: Item) -> str:
    """Return which change it took back or did again, if it did."""
    if change["undoes"]:
        return f"undid {change['undoes']}: "
    return f"redid {change['redoes']}: " if change["redoes"] else ""


def _text(name: str) -> Callable[[Iterable[Item], Screen], Iterator[str]]:
    what = details_of if name else summary_of

    def lines(changes: Iterable[Item], screen: Screen) -> Iterator[str]:
        rows = (
            (
                str(each["number"]),
                each["at"],
                each["by"],
                each["command"],
                _reverted(each) + what(each),
            )
            for each in changes
        )
        return show_rows(_COLUMNS, rows, screen)

    return lines
