"""`plugreg groups` and `tags`: the hosts and the tags of the catalog's projects, counted."""

from __future__ import annotations

from plugreg import Project, Registry

from .options import CATALOG, TIMEOUT
from .result import Result
from .table import Column, show_rows

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from .result import Item
    from .screen import Screen


def list_groups(*, catalog: str | None = CATALOG, timeout: float = TIMEOUT) -> Result:
    """List the hosts' groups, and how many projects each has.

    Example: plugreg groups
    """
    items = _counted(catalog, timeout, "group", lambda project: project.groups)
    return Result("groups", "groups", items, _table("group"))


def list_tags(*, catalog: str | None = CATALOG, timeout: float = TIMEOUT) -> Result:
    """List the tags, and how many projects each has.

    Example: plugreg tags
    """
    items = _counted(catalog, timeout, "tag", lambda project: project.tags)
    return Result("tags", "tags", items, _table("tag"))


def _counted(
    catalog: str | None,
    timeout_s: float,
    word: str,
    words_of: Callable[[Project], Iterable[str]],
) -> list[dict[str, object]]:
    """Return each word with the number of its projects, and of those that are on."""

    def pairs(project: Project) -> Iterator[tuple[str, tuple[int, int]]]:
        return ((each, (1, int(project.enabled))) for each in words_of(project))

    with Registry.open(catalog, read_only=True, timeout_s=timeout_s) as registry:
        known = registry.map_reduce(pairs, lambda one, two: (one[0] + two[0], one[1] + two[1]))
    return [
        {word: each, "projects": projects, "enabled": enabled}
        for each, (projects, enabled) in sorted(known.items())
    ]


def _table(word: str) -> Callable[[Iterable[Item], Screen], Iterator[str]]:
    columns = (Column(word, whole=True), Column("projects"), Column("enabled"))

    def lines(items: Iterable[Item], screen: Screen) -> Iterator[str]:
        rows = ((item[word], str(item["projects"]), str(item["enabled"])) for item in items)
        return show_rows(columns, rows, screen)

    return lines
