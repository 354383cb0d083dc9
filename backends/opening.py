"""Opening and making stores: what the bytes say, never what the interpreter prefers."""

from __future__ import annotations

import os

from .errors import CatalogNotFound, FlavourError, FlavourUnavailable, NotADatabase
from .paths import resolved as resolve

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .flavour import Flavour
    from .store import Store

# How long to wait for another process that holds the database.
DEFAULT_TIMEOUT_S = 5.0


def open(  # noqa: A001 - the name that the contract fixes, as in dbm.open
    path: str | bytes | os.PathLike[str],
    flavour: str | None = None,
    mode: str = "r",
    *,
    timeout_s: float = DEFAULT_TIMEOUT_S,
) -> Store:
    """Return an open store over the database at `path`.

    Args:
        path: Any name that `identify` takes.
        flavour: What the database must be, and what a new one becomes; None takes any that
            exists, and makes the pinned one.
        mode: As in `dbm.open`: "r" reads an existing database, "w" also writes it, "c" makes it
            where it is missing, "n" makes it anew and leaves nothing of an old one behind.
        timeout_s: How long to wait for a lock, in seconds.

    Raises:
        CatalogNotFound: It does not exist (modes "r" and "w").
        CatalogError: It is locked, corrupt, or may not be read or written.
        FlavourError: It has another flavour than asked for, is no database, or this Python
            cannot open it.
    """
    if mode not in ("r", "w", "c", "n"):
        raise ValueError(f"mode must be 'r', 'w', 'c' or 'n', not {mode!r}")
    resolved = resolve(os.fsdecode(path))
    if mode == "n":
        return _open_new(resolved, flavour or _pinned(), timeout_s)
    if mode == "r" and flavour is None:
        pinned = _read_pinned(resolved, timeout_s)
        if pinned is not None:
            return pinned
    try:
        store = _open_existing(resolved, flavour, mode == "r", timeout_s)
    except CatalogNotFound:
        if mode != "c":
            raise
    else:
        if mode != "r":
            _tidy(resolved)
        return store
    made = _writable(flavour or _pinned())
    _require_folder(resolved)
    _tidy(resolved)
    try:
        made.create(resolved)
    except FileExistsError:  # another process made it meanwhile, whole: that one serves
        return _open_existing(resolved, flavour, False, timeout_s)
    return _open_own(made, resolved, False, timeout_s)


def _read_pinned(path: str, timeout_s: float) -> Store | None:
    """Return a read-only store over a file of the pinned flavour, None where it is no such file.

    Nearly every open, and a host's start above all: the list of flavours is not even imported.
    """
    if not os.path.exists(path):
        return None
    from .sqlite.reading import open_database

    try:
        return open_database(path, timeout_s)
    except NotADatabase:  # identified by the caller, which knows what to say of it
        return None


def _open_existing(path: str, flavour: str | None, read_only: bool, timeout_s: float) -> Store:
    from .known import PINNED, require_flavour

    wanted = require_flavour(flavour) if flavour is not None else None
    pinned = require_flavour(PINNED)
    if wanted in (None, pinned) and os.path.exists(path):
        try:  # nearly always: no need to ask all the others
            return pinned.open(path, read_only=read_only, timeout_s=timeout_s)
        except NotADatabase:
            pass  # identified below, which knows what to say of it

    from .identification import identify

    found = identify(path)
    has = require_flavour(found.flavour)
    if wanted is not None and not wanted.opens(has.name):
        raise FlavourError(
            f"{found.path} is {has.name}, not {wanted.name}",
            hint=f"open it as {has.name}",
            code="flavour-differs",
            path=found.path,
            flavour=has.name,
        )
    reason = has.unreadable_here() if read_only else has.unchangeable_here()
    if reason:
        raise FlavourUnavailable(
            f"{found.path} is {has.name}: {reason}",
            hint="" if has.unreadable_here() else _made_changeable(found.path),
            path=found.path,
            flavour=has.name,
        )
    return _open_own(wanted or has, found.path, read_only, timeout_s)


def _open_own(flavour: Flavour, path: str, read_only: bool, timeout_s: float) -> Store:
    """Open a database whose files, and its lock, are of one hand.

    Of the pinned flavour that is looked at by whoever connects to it.
    """
    if flavour.name != _pinned():
        from .locking import lock_of
        from .owners import require_same_hand

        files = flavour.files(path)
        for file in files:
            require_same_hand(file, files if read_only else (*files, lock_of(path)))
    return flavour.open(path, read_only=read_only, timeout_s=timeout_s)


def _open_new(path: str, flavour: str, timeout_s: float) -> Store:
    made = _writable(flavour)
    _require_folder(path)
    retired = _retire(path)
    try:
        made.create(path)
    except FileExistsError:
        pass  # another process was quicker, with the same wish: its new database serves
    except BaseException:
        for file, kept in retired:
            os.replace(kept, file)
        raise
    for _, kept in retired:
        os.unlink(kept)
    return _open_own(made, path, False, timeout_s)


def _tidy(path: str) -> None:
    from .leftovers import remove_leftovers  # a host's start only reads

    remove_leftovers(path)


def _require_folder(path: str) -> None:
    folder = os.path.dirname(path)
    if not os.path.isdir(folder):
        raise CatalogNotFound(
            f"{path} cannot be made: the folder {folder} does not exist",
            hint="make the folder, or name another",
            path=path,
        )


def _retire(path: str) -> list[tuple[str, str]]:
    """Move every database that would be found as `path` out of the way: (file, where it is kept).

    All of them: one that stayed would be opened next time instead of the new one.
    """
    from .identification import identify
    from .known import require_flavour

    retired: list[tuple[str, str]] = []
    while True:
        try:
            found = identify(path)
        except CatalogNotFound:
            return retired
        except NotADatabase:
            if not os.path.isfile(path) or os.path.getsize(path):
                raise
            files: tuple[str, ...] = (path,)  # empty: nothing can be lost
        else:
            files = require_flavour(found.flavour).files(found.path)
        for file in files:
            kept = f"{file}.{os.getpid()}.old"
            try:
                os.replace(file, kept)
            except FileNotFoundError:  # not every file of a flavour is there, or stays there
                continue
            retired.append((file, kept))


def _made_changeable(path: str) -> str:
    """Return the command that makes a database changeable, as a shell is given it."""
    from shlex import quote  # a host's start does not come here

    return f"`plugreg migrate {quote(path)}` makes it {_pinned()}"


def _pinned() -> str:
    from .known import PINNED

    return PINNED


def _writable(name: str) -> Flavour:
    from .known import PINNED, require_flavour

    flavour = require_flavour(name)
    reason = flavour.unwritable_here() or flavour.unchangeable_here()
    if reason:
        raise FlavourUnavailable(
            f"a new {flavour.name} database cannot be made here: {reason}",
            hint=f"leave the flavour out to get {PINNED}, which every Python can write",
            flavour=flavour.name,
        )
    return flavour
