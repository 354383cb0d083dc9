"""A database that somebody has open: refused, waited for, or warned of."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from plugreg import backends
from plugreg.backends.migration import occupancy
from tests.backends.conftest import require_writable_here
from tests.conditions import skip_or_fail
from tests.corpus_cases import copied_case
from tests.interpreters import python_with_dbm_sqlite3
from tests.other_user import in_child

from .databases import expected, listing, made, names, read, some

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# Says when it has the database open, and closes it when told so.
HOLD = """
import sys
{open}
print("open", flush=True)
sys.stdin.readline()
{close}
"""
_SQLITE = "import sqlite3; c = sqlite3.connect(sys.argv[1], isolation_level=None)\n"
SQLITE = {
    "idle": 'c.execute("SELECT count(*) FROM Dict").fetchone()',
    "reading": 'r = c.execute("SELECT * FROM Dict"); r.fetchone()',
    "writing": 'c.execute("BEGIN IMMEDIATE")',
    "writing exclusively": 'c.execute("BEGIN EXCLUSIVE")',
}
DBM = "import {0}; d = {0}.open(sys.argv[1], '{1}')"


@contextmanager
def holder(
    path: Path, opening: str, closing: str = "", python: str = sys.executable
) -> Iterator[subprocess.Popen[str]]:
    """Have another process hold the database open."""
    program = HOLD.format(open=opening, close=closing)
    child = subprocess.Popen(
        [python, "-c", program, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert child.stdin is not None
    assert child.stdout is not None
    try:
        assert child.stdout.readline() == "open\n"
        yield child
    finally:
        child.communicate("\n")


def refused(path: Path, says: str = "is in use by process", to: str = "gnu") -> None:
    """Migrate in place, and see that nothing was done."""
    before = listing(path.parent)
    with pytest.raises(backends.CatalogLocked, match=says):
        backends.migrate(path, to=to, timeout_s=0.05)
    assert listing(path.parent).keys() == before.keys()
    assert names(path.parent) == sorted(before)


@pytest.mark.parametrize("state", SQLITE)
def test_sqlite_in_use(tmp_path: Path, state: str) -> None:
    """Another connection, also an idle one, which would write into the backup."""
    path = made(tmp_path, "sqlite3")
    with holder(path, _SQLITE + SQLITE[state]) as child:
        refused(path, rf"is in use by process {child.pid}; end that program")
    assert backends.migrate(path, to="gnu").records == 60


def test_sqlite_in_wal_mode_in_use(tmp_path: Path) -> None:
    """CPython 3.13's own module has it open, its newest record in the log."""
    path = made(tmp_path, "sqlite3")
    opening = "import dbm.sqlite3; d = dbm.sqlite3.open(sys.argv[1], 'w'); d[b'new'] = b'1'"
    with holder(path, opening, "d.close()", python_with_dbm_sqlite3()):
        refused(path)
    backends.migrate(path, to="gnu")
    assert read(path) == sorted([*some(), (b"new", b"1")])


@pytest.mark.parametrize("case", ["sqlite3-wal", "sqlite3-wal-all"])
@pytest.mark.parametrize("dest", [None, "new"])
def test_what_a_killed_writer_left(tmp_path: Path, case: str, dest: str | None) -> None:
    """The log's records are there, and no log lies beside the new database."""
    (tmp_path / "case").mkdir()
    path = copied_case(case, tmp_path / "case")
    before = listing(tmp_path)
    done = backends.migrate(path, dest and path.parent / dest, "sqlite3")
    assert read(done.dest) == expected(case)
    if dest is None:
        assert not [name for name in names(path.parent) if name.endswith(("-wal", "-shm"))]
        assert read(done.backup) == expected(case)
    else:
        found = listing(tmp_path)
        # The -shm is SQLite's index of the log, which each reader writes.
        assert all(found[name] == before[name] for name in before if not name.endswith("-shm"))


@pytest.mark.parametrize("dest", [None, "new"])
def test_a_hot_journal(tmp_path: Path, dest: str | None) -> None:
    """Half a change of a killed writer is rolled back, and nothing of it meets the new file."""
    path = made(tmp_path, "sqlite3")
    _leave_hot_journal(path)
    done = backends.migrate(path, dest and tmp_path / dest, "sqlite3")
    assert read(done.dest) == some()
    if dest is None:
        assert not os.path.exists(f"{path}-journal")
        assert read(done.backup) == some()


def test_a_hot_journal_of_what_is_overwritten(tmp_path: Path) -> None:
    """It would be rolled back into the new database."""
    source = made(tmp_path, "gnu", name="source", number=9)
    path = made(tmp_path, "sqlite3")
    _leave_hot_journal(path)
    backends.migrate(source, path, force=True)
    assert read(path) == some(9)
    assert names(tmp_path) == ["db", "source"]
    _leave_hot_journal(path)
    backends.load(path, some(7), force=True)
    assert read(path) == some(7)


def _leave_hot_journal(path: Path) -> None:
    """Die in a transaction that has been spilt to the file."""

    def die() -> None:
        connection = sqlite3.connect(path, isolation_level=None)
        connection.execute("PRAGMA cache_size = 1")
        connection.execute("BEGIN")
        connection.executemany(
            "INSERT INTO Dict VALUES (?, ?)", ((b"half %d" % n, bytes(900)) for n in range(200))
        )
        os.kill(os.getpid(), signal.SIGKILL)

    child = os.fork()
    if not child:
        die()
    os.waitpid(child, 0)
    assert os.path.getsize(f"{path}-journal")


@pytest.mark.modules("dbm.gnu")
@pytest.mark.parametrize("flag", ["r", "w"])
def test_gdbm_in_use(tmp_path: Path, flag: str) -> None:
    """Through libgdbm, reading or writing."""
    path = made(tmp_path, "gnu")
    with holder(path, DBM.format("dbm.gnu", flag)):
        refused(path, to="sqlite3")


@pytest.mark.modules("dbm.gnu")
def test_gdbm_is_kept_from_others_meanwhile(tmp_path: Path) -> None:
    """While it is held, libgdbm neither writes nor reads it."""
    path = made(tmp_path, "gnu")
    program = "import dbm.gnu, sys; dbm.gnu.open(sys.argv[1], sys.argv[2])"
    with backends.require_flavour("gnu").hold(str(path), timeout_s=0):
        for flag in "rw":
            done = subprocess.run([sys.executable, "-c", program, path, flag], capture_output=True)
            assert b"temporarily unavailable" in done.stderr


def test_our_writers_are_kept_out_meanwhile(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who waits for a dumb pair finds that it has become another database."""
    path = made(tmp_path, "dumb")
    outcome: list[str] = []

    def write() -> None:
        try:
            with backends.open(path, "dumb", "w", timeout_s=0) as store:
                store[b"lost"] = b"record"
        except backends.CatalogLocked:
            outcome.append("locked")

    from .test_failures import while_building

    while_building(monkeypatch, lambda: in_thread(write))
    backends.migrate(path)
    assert outcome == ["locked"]
    assert read(path) == some()
    assert not [name for name in names(tmp_path) if name.startswith(".")]


def in_thread(task: object) -> None:
    """Run a task in a thread of its own, to its end."""
    thread = threading.Thread(target=task)  # type: ignore[arg-type]
    thread.start()
    thread.join()


@pytest.mark.parametrize("flavour", ["dumb", "sdbm", "berkeley-hash", "sos"])
def test_any_file_that_is_open(tmp_path: Path, flavour: str) -> None:
    """Whatever program it is, and whichever of the files."""
    require_writable_here(flavour)
    path = made(tmp_path, flavour)
    for name in names(tmp_path):
        with holder(tmp_path / name, "f = open(sys.argv[1])"):
            refused(path)


def test_open_in_this_process(tmp_path: Path) -> None:
    """It is told so, and a SQLite connection of this process keeps its locks."""
    path = made(tmp_path, "sqlite3")
    with backends.open(path, mode="w") as store, store.transaction():
        store[b"in a transaction"] = b"1"
        refused(path, "is in use by this process")
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            in_child(lambda: sqlite3.connect(path, timeout=0).execute("BEGIN IMMEDIATE"))
    assert read(path) == sorted([*some(), (b"in a transaction", b"1")])


def test_what_is_freed_in_time_is_waited_for(tmp_path: Path) -> None:
    """The migration goes on when the other program has ended."""
    path = made(tmp_path, "dumb")
    with holder(tmp_path / "db.dat", "f = open(sys.argv[1])") as child:

        def end() -> None:
            time.sleep(0.2)
            assert child.stdin is not None
            child.stdin.write("\n")
            child.stdin.flush()

        thread = threading.Thread(target=end)
        thread.start()
        backends.migrate(path, timeout_s=30)
        thread.join()
    assert read(path) == some()


@pytest.mark.parametrize("origin", ["gnu", "sqlite3"])
def test_opened_while_it_is_copied(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, origin: str
) -> None:
    """A program that comes later than the first look is seen by the last."""
    from .test_failures import while_building

    path = made(tmp_path, origin)
    held = []

    def open_it() -> None:
        held.append(holder(path, "f = open(sys.argv[1])"))
        held[0].__enter__()

    while_building(monkeypatch, open_it)
    try:
        with pytest.raises(backends.CatalogLocked, match="is in use by process"):
            backends.migrate(path, to="sos", timeout_s=0)
    finally:
        held[0].__exit__(None, None, None)
    assert read(path) == some()
    assert names(tmp_path) == ["db"]


def test_what_is_overwritten_is_in_use(tmp_path: Path) -> None:
    """`force` means the records, not the programs that have them open."""
    source = made(tmp_path, "gnu", name="source")
    path = made(tmp_path, "sqlite3", number=9)
    with holder(path, _SQLITE + SQLITE["idle"]):
        for overwrite in (
            lambda: backends.migrate(source, path, force=True, timeout_s=0.05),
            lambda: backends.load(path, some(), force=True, timeout_s=0.05),
        ):
            with pytest.raises(backends.CatalogLocked, match="is in use by process"):
                overwrite()
    assert read(path) == some(9)


def test_where_it_cannot_be_told(shared_folder: Path) -> None:
    """Another user's file, which he may read only: a warning, and it is done all the same."""
    if os.geteuid():
        skip_or_fail("only root can be two users")
    path = made(shared_folder, "gnu")
    shared_folder.chmod(0o777)
    path.chmod(0o644)
    done = in_child(lambda: backends.migrate(path, to="sqlite3"), drop_rights=True)
    assert done.warnings[0] == (
        f"whether another program has {path} open cannot be told here; make sure that none has"
    )
    assert read(path) == some()
    assert path.stat().st_mode & 0o777 == 0o644


def test_looking_survives_who_opens_just_now(tmp_path: Path) -> None:
    """The lease's signal would end this process, were it the usual one."""
    if not shutil.which("python3") or not hasattr(occupancy.fcntl, "F_SETLEASE"):
        skip_or_fail("made for Linux")
    file = tmp_path / "file"
    file.touch()
    opener = subprocess.Popen(
        [sys.executable, "-c", "import sys, os\nwhile 1: os.close(os.open(sys.argv[1], 0))", file]
    )
    looker = os.fork()
    if not looker:
        for _ in range(20_000):
            occupancy._is_open_elsewhere(str(file))
        os._exit(0)
    _, status = os.waitpid(looker, 0)
    opener.kill()
    opener.wait()
    assert status == 0
