"""Making the new database in its stage, comparing it, and putting it in its place."""

from __future__ import annotations

import os
from dataclasses import asdict

from plugreg.backends import durable
from plugreg.backends.errors import CatalogCorrupt
from plugreg.backends.known import PINNED, require_flavour

from .plan import Plan, state_of, states_of
from .swap import carry_out, taken
from .tally import Tally

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from .job import Job
    from .outcome import Migration
    from .plan import State
    from .stage import Stage

    Progress = Callable[[str, int, int | None], None]


def build(
    stage: Stage,
    job: Job,
    records: Iterable[tuple[bytes, bytes]],
    *,
    expected: int | None,
    progress: Progress,
) -> Tally:
    """Write the records into a new database, read it back and compare; the tally of them.

    Raises:
        CatalogCorrupt: The copy differs from what was written.
        CatalogError: A key comes twice, a record does not fit, or the disk is full.
    """
    stage.clear()
    written = Tally()
    job.target.write_fresh(
        stage.built, written.through(records, lambda done: progress("copy", done, expected))
    )
    with job.target.open(stage.built, read_only=True, timeout_s=0.0) as copy:
        found = Tally().take(
            copy.records(), lambda done: progress("compare", done, written.records)
        )
        difference = written.differences(found)
        if difference:
            raise CatalogCorrupt(
                f"the new {job.target.name} database is not what was copied: {difference}",
                hint="nothing was changed; check the disk, and try again",
                path=job.name,
            )
        if _takes_a_bridge(stage, job):
            require_flavour(PINNED).write_fresh(stage.bridge, copy.records())
    return written


def _takes_a_bridge(stage: Stage, job: Job) -> bool:
    """Tell whether several files are to take the places of several."""
    new = stage.new_names()
    return len(new) > 1 and not set(map(stage.placed, new)).isdisjoint(job.old)


def put_in_place(
    stage: Stage,
    job: Job,
    outcome: Migration,
    *,
    old: dict[str, State] | None = None,
    like: str | None = None,
) -> None:
    """Swap the new database in for the job's old files.

    Args:
        stage: Where it was built.
        job: What it replaces.
        outcome: What to tell, should another process have to finish this.
        old: What the old files were like when they were read; None where nobody read them.
        like: The file whose mode and owner the new ones get, or None for the defaults.

    Raises:
        CatalogError: Something has taken a name, the old database was changed since it was read,
            or the system refuses a step.
    """
    new = stage.new_names()
    bridges = [stage.bridge] if os.path.lexists(stage.bridge) else []
    for file in [*map(stage.staged, new), *bridges]:
        if like is not None:
            durable.copy_access(like, file)
        durable.sync_path(file)
    bridge = state_of(stage.bridge)
    for file in map(stage.placed, new if bridge is None else [stage.base, *new]):
        if os.path.lexists(file) and file not in job.old:
            raise taken(file, hint="move it away, or name another")
    names = {file: os.path.basename(file) for file in job.old}
    states = states_of(job.old) if old is None else old
    plan = Plan(
        old={names[file]: state for file, state in states.items()},
        backups={names[old]: os.path.basename(kept) for old, kept in job.backups.items()},
        new={name: state for name in new if (state := state_of(stage.staged(name)))},
        bridge=bridge,
        outcome=asdict(outcome),
    )
    carry_out(stage, plan)
