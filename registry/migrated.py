"""What a catalog has to forget when it was migrated into a flavour where each record costs."""

from __future__ import annotations

from plugreg import backends

from .catalog import HEADER
from .history import KEPT_WHERE_COSTLY, History

TYPE_CHECKING = False
if TYPE_CHECKING:
    import os


def fit_history(path: str | os.PathLike[str]) -> int:
    """Trim the history of a catalog to what its flavour keeps; return how many changes that took.

    A database that is no catalog is not touched, nor is a catalog in the pinned flavour, whose
    history may have any length. Killed in between, the catalog's next change does the same.

    Raises:
        CatalogError: It is locked, damaged, or cannot be written; then it is as it was.
    """
    with backends.open(path) as store:
        history = History(store)
        if store.grows_cheaply or HEADER.encode() not in store:
            return 0
        if history.last_number() - history.first_number() < KEPT_WHERE_COSTLY:
            return 0
    with backends.open(path, mode="w") as store, store.transaction():
        return History(store).trim(KEPT_WHERE_COSTLY)
