"""Putting a new database in the place of an old one, so that one of them is always found whole.

The plan is synced before its first step, and every step may be taken again:
1. The old files get a second name, a hard link, which is the backup.
2. The new files are put in place, a pair's `.dir` last; under the same name, in one rename.
3. Old files under other names are removed, a pair's `.dir` first.
A pair that takes the place of a pair of the same names cannot do so in one step. There a bridge,
one file of the same records, stands in under the name without suffixes: put in place before the
old pair is removed, and removed when the new one stands.
"""

from __future__ import annotations

import os
import shutil
from contextlib import suppress

from plugreg.backends import durable
from plugreg.backends.errors import CatalogError, CatalogLocked

from .plan import read_plan, state_of, write_plan

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from .plan import Plan, State
    from .stage import Stage


def carry_out(stage: Stage, plan: Plan) -> None:
    """Write the plan down, and take its steps.

    Raises:
        CatalogLocked: The old database was changed since it was read.
        CatalogError: The system refused a step. While the old files stood, all was undone; else
            the error says so, and the next run goes on from here.
    """
    _guarded(stage, plan, lambda: write_plan(stage, plan))
    _guarded(stage, plan, lambda: _take_steps(stage, plan))


def _guarded(stage: Stage, plan: Plan, steps: Callable[[], None]) -> None:
    try:
        steps()
    except BaseException as error:
        undone = _undo(stage, plan)
        if isinstance(error, FileExistsError):
            raise taken(str(error.filename or error)) from error
        if isinstance(error, OSError) and not isinstance(error, CatalogError):
            raise _refused(error, stage, undone=undone) from error
        raise


def _refused(error: OSError, stage: Stage, *, undone: bool) -> CatalogError:
    refusal = durable.unwritable(error, stage.name)
    if not undone:
        refusal.hint = "the new database stands, but not all is done: run this again to finish it"
        refusal.code = "migration-unfinished"
    return refusal


def _take_steps(stage: Stage, plan: Plan) -> None:
    for old, backup in plan.backups.items():
        _keep(stage.placed(old), stage.placed(backup))
    if plan.bridge is None:
        _remove(stage, plan, [old for old in plan.old if _joins_new(old, plan)])
        _place(stage, plan)
        _remove(stage, plan, [old for old in plan.old if old not in plan.new])
    else:
        if not all(_is_placed(stage, plan, name) for name in plan.new):
            _put(stage.bridge, stage.name, over=())
            _require_there(stage.name)
            _remove(stage, plan, plan.old)
        _place(stage, plan)
        _remove_unchanged(stage.name, plan.bridge)


def _joins_new(old: str, plan: Plan) -> bool:
    """Tell whether a program would take an old file for a part of the new one: SQLite's sidecars.

    There are none of a database that could be recovered.
    """
    return old not in plan.new and old.startswith(tuple(f"{new}-" for new in plan.new))


def _keep(old: str, backup: str) -> None:
    """Give an old file its second name; a copy, where the file system has no hard links."""
    if os.path.lexists(backup) or not os.path.lexists(old):
        return
    try:
        os.link(old, backup)
    except OSError:
        shutil.copy2(old, backup + ".tmp")
        durable.copy_access(old, backup + ".tmp")
        durable.replace(backup + ".tmp", backup)
    durable.sync_folder_of(backup)


def _place(stage: Stage, plan: Plan) -> None:
    for name in plan.new:
        final = stage.placed(name)
        if name in plan.old and state_of(final) is not None and not _is_placed(stage, plan, name):
            _require_unchanged(final, plan.old[name])
        _put(stage.staged(name), final, over=plan.old)
    for name in plan.new:
        _require_there(stage.placed(name))


def _require_there(file: str) -> None:
    """Stop where what was put in place has been taken away: nothing old is removed then."""
    if state_of(file) is None:
        raise CatalogError(
            f"{file}, which an interrupted migration had put in place, is missing",
            hint="where you have it, put it back; then try again",
            code="migration-journal",
            path=file,
        )


def _put(staged: str, final: str, *, over: Iterable[str]) -> None:
    """Give a new file its place; only what belongs to the old database may stand there."""
    if not os.path.lexists(staged):  # by an earlier run
        return
    if os.path.basename(final) in over:
        os.replace(staged, final)
    elif os.path.exists(final) and os.path.samefile(staged, final):
        os.unlink(staged)  # linked by an earlier run
    else:
        durable.publish(staged, final)
    durable.sync_folder_of(final)


def _remove(stage: Stage, plan: Plan, names: Iterable[str]) -> None:
    for name in sorted(names, key=lambda old: not old.endswith(".dir")):
        if not (name in plan.new and _is_placed(stage, plan, name)):
            _remove_unchanged(stage.placed(name), plan.old[name])


def _remove_unchanged(file: str, state: State) -> None:
    if state_of(file) is not None:
        _require_unchanged(file, state)
        os.unlink(file)
        durable.sync_folder_of(file)


def _require_unchanged(file: str, state: State) -> None:
    if state_of(file) != state:
        raise changed(file)


def _is_placed(stage: Stage, plan: Plan, name: str) -> bool:
    """Tell whether a new file stands in its place, also where it has its staged name still."""
    final = stage.placed(name)
    return not os.path.lexists(stage.staged(name)) or state_of(final) == plan.new[name]


def _bridge_is_placed(stage: Stage, plan: Plan) -> bool:
    return plan.bridge is not None and (
        not os.path.lexists(stage.bridge) or state_of(stage.name) == plan.bridge
    )


def _undo(stage: Stage, plan: Plan) -> bool:
    """Take back what was done, while all of the old files stand; whether all of it was."""
    for old in plan.old:
        there = state_of(stage.placed(old))
        if there is None or there == plan.new.get(old):
            return False
    try:
        _take_new_back(stage, plan)
        for backup in map(stage.placed, plan.backups.values()):
            _unlink_if_there(backup)
            _unlink_if_there(backup + ".tmp")
        _unlink_if_there(stage.journal)
    except OSError:
        return False
    return True


def _take_new_back(stage: Stage, plan: Plan) -> None:
    for name in reversed(plan.new):
        if name not in plan.old:
            _take_back(stage.placed(name), plan.new[name], stage.staged(name))
    if plan.bridge is not None:
        _take_back(stage.name, plan.bridge, stage.bridge)


def _unlink_if_there(file: str) -> None:
    with suppress(FileNotFoundError):
        os.unlink(file)


def _take_back(file: str, state: State, staged: str) -> None:
    """Move a new file back, so that the plan holds whatever comes between."""
    if state_of(file) == state:
        os.replace(file, staged)
        if os.path.lexists(file):  # two names of one file: a rename leaves both
            os.unlink(file)


def resume(stage: Stage) -> Plan | None:
    """Finish a swap that was interrupted; what it did, or None where it was given up.

    Given up is what had not changed the database yet when somebody else did.

    Raises:
        CatalogError: The journal is none of ours, or the old database was written after the new
            one was put beside it: which of them counts is for people to say.
    """
    plan = read_plan(stage)
    placed = {name for name in plan.new if _is_placed(stage, plan, name)}
    bridged = _bridge_is_placed(stage, plan)
    may_be_gone = bridged or len(placed) == len(plan.new)
    written = [
        stage.placed(old)
        for old, state in plan.old.items()
        if old not in placed
        and (found := state_of(stage.placed(old))) != state
        and not (found is None and may_be_gone)
    ]
    if written and (placed or bridged):
        raise CatalogError(
            f"{written[0]} was written after an interrupted migration had put the new database"
            " beside it",
            hint=f"move the one that you do not want away, then remove {stage.folder}",
            code="migration-journal",
            path=stage.name,
        )
    if written:
        _give_up(stage, plan)
        return None
    _guarded(stage, plan, lambda: _take_steps(stage, plan))
    return plan


def _give_up(stage: Stage, plan: Plan) -> None:
    """Forget the plan; a backup stays, unless it is but a second name of what stands."""
    for old, backup in plan.backups.items():
        with suppress(FileNotFoundError):
            if os.path.samefile(stage.placed(old), stage.placed(backup)):
                os.unlink(stage.placed(backup))
    os.unlink(stage.journal)


def changed(file: str) -> CatalogLocked:
    """Return the error for a database that somebody writes while it is migrated."""
    return CatalogLocked(
        f"{file} was changed by another program meanwhile",
        hint="end that program, then try again; nothing was changed here",
        path=file,
    )


def taken(file: str, hint: str = "") -> CatalogError:
    """Return the error for a name that something else has."""
    return CatalogError(
        f"{file} exists already",
        hint=hint or "name another, or allow it to be overwritten (--force)",
        code="dest-exists",
        path=file,
    )
