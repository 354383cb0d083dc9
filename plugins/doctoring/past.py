"""What is wrong with a catalog's history: all of it is read."""

from __future__ import annotations

from plugreg.backends import RecordUnreadable
from plugreg.history import is_damaged

from .problem import Problem

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from plugreg.catalog_view import CatalogView


def about_history(registry: CatalogView) -> Iterator[Problem]:
    """Yield that changes in the history of an open catalog cannot be read, all of a kind in one."""
    found = [each for each in registry.history() if isinstance(each, RecordUnreadable)]
    damaged = [each for each in found if is_damaged(each)]
    later = [each for each in found if not is_damaged(each)]
    if damaged:
        yield Problem(
            "history-unreadable",
            f"{_told(damaged)}, which cannot be undone",
            "the projects and the other changes are not affected;"
            " `plugreg history --forget-unreadable` forgets what is damaged, and nothing else",
            file=registry.path,
        )
    if later:
        yield Problem(later[0].code, _told(later), "upgrade plugreg", file=registry.path)


def _told(found: list[RecordUnreadable]) -> str:
    """Return the newest of some changes, and how many they are."""
    more = f"; so it is with {len(found):,} in all" if len(found) > 1 else ""
    return found[0].message + more
