"""What is wrong with a catalog's history: all of it is read."""

from __future__ import annotations

from plugreg import PlugregError

from .problem import Problem

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from plugreg.catalog_view import CatalogView


def about_history(registry: CatalogView) -> Iterator[Problem]:
    """Yield that changes in the history of an open catalog cannot be read: one problem for all."""
    found = [each for each in registry.history() if isinstance(each, PlugregError)]
    if not found:
        return
    newest = max(int(each.details["change"]) for each in found)
    keep = max(registry._history().last_number() - newest, 1)
    yield Problem(
        "history-unreadable",
        f"{found[0].message}; so it is with {len(found):,} in all, which cannot be undone",
        "the projects and the other changes are not affected;"
        f" `plugreg history --keep {keep}` forgets the oldest, up to that one",
        file=registry.path,
    )
