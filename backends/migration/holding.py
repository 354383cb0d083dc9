"""Keeping other programs away from a database that is about to be replaced."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager

from plugreg.backends.errors import CatalogLocked, CatalogReadOnly, PlugregError
from plugreg.backends.identification import identify
from plugreg.backends.known import require_flavour
from plugreg.backends.locking import WriterLock

from .occupancy import require_unused

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from plugreg.backends.flavour import Flavour
    from plugreg.backends.store import Store

    from .job import Job


@contextmanager
def held(flavour: Flavour, path: str, *, timeout_s: float) -> Iterator[Store]:
    """Give the database, open for reading, with other writers kept out as far as can be.

    Raises:
        CatalogLocked: Somebody writes it.
        CatalogReadOnly: This user may not.
    """
    with writers_out(flavour, path, timeout_s=timeout_s):
        try:
            store = flavour.hold(path, timeout_s=timeout_s)
        except CatalogReadOnly as error:
            hint = "name a DEST where you may write, or ask its owner"
            raise CatalogReadOnly(error.message, hint=hint, path=path) from error
        with store:
            yield store


@contextmanager
def writers_out(flavour: Flavour, path: str, *, timeout_s: float) -> Iterator[None]:
    """Keep plugreg's own writers out of a database whose format has no lock for it."""
    if not flavour.writer_lock:
        yield
        return
    lock = WriterLock(path, timeout_s=timeout_s)
    try:
        yield
    finally:
        lock.remove()


@contextmanager
def overwritten(job: Job, *, timeout_s: float) -> Iterator[str]:
    """Keep others out of what stands at a DEST; gives a warning where that cannot be told, or "".

    What SQLite has left to do for it is done first: a journal of its own beside a new file would
    be rolled back into that.

    Raises:
        CatalogLocked: Another program has it open.
    """
    warning = require_unused(job.old, job.name, timeout_s)
    with ExitStack() as stack:
        try:
            found = identify(job.name)
            flavour = require_flavour(found.flavour)
            stack.enter_context(held(flavour, found.path, timeout_s=timeout_s))
        except CatalogLocked:
            raise
        except PlugregError:  # no database, or a damaged one: nobody can want more of it
            pass
        yield warning
