"""What holds of dumb files alone: two files, an index of text, CPython's own module beside us."""

from __future__ import annotations

import dbm.dumb
import os
import resource
import signal
from typing import TYPE_CHECKING

import pytest

from plugreg import backends
from plugreg.backends.testing import AWKWARD
from tests.backends.test_opening import make
from tests.corpus_cases import copied_case
from tests.other_user import in_child

if TYPE_CHECKING:
    from pathlib import Path


def test_cpython_reads_ours(tmp_path: Path) -> None:
    """Its own module finds every key and value that we wrote."""
    records = {key: key * 3 for key in AWKWARD} | {b"empty": b"", b"big": bytes(70_000)}
    with backends.open(tmp_path / "db", "dumb", "c") as store:
        with store.transaction():
            store.update(records)
        store[b"gone"] = b"x"
        del store[b"gone"]
    with dbm.dumb.open(str(tmp_path / "db"), "r") as theirs:
        assert {key: theirs[key] for key in theirs.keys()} == records  # noqa: SIM118 - C modules do not iterate


def test_we_read_and_write_cpythons(tmp_path: Path) -> None:
    """And the other way round; both can take turns."""
    with dbm.dumb.open(str(tmp_path / "db"), "c") as theirs:
        theirs[b"a"] = b"1"
        theirs[b"b"] = b"2" * 600
    with backends.open(tmp_path / "db", mode="w") as store:
        store[b"a"] = b"ours" * 200
        store[b"c"] = b""
    with dbm.dumb.open(str(tmp_path / "db"), "w") as theirs:
        assert theirs[b"a"] == b"ours" * 200
        theirs[b"b"] = b"again"
    with backends.open(tmp_path / "db") as store:
        assert dict(store) == {b"a": b"ours" * 200, b"b": b"again", b"c": b""}


def test_emptied_and_reopened(tmp_path: Path) -> None:
    """An empty index beside values that nobody names any more is an empty database."""
    with backends.open(tmp_path / "db", "dumb", "c") as store:
        store[b"a"] = b"1"
        store.clear()
    assert (tmp_path / "db.dat").stat().st_size > 0
    with backends.open(tmp_path / "db", mode="c") as store:
        assert (store.flavour, dict(store)) == ("dumb", {})


def test_a_reader_keeps_what_it_opened(tmp_path: Path) -> None:
    """A writer's changes do not reach into values that an open reader has yet to read."""
    make(tmp_path / "db", "dumb", a=b"old", b=b"old")
    with backends.open(tmp_path / "db") as reader:

        def rewrite() -> None:
            with backends.open(tmp_path / "db", mode="w") as writer:
                writer.update({b"a": b"new" * 999, b"b": b"new"})
                del writer[b"a"]

        in_child(rewrite)
        assert dict(reader) == {b"a": b"old", b"b": b"old"}


def test_a_later_line_wins(tmp_path: Path) -> None:
    """CPython appends a line for a key that it set again before closing."""
    (tmp_path / "db.dir").write_bytes(b"'a', (0, 3)\n'b', (512, 3)\n'a', (1024, 3)\n")
    (tmp_path / "db.dat").write_bytes(b"old".ljust(512, b"\0") + b"two".ljust(512, b"\0") + b"new")
    with backends.open(tmp_path / "db") as store:
        assert dict(store) == {b"a": b"new", b"b": b"two"}


def test_a_bad_line_is_named(tmp_path: Path) -> None:
    """The error says which line, and where the older state is; nothing is guessed."""
    path = make(tmp_path / "db", "dumb", a=b"1", b=b"2").path
    with open(f"{path}.dir", "ab") as file:
        file.write(b"'c', (1024, \n")
    with pytest.raises(backends.CatalogCorrupt, match=r"db\.dir is damaged in line 3") as caught:
        backends.open(path)
    assert ".bak" in caught.value.hint


@pytest.mark.parametrize("line", [b"__import__('os')", b"'a' * 9, (0, 1)", b"'a', (0, -1)"])
def test_the_index_is_not_run(tmp_path: Path, line: bytes) -> None:
    """A line is a quoted key and two numbers; any other text is refused, not evaluated."""
    path = make(tmp_path / "db", "dumb", a=b"1").path
    with open(f"{path}.dir", "ab") as file:
        file.write(line + b"\n")
    with pytest.raises(backends.CatalogCorrupt, match="line 2"):
        backends.open(path)


def test_values_that_were_cut(tmp_path: Path) -> None:
    """CPython returns short values without a word; here it is an error that names the key."""
    path = make(tmp_path / "db", "dumb", a=b"1", b=b"2" * 300).path
    os.truncate(f"{path}.dat", 600)
    with pytest.raises(backends.CatalogCorrupt, match=r"the value of b'b' ends at 812"):
        backends.open(path)


def test_a_missing_index(tmp_path: Path) -> None:
    """With flag c CPython would open it empty; here the error says how to have the .bak's state."""
    path = make(tmp_path / "db", "dumb", a=b"1").path
    os.rename(f"{path}.dir", f"{path}.bak")
    for mode in ("r", "w", "c"):
        with pytest.raises(backends.NotADatabase, match=r"db\.dir is missing") as caught:
            backends.open(path, mode=mode)
        assert f"copy {path}.bak to {path}.dir" in caught.value.hint
    assert not os.path.exists(f"{path}.dir")


def test_values_without_index_and_backup(tmp_path: Path) -> None:
    """Nothing says where they start and end: refused, and not built over."""
    (tmp_path / "db.dat").write_bytes(b"values")
    for flavour in (None, "dumb"):
        with pytest.raises(backends.NotADatabase, match=r"db\.dat is no DBM database"):
            backends.open(tmp_path / "db", flavour, "c")
    assert (tmp_path / "db.dat").read_bytes() == b"values"
    assert [file.name for file in tmp_path.iterdir()] == ["db.dat"]


def test_what_a_killed_maker_left(tmp_path: Path) -> None:
    """Empty values and no index: nothing is lost, and the next maker takes over."""
    (tmp_path / "db.dat").touch()
    with pytest.raises(backends.CatalogNotFound):
        backends.open(tmp_path / "db")
    with backends.open(tmp_path / "db", "dumb", "c") as store:
        store[b"a"] = b"1"
    with backends.open(tmp_path / "db") as store:
        assert dict(store) == {b"a": b"1"}


def test_a_failed_write_leaves_the_old_state(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the index cannot be replaced, store and files hold what they held before."""
    from plugreg.backends import durable

    def fail(*_arguments: object) -> None:
        raise OSError(28, "No space left on device")

    with backends.open(tmp_path / "db", "dumb", "c") as store:
        store[b"a"] = b"1"
        with monkeypatch.context() as patch:
            patch.setattr(durable, "sync_path", fail)
            with pytest.raises(backends.CatalogError, match="No space"):
                store[b"a"] = b"2"
            with pytest.raises(backends.CatalogError, match="No space"), store.transaction():
                store[b"b"] = b"2"
        assert dict(store) == {b"a": b"1"}
    assert sorted(f.name for f in tmp_path.iterdir()) == [".db.lock", "db.dat", "db.dir"]
    with backends.open(tmp_path / "db") as store:
        assert dict(store) == {b"a": b"1"}


def test_half_a_value_gives_its_room_back(tmp_path: Path) -> None:
    """Where a large value has no room, a small one still has."""
    make(tmp_path / "db", "dumb", a=b"1")

    def change() -> tuple[str, dict[bytes, bytes]]:
        resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, resource.RLIM_INFINITY))
        with backends.open(tmp_path / "db", mode="w") as store:
            with pytest.raises(backends.CatalogError, match="could not be written") as caught:
                store[b"large"] = b"x" * 100_000
            store[b"small"] = b"2"
            return caught.value.code, dict(store)

    assert in_child(change) == ("catalog-storage", {b"a": b"1", b"small": b"2"})


def test_values_that_are_cut_while_they_are_read(tmp_path: Path) -> None:
    """The error names the file and what to do, as at the opening."""
    with backends.open(tmp_path / "db", "dumb", "c") as store:
        store[b"a"] = b"1" * 1000
    with backends.open(tmp_path / "db") as store:
        os.truncate(tmp_path / "db.dat", 500)
        for read in (lambda: store[b"a"], lambda: list(store.items())):
            with pytest.raises(
                backends.CatalogCorrupt, match="was cut while it was open"
            ) as caught:
                read()
            assert caught.value.message.startswith(f"{tmp_path / 'db'}.dat ")
            assert "restore it from a backup" in caught.value.hint
            assert caught.value.details["path"] == str(tmp_path / "db")


def test_a_kill_loses_no_acknowledged_record(tmp_path: Path) -> None:
    """What a killed writer had been told is written is there with its right value."""
    path = tmp_path / "db"
    backends.open(path, "dumb", "c").close()
    for round_ in range(6):
        reading, writing = os.pipe()
        child = os.fork()
        if not child:
            os.close(reading)
            with backends.open(path, mode="w") as store:
                for number in range(100_000):
                    store[b"k%d" % (number % 7)] = b"%d" % number * 90
                    os.write(writing, b"%d\n" % number)
        os.close(writing)
        with open(reading, "rb") as pipe:
            for _ in range(9 + round_ * 5):
                pipe.readline()
            os.kill(child, signal.SIGKILL)
            told = pipe.read().split()
        os.waitpid(child, 0)
        with backends.open(path, mode="w") as store:
            assert len(store) == 7
            for key, value in store.items():
                number = int(value[: len(value) // 90])
                assert value == b"%d" % number * 90
                assert key == b"k%d" % (number % 7)
                assert not told or number >= int(told[-1]) - 6


def test_windows_line_ends(tmp_path: Path) -> None:
    """An index with CR LF is read, and written back with LF."""
    path = copied_case("dumb-crlf", tmp_path)
    with backends.open(path, mode="w") as store:
        count = len(store)
        store[b"new"] = b"1"
    assert b"\r" not in (tmp_path / f"{path.name}.dir").read_bytes()
    with backends.open(path) as store:
        assert len(store) == count + 1


def test_all_records_of_many(tmp_path: Path) -> None:
    """In the order of the index, a batch after another; a cut of the values is noticed."""
    records = {b"%d" % number: b"v" * (number % 700) for number in range(3000)}
    with backends.open(tmp_path / "db", "dumb", "c") as store, store.transaction():
        store.update(records)
    with backends.open(tmp_path / "db") as store:
        assert list(store.records()) == list(records.items())
        os.truncate(tmp_path / "db.dat", 2500 * 512)
        found = []
        with pytest.raises(backends.CatalogCorrupt, match="cut while it was open"):
            found.extend(store.records())
        assert found == list(records.items())[: len(found)]
        assert found
