"""Taking changes back, doing them again, and making a project what it was.

An undo is a change, too: it notes which one it took back. So what is next to be taken back is found
by going through the history from its end, past what was taken back already and not done again.
"""

from __future__ import annotations

from plugreg.backends import CatalogError, PlugregError, RecordUnreadable

from .change import READ_AGAIN
from .names import normalize_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .catalog_view import CatalogView
    from .change import Change, Difference, Held
    from .history import History
    from .project import Project
    from .registry import Registry

# The codes of the errors that say that there is none, for `undo` and for `redo`.
_NOTHING = {"nothing-to-undo", "nothing-to-redo"}


def undo(registry: Registry, number: int | None, command: str) -> Change:
    """Take back the change of that number, or the last one; see `Registry.undo`."""
    _require_no_batch(registry)
    with registry.batch(command or ("undo" if number is None else f"undo {number}")):
        change = _last_done(registry) if number is None else _required(registry, number)
        return _revert(registry, change)


def redo(registry: Registry, command: str) -> Change:
    """Do again what the last undo took back; see `Registry.redo`."""
    _require_no_batch(registry)
    with registry.batch(command or "redo"):
        return _revert(registry, _last_undo(registry))


def next_undone(registry: CatalogView) -> tuple[str, int]:
    """Return the moment of the change that `undo` would take back now, the least if none.

    Raises:
        CatalogError: Damage hides which one that is.
    """
    return _moment(_last_done, registry)


def next_redone(registry: CatalogView) -> tuple[str, int]:
    """Return the moment of the undo that `redo` would take back now, the least if none.

    Raises:
        CatalogError: Damage hides which one that is.
    """
    return _moment(_last_undo, registry)


def _moment(find: Callable[[CatalogView], Change], registry: CatalogView) -> tuple[str, int]:
    try:
        return find(registry).moment
    except CatalogError as error:
        if error.code not in _NOTHING:
            raise
        return "", 0


def project_at(registry: CatalogView, name: str, number: int) -> Project | None:
    """Return a project as it was after a change; see `Registry.at`."""
    key = normalize_name(name)
    history = registry._history()
    first, last = history.first_number(), history.last_number()
    if not first - 1 <= number <= last:
        raise CatalogError(
            f"there is no change {number} to look back to: the history "
            + (f"goes from {first} to {last}" if last else "is empty"),
            hint=f"`plugreg history {key}` shows those of {key}",
            code="revision-not-found",
            name=key,
        )
    changed, held = _held_at(history, key, number)
    if not changed:
        return registry[name]
    if isinstance(held, bytes):
        raise RecordUnreadable(
            f"{key}: its record could not be read then, either",
            hint=f"`plugreg history {key}` shows other changes",
            name=key,
        )
    return held


def _held_at(history: History, key: str, number: int) -> tuple[bool, Held]:
    try:
        return history.held_at(key, number)
    except RecordUnreadable as error:
        raise RecordUnreadable(
            error.message,
            hint=f"it may have changed {key}, so what that was then is not known:"
            f" `plugreg history {key}` shows the changes that can be read",
            name=key,
            **error.details,
        ) from error


def restore(registry: Registry, name: str, number: int) -> Project:
    """Make a project again what it was after a change; see `Registry.restore`."""
    key = normalize_name(name)
    with registry.batch(f"restore {key}@{number}"):
        then = project_at(registry, name, number)
        if then is None:
            raise CatalogError(
                f"{key} was not in the catalog after change {number}",
                hint=f"`plugreg history {key}` shows its changes",
                code="revision-not-found",
                name=key,
            )
        now = registry._catalog.held(key.encode())
        new = then._with(
            updated_at=then._record["updated_at"] if then == now else registry._moment()
        )
        registry._put(key, now, new)
    return new


def _revert(registry: Registry, change: Change) -> Change:
    """Make every project of a change again what it was before; none, if one is another now."""
    journal = registry._journal
    assert journal is not None
    conflicts = [each.name for each in change.differences if not _stands(registry, each)]
    if conflicts:
        raise _conflict(registry, change, conflicts)
    for each in change.differences:
        registry._put(each.name, each.after, each.before)
    if change.undoes:
        journal.redoes = change.original
    else:
        journal.undoes = change.original
    done = registry._history().change(journal.finish())
    assert done is not None
    return done


def _stands(registry: Registry, difference: Difference) -> bool:
    return registry._catalog.held(_key(difference.name)) == difference.after


def _last_done(registry: CatalogView) -> Change:
    """Return the last change that is in effect and no undo or redo itself.

    Where that is forgotten, its last redo, which did the same.
    """
    reverts: dict[int, Change] = {}
    for change in _commanded(registry):
        if change.undoes or change.redoes:
            reverts.setdefault(change.original, change)
        elif change.number not in reverts or reverts[change.number].redoes:
            return change
    again = [number for number, change in reverts.items() if change.redoes]
    if again:  # the changes themselves are forgotten
        return reverts[max(again)]
    raise CatalogError(
        "there is nothing to undo",
        hint="`plugreg history` shows what is remembered",
        code="nothing-to-undo",
    )


def _last_undo(registry: CatalogView) -> Change:
    """Return the last undo that was not done again, if no other change came after it."""
    redone: set[int] = set()
    for change in _commanded(registry):
        if change.redoes:
            redone.add(change.redoes)
        elif not change.undoes:
            break
        elif change.undoes in redone:
            redone.remove(change.undoes)
        else:
            return change
    raise CatalogError(
        "there is nothing to redo: the last change was no undo",
        hint="`plugreg history` shows the changes",
        code="nothing-to-redo",
    )


def _commanded(registry: CatalogView) -> Iterator[Change]:
    """Yield the changes that somebody wanted: what a start read again, the next would, too."""
    return (change for change in _readable(registry) if change.command != READ_AGAIN)


def _readable(registry: CatalogView) -> Iterator[Change]:
    for found in registry._history().changes():
        if isinstance(found, RecordUnreadable):
            raise RecordUnreadable(
                found.message,
                hint="it may be the one to take back, so nothing was changed: `plugreg history`"
                " shows the others, and `plugreg undo N` takes one of them back",
                **found.details,
            )
        yield found


def _required(registry: Registry, number: int) -> Change:
    change = registry._history().change(number)
    if change is None:
        raise CatalogError(
            f"there is no change {number} in the history",
            hint="`plugreg history` shows the changes that are remembered",
            code="revision-not-found",
        )
    return change


def _conflict(registry: Registry, change: Change, names: list[str]) -> CatalogError:
    by = _taken_back_by(registry, change)
    if by:
        why = f"is taken back already, by change {by}"
        hint = f"`plugreg undo {by}` does it again"
    elif isinstance(registry._catalog.held(_key(names[0])), bytes):
        why = f"cannot be taken back: the record of {names[0]} cannot be read, and may be another"
        hint = f"`{_way_back(registry, change, names[0])}` goes back all the same"
    else:
        why = f"cannot be taken back alone: another one came after it to {', '.join(names)}"
        hint = f"look at `plugreg history {names[0]}`, and undo that first"
        way = _way_back(registry, change, names[0])
        hint += f", or `{way}`" if way else ""
    return CatalogError(
        f"change {change.number} {why}",
        hint=f"{hint}; nothing was changed",
        code="undo-conflict",
        names=names,
    )


def _way_back(registry: Registry, change: Change, name: str) -> str:
    """Return the command that makes a project what it was before a change, whatever came after.

    "" where it was not there, and is not.
    """
    if any(one.name == name and one.before is not None for one in change.differences):
        return f"plugreg restore {name}@{change.number - 1}"
    return f"plugreg remove {name}" if registry._catalog.held(_key(name)) is not None else ""


def _taken_back_by(registry: Registry, change: Change) -> int:
    """Return the number of the change that took this one back, 0 where it is in effect."""
    for found in registry._history().changes(end=change.number):
        if isinstance(found, RecordUnreadable):
            continue
        if (found.undoes or found.redoes) and found.original == change.original:
            return found.number if bool(found.undoes) != bool(change.undoes) else 0
    return 0


def _require_no_batch(registry: Registry) -> None:
    if registry._journal is not None:
        raise PlugregError(
            "undo and redo are changes of their own", hint="end the batch first", code="in-batch"
        )


def _key(name: str) -> bytes:
    return name.encode(errors="surrogateescape")
