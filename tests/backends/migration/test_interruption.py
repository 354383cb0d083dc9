"""Whatever stops a migration, and wherever: one whole database is found, and it can go on."""

from __future__ import annotations

import errno
import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

from plugreg import backends
from tests.corpus_cases import copied_case
from tests.in_memory import folder_in_memory

from .databases import Records, expected, listing, made, names, read, some
from .interruption import DIED, die, interrupt, refuse, stopped

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from plugreg.backends import Migration


class Case(NamedTuple):
    """One migration: from and to what, and how."""

    origin: str
    target: str
    dest: bool = False
    force: bool = False
    backup: bool = True


# "ndbm" here is a NAME.db as dbm.ndbm makes it, known by NAME: of a corpus case, so everywhere.
CASES = {
    "one name": Case("gnu", "sqlite3"),
    "one name, no backup": Case("gnu", "sqlite3", backup=False),
    "ndbm to its name": Case("ndbm", "sqlite3"),
    "file to pair": Case("sqlite3", "dumb"),
    "pair to file": Case("dumb", "sqlite3"),
    "pair to file, no backup": Case("gnu-ndbm", "sqlite3", backup=False),
    "pair to pair": Case("sdbm", "gnu-ndbm"),
    "pair to the same pair": Case("dumb", "dumb"),
    "pair to a pair that shares a name": Case("dumb", "gnu-ndbm", backup=False),
    "beside": Case("gnu", "sqlite3", dest=True),
    "pair beside": Case("gnu", "dumb", dest=True),
    "over another": Case("gnu", "dumb", dest=True, force=True),
    "over one of the same name": Case("dumb", "gnu", dest=True, force=True),
}
SHAPES = ("one name", "file to pair", "pair to the same pair", "over another")
# Empty files; they stay where somebody was stopped in taking them, and the next one uses them.
LOCKS = (".db.lock", ".db.migration/lock", ".new.migration/lock")
FORCED = [(b"what was", b"at the dest")]


def same(key: bytes, value: bytes) -> bytes:
    """Return the value; with it a database is made anew in its own flavour."""
    del key
    return value


class Trial:
    """A case in a folder of its own, which can be begun again."""

    def __init__(self, case: Case, folder: Path) -> None:
        self.case = case
        self._kept = folder / "kept"
        self._kept.mkdir()
        self.place = folder / "place"
        if case.origin == "ndbm":
            copied_case("bdb185-ndbm", self._kept)
            (self._kept / "nd.db").rename(self._kept / "db.db")
            self.records: Records = expected("bdb185-ndbm")
        else:
            made(self._kept, case.origin, number=9)
            self.records = some(9)
        if case.force:
            backends.require_flavour("sqlite3").write_fresh(str(self._kept / "new"), FORCED)
        self.source = self.place / "db"
        self.dest = self.place / "new" if case.dest else None
        self.name = self.dest or self.source
        self.begin()

    def begin(self) -> None:
        """Put the folder back as it was before."""
        shutil.rmtree(self.place, ignore_errors=True)
        shutil.copytree(self._kept, self.place)
        for file in self.place.iterdir():
            file.chmod(0o640)
        self.before = listing(self.place)

    def run(self) -> Migration:
        """Migrate."""
        return backends.migrate(
            self.source,
            self.dest,
            self.case.target,
            backup=self.case.backup,
            force=self.case.force,
            convert=same if self.case.origin == self.case.target else None,
            timeout_s=0,
        )

    def require_one_whole(self) -> None:
        """Under the name, by our order and by that of whichdb, all records are found."""
        if self.case.dest:
            assert read(self.source) == self.records
        allowed = [self.records, FORCED] if self.case.force else [self.records]
        try:
            assert read(self.name) in allowed
        except (backends.CatalogNotFound, backends.NotADatabase):
            assert self.case.dest
            assert not self.case.force
            return
        assert read(self._as_whichdb()) in allowed

    def _as_whichdb(self) -> str:
        """Return the file that `dbm.open` takes the name for."""
        there = {suffix for suffix in (".pag", ".dir", ".db", ".dat") if self._has(suffix)}
        if {".pag", ".dir"} <= there:
            return f"{self.name}.pag"
        if ".db" in there:
            return f"{self.name}.db"
        return f"{self.name}.dat" if {".dat", ".dir"} <= there else str(self.name)

    def _has(self, suffix: str) -> bool:
        return os.path.exists(f"{self.name}{suffix}")

    def is_as_before(self) -> bool:
        """Tell whether the same files stand there, with the same bytes, modes and times."""
        found = listing(self.place)
        return {name: file for name, file in found.items() if name not in LOCKS} == self.before

    def all_was_done(self) -> bool:
        """Tell whether it was stopped after its last step, with only a folder to remove."""
        stages = [self.place / name for name in names(self.place) if name.endswith(".migration")]
        if not stages or set(names(stages[0])) - {"lock"}:
            return False
        try:
            return backends.identify(self.name).flavour == self.case.target and self.is_new()
        except backends.CatalogNotFound:
            return False

    def is_new(self) -> bool:
        """Tell whether the files under the name are other ones than before."""
        found = listing(self.place)
        now = backends.require_flavour(self.case.target).files(str(self.name))
        there = [os.path.basename(file) for file in now if os.path.exists(file)]
        return all(found[name] != self.before.get(name) for name in there)

    def require_finished(self, *, times: int = 1, swept: bool = True) -> None:
        """The new database, its backups, and nothing else; unswept, also a stage to be removed."""
        assert read(self.name) == self.records
        assert backends.identify(self.name).flavour == self.case.target
        backups = [name for name in names(self.place) if ".backup-" in name]
        files = {
            name
            for name in names(self.place)
            if name not in backups
            and not (self.case.dest and name.startswith("db"))
            and name not in LOCKS
            and (swept or not name.endswith(".migration"))
        }
        made_now = backends.require_flavour(self.case.target).files(str(self.name))
        assert files <= {os.path.basename(file) for file in made_now}
        if self.case.dest:
            assert read(self.source) == self.records
        kept = len({name.rpartition(".backup-")[2].partition(".")[0] for name in backups})
        assert kept == (0 if self.case.dest or not self.case.backup else times)
        modes = {(self.place / name).stat().st_mode & 0o777 for name in files}
        assert modes == {0o640}


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder in memory: hundreds of migrations."""
    with folder_in_memory() as made_now:
        yield Path(made_now)


@pytest.fixture(params=CASES)
def trial(request: pytest.FixtureRequest, folder: Path) -> Trial:
    """Each case in turn."""
    return Trial(CASES[request.param], folder)


@pytest.fixture(params=SHAPES)
def shape(request: pytest.FixtureRequest, folder: Path) -> Trial:
    """The cases of different steps, in turn."""
    return Trial(CASES[request.param], folder)


def each_call(
    trial: Trial, happens: Callable[[str], None], *, often: bool = False
) -> Iterator[str]:
    """Stop the migration before each of its calls in turn; what came of it each time."""
    number, reached = 0, True
    while reached:
        number += 1
        trial.begin()
        said, reached = stopped(trial.run, number, happens, often=often)
        if said:
            yield said
        else:  # a step that may fail, or that there is another way for
            trial.require_finished(swept=not reached)
    assert number > 12


def again(trial: Trial) -> None:
    """Run the same migration, and see that it finishes.

    Where all had been done, there is nothing to do, or in place all of it once more.
    """
    done = trial.all_was_done()
    outcome = trial.run()
    assert outcome.records == len(trial.records)
    once = trial.dest or outcome.unchanged
    trial.require_finished(times=2 if done and not once else 1)
    assert not any(name.endswith(".lock") for name in names(trial.place))


def test_killed_before_each_call(trial: Trial) -> None:
    """One whole database is found at every moment; a second run finishes what is left."""
    for said in each_call(trial, die):
        assert said == DIED
        trial.require_one_whole()
        again(trial)


def test_refused_at_each_call(trial: Trial) -> None:
    """The error is told; either nothing was changed, or the next run goes on from there."""
    for said in each_call(trial, refuse(errno.ENOSPC, errno.EIO, errno.EACCES)):
        assert said.startswith("Catalog")
        if "unfinished" in said:
            trial.require_one_whole()
        else:
            assert trial.is_as_before()
        again(trial)


def test_refused_from_each_call_on(shape: Trial) -> None:
    """Also where the way back is barred: a whole database is found, and the next run goes on."""
    for said in each_call(shape, refuse(errno.EROFS), often=True):
        assert said.startswith("Catalog")
        shape.require_one_whole()
        again(shape)


def test_interrupted_at_each_call(shape: Trial) -> None:
    """Ctrl-C passes; nothing was changed, or the next run goes on."""
    for said in each_call(shape, interrupt):
        assert said.startswith("KeyboardInterrupt")
        shape.require_one_whole()
        if not any(name.endswith(".migration") for name in names(shape.place)):
            assert shape.is_as_before()
        again(shape)
