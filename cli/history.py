"""`plugreg history`: every change of a catalog, who made it and when."""

from __future__ import annotations

from heapq import merge

import typer

from plugreg import CatalogError, PlugregError, Registry
from plugreg.writing_layer import may_write

from .catalogs import Catalogs, catalogs_in, chosen, errors_of
from .change_object import change_object
from .change_text import details_of, forgotten_text, summary_of
from .layer_of_change import name_in_history
from .moments import moment_of
from .options import CATALOG, LAYER, TIMEOUT
from .result import Result
from .table import Column, show_rows

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from typing import Any

    from plugreg.catalog_view import CatalogView

    from .result import Item
    from .screen import Screen

_NAME: Any = typer.Argument("", metavar="[NAME]", help="Only the changes of this project.")
_SINCE: Any = typer.Option(
    "", "--since", metavar="WHEN", help="2026-01-31, 2026-01-31T12:00 (UTC), or 90m, 12h, 7d, 4w."
)
_KEEP: Any = typer.Option(
    None, "--keep", metavar="N", min=1, help="First forget all changes but the last N, for good."
)
_FORGET: Any = typer.Option(
    False, "--forget-unreadable", help="First forget the changes that are damaged, for good."
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
    forget_unreadable: bool = _FORGET,
    catalog: str | None = CATALOG,
    layer: str = LAYER,
    timeout: float = TIMEOUT,
) -> Result:
    """List the changes of the catalog, the last one first.

    For each: its number, when, who, which command, what it did, and, unless a catalog is named, in
    which layer; each layer has numbers of its own. One command is one change. `plugreg undo N`
    takes change N back, `plugreg show NAME@N` shows a project as it was after it.

    Example: plugreg history datasette-cluster-map --since 7d
    """
    earliest = moment_of(since)
    catalogs = chosen(catalog, layer, timeout)
    warnings: list[str] = []
    if forget_unreadable:
        warnings += _forgotten(catalogs, Registry.forget_unreadable)
    if keep is not None:
        warnings += _forgotten(catalogs, lambda registry: registry.trim_history(keep))
    view = catalogs.look()
    opened = catalogs_in(view)
    own = name_in_history(view, name) if name else ""
    items = _objects(catalogs, opened, own, earliest, warnings)
    text = _text(own, layered=catalogs.tables_tell_layers)
    return Result("history", "changes", items, text, errors_of(view), warnings, view.close)


def _forgotten(catalogs: Catalogs, forget: Callable[[Registry], int]) -> list[str]:
    """Forget changes of every catalog that is meant and may be written; say how many."""
    with catalogs.look() as view:
        paths = [one.path for one in catalogs_in(view) if one.flavour != "memory"]
    forgotten = 0
    for path in paths:
        if catalogs.named is not None or catalogs.layer or may_write(path):
            with catalogs.open(path) as writing:
                forgotten += forget(writing)
    return [forgotten_text(forgotten)]


def _objects(
    catalogs: Catalogs, opened: Sequence[CatalogView], name: str, since: str, warnings: list[str]
) -> Iterator[dict[str, object]]:
    """Yield the changes of all catalogs, the last one first."""

    def of_one(
        number: int, registry: CatalogView
    ) -> Iterator[tuple[tuple[str, int], int, dict[str, object]]]:
        place = catalogs.place(registry.path)
        try:
            for found in registry.history(name, since=since):
                if isinstance(found, PlugregError):
                    warnings.append(str(found))
                else:
                    yield found.moment, number, {**change_object(found), **place}
        except CatalogError as error:  # damage of its file: the other layers go on
            if len(opened) == 1:
                raise
            warnings.append(f"the history of {registry.path} ends here: {error}")

    each = [of_one(-number, registry) for number, registry in enumerate(opened)]
    return (item for _, _, item in merge(*each, key=lambda part: part[:2], reverse=True))


def _reverted(change: Item) -> str:
    """Return which change it took back or did again, if it did."""
    if change["undoes"]:
        return f"undid {change['undoes']}: "
    return f"redid {change['redoes']}: " if change["redoes"] else ""


def _text(name: str, *, layered: bool) -> Callable[[Iterable[Item], Screen], Iterator[str]]:
    what = details_of if name else summary_of
    columns = (*_COLUMNS, Column("layer")) if layered else _COLUMNS

    def lines(changes: Iterable[Item], screen: Screen) -> Iterator[str]:
        rows = (
            (
                str(each["number"]),
                each["at"],
                each["by"],
                each["command"],
                _reverted(each) + what(each),
                *((each["layer"],) if layered else ()),
            )
            for each in changes
        )
        return show_rows(columns, rows, screen)

    return lines
