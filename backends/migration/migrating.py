"""The verbs: migrate a database into another flavour, or make one of any records."""

from __future__ import annotations

import os

from plugreg.backends.errors import CatalogError
from plugreg.backends.known import PINNED
from plugreg.backends.paths import resolved

from .building import build, put_in_place, silent
from .duplicates import CHOICES
from .holding import overwritten
from .interrupted import asked_for, finish_interrupted, stands
from .job import Job, beside, files_of, in_place, other_names, require_target
from .move import Move
from .outcome import Migration
from .source import Opening, require_source
from .stage import Stage
from .tally import Tally

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from plugreg.backends.flavour import Flavour

    from .building import Progress

_TIMEOUT_S = 5.0


def migrate(
    source: str | bytes | os.PathLike[str],
    dest: str | bytes | os.PathLike[str] | None = None,
    to: str = PINNED,
    *,
    flavour: str | None = None,
    database: str | None = None,
    salvage: bool = False,
    backup: bool = True,
    force: bool = False,
    dry_run: bool = False,
    duplicates: str | None = None,
    convert: Callable[[bytes, bytes], bytes] | None = None,
    progress: Progress | None = None,
    timeout_s: float = _TIMEOUT_S,
) -> Migration:
    """Copy every record, byte for byte, into a database of another flavour; what was done.

    The new database is built beside, synced, read back and compared. Without `dest` it then takes
    the place of the old one, under the name that programs open, and the old files stay as a
    backup. Whatever happens before, the source is as it was; a swap that was interrupted is
    finished by the next call.

    Args:
        source: Any name that `identify` takes.
        dest: Where to make the new database; None is in place.
        to: The new flavour.
        flavour: What the source is, where its bytes do not say.
        database: Which one to take, of a file of several; only with `dest`.
        salvage: Take what is whole of a damaged source; `skipped` says what was lost.
        backup: Keep the old files of an in-place migration, under a dated name; a salvage in
            place always does.
        force: Let what stands at `dest` be overwritten.
        dry_run: Read and check everything, also whether there is room and nobody else uses it;
            write nothing.
        duplicates: "first" or "last": which value to keep of a key that has several; in a salvage
            "first" unless it is said.
        convert: Gets key and value, returns the value to write.
        progress: Is called now and then with what is going on ("copy" or "compare"), the number
            of records done, and that of all where it is known.
        timeout_s: How long to wait for other processes, in seconds.

    Raises:
        CatalogNotFound: The source does not exist.
        CatalogCorrupt: It is damaged, and `salvage` was not asked for or rescued no record; or
            the comparison failed.
        DuplicateKeys: Some keys have several values, and `duplicates` was not said.
        CatalogError: Something is in use, in the way, or cannot be written; records do not fit.
        FlavourError: The source is no database, or one of the flavours is not to be had here.
    """
    _require_sense(dest, salvage=salvage, backup=backup, duplicates=duplicates, database=database)
    target = require_target(to)
    typed = os.fsdecode(source)
    wanted = None if dest is None else resolved(os.fsdecode(dest))
    asked = asked_for(
        in_place=wanted is None,
        salvage=salvage,
        backup=backup,
        duplicates=duplicates,
        database=database,
        convert=convert,
    )
    earlier = finish_interrupted(typed if wanted is None else wanted, dry_run=dry_run)
    if earlier and wanted is None and (outcome := earlier.answer(asked, target)):
        return outcome
    found = require_source(typed, flavour, salvage=salvage)
    if earlier and earlier.is_of(found.path) and (outcome := earlier.answer(asked, target)):
        return outcome
    how = Opening(
        timeout_s,
        salvage=salvage,
        duplicates=duplicates or ("first" if salvage else None),
        convert=convert,
        database=database,
    )
    if wanted is None:
        job = in_place(typed, found, target, backup=backup)
    else:
        try:
            job = beside(wanted, target, sources=files_of(found), force=force)
        except CatalogError:
            if earlier is None:
                raise
            made = Move(found, Job(target, wanted), alone=False, how=how, progress=progress)
            if (outcome := made.made_before()) is None:
                raise
            return outcome
    move = Move(found, job, alone=wanted is None, how=how, progress=progress, asked=asked)
    asks_more = salvage or duplicates is not None or convert is not None
    if wanted is None and move.is_settled and not asks_more:
        return move.unchanged(dry_run=dry_run)
    if dry_run:
        return move.rehearsed()
    done = move.done(lambda: require_source(typed, flavour, salvage=salvage))
    return done.warned(earlier.note) if earlier else done


def _require_sense(
    dest: object, *, salvage: bool, backup: bool, duplicates: str | None, database: str | None
) -> None:
    if duplicates not in (None, *CHOICES):
        raise ValueError(f"duplicates must be 'first' or 'last', not {duplicates!r}")
    if database is not None and dest is None:
        raise ValueError("one database of several is taken out to a dest, and not in place")
    if salvage and dest is None and not backup:
        raise CatalogError(
            "a salvage in place keeps the damaged database: it may have more than was rescued",
            hint="leave --no-backup (backup=False) out, or name a DEST",
            code="salvage-keeps",
        )


def load(
    dest: str | bytes | os.PathLike[str],
    records: Iterable[tuple[bytes, bytes]],
    to: str = PINNED,
    *,
    force: bool = False,
    backup: bool = True,
    progress: Progress | None = None,
    timeout_s: float = _TIMEOUT_S,
) -> Migration:
    """Make a database at `dest` of the records, as `migrate` does; what was done.

    With `force`, what stands there is overwritten, and kept under a dated name unless `backup` is
    False.

    Raises:
        CatalogError: Something stands at `dest`, a key comes twice, or records do not fit.
        FlavourError: There is no such flavour, or it cannot be written here.
    """
    name = resolved(os.fsdecode(dest))
    target = require_target(to)
    earlier = finish_interrupted(name, dry_run=False)
    try:
        job = beside(name, target, sources=(), force=force, backup=backup)
    except CatalogError:
        tally = Tally()
        if earlier is None or not stands(name, target, tally.take(records, _uncounted)):
            raise
        return _loaded(name, target, tally, resumed=True)
    with Stage(name) as stage, overwritten(job, timeout_s=timeout_s) as warning:
        tally = build(stage, job, records, expected=None, progress=progress or silent)
        outcome = _loaded(name, target, tally, backup=job.backup).warned(warning, other_names(job))
        return put_in_place(stage, job, outcome)


def _loaded(
    name: str,
    target: Flavour,
    tally: Tally,
    *,
    backup: str | None = None,
    resumed: bool = False,
) -> Migration:
    return Migration(
        source="",
        dest=name,
        from_flavour="",
        to_flavour=target.name,
        records=tally.records,
        size_bytes=tally.size_bytes,
        verified=True,
        backup=backup,
        resumed=resumed,
    )


def _uncounted(done: int) -> None:
    del done
