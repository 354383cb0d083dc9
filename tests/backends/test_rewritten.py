"""Stores that rewrite their file with every commit: nothing lost and nobody disturbed."""

from __future__ import annotations

import os
import random
import resource
import signal
from typing import TYPE_CHECKING

import pytest

from plugreg import backends
from plugreg.backends import durable
from plugreg.backends.reader import Reader
from tests.backends.test_opening import snapshot
from tests.corpus_cases import case_names, copied_case
from tests.other_user import in_child

if TYPE_CHECKING:
    from pathlib import Path

REWRITTEN = ("gnu", "gnu-ndbm", "berkeley-hash")
# The one file that is replaced, for a database called "db".
FILE = {"gnu": "db", "gnu-ndbm": "db.pag", "berkeley-hash": "db"}


@pytest.fixture(params=REWRITTEN)
def rewritten(request: pytest.FixtureRequest) -> str:
    """The name of each flavour whose stores rewrite their file, in turn."""
    name: str = request.param
    return name


def filled(path: Path, flavour: str, number: int = 50) -> dict[bytes, bytes]:
    """Make a database of so many records; what is in it."""
    records = {b"key %d" % n: b"value %d" % n * (n % 9) for n in range(number)}
    backends.require_flavour(flavour).write_fresh(str(path), records.items())
    return records


def read(path: Path) -> dict[bytes, bytes]:
    """Return what the file holds, every byte of it looked at."""
    with backends.open(path) as store:
        assert isinstance(store, Reader)
        return dict(store.records())


def test_each_kill_finds_a_whole_file(tmp_path: Path, rewritten: str) -> None:
    """What was acknowledged is there, a transaction is whole or absent, the next writer goes on."""
    filled(tmp_path / "db", rewritten)
    chance = random.Random(rewritten)
    for round_ in range(12):
        acknowledged = _killed_writer(tmp_path / "db", round_, chance.uniform(0.005, 0.06))
        with backends.open(tmp_path / "db", mode="w") as store:
            found = dict(store)
            for number in range(acknowledged):
                assert found[b"one %d %d" % (round_, number)] == b"1" * number
            ones, twos = (
                {key.split(b" ", 1)[1] for key in found if key.startswith(start)}
                for start in (b"one ", b"two ")
            )
            assert ones == twos
            store[b"round %d" % round_] = b"survived"
    assert sum(key.startswith(b"round") for key in read(tmp_path / "db")) == 12
    left = {name for name in os.listdir(tmp_path) if not name.startswith("db")}
    assert left == {".db.lock"}


def _killed_writer(path: Path, round_: int, after_s: float) -> int:
    """Kill a writer so long after its first commit; how many it was told are on disk."""
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        with backends.open(path, mode="w") as store:
            for number in range(100_000):
                with store.transaction():
                    store[b"one %d %d" % (round_, number)] = b"1" * number
                    store[b"two %d %d" % (round_, number)] = b"2"
                os.write(writing, b".")
    os.close(writing)
    with open(reading, "rb", buffering=0) as pipe:
        told = len(pipe.read(1))
        signal.sigtimedwait([], after_s)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        while more := len(pipe.read(4096)):
            told += more
    return told


def test_a_reader_keeps_what_it_opened(tmp_path: Path, rewritten: str) -> None:
    """It reads the old file on, whole; who opens later has the change."""
    records = filled(tmp_path / "db", rewritten)
    with backends.open(tmp_path / "db") as reader:
        half = iter(reader.items())
        first = next(half)
        with backends.open(tmp_path / "db", mode="w") as store:
            store.clear()
            store[b"new"] = b"1"
            assert dict([first, *half]) == records
            assert all(reader[key] == value for key, value in records.items())
            assert read(tmp_path / "db") == {b"new": b"1"}
    assert read(tmp_path / "db") == {b"new": b"1"}


def test_mode_and_owner_are_kept(tmp_path: Path, rewritten: str) -> None:
    """A change leaves both as they were, and so does a file that only its owner may read."""
    filled(tmp_path / "db", rewritten)
    file = tmp_path / FILE[rewritten]
    if os.geteuid() == 0:
        for each in backends.require_flavour(rewritten).files(str(tmp_path / "db")):
            os.chown(each, 1234, 4321)
    for mode in (0o600, 0o664, 0o640):
        file.chmod(mode)
        before = file.stat()
        with backends.open(tmp_path / "db", mode="w") as store:
            store[b"mode"] = b"%o" % mode
        after = file.stat()
        assert (after.st_mode, after.st_uid, after.st_gid) == (
            before.st_mode,
            before.st_uid,
            before.st_gid,
        )
        assert after.st_ino != before.st_ino


def test_the_limit_of_a_file(tmp_path: Path, rewritten: str) -> None:
    """A change that has no room is an error; file and store stay as they were, and go on."""
    records = filled(tmp_path / "db", rewritten)
    before = (tmp_path / FILE[rewritten]).read_bytes()

    def change() -> tuple[str, dict[bytes, bytes], bytes, set[str]]:
        limit = len(before) + 50_000
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
        with backends.open(tmp_path / "db", mode="w") as store:
            with pytest.raises(backends.CatalogError, match="could not be written") as caught:
                store[b"large"] = b"x" * 200_000
            after = (tmp_path / FILE[rewritten]).read_bytes()
            left = set(os.listdir(tmp_path))
            found = dict(store)
            store[b"small"] = b"1"
            return caught.value.code, found, after, left

    code, found, after, left = in_child(change)
    assert (code, found, after == before) == ("catalog-storage", records, True)
    assert left <= {"db", "db.pag", "db.dir", ".db.lock"}
    assert read(tmp_path / "db") == {**records, b"small": b"1"}


def test_a_folder_that_cannot_be_synced(
    tmp_path: Path, rewritten: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The error says that the change was made, and the store holds what the file holds."""
    filled(tmp_path / "db", rewritten)

    def fail(path: str) -> None:
        raise OSError(5, os.strerror(5), path)

    with backends.open(tmp_path / "db", mode="w") as store:
        with monkeypatch.context() as patch, pytest.raises(backends.CatalogError) as caught:
            patch.setattr(durable, "sync_folder_of", fail)
            store[b"new"] = b"1"
        assert caught.value.code == "catalog-unconfirmed"
        assert dict(store) == read(tmp_path / "db")
        assert store[b"new"] == b"1"
        store[b"later"] = b"2"
        assert dict(store) == read(tmp_path / "db")


@pytest.mark.parametrize("step", ["_fill", "_connect"])
def test_a_change_that_is_interrupted(
    tmp_path: Path, rewritten: str, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ctrl-C while the fresh file is made leaves everything as it was."""
    records = filled(tmp_path / "db", rewritten)

    def interrupted(*_arguments: object) -> None:
        raise KeyboardInterrupt

    with backends.open(tmp_path / "db", mode="w") as store:
        before = snapshot(tmp_path)
        with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
            patch.setattr(store, step, interrupted)
            with store.transaction():
                store[b"new"] = b"1"
                store.pop(b"key 1")
        assert snapshot(tmp_path) == before
        assert dict(store) == records


def test_what_a_kill_left_is_used_up(tmp_path: Path, rewritten: str) -> None:
    """A half-made file beside is no obstacle, and goes with the next change; a link is no way."""
    records = filled(tmp_path / "db", rewritten)
    (tmp_path / "elsewhere").write_bytes(b"untouched")
    (tmp_path / f".{FILE[rewritten]}.new").symlink_to(tmp_path / "elsewhere")
    with backends.open(tmp_path / "db", mode="w") as store:
        store[b"new"] = b"1"
    assert read(tmp_path / "db") == {**records, b"new": b"1"}
    assert (tmp_path / "elsewhere").read_bytes() == b"untouched"
    assert not [name for name in os.listdir(tmp_path) if name.endswith(".new")]


def test_without_a_change_nothing_is_written(tmp_path: Path, rewritten: str) -> None:
    """Opening, reading, an empty transaction and one that is rolled back leave the file alone."""
    filled(tmp_path / "db", rewritten)
    with backends.open(tmp_path / "db", mode="w") as store:
        before = snapshot(tmp_path)
        assert len(store) == 50
        with store.transaction():
            pass
        with pytest.raises(KeyError), store.transaction():
            store[b"new"] = b"1"
            del store[b"missing"]
    assert snapshot(tmp_path) == before


def test_a_symlinked_file_of_a_pair(tmp_path: Path) -> None:
    """The file that the link leads to is replaced, and all its names have one lock."""
    (tmp_path / "real").mkdir()
    filled(tmp_path / "real" / "db", "gnu-ndbm")
    for suffix in (".pag", ".dir"):
        (tmp_path / f"link{suffix}").symlink_to(tmp_path / "real" / f"db{suffix}")
    with backends.open(tmp_path / "link", mode="w") as store:
        store[b"new"] = b"1"
        with pytest.raises(backends.CatalogLocked):
            in_child(lambda: backends.open(tmp_path / "real" / "db", mode="w", timeout_s=0.05).path)
    assert (tmp_path / "link.pag").is_symlink()
    assert read(tmp_path / "real" / "db")[b"new"] == b"1"


@pytest.mark.parametrize("case", case_names("damaged-gdbm-", "damaged-bdb-hash", "damaged-gdbmcom"))
def test_damage_is_never_rewritten(tmp_path: Path, case: str) -> None:
    """Opening a damaged file to change it names it, and not a byte of it changes."""
    path = copied_case(case, tmp_path)
    before = path.read_bytes() if path.is_file() else b""
    with pytest.raises((backends.CatalogError, backends.FlavourError), match=path.name):
        backends.open(path, mode="w").close()
    assert not path.is_file() or path.read_bytes() == before
