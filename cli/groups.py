"""`plugreg groups`: the hosts that the catalog's projects are for."""

from __future__ import annotations

from plugreg import Registry

from .options import CATALOG, TIMEOUT
from .result import Result
from .table import Column, show_rows

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from .result import Item
    from .screen import Screen

_COLUMNS = (Column("group", whole=True), Column("projects"), Column("enabled"))


def list_groups(*, catalog: str | None = CATALOG, timeout: float = TIMEOUT) -> Result:
    """List the hosts' groups, and how many projects each has.

    Example: plugreg groups
    """
    known: dict[str, list[int]] = {}
    with Registry.open(catalog, read_only=True, timeout_s=timeout) as registry:
        for project in registry:
            for group in project.groups:
                counts = known.setdefault(group, [0, 0])
                counts[0] += 1
                counts[1] += project.enabled
    items = [
        {"group": group, "projects": projects, "enabled": enabled}
        for group, (projects, enabled) in sorted(known.items())
    ]
    return Result("groups", "groups", items, _text)


def _text(groups: Iterable[Item], screen: Screen) -> Iterator[str]:
    rows = ((item["group"], str(item["projects"]), str(item["enabled"])) for item in groups)
    return show_rows(_COLUMNS, rows, screen)
