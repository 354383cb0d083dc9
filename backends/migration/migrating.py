"""The verbs: migrate a database into another flavour, or make one of any records."""

from __future__ import annotations

import os
from dataclasses import replace

from plugreg.backends.errors import CatalogCorrupt, CatalogError
from plugreg.backends.known import PINNED

from .building import build, put_in_place
from .duplicates import CHOICES, require_no_duplicates
from .holding import overwritten
from .interrupted import asked_for, finish_interrupted, stands
from .job import Job, beside, files_of, in_place, other_names, require_target
from .occupancy import require_nobody_else, require_unused
from .outcome import Migration
from .plan import states_of
from .rehearsal import rehearse, require_room, require_writable
from .source import Opening, opened, require_source
from .stage import Stage
from .swap import changed
from .tally import Tally

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from plugreg.backends.flavour import Flavour
    from plugreg.backends.identification import Identification

    from .building import Progress
    from .source import Source

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
    wanted = None if dest is None else os.path.realpath(os.fsdecode(dest))
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
            made = _Move(found, Job(target, wanted), alone=False, how=how, progress=progress)
            if (outcome := made.made_before()) is None:
                raise
            return outcome
    move = _Move(found, job, alone=wanted is None, how=how, progress=progress, asked=asked)
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
    name = os.path.realpath(os.fsdecode(dest))
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
        tally = build(stage, job, records, expected=None, progress=progress or _silent)
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


class _Move:
    """One migration, from what was identified to where the job says; see `migrate`."""

    def __init__(
        self,
        found: Identification,
        job: Job,
        *,
        alone: bool,
        how: Opening,
        progress: Progress | None,
        asked: dict[str, object] | None = None,
    ) -> None:
        self._asked = asked
        self._found = found
        self._job = job
        self._alone = alone
        self._how = how
        self._progress = progress or _silent
        self._expected = found.records if progress else None  # nobody may hold it yet
        self._files = files_of(found)

    def done(self, look_again: Callable[[], Identification]) -> Migration:
        """Do it; what was done. Another migration may have been quicker: that is looked for."""
        with Stage(self._job.name) as stage:
            now = look_again()
            if (now.path, now.flavour) != (self._found.path, self._found.flavour):
                raise changed(self._found.path)
            if self._alone:
                path, timeout_s = self._found.path, self._how.timeout_s
                return self._moved(stage, require_unused(self._files, path, timeout_s))
            with overwritten(self._job, timeout_s=self._how.timeout_s) as warning:
                return self._moved(stage, warning)

    def _moved(self, stage: Stage, warning: str) -> Migration:
        path, like = self._found.path, self._files[0]
        with opened(self._found, self._how, alone=self._alone) as source:
            states = states_of(self._files)
            tally = self._built(stage, source)
            self._require_some(source, tally)
            if self._found.flavour != PINNED and states_of(self._files) != states:
                raise changed(path)
            outcome = self._outcome(source, tally, verified=True, warning=warning)
            require_nobody_else(self._job.old, self._job.name)
            old = states if self._alone else None
            return put_in_place(stage, self._job, outcome, old=old, like=like, asked=self._asked)

    def rehearsed(self) -> Migration:
        """Go through it and write nothing; what would be done."""
        require_writable(self._job)
        files = self._files if self._alone else self._job.old
        warning = require_unused(files, self._job.name, self._how.timeout_s)
        with opened(self._found, self._how, alone=False) as source:
            tally = rehearse(
                self._job,
                source,
                source.records(),
                self._checked,
            )
            self._require_some(source, tally)
            require_room(self._job, tally.size_bytes)
            return self._outcome(source, tally, verified=False, warning=warning)

    @property
    def is_settled(self) -> bool:
        """Whether it is of the new flavour already, and nothing of a killed writer beside it."""
        beside_it = f"{self._found.path}-"
        return self._found.flavour == self._job.target.name and not any(
            file.startswith(beside_it) for file in self._files
        )

    def unchanged(self, *, dry_run: bool) -> Migration:
        """Read all of it and write nothing: it is what it is to become; what it has."""
        with opened(self._found, self._how, alone=False) as source:
            tally = Tally().take(source.records(), self._checked)
            told = self._outcome(source, tally, verified=False)
        return replace(told, backup=None, dry_run=dry_run, unchanged=True)

    def made_before(self) -> Migration | None:
        """Return the outcome, if an earlier call had put all of it in its place."""
        with opened(self._found, self._how, alone=False) as source:
            tally = Tally().take(source.records(), self._checked)
            if not stands(self._job.name, self._job.target, tally):
                return None
            return replace(self._outcome(source, tally, verified=True), resumed=True)

    def _checked(self, done: int) -> None:
        self._progress("check", done, self._expected)

    def _require_some(self, source: Source, tally: Tally) -> None:
        """Refuse an empty database in the place of a damaged one."""
        lost = source.skipped(tally.records)
        if self._how.salvage and lost and not tally.records:
            raise CatalogCorrupt(
                f"{self._found.path}: no record could be rescued: {lost[0]}",
                hint="nothing was changed; restore it from a backup",
                path=self._found.path,
            )

    def _built(self, stage: Stage, source: Source) -> Tally:
        try:
            return build(
                stage,
                self._job,
                source.records(),
                expected=self._expected,
                progress=self._progress,
            )
        except CatalogError as error:
            if error.code == "key-twice" and not source.chosen:
                require_no_duplicates(source.all_records(), source.path)
            raise

    def _outcome(
        self, source: Source, tally: Tally, *, verified: bool, warning: str = ""
    ) -> Migration:
        return Migration(
            source=self._found.path,
            dest=self._job.name,
            from_flavour=self._found.flavour,
            to_flavour=self._job.target.name,
            records=tally.records,
            size_bytes=tally.size_bytes,
            verified=verified,
            backup=self._job.backup,
            skipped=tuple(source.skipped(tally.records)),
            warnings=tuple(filter(None, (warning, other_names(self._job), *source.warnings))),
            dry_run=not verified,
        )


def _uncounted(done: int) -> None:
    del done


def _silent(phase: str, done: int, total: int | None) -> None:
    del phase, done, total
