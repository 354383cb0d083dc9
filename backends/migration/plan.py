"""What a swap will do, kept in a journal so that whoever comes next can finish it.

A plan holds names only, no paths: all its files stand in the folder of the database. So a journal
that came with somebody's folder reaches nothing else, and one that was moved still holds.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, field

from plugreg.backends import durable
from plugreg.backends.errors import CatalogError

from .outcome import Migration

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from .stage import Stage

    # Inode number, size in bytes and mtime in ns of a file.
    State = list[int]

_FORMAT = 1
_STATE_LENGTH = 3


@dataclass(frozen=True, slots=True)
class Plan:
    """What a swap will do.

    Attributes:
        old: The old database's files, and what each was like when it was read.
        backups: Where each of those is kept; empty for no backup.
        new: The new files, in the order in which they get their places, and what each is like.
        bridge: What the file is like that stands in under the database's name while a pair takes
            the place of a pair, or None where none has to.
        outcome: What the migration will have done, as plain data.
        asked: What it was asked for, as plain data.
    """

    old: dict[str, State]
    backups: dict[str, str]
    new: dict[str, State]
    bridge: State | None
    outcome: dict[str, Any]
    asked: dict[str, Any] = field(default_factory=dict)


def state_of(file: str) -> State | None:
    """Return inode number, size in bytes and mtime in ns of a file, None where it is missing.

    Not the device: its number may be another one after a restart.
    """
    try:
        found = os.lstat(file)
    except FileNotFoundError:
        return None
    return [found.st_ino, found.st_size, found.st_mtime_ns]


def states_of(files: Iterable[str]) -> dict[str, State]:
    """Return the state of each of the files that is there."""
    states = {file: state_of(file) for file in files}
    return {file: state for file, state in states.items() if state is not None}


def write_plan(stage: Stage, plan: Plan) -> None:
    """Write the plan down, durably; from here on it is to be carried out, now or by the next run.

    Raises:
        OSError: It could not be written; it may stand there all the same.
    """
    temporary = stage.journal + ".tmp"
    with open(temporary, "w", encoding="utf-8", errors="surrogateescape") as journal:
        json.dump({"format": _FORMAT, **asdict(plan)}, journal, ensure_ascii=False)
    durable.replace(temporary, stage.journal)


def read_plan(stage: Stage) -> Plan:
    """Return the plan of an interrupted swap.

    Raises:
        CatalogError: It cannot be read, or is none of ours.
    """
    try:
        with open(stage.journal, encoding="utf-8", errors="surrogateescape") as journal:
            found = json.load(journal)
        if found.pop("format") != _FORMAT:
            raise ValueError("it was written by another version of plugreg")
        plan = Plan(**found)
        _require_sound(plan)
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise CatalogError(
            f"{stage.journal}: the plan of an interrupted migration cannot be read: {error}",
            hint=f"look into {stage.folder}, keep what you need, and remove it",
            code="migration-journal",
            path=stage.journal,
        ) from error
    return plan


def _require_sound(plan: Plan) -> None:
    for name in (*plan.old, *plan.backups, *plan.backups.values(), *plan.new):
        if not name or name in (os.curdir, os.pardir) or os.path.basename(name) != name:
            raise ValueError(f"{name!r} is no name of a file")
    states = [*plan.old.values(), *plan.new.values()]
    for state in states if plan.bridge is None else [*states, plan.bridge]:
        if len(state) != _STATE_LENGTH or not all(isinstance(number, int) for number in state):
            raise ValueError(f"{state} says nothing of a file")
    if not isinstance(plan.asked, dict):
        raise ValueError("what was asked for is no object")  # noqa: TRY004 - of the text
    Migration.of(plan.outcome)
