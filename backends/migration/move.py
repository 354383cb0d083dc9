"""One migration, from what was identified to where its job says: done, rehearsed, or not needed."""

from __future__ import annotations

from dataclasses import replace

from plugreg.backends.errors import CatalogCorrupt, CatalogError
from plugreg.backends.known import PINNED

from .building import build, put_in_place, silent
from .duplicates import require_no_duplicates
from .holding import overwritten
from .interrupted import stands
from .job import Job, files_of, other_names
from .occupancy import require_nobody_else, require_unused
from .outcome import Migration
from .plan import states_of
from .rehearsal import rehearse, require_room, require_writable
from .source import Opening, opened
from .stage import Stage
from .swap import changed
from .tally import Tally

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from plugreg.backends.identification import Identification

    from .building import Progress
    from .source import Source


class Move:
    """One migration, with all that was asked for; see `migrate`."""

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
        self._progress = progress or silent
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
