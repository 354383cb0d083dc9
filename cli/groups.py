"""`plugreg groups` and `tags`: the hosts and the tags of the catalog's projects, counted."""

from __future__ import annotations

from .catalogs import Catalogs, chosen, errors_of
from .options import CATALOG, LAYER, TIMEOUT
from .result import Result
from .table import Column, show_rows

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from plugreg import PlugregError, Project

    from .result import Item
    from .screen import Screen


def list_groups(
    *, catalog: str | None = CATALOG, layer: str = LAYER, timeout: float = TIMEOUT
) -> Result:
    """List the hosts' groups, and how many projects each has.

    Example: plugreg groups
    """
    items, errors = _counted(
        chosen(catalog, layer, timeout), "group", lambda project: project.groups
    )
    return Result("groups", "groups", items, _table("group"), errors)


def list_tags(
    *, catalog: str | None = CATALOG, layer: str = LAYER, timeout: float = TIMEOUT
) -> Result:
    """List the tags, and how many projects each has.

    Example: plugreg tags
    """
    items, errors = _counted(chosen(catalog, layer, timeout), "tag", lambda project: project.tags)
    return Result("tags", "tags", items, _table("tag"), errors)


def _counted(
    catalogs: Catalogs, word: str, words_of: Callable[[Project], Iterable[str]]
) -> tuple[list[dict[str, object]], list[PlugregError]]:
    """Return each word with the number of its projects, and of those that are on."""

    def pairs(project: Project) -> Iterator[tuple[str, tuple[int, int]]]:
        return ((each, (1, int(project.enabled))) for each in words_of(project))

    with catalogs.look() as view:
        known = view.map_reduce(pairs, lambda one, two: (one[0] + two[0], one[1] + two[1]))
    items: list[dict[str, object]] = [
        {word: each, "projects": projects, "enabled": enabled}
        for each, (projects, enabled) in sorted(known.items())
    ]
    return items, errors_of(view)


def _table(word: str) -> Callable[[Iterable[Item], Screen], Iterator[str]]:
    columns = (Column(word, whole=True), Column("projects"), Column("enabled"))

    def lines(items: Iterable[Item], screen: Screen) -> Iterator[str]:
        rows = ((item[word], str(item["projects"]), str(item["enabled"])) for item in items)
        return show_rows(columns, rows, screen)

    return lines
