"""Going on where an earlier call was stopped: its swap is finished first, and its outcome told."""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import replace
from typing import NamedTuple

from plugreg.backends.errors import CatalogError, PlugregError
from plugreg.backends.identification import identify
from plugreg.backends.locking import WriterLock, lock_of

from .outcome import Migration
from .stage import left_over
from .swap import resume
from .tally import Tally

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from plugreg.backends.flavour import Flavour


class Interrupted(NamedTuple):
    """What an earlier call had left.

    Attributes:
        outcome: What it was about to tell, now that its swap is finished; None where it had not
            come to that, or had done all but clear up.
        asked: What it had been asked for, as `asked_for` says.
    """

    outcome: Migration | None
    asked: dict[str, Any]

    def answer(self, asked: dict[str, object], target: Flavour) -> Migration | None:
        """Return the outcome, if the caller asks for the same; None: the flavour is another one.

        Raises:
            CatalogError: He asks for something else of the same migration.
        """
        outcome = self.outcome
        if outcome is None:
            return None
        if self.asked != asked:
            raise CatalogError(
                f"an interrupted migration of {outcome.source} was finished, which had been asked"
                f" for something else: {self._said()}",
                hint="nothing else was done: run this again, if it is wanted of what stands there",
                code="migration-finished",
                path=outcome.dest,
            )
        return replace(outcome, resumed=True) if outcome.to_flavour == target.name else None

    def _said(self) -> str:
        outcome = self.outcome
        if outcome is None:
            return ""
        options = [f"{name} {value}" for name, value in self.asked.items() if value is not None]
        options += [f"backup {outcome.backup}"] if outcome.backup else []
        way = f"{outcome.from_flavour} to {outcome.to_flavour}, {outcome.records:,} records"
        return ", ".join([way, *options])

    def is_of(self, source: str) -> bool:
        """Tell whether a swap was finished, of that source."""
        return self.outcome is not None and self.outcome.source == source

    @property
    def note(self) -> str:
        """A warning for who goes on with something else, or ""."""
        return (
            f"an interrupted migration was finished first: {self._said()}" if self.outcome else ""
        )


def asked_for(
    *,
    in_place: bool,
    salvage: bool,
    backup: bool,
    duplicates: str | None,
    database: str | None,
    convert: Callable[[bytes, bytes], bytes] | None,
) -> dict[str, object]:
    """Return what a migration is asked for, beside its flavour, as plain data."""
    named = getattr(convert, "__qualname__", type(convert).__qualname__)
    return {
        "place": "in place" if in_place else "beside",
        "salvage": "all that is whole" if salvage else None,
        "no-backup": "kept none" if in_place and not backup else None,
        "duplicates": duplicates,
        "database": database,
        "convert": None if convert is None else named,
    }


def finish_interrupted(typed: str, *, dry_run: bool) -> Interrupted | None:
    """Finish what an earlier call could not, or remove what it left; None where there is nothing.

    Raises:
        CatalogError: It cannot be finished, or not in a rehearsal, which writes nothing.
    """
    stage = left_over(typed)
    if stage is None:
        return None
    begun = os.path.lexists(stage.journal)
    if dry_run:
        if not begun:
            return None
        raise CatalogError(
            f"a migration of {stage.name} was interrupted, and is to be finished first",
            hint="run it without --dry-run",
            code="migration-unfinished",
            path=stage.name,
        )
    with stage:
        plan = resume(stage) if os.path.lexists(stage.journal) else None
        if plan is None:
            return Interrupted(None, {})
        outcome = Migration.of(plan.outcome)
        replaced = {stage.name, outcome.source} if plan.old else set()
        for name in replaced & {stage.placed(os.path.basename(name)) for name in replaced}:
            _remove_lock(name)
    return Interrupted(outcome, plan.asked)


def _remove_lock(name: str) -> None:
    """Remove the lock of a database that has become another: who was killed had no time to."""
    if os.path.lexists(lock_of(name)):
        with suppress(CatalogError):  # somebody holds it, or it cannot be removed
            WriterLock(name, timeout_s=0).remove()


def stands(name: str, target: Flavour, tally: Tally) -> bool:
    """Tell whether a database of these records and that flavour stands there already."""
    try:
        found = identify(name)
        if not target.opens(found.flavour):
            return False
        with target.open(found.path, read_only=True, timeout_s=0.0) as store:
            return not tally.differences(Tally().take(store.records(), lambda _: None))
    except PlugregError:
        return False
