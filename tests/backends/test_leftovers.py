"""What killed makers leave beside a database: taken over or removed, and never a living one's."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING

import pytest

from plugreg import backends
from plugreg.backends.leftovers import remove_leftovers
from tests.other_user import in_child

if TYPE_CHECKING:
    from pathlib import Path


def _die_while_making(path: Path) -> None:
    """Kill a process that has a half-made file beside `path`."""
    child = os.fork()
    if not child:
        with backends.fresh_files(str(path)) as (file,):
            os.truncate(file, 100)
            os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(child, 0)


@pytest.mark.parametrize("mode", ["c", "w"])
def test_the_next_writer_removes_them(tmp_path: Path, flavour: str, mode: str) -> None:
    """Those of every file that the database can have, and of no other database."""
    if mode == "w":
        backends.open(tmp_path / "db", flavour, "c").close()
    before = set(os.listdir(tmp_path))
    for name in ("db", "db.pag", "db.dat", "db.db", "db2", "db.other"):
        if not (tmp_path / name).exists():
            _die_while_making(tmp_path / name)
        else:
            (tmp_path / f".{name}.abcdef12.tmp").write_bytes(b"half")
    (tmp_path / ".db.abcdef12.tmp.mode").touch()
    backends.open(tmp_path / "db", flavour, mode).close()
    left = set(os.listdir(tmp_path)) - before
    assert sorted(name[:5] for name in left if name.endswith("tmp")) == [".db.o", ".db2."]
    assert not [name for name in left if name.endswith(".mode")]


def test_a_living_maker_is_left_alone(tmp_path: Path) -> None:
    """What it has half made stays until it is whole; readers remove nothing."""
    with backends.fresh_files(str(tmp_path / "db")) as (file,):
        in_child(lambda: remove_leftovers(str(tmp_path / "db")))
        assert os.path.exists(file)
    _die_while_making(tmp_path / "other")
    backends.open(tmp_path / "other", mode="c").close()
    (tmp_path / ".other.abcdef12.tmp").touch()
    backends.open(tmp_path / "other").close()
    assert (tmp_path / ".other.abcdef12.tmp").exists()


@pytest.mark.parametrize(("flavour", "first"), [("dumb", ".dat"), ("gnu-ndbm", ".dir")])
def test_half_a_pair(tmp_path: Path, flavour: str, first: str) -> None:
    """The empty file that a killed maker left is no database, and the next one is made with it."""
    (tmp_path / f"db{first}").touch()
    with pytest.raises(backends.CatalogNotFound):
        backends.open(tmp_path / "db")
    with backends.open(tmp_path / "db", flavour, "c") as store:
        store[b"key"] = b"value"
    with backends.open(tmp_path / "db") as store:
        assert (store.flavour, dict(store)) == (flavour, {b"key": b"value"})
