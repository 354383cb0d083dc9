"""A copy that differs, a full disk, a source that changes, a swap whose database was used since."""

from __future__ import annotations

import json
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING

import pytest

from plugreg import backends
from plugreg.backends.migration import building, swap
from plugreg.backends.migration.stage import Stage
from tests.conditions import skip_or_fail
from tests.other_user import in_child

from .databases import listing, made, names, read, some
from .interruption import DIED, die, stopped

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from plugreg.backends import Flavour

MIGRATE = """
import sys
from plugreg import backends
backends.migrate(sys.argv[1], to=sys.argv[2], timeout_s=30)
"""


def spoilt(flavour: Flavour, spoil: Callable[[list], None]) -> Callable[..., int]:
    """Return a `write_fresh` that writes other records than it is given."""
    write = flavour.write_fresh

    def write_fresh(path: str, records: Iterable[tuple[bytes, bytes]]) -> int:
        all_of_them = list(records)
        spoil(all_of_them)
        return write(path, all_of_them)

    return write_fresh


def lose(records: list) -> None:
    """Lose one."""
    records.pop(7)


def shorten(records: list) -> None:
    """Cut a value."""
    key, value = records[7]
    records[7] = (key, value[:-1])


def mix_up(records: list) -> None:
    """Give a value to another key."""
    (first, one), (second, two) = records[7], records[8]
    records[7:9] = [(first, two), (second, one)]


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (lose, "60 records were copied, 59 are in the copy"),
        (shorten, "bytes were copied"),
        (mix_up, "some record is not what it was"),
    ],
)
def test_a_copy_that_differs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, spoil: Callable[[list], None], says: str
) -> None:
    """It is told in what, and nothing is changed."""
    path = made(tmp_path, "gnu")
    before = listing(tmp_path)
    flavour = backends.require_flavour("dumb")
    monkeypatch.setattr(flavour, "write_fresh", spoilt(flavour, spoil))
    with pytest.raises(backends.CatalogCorrupt, match=says):
        backends.migrate(path, to="dumb")
    assert listing(tmp_path) == before
    assert names(tmp_path) == ["db"]


@pytest.mark.parametrize("target", ["sqlite3", "dumb", "gnu", "berkeley-hash"])
@pytest.mark.parametrize("dest", [None, "new"])
def test_a_full_disk(tmp_path: Path, target: str, dest: str | None) -> None:
    """The error says so, nothing is changed, and with room it works."""
    path = made(tmp_path, "sdbm", number=4000)
    before = listing(tmp_path)

    def migrate() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, resource.RLIM_INFINITY))
        backends.migrate(path, dest and tmp_path / dest, target)

    with pytest.raises(backends.CatalogError, match="could not be") as caught:
        in_child(migrate)
    assert caught.value.code == "catalog-storage"
    assert listing(tmp_path) == before
    assert names(tmp_path) == ["db.dir", "db.pag"]
    backends.migrate(path, dest and tmp_path / dest, target)
    assert read(tmp_path / (dest or "db")) == some(4000)


def while_building(monkeypatch: pytest.MonkeyPatch, meanwhile: Callable[[], None]) -> None:
    """Let something happen when the copy is made, and before it is swapped in."""
    build = building.build

    def build_then(*arguments: object, **options: object) -> object:
        tally = build(*arguments, **options)  # type: ignore[arg-type]
        meanwhile()
        return tally

    monkeypatch.setattr("plugreg.backends.migration.move.build", build_then)


@pytest.mark.parametrize("origin", ["gnu", "dumb", "sdbm", "berkeley-hash", "sos"])
@pytest.mark.parametrize("dest", [None, "new"])
def test_a_source_that_is_written_meanwhile(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, origin: str, dest: str | None
) -> None:
    """A program that knows no lock is noticed; its record is there, and no copy without it."""
    path = made(tmp_path, origin)
    before = names(tmp_path)
    file = tmp_path / before[-1]

    def write() -> None:
        with file.open("ab") as opened:
            opened.write(b"\n")

    while_building(monkeypatch, write)
    with pytest.raises(backends.CatalogLocked, match="was changed by another program"):
        backends.migrate(path, dest and tmp_path / dest)
    assert names(tmp_path) == before
    assert file.read_bytes().endswith(b"\n")


@pytest.mark.parametrize("target", ["gnu", "dumb", "sqlite3"])
def test_a_source_that_is_written_in_the_last_moment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, target: str
) -> None:
    """After the last look and before its place is taken: all is taken back."""
    path = made(tmp_path, "sos")
    keep = swap._keep

    def keep_then(old: str, backup: str) -> None:
        keep(old, backup)
        with open(old, "ab") as opened:
            opened.write(b"\n")

    monkeypatch.setattr(swap, "_keep", keep_then)
    with pytest.raises(backends.CatalogLocked, match="was changed by another program"):
        backends.migrate(path, to=target)
    assert names(tmp_path) == ["db"]
    assert (read(path), path.read_bytes()[-2:]) == (some(), b"\n\n")


# The call at which a plan stands written, found once: those before it are the same each time.
WRITTEN: dict[str, int] = {}


def stop_in_swap(tmp_path: Path, target: str, begun: Callable[[], bool]) -> Path:
    """Kill migrations of a dumb pair at one call after the other until the state is as wanted."""
    for number in range(WRITTEN.get(target, 1), 60):
        shutil.rmtree(tmp_path / "place", ignore_errors=True)
        (tmp_path / "place").mkdir()
        path = made(tmp_path / "place", "dumb")
        said, _ = stopped(lambda: backends.migrate(path, to=target), number, die)  # noqa: B023 - called within the loop
        assert said == DIED
        if os.path.exists(Stage(str(path)).journal):
            WRITTEN.setdefault(target, number)
            if begun():
                return path
    raise AssertionError("no such moment")


def test_the_old_one_was_used_before_the_swap(tmp_path: Path) -> None:
    """A swap that had only kept the backup is given up, and the newest records are migrated."""
    place = tmp_path / "place"
    path = stop_in_swap(tmp_path, "sqlite3", lambda: any(".backup-" in n for n in names(place)))
    with backends.open(path, mode="w") as store:
        store[b"newer"] = b"record"
    done = backends.migrate(path)
    assert read(path) == sorted([*some(), (b"newer", b"record")])
    assert done.from_flavour == "dumb"
    assert not [name for name in names(place) if name.endswith(".migration")]


def test_the_old_one_is_gone_before_the_swap(tmp_path: Path) -> None:
    """The backup is all that is left then: it stays."""
    place = tmp_path / "place"
    path = stop_in_swap(
        tmp_path, "sqlite3", lambda: sum(".backup-" in name for name in names(place)) == 2
    )
    for suffix in (".dir", ".dat"):
        os.unlink(f"{path}{suffix}")
    with pytest.raises(backends.CatalogNotFound):
        backends.migrate(path)
    (kept,) = {name.rpartition(".")[0] for name in names(place) if ".backup-" in name}
    assert read(place / kept) == some()


def test_the_old_one_was_used_in_the_swap(tmp_path: Path) -> None:
    """Which of the two counts is for people to say; neither is touched."""
    path = stop_in_swap(tmp_path, "sqlite3", (tmp_path / "place" / "db").exists)
    flavour = backends.require_flavour("dumb")
    with flavour.open(str(path), read_only=False, timeout_s=0) as store:
        store[b"newer"] = b"record"
    before = listing(tmp_path / "place")
    with pytest.raises(backends.CatalogError, match="was written after an interrupted") as caught:
        backends.migrate(path)
    assert caught.value.code == "migration-journal"
    assert listing(tmp_path / "place") == before
    path.unlink()  # as the hint says: the one that is not wanted away, then the folder
    shutil.rmtree(tmp_path / "place" / ".db.migration")
    backends.migrate(path)
    assert (b"newer", b"record") in read(path)


def test_the_new_one_was_taken_away_in_the_swap(tmp_path: Path) -> None:
    """The old one is not removed for one that is not there, and can be migrated again."""
    place = tmp_path / "place"
    staged = place / ".db.migration" / "new" / "db"
    path = stop_in_swap(
        tmp_path, "sqlite3", lambda: (place / "db").exists() and not staged.exists()
    )
    path.rename(tmp_path / "elsewhere")
    with pytest.raises(backends.CatalogError, match="is missing"):
        backends.migrate(path)
    assert read(path) == some()
    assert backends.migrate(path).from_flavour == "dumb"
    assert read(path) == some()


def interrupted_in(tmp_path: Path) -> tuple[Path, Path]:
    """Return the name of a database whose swap was begun, and the journal."""
    path = stop_in_swap(tmp_path, "sqlite3", lambda: True)
    return path, tmp_path / "place" / ".db.migration" / "journal.json"


def test_a_rehearsal_finishes_nothing(tmp_path: Path) -> None:
    """It says that a swap waits to be finished."""
    path, _ = interrupted_in(tmp_path)
    before = listing(tmp_path / "place")
    with pytest.raises(backends.CatalogError, match="was interrupted") as caught:
        backends.migrate(path, dry_run=True)
    assert caught.value.code == "migration-unfinished"
    assert listing(tmp_path / "place") == before


@pytest.mark.parametrize("typed", ["db", "db.dir", "db.dat", "db.pag", "db.db"])
def test_any_name_finds_what_is_to_be_finished(tmp_path: Path, typed: str) -> None:
    """Whichever of the names a user types."""
    path, _ = interrupted_in(tmp_path)
    done = backends.migrate(path.with_name(typed))
    assert (done.from_flavour, done.dest) == ("dumb", str(path))
    assert read(path) == some()


def test_a_load_finishes_first_what_is_interrupted(tmp_path: Path) -> None:
    """It does not clear away what is to be put in place."""
    path, _ = interrupted_in(tmp_path)
    with pytest.raises(backends.CatalogError, match="exists already"):
        backends.load(path, [(b"a", b"1")])
    assert read(path) == some()
    assert backends.identify(path).flavour == "sqlite3"


def test_another_flavour_than_that_of_the_interrupted_one(tmp_path: Path) -> None:
    """The swap is finished, then the wanted one is made of the result."""
    path, _ = interrupted_in(tmp_path)
    done = backends.migrate(path, to="gnu")
    assert (done.from_flavour, done.to_flavour) == ("sqlite3", "gnu")
    assert read(path) == some()


def _cut(journal: Path) -> None:
    journal.write_bytes(journal.read_bytes()[:-40])


def _other_version(journal: Path) -> None:
    journal.write_text(json.dumps({**json.loads(journal.read_text()), "format": 2}))


def _other_folder(journal: Path) -> None:
    plan = json.loads(journal.read_text())
    precious = str(journal.parent.parent.parent / "precious")
    state = [os.stat(precious).st_ino, 5, os.stat(precious).st_mtime_ns]
    journal.write_text(json.dumps({**plan, "old": {"../precious": state, precious: state}}))


def _nonsense(journal: Path) -> None:
    journal.write_text(json.dumps({**json.loads(journal.read_text()), "new": {"db": "soon"}}))


def _no_object(journal: Path) -> None:
    journal.write_text("[1]")


@pytest.mark.parametrize("harm", [_cut, _other_version, _other_folder, _nonsense, _no_object])
def test_a_damaged_journal(tmp_path: Path, harm: Callable[[Path], None]) -> None:
    """It is refused, whatever it says; no file outside of its folder is ever meant."""
    (tmp_path / "precious").write_bytes(b"stays")
    path, journal = interrupted_in(tmp_path)
    harm(journal)
    before = listing(tmp_path)
    with pytest.raises(backends.CatalogError, match="cannot be read") as caught:
        backends.migrate(path)
    assert caught.value.code == "migration-journal"
    assert "keep what you need" in caught.value.hint
    after = listing(tmp_path)
    assert after == before


@pytest.mark.skipif(os.name == "nt", reason="made for POSIX owners")
@pytest.mark.parametrize("kind", ["of another user", "a link"])
def test_a_folder_that_somebody_else_has_put_there(tmp_path: Path, kind: str) -> None:
    """Nothing is built where others may look on."""
    path = made(tmp_path, "gnu")
    (tmp_path / "theirs").mkdir()
    if kind == "a link":
        (tmp_path / ".db.migration").symlink_to(tmp_path / "theirs")
    else:
        (tmp_path / ".db.migration").mkdir()
        try:
            os.chown(tmp_path / ".db.migration", 65534, 65534)
        except PermissionError:
            skip_or_fail("only root gives files away")
    with pytest.raises(backends.CatalogError, match="is not yours"):
        backends.migrate(path)
    assert read(path) == some()
    assert names(tmp_path / "theirs") == []


def test_two_at_once(tmp_path: Path) -> None:
    """One does it; the other is told so, or finds it done, and nothing is lost."""
    path = made(tmp_path, "gnu", number=5000)
    commands = [[sys.executable, "-c", MIGRATE, str(path), to] for to in ("sqlite3", "dumb") * 2]
    children = [subprocess.Popen(c, stderr=subprocess.PIPE, text=True) for c in commands]
    outcomes = [(child.communicate()[1], child.returncode) for child in children]
    assert any(status == 0 for _, status in outcomes)
    for error, status in outcomes:
        last = error.splitlines()[-1] if error else ""
        assert status == 0 or "CatalogLocked" in last or "CatalogNotFound" in last, error
    assert read(path) == some(5000)
    assert not [name for name in names(tmp_path) if name.startswith(".")]


def test_the_stage_is_held_by_somebody(tmp_path: Path) -> None:
    """A migration that goes on elsewhere is not disturbed."""
    path = made(tmp_path, "gnu")
    with Stage(str(path)) as stage:
        stage.clear()
        with pytest.raises(backends.CatalogLocked, match="being migrated by process"):
            in_child(lambda: backends.migrate(path))
        assert os.path.isdir(os.path.dirname(stage.built))


def test_stages_that_end_and_begin(tmp_path: Path) -> None:
    """Whoever enters while the last one's folder is removed gets a folder of his own."""
    inside, most, problems = 0, 0, []
    counting = threading.Lock()

    def enter() -> None:
        nonlocal inside, most
        for _ in range(60):
            try:
                with Stage(str(tmp_path / "db")) as stage:
                    with counting:
                        inside += 1
                        most = max(most, inside)
                    stage.clear()
                    with counting:
                        inside -= 1
            except backends.CatalogLocked:
                continue
            except BaseException as error:
                problems.append(error)

    threads = [threading.Thread(target=enter) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (most, problems) == (1, [])
    assert names(tmp_path) == []


@pytest.mark.parametrize(("origin", "target"), [("gnu", "sqlite3"), ("dumb", "gnu-ndbm")])
def test_killed_from_outside(tmp_path: Path, origin: str, target: str) -> None:
    """At moments of chance, in a process of its own: a whole database each time, and the end."""
    chance = random.Random(target)
    kept, place = tmp_path / "kept", tmp_path / "place"
    kept.mkdir()
    made(kept, origin, number=20_000)
    shutil.copytree(kept, place)
    path = place / "db"
    start = time.monotonic()
    assert _migrating(path, target).wait() == 0
    took = time.monotonic() - start
    kills = 0
    for _ in range(12):
        if backends.identify(path).flavour == target:
            shutil.rmtree(place)
            shutil.copytree(kept, place)
        child = _migrating(path, target)
        time.sleep(chance.uniform(0.05, 0.9) * took)
        child.send_signal(signal.SIGKILL)
        kills += child.wait() == -signal.SIGKILL
        with backends.open(path) as store:
            assert len(store) == 20_000
    assert kills
    if backends.identify(path).flavour == origin:
        backends.migrate(path, to=target)
    assert read(path) == some(20_000)
    assert not [name for name in names(place) if name.endswith(".migration")]


def _migrating(path: Path, target: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", MIGRATE, str(path), target])


def broken_off() -> Iterator[tuple[bytes, bytes]]:
    """Yield some records, then Ctrl-C."""
    yield from some()
    raise KeyboardInterrupt


def test_records_that_break_off(tmp_path: Path) -> None:
    """Nothing is made of a load that ends so, and what stood there stays."""
    with pytest.raises(KeyboardInterrupt):
        backends.load(tmp_path / "db", broken_off())
    assert names(tmp_path) == []
    path = made(tmp_path, "gnu")
    before = listing(tmp_path)
    with pytest.raises(KeyboardInterrupt):
        backends.load(path, broken_off(), force=True)
    assert listing(tmp_path) == before
    assert names(tmp_path) == ["db"]
