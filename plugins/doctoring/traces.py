"""What work that was cut off has left beside a catalog, and clearing that up: no record changes."""

from __future__ import annotations

import os

from plugreg import PlugregError, Registry, backends
from plugreg.backends import PINNED, WriterLock, require_flavour
from plugreg.backends.locking import lock_of
from plugreg.backends.migration.interrupted import finish_interrupted
from plugreg.backends.migration.stage import left_over
from plugreg.renewing import doubt_about, renew_header

from .problem import Problem

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from plugreg.catalog_view import CatalogView

_FIX = "`plugreg doctor --fix`"
_WRITES = f"{_FIX} writes it anew"


def about_migrations(path: str) -> Iterator[Problem]:
    """Yield what a migration into or out of the catalog's place has left, or has in its hands.

    Args:
        path: The catalog's path, absolute.
    """
    stage = left_over(path)
    if stage is None:
        return
    if os.path.lexists(stage.journal):
        message = "a migration was stopped while it put the new files in place, or is at it"
        hint = f"{_FIX} or `plugreg migrate {stage.name}` finishes it"
        yield Problem("migration-interrupted", message, hint, file=stage.name, fixable=True)
        return
    message = "a migration was stopped before it changed anything, or is at work in this folder"
    hint = f"{_FIX} removes it where nobody is at work"
    yield Problem("migration-abandoned", message, hint, file=stage.folder, fixable=True)


def about_locks(path: str, flavour: str) -> Iterator[Problem]:
    """Yield the lock file of a catalog whose flavour has no use for one.

    Args:
        path: The catalog's path, absolute.
        flavour: What it is.
    """
    lock = lock_of(os.path.realpath(path))
    if not require_flavour(flavour).writer_lock and os.path.lexists(lock):
        message = f"{flavour} needs no lock file; it is from a time when this was another flavour"
        hint = f"{_FIX} removes it where nobody holds it"
        yield Problem("lock-unused", message, hint, file=lock, fixable=True)


def about_mode(registry: CatalogView) -> Iterator[Problem]:
    """Yield that an open catalog is in SQLite's WAL mode, though no record stands beside it."""
    store = registry._catalog.store
    real = os.path.realpath(registry.path)
    if registry.flavour != PINNED or has_bytes(real + "-wal"):
        return
    if getattr(store, "in_wal_mode", bool)():
        yield Problem(
            "wal-mode",
            "another program left it in SQLite's WAL mode, which readers cannot open in a folder"
            " that they may not write",
            f"{_FIX} or plugreg's next change ends it",
            file=real,
            fixable=True,
        )


def about_header(registry: CatalogView) -> Iterator[Problem]:
    """Yield that the record is damaged which says that an open catalog is one."""
    damage = registry._catalog.header_damage
    if damage:
        doubt = doubt_about(registry._catalog)
        yield Problem(
            "header-damaged",
            f"the catalog's header is damaged: {damage}; all else can be read as before",
            f"first see to what could be of a later plugreg: {doubt}" if doubt else _WRITES,
            file=os.path.realpath(registry.path),
            fixable=not doubt,
        )


def has_bytes(path: str) -> bool:
    """Tell whether there is a file that is not empty: SQLite makes empty ones only to read."""
    try:
        return os.stat(path).st_size > 0
    except OSError:
        return False


def clear_up(problems: Iterable[Problem], path: str, timeout_s: float) -> list[PlugregError]:
    """Clear up the traces among the problems; return the errors of those that could not be.

    Args:
        problems: What was found, of which the fixable ones count.
        path: The catalog's path, absolute.
        timeout_s: How long to wait for another process, in seconds.
    """
    errors: list[PlugregError] = []
    own = [each.code for each in problems if each.fixable and _is_beside(each.file, path)]
    for code in dict.fromkeys(code for code in own if code in _WAYS):
        try:
            _WAYS[code](path, timeout_s)
        except PlugregError as error:
            errors.append(error)
    return errors


def _is_beside(file: str, path: str) -> bool:
    """Tell whether a file is the catalog's, or one that is called after it."""
    (folder, name), (place, base) = os.path.split(file), os.path.split(os.path.realpath(path))
    return folder == place and base.partition(".")[0] in name


def _finish(path: str, _: float) -> None:
    finish_interrupted(path, dry_run=False)


def _unlock(path: str, _: float) -> None:
    WriterLock(os.path.realpath(path), timeout_s=0).remove()


def _settle(path: str, timeout_s: float) -> None:
    """Open the catalog to change it: a half-written change is taken back, and WAL mode ends."""
    backends.open(path, mode="w", timeout_s=timeout_s).close()


def _renew_header(path: str, timeout_s: float) -> None:
    with Registry.open(path, timeout_s=timeout_s) as registry:
        renew_header(registry._catalog)


_WAYS: dict[str, Callable[[str, float], None]] = {
    "migration-interrupted": _finish,
    "migration-abandoned": _finish,
    "lock-unused": _unlock,
    "wal-mode": _settle,
    "hot-journal": _settle,
    "header-damaged": _renew_header,
}
