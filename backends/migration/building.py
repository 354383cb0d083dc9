"""Making the new database in its stage, comparing it, and putting it in its place."""

from __future__ import annotations

import os
from contextlib import contextmanager
from dataclasses import asdict

from plugreg.backends import durable
from plugreg.backends.errors import CatalogCorrupt, PlugregError
from plugreg.backends.known import PINNED, require_flavour

from .plan import Plan, state_of, states_of
from .swap import carry_out, taken
from .tally import Tally

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from plugreg.backends.store import Store

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
    with _told_by_name(stage, job):
        written = Tally()
        job.target.write_fresh(
            stage.built, written.through(records, lambda done: progress("copy", done, expected))
        )
        with job.target.open(stage.built, read_only=True, timeout_s=0.0) as copy:
            _compare(copy, written, job, progress)
            if _takes_a_bridge(stage, job):
                require_flavour(PINNED).write_fresh(stage.bridge, copy.records())
        return written


@contextmanager
def _told_by_name(stage: Stage, job: Job) -> Iterator[None]:
    """Let what is wrong with the records be told of the database's name, not of the stage's."""
    try:
        yield
    except PlugregError as error:
        error.message = error.message.replace(stage.built, job.name)
        error.args = (error.message, *error.args[1:])
        error.details = {
            field: job.name if value == stage.built else value
            for field, value in error.details.items()
        }
        raise


def _compare(copy: Store, written: Tally, job: Job, progress: Progress) -> None:
    found = Tally().take(copy.records(), lambda done: progress("compare", done, written.records))
    difference = written.differences(found)
    if difference:
        raise CatalogCorrupt(
            f"the new {job.target.name} database is not what was copied: {difference}",
            hint="nothing was changed; check the disk, and try again",
            path=job.name,
        )


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
    asked: dict[str, object] | None = None,
) -> Migration:
    """Swap the new database in for the job's old files; the outcome, with one more warning maybe.

    Args:
        stage: Where it was built.
        job: What it replaces.
        outcome: What to tell, should another process have to finish this.
        old: What the old files were like when they were read; None where nobody read them.
        like: The file whose mode and owner the new ones get where nothing is replaced, or None
            for the defaults; what is replaced keeps its own.
        asked: What the migration was asked for.

    Raises:
        CatalogError: Something has taken a name, the old database was changed since it was read,
            or the system refuses a step.
    """
    new = stage.new_names()
    bridges = [stage.bridge] if os.path.lexists(stage.bridge) else []
    like = job.old[0] if job.old else like
    kept = [_prepared(file, like) for file in [*map(stage.staged, new), *bridges]]
    if like is not None and not all(kept):
        outcome = outcome.warned(_owner_lost(job, like))
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
        asked=asked or {},
    )
    carry_out(stage, plan)
    return outcome


def _prepared(file: str, like: str | None) -> bool:
    """Make a new file ready for its place; whether its owner is the right one."""
    kept = like is None or durable.copy_access(like, file)
    durable.sync_path(file)
    return kept


def _owner_lost(job: Job, like: str) -> str:
    status = os.stat(like)
    whose = "any more" if like in job.old else f"as {like} does"
    return (
        f"{job.name} does not belong to user {status.st_uid} and group {status.st_gid} {whose}:"
        " only root can give files away"
    )


def silent(phase: str, done: int, total: int | None) -> None:
    """Tell nobody about the progress."""
    del phase, done, total
