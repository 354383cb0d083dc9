"""What another user lays beside a database takes no part in it."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from plugreg import CatalogError, backends
from plugreg.backends.owners import require_same_hand
from plugreg.plugins.doctoring.examining import examine
from tests.other_user import NOBODY

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [
    pytest.mark.skipif(os.name == "nt", reason="owners are POSIX's"),
    pytest.mark.skipif(os.name != "nt" and os.geteuid() != 0, reason="gives files away"),
]

# Changes the first record's value and is killed with its journal on disk.
KILLED = """
import os, signal, sqlite3, sys
c = sqlite3.connect(sys.argv[1], isolation_level=None)
c.execute("PRAGMA cache_size=1")
c.execute("BEGIN IMMEDIATE")
c.execute("UPDATE Dict SET value = zeroblob(9)")
c.executemany("INSERT INTO Dict VALUES (?, ?)", [(b"%d" % n, b"x" * 2000) for n in range(200)])
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture
def shared(tmp_path: Path) -> Path:
    """A folder as /tmp is."""
    folder = tmp_path / "shared"
    folder.mkdir()
    os.chmod(folder, 0o1777)
    return folder


def plant(path: Path, folder: Path) -> str:
    """Lay a journal beside a database that puts other values into it; return the journal's path."""
    mine = folder / "mine"
    shutil.copy(path, mine)
    with sqlite3.connect(mine) as connection:
        connection.execute("UPDATE Dict SET value = ?", (b"evil",))
    connection.close()
    subprocess.run([sys.executable, "-c", KILLED, mine], check=False)
    journal = f"{path}-journal"
    shutil.copy(f"{mine}-journal", journal)
    os.chown(journal, NOBODY, NOBODY)
    return journal


@pytest.mark.parametrize("mode", ["r", "w", "c"])
def test_a_journal_of_somebody_else(shared: Path, tmp_path: Path, mode: str) -> None:
    """It is refused, by name and owner, before SQLite reads it; the database stays as it was."""
    path = shared / "any"
    with backends.open(path, mode="c") as store:
        store[b"key"] = b"good"
    before = path.read_bytes()
    journal = plant(path, tmp_path)
    with pytest.raises(CatalogError, match=r"any-journal belongs to user nobody") as caught:
        backends.open(path, mode=mode)
    assert (caught.value.code, caught.value.details["file"]) == ("catalog-foreign-file", journal)
    assert path.read_bytes() == before
    with pytest.raises(CatalogError, match="belongs to user"):
        backends.migrate(path, tmp_path / "other", to="dumb")
    with pytest.raises(CatalogError, match="belongs to user"):
        backends.require_flavour("sqlite3").open_damaged(str(path))
    assert {each.code for each in examine(str(path))} >= {"catalog-foreign-file"}
    assert not {each.code for each in examine(str(path))} & {"hot-journal", "wal-mode"}
    os.unlink(journal)
    with backends.open(path) as store:
        assert store[b"key"] == b"good"


@pytest.mark.parametrize("sidecar", ["-journal", "-wal", "-shm"])
@pytest.mark.parametrize("link", [False, True])
def test_each_sidecar(shared: Path, tmp_path: Path, sidecar: str, link: bool) -> None:
    """A link of somebody else's counts as well, whatever it leads to."""
    path = shared / "any"
    backends.open(path, mode="c").close()
    beside = f"{path}{sidecar}"
    if link:
        os.symlink(tmp_path / "nothing", beside)
    else:
        open(beside, "x").close()
    os.chown(beside, NOBODY, NOBODY, follow_symlinks=False)
    with pytest.raises(CatalogError, match="belongs to user nobody"):
        backends.open(path)


@pytest.mark.parametrize("change", ["owner", "mode", "group", "folder", "its own"])
def test_who_can_change_the_database_anyway(shared: Path, change: str) -> None:
    """His journal may be one of a change that he makes: that takes part, as it must."""
    path = shared / "any"
    backends.open(path, mode="c").close()
    journal = f"{path}-journal"
    open(journal, "x").close()
    os.chown(journal, 0 if change == "its own" else NOBODY, 0)
    os.chmod(path, {"mode": 0o646, "group": 0o664}.get(change, 0o644))
    os.chown(path, *{"owner": (NOBODY, 0), "group": (0, NOBODY)}.get(change, (0, 0)))
    if change == "folder":
        os.chmod(shared, 0o777)
    backends.open(path).close()


@pytest.mark.parametrize("flavour", ["dumb", "gnu-ndbm"])
def test_a_pair_is_of_one_hand(shared: Path, flavour: str) -> None:
    """Half of it, or its lock, is no other user's."""
    path = shared / "pair"
    backends.open(path, flavour, "c").close()
    (lock,) = shared.glob(".*.lock")
    os.chown(lock, NOBODY, NOBODY)
    backends.open(path).close()
    with pytest.raises(CatalogError, match=r"\.lock belongs to user nobody"):
        backends.open(path, mode="w")
    os.unlink(lock)
    half = shared / "pair.dir"
    half.unlink()
    half.touch()
    os.chown(half, NOBODY, NOBODY)
    for mode in ("r", "w"):
        with pytest.raises(CatalogError, match=r"pair\.(dir|dat) belongs to"):
            backends.open(path, mode=mode)


def test_half_a_pair_that_lay_in_wait(shared: Path) -> None:
    """Values of somebody else's are not taken over by who makes the database."""
    waiting = shared / "pair.dat"
    waiting.touch()
    os.chown(waiting, NOBODY, NOBODY)
    with pytest.raises(CatalogError, match=r"pair\.dat belongs to user nobody"):
        backends.open(shared / "pair", "dumb", "c")


def test_nothing_beside(shared: Path) -> None:
    """What is not there is nobody's."""
    require_same_hand(str(shared / "any"), [str(shared / "any-journal")])
