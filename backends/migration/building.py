"""Making the new database in its stage, comparing it, and putting it in its place."""

from __future__ import annotations

import os
from dataclasses import asdict

from plugreg.backends import durable
from plugreg.backends.errors import CatalogCorrupt

from .swap import Plan, begin, finish, states_of, taken
from .tally import Tally

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from .job import Job
    from .outcome import Migration
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
    return written


def put_in_place(
    stage: Stage, job: Job, outcome: Migration, states: list[list[int] | None], like: str | None
) -> None:
    """Swap the new database in for the job's old files.

    Args:
        stage: Where it was built.
        job: What it replaces.
        outcome: What to tell, should another process have to finish this.
        states: What the old files were like when they were read.
        like: The file whose mode and owner the new ones get, or None for the defaults.

    Raises:
        CatalogError: Something has taken a name, or the system refuses a step.
    """
    new = stage.new_files()
    for file in new:
        if like is not None:
            durable.copy_access(like, stage.staged(file))
        durable.sync_path(stage.staged(file))
    if not job.old:
        for file in filter(os.path.lexists, new):
            raise taken(file)
    plan = Plan(
        old=list(job.old),
        states=states or states_of(job.old),
        backups=list(job.backups),
        new=new,
        exclusive=not job.old,
        outcome=asdict(outcome),
    )
    begin(stage, plan)
    finish(stage, plan)
