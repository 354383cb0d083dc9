"""Putting a new database in the place of an old one, so that one of them is always found whole.

The plan is written to a journal and synced before its first step; every step may be taken again.
1. The old files get a second name, a hard link, which is the backup.
2. The new files are put in place, a pair's `.dir` last; under the same name, in one rename.
3. Old files under other names are removed, a pair's `.dir` first.
"""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import asdict, dataclass

from plugreg.backends import durable
from plugreg.backends.errors import CatalogError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from .stage import Stage

_FORMAT = 1


@dataclass(frozen=True, slots=True)
class Plan:
    """What a swap will do.

    Attributes:
        old: The old database's files.
        states: What each of them was like when it was copied; None where it did not exist.
        backups: Where each of them is kept, or [] for no backup.
        new: Where the new files will stand, in the order in which they get there.
        exclusive: Whether a file in the place of a new one stops the swap.
        outcome: What the migration will have done, as plain data.
    """

    old: list[str]
    states: list[list[int] | None]
    backups: list[str]
    new: list[str]
    exclusive: bool
    outcome: dict[str, object]


def states_of(files: Iterable[str]) -> list[list[int] | None]:
    """Return device, inode, size in bytes and mtime in ns of each file, None for a missing one."""
    return [_state_of(file) for file in files]


def _state_of(file: str) -> list[int] | None:
    try:
        found = os.stat(file)
    except FileNotFoundError:
        return None
    return [found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns]


def begin(stage: Stage, plan: Plan) -> None:
    """Write the plan down; from here on the swap will be finished, now or by the next run."""
    temporary = stage.journal + ".tmp"
    with open(temporary, "w", encoding="utf-8", errors="surrogateescape") as journal:
        json.dump({"format": _FORMAT, **asdict(plan)}, journal, ensure_ascii=False)
    durable.replace(temporary, stage.journal)


def finish(stage: Stage, plan: Plan) -> None:
    """Take the steps that are left.

    Raises:
        CatalogError: The system refused one. Where no new file was in place yet, all was undone;
            else the next run goes on from here.
    """
    try:
        _take_steps(stage, plan)
    except BaseException as error:
        if not any(_placed(stage, plan)):
            _undo(stage, plan)
        if isinstance(error, FileExistsError):
            raise taken(str(error.filename or error)) from error
        if isinstance(error, OSError):
            raise durable.unwritable(error, stage.name) from error
        raise


def _take_steps(stage: Stage, plan: Plan) -> None:
    for old, backup in zip(plan.old, plan.backups, strict=False):
        _keep(old, backup)
    for final in plan.new:
        _place(stage.staged(final), final, exclusive=plan.exclusive)
    others = [old for old in plan.old if old not in plan.new]
    for old in sorted(others, key=lambda file: not file.endswith(".dir")):
        if os.path.lexists(old):
            os.unlink(old)
            durable.sync_folder_of(old)
    os.unlink(stage.journal)


def _keep(old: str, backup: str) -> None:
    """Give an old file its second name; a copy, where the file system has no hard links."""
    if os.path.exists(backup) or not os.path.exists(old):
        return
    try:
        os.link(old, backup)
    except OSError:
        shutil.copy2(old, backup + ".tmp")
        durable.copy_access(old, backup + ".tmp")
        durable.replace(backup + ".tmp", backup)
    durable.sync_folder_of(backup)


def _place(staged: str, final: str, *, exclusive: bool) -> None:
    if not os.path.exists(staged):  # by an earlier run
        return
    if not exclusive:
        os.replace(staged, final)
    elif os.path.exists(final) and os.path.samefile(staged, final):
        os.unlink(staged)  # linked by an earlier run
    else:
        durable.publish(staged, final)
    durable.sync_folder_of(final)


def _placed(stage: Stage, plan: Plan) -> Iterator[bool]:
    """Yield for each new file whether it stands in its place."""
    for final in plan.new:
        staged = stage.staged(final)
        linked = os.path.exists(staged) and os.path.exists(final)
        yield not os.path.exists(staged) or (linked and os.path.samefile(staged, final))


def _undo(stage: Stage, plan: Plan) -> None:
    """Take the first step back; the old database was not touched."""
    for backup in plan.backups:
        for file in (backup, backup + ".tmp"):
            if os.path.lexists(file):
                os.unlink(file)
    os.unlink(stage.journal)


def resume(stage: Stage) -> dict[str, object] | None:
    """Finish a swap that was interrupted; its outcome, or None where it was to be undone.

    Undone is what had not changed the database when somebody else did.

    Raises:
        CatalogError: The journal is none of ours, or the old database was written after the new
            one was put beside it: which of them counts is for people to say.
    """
    plan = _read(stage)
    begun = any(_placed(stage, plan))
    changed = [file for file in _untouched(stage, plan) if _changed(file, plan)]
    if changed and begun:
        raise CatalogError(
            f"{changed[0]} was written after an interrupted migration had put {plan.new[0]} in its"
            " place",
            hint=f"move one of the two away, then remove {stage.folder}",
            code="migration-journal",
            path=stage.name,
        )
    if changed:
        _undo(stage, plan)
        return None
    finish(stage, plan)
    return plan.outcome


def _untouched(stage: Stage, plan: Plan) -> list[str]:
    """Return the old files that no step has removed or replaced."""
    placed = {file for file, there in zip(plan.new, _placed(stage, plan), strict=True) if there}
    all_placed = len(placed) == len(plan.new)
    return [
        old
        for old in plan.old
        if old not in placed and not (all_placed and not os.path.lexists(old))
    ]


def _changed(file: str, plan: Plan) -> bool:
    return _state_of(file) != plan.states[plan.old.index(file)]


def _read(stage: Stage) -> Plan:
    try:
        with open(stage.journal, encoding="utf-8", errors="surrogateescape") as journal:
            found = json.load(journal)
        if found.pop("format") != _FORMAT:
            raise ValueError("written by another version")
        return Plan(**found)
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise CatalogError(
            f"{stage.journal}: the plan of an interrupted migration cannot be read: {error}",
            hint="look into its folder, keep what you need, and remove it",
            code="migration-journal",
            path=stage.journal,
        ) from error


def taken(file: str) -> CatalogError:
    """Return the error for a name that something else has."""
    return CatalogError(
        f"{file} exists already",
        hint="name another, or allow it to be overwritten (--force)",
        code="dest-exists",
        path=file,
    )
