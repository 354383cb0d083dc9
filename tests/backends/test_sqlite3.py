"""What holds of the pinned flavour alone: journal, syncs, killed processes, CPython's module."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import nullcontext
from pathlib import Path

import pytest

from plugreg import backends
from plugreg.backends.sqlite.errors import explained
from tests.backends.test_opening import make, snapshot
from tests.corpus_cases import copied_case, expected_records
from tests.fresh_process import WRITE, run_fresh
from tests.interpreters import python_with_dbm_sqlite3
from tests.other_user import in_child

WAL = b"\x02\x02"
ROLLBACK = b"\x01\x01"


def journal_bytes(path: str | Path) -> bytes:
    """Return the two bytes of the header that say whether the file is in WAL mode."""
    return Path(path).read_bytes()[18:20]


def test_journal_and_syncs(tmp_path: Path) -> None:
    """A rollback journal, and syncs that also cover its unlinking."""
    with backends.open(tmp_path / "db", mode="c") as store:
        store[b"a"] = b"1"
        assert store._connection.execute("PRAGMA journal_mode").fetchone() == ("delete",)
        assert store._connection.execute("PRAGMA synchronous").fetchone() == (3,)
    assert journal_bytes(tmp_path / "db") == ROLLBACK


def test_reopening_keeps_them(tmp_path: Path) -> None:
    """They are settings of a connection: an existing file gets them as well."""
    make(tmp_path / "db", "sqlite3")
    with backends.open(tmp_path / "db", mode="w") as store:
        assert store._connection.execute("PRAGMA synchronous").fetchone() == (3,)


@pytest.mark.only_where(sys.version_info >= (3, 13), "dbm.sqlite3 came with Python 3.13")
def test_the_layout_is_cpythons(tmp_path: Path) -> None:
    """One table as `dbm.sqlite3` makes it, to the letter."""
    import dbm.sqlite3

    dbm.sqlite3.open(tmp_path / "theirs", "c").close()
    make(tmp_path / "ours", "sqlite3")
    query = "SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY name"
    found = []
    for name in ("theirs", "ours"):
        connection = sqlite3.connect(tmp_path / name)
        found.append(connection.execute(query).fetchall())
        connection.close()
    assert found[0] == found[1]


@pytest.mark.only_where(sys.version_info >= (3, 13), "dbm.sqlite3 came with Python 3.13")
def test_cpython_reads_and_writes_it(tmp_path: Path) -> None:
    """`dbm.sqlite3` opens it; what that changes is seen here, and WAL mode is left again."""
    import dbm.sqlite3

    path = make(tmp_path / "db", "sqlite3", a=b"1").path
    with dbm.sqlite3.open(path, "w") as theirs:
        assert dict(theirs) == {b"a": b"1"}
        theirs[b"b"] = b"2"
    assert journal_bytes(path) == WAL
    with backends.open(path) as store:
        assert dict(store) == {b"a": b"1", b"b": b"2"}
    assert journal_bytes(path) == WAL  # reading changed nothing
    backends.open(path, mode="w").close()
    assert journal_bytes(path) == ROLLBACK


def test_a_writable_open_leaves_wal_mode(tmp_path: Path) -> None:
    """With the newest records in the -wal: they are there, the sidecars are not."""
    path = copied_case("sqlite3-wal", tmp_path)
    with backends.open(path, mode="w") as store:
        assert dict(store) == expected_records("sqlite3-wal")
    assert journal_bytes(path) == ROLLBACK
    assert [f.name for f in tmp_path.iterdir()] == [path.name]


def test_wal_mode_stays_while_somebody_holds_the_file(tmp_path: Path) -> None:
    """It cannot be left then; opening and writing work all the same."""
    path = copied_case("sqlite3-wal", tmp_path)
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("BEGIN")
    holder.execute("SELECT * FROM Dict").fetchone()
    with backends.open(path, mode="w", timeout_s=0.1) as store:
        store[b"new"] = b"1"
        assert store._connection.execute("PRAGMA synchronous").fetchone() == (3,)
    holder.close()
    with backends.open(path) as store:
        assert dict(store) == {**expected_records("sqlite3-wal"), b"new": b"1"}


@pytest.mark.parametrize("case", ["sqlite3-wal", "sqlite3-wal-noshm", "sqlite3-wal-all"])
def test_a_wal_file_in_a_folder_that_is_read_only(shared_folder: Path, case: str) -> None:
    """Another user reads its newest records, and identifies it, without a trace."""
    path = copied_case(case, shared_folder)
    for file in shared_folder.iterdir():
        file.chmod(0o444)
    shared_folder.chmod(0o555)
    before = snapshot(shared_folder)

    def read() -> tuple[str, dict[bytes, bytes]]:
        with backends.open(path) as store:
            return backends.identify(path).flavour, dict(store)

    assert in_child(read, drop_rights=True) == ("sqlite3", expected_records(case))
    assert snapshot(shared_folder) == before


@pytest.mark.parametrize("case", ["sqlite3-wal", "sqlite3-wal-noshm", "sqlite3-basic"])
def test_identifying_leaves_no_litter(
    tmp_path: Path, case: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No sidecar appears and none vanishes, and no private copy stays behind."""
    path = copied_case(case, tmp_path)
    names = sorted(f.name for f in tmp_path.iterdir())
    (tmp_path / "copies").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "copies"))
    backends.identify(path)
    assert sorted(f.name for f in tmp_path.iterdir() if f.is_file()) == names
    assert list((tmp_path / "copies").iterdir()) == []


def test_identifying_a_clean_wal_file_leaves_no_litter(tmp_path: Path) -> None:
    """The header says WAL, no -wal is there: none is made."""
    path = copied_case("sqlite3-wal-lost", tmp_path)
    assert journal_bytes(path) == WAL
    backends.identify(path)
    assert [f.name for f in tmp_path.iterdir()] == [path.name]


def hot_journal(folder: Path) -> Path:
    """Make a database whose writer died: half a change in it, the old pages in a journal."""
    path = folder / "db"
    with backends.open(path, mode="c") as store, store.transaction():
        for number in range(2000):
            store[b"%06d" % number] = b"old" * 100

    def die() -> None:
        connection = sqlite3.connect(path, isolation_level=None)
        connection.execute("PRAGMA cache_size = 5")
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("UPDATE Dict SET value = x'00'")
        os.kill(os.getpid(), signal.SIGKILL)

    child = os.fork()
    if not child:
        die()
    os.waitpid(child, 0)
    assert os.path.getsize(f"{path}-journal") > 0
    return path


def test_a_hot_journal_and_a_reader(shared_folder: Path) -> None:
    """Who may only read sees the last committed state, not half a change, and touches nothing."""
    path = hot_journal(shared_folder)
    for file in shared_folder.iterdir():
        file.chmod(0o444)
    shared_folder.chmod(0o555)
    before = snapshot(shared_folder)

    def read() -> tuple[int, set[bytes], str]:
        with backends.open(path) as store:
            return len(store), set(store.values()), backends.identify(path).flavour

    assert in_child(read, drop_rights=True) == (2000, {b"old" * 100}, "sqlite3")
    assert snapshot(shared_folder) == before


def test_a_hot_journal_and_a_writer(tmp_path: Path) -> None:
    """The next writer rolls it back and goes on."""
    path = hot_journal(tmp_path)
    with backends.open(path, mode="w") as store:
        assert set(store.values()) == {b"old" * 100}
        store[b"new"] = b"1"
    assert [f.name for f in tmp_path.iterdir()] == ["db"]


def test_a_private_copy_goes_with_its_store(shared_folder: Path) -> None:
    """Closing the store removes the folder of the copy; the copy is read-only."""
    path = hot_journal(shared_folder)
    for file in shared_folder.iterdir():
        file.chmod(0o444)
    shared_folder.chmod(0o555)

    def look() -> tuple[bool, bool, bool]:
        with backends.open(path) as store:
            folder = Path(store._folder)
            there, read_only = folder.exists(), store.read_only
        return there, read_only, folder.exists()

    assert in_child(look, drop_rights=True) == (True, True, False)


@pytest.mark.parametrize("flavour", ["sqlite3", "dumb"])
def test_killed_while_creating(tmp_path: Path, flavour: str) -> None:
    """Whenever the maker is killed, no unusable database is left under the name."""
    for round_ in range(25):
        path = tmp_path / f"db{round_}"
        child = os.fork()
        if not child:
            with backends.open(path, flavour, "c") as store:
                store[b"a"] = b"1"
            os._exit(0)
        time.sleep(0.0006 * round_)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        assert not path.exists() or path.stat().st_size > 0
        with backends.open(path, flavour, "c") as store:
            assert dict(store) in ({}, {b"a": b"1"})
            store[b"b"] = b"2"
        with backends.open(path) as store:
            assert store[b"b"] == b"2"


@pytest.mark.parametrize("step", ["connect", "execute", "publish", "link"])
def test_a_failure_while_creating(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    """Whatever step fails, neither the name nor a temporary file is left."""
    from plugreg.backends import durable
    from plugreg.backends.sqlite import writer

    def fail(*_arguments: object) -> None:
        raise KeyboardInterrupt

    target = {
        "connect": (writer, "connect"),
        "execute": (writer._Filling, "run"),
        "publish": (durable, "publish"),
        "link": (os, "link"),
    }[step]
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(*target, fail)
        backends.open(tmp_path / "db", mode="c")
    assert list(tmp_path.iterdir()) == []


def test_a_kill_loses_no_acknowledged_record(tmp_path: Path) -> None:
    """What a killed writer had been told is written is there, and the file opens."""
    path = tmp_path / "db"
    backends.open(path, mode="c").close()
    for round_ in range(8):
        reading, writing = os.pipe()
        child = os.fork()
        if not child:
            os.close(reading)
            with backends.open(path, mode="w") as store:
                for number in range(100_000):
                    store[b"%d-%d" % (round_, number)] = b"v" * 500
                    os.write(writing, b"%d\n" % number)
        os.close(writing)
        with open(reading, "rb") as pipe:
            for _ in range(5 + round_ * 7):
                last = pipe.readline()
            os.kill(child, signal.SIGKILL)
            last = (pipe.read().splitlines() or [last])[-1]
        os.waitpid(child, 0)
        with backends.open(path, mode="w") as store:
            assert all(b"%d-%d" % (round_, n) in store for n in range(int(last) + 1))


def test_two_writers_lose_nothing(tmp_path: Path) -> None:
    """Two processes write at once, waiting for each other."""
    path = make(tmp_path / "db", "sqlite3").path
    children = []
    for who in (b"a", b"b"):
        child = os.fork()
        if not child:
            with backends.open(path, mode="w", timeout_s=60) as store:
                for number in range(50):
                    store[who + b"%d" % number] = b"v"
            os._exit(0)
        children.append(child)
    assert [os.waitpid(child, 0)[1] for child in children] == [0, 0]
    with backends.open(path) as store:
        assert len(store) == 100


def test_a_reader_keeps_no_lock(tmp_path: Path) -> None:
    """After a record was read, and while the store is open, another process writes at once."""
    path = make(tmp_path / "db", "sqlite3", a=b"1").path

    with backends.open(path) as store:
        assert (store[b"a"], b"z" in store, len(store)) == (b"1", False, 1)
        assert run_fresh(WRITE, path, "b", "2") == "written"
        assert store[b"b"] == b"2"  # and it is not stale


def test_text_that_another_program_stored(tmp_path: Path) -> None:
    """A column of text is read as its UTF-8 bytes; a number is damage."""
    path = make(tmp_path / "db", "sqlite3").path
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("INSERT INTO Dict VALUES (x'61', 'täxt')")
    with backends.open(path) as store:
        assert store[b"a"] == "täxt".encode()
    connection.execute("UPDATE Dict SET value = 5")
    connection.close()
    with backends.open(path) as store, pytest.raises(backends.CatalogCorrupt, match="int"):
        store[b"a"]


@pytest.fixture
def with_text(tmp_path: Path) -> str:
    """The path of a database in which another program stored a key as text, and not a number."""
    path = make(tmp_path / "db", "sqlite3").path
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("DELETE FROM Dict")
    connection.execute("INSERT INTO Dict VALUES ('käy', x'31'), (x'62', x'32')")
    connection.close()
    return path


def test_a_key_of_text_is_a_key(with_text: str) -> None:
    """Whoever iterates gets it, so it is found by it, and no other is."""
    key = "käy".encode()
    with backends.open(with_text) as store:
        assert set(store) == {key, b"b"}
        assert (store[key], store.get(key), key in store) == (b"1", b"1", True)
        assert (b"k" in store, b"\xff" in store, store.get(b"z")) == (False, False, None)


@pytest.mark.parametrize("whole", [True, False], ids=["transaction", "change"])
@pytest.mark.parametrize("verb", ["set", "add", "delete", "pop"])
def test_a_key_of_text_can_be_changed(with_text: str, verb: str, whole: bool) -> None:
    """It is the same key, and there is one of it afterwards, or none."""
    key = "käy".encode()
    verbs = {
        "set": lambda store: store.__setitem__(key, b"3"),
        "add": lambda store: store.add(key, b"4"),
        "delete": lambda store: store.__delitem__(key),
        "pop": lambda store: store.pop(key),
    }
    with backends.open(with_text, mode="w") as store:
        with store.transaction() if whole else nullcontext():
            verbs[verb](store)
        assert list(store).count(key) == (verb in {"set", "add"})
        assert store.get(key) == {"set": b"3", "add": b"1"}.get(verb)
        assert store[b"b"] == b"2"


def test_a_key_that_is_there_twice(with_text: str) -> None:
    """As bytes and as text: neither is lost, and both can be removed."""
    connection = sqlite3.connect(with_text, isolation_level=None)
    connection.execute("INSERT INTO Dict VALUES ('b', x'33')")
    connection.close()
    with backends.open(with_text, mode="w") as store:
        assert store[b"b"] == b"2"
        del store[b"b"]
        assert store[b"b"] == b"3"
        del store[b"b"]
        assert b"b" not in store


def test_a_full_disk(tmp_path: Path) -> None:
    """A write that finds no room is an error that says nothing was changed, and nothing is."""
    with backends.open(tmp_path / "db", mode="c") as store:
        store[b"a"] = b"1"
        pages = store._connection.execute("PRAGMA page_count").fetchone()[0]
        store._connection.execute(f"PRAGMA max_page_count = {pages}")
        with pytest.raises(backends.CatalogError, match="nothing was changed") as caught:
            store[b"b"] = bytes(1 << 20)
        assert caught.value.code == "catalog-storage"
        with pytest.raises(backends.CatalogError), store.transaction():
            store[b"c"] = b"1"
            store[b"b"] = bytes(1 << 20)
        assert dict(store) == {b"a": b"1"}
        store[b"a"] = b"2"
        assert dict(store) == {b"a": b"2"}


def _driver_error(name: str) -> sqlite3.Error:
    error = sqlite3.OperationalError("as the driver says")
    error.sqlite_errorname = name
    return error


PRIMARY = {
    "SQLITE_BUSY": backends.CatalogLocked,
    "SQLITE_LOCKED": backends.CatalogLocked,
    "SQLITE_PROTOCOL": backends.CatalogLocked,
    "SQLITE_CORRUPT": backends.CatalogCorrupt,
    "SQLITE_NOTADB": backends.NotADatabase,
    "SQLITE_READONLY": backends.CatalogReadOnly,
    "SQLITE_PERM": backends.CatalogReadOnly,
    "SQLITE_AUTH": backends.CatalogReadOnly,
    "SQLITE_CANTOPEN": "catalog-cannot-open",
    "SQLITE_FULL": "catalog-storage",
    "SQLITE_IOERR_DIR_FSYNC": "catalog-unconfirmed",  # the change was made before
    "SQLITE_IOERR": "catalog-storage",
    "SQLITE_NOMEM": "catalog-storage",
    "SQLITE_TOOBIG": "catalog-storage",
}
# What cannot come from a file or a disk: a fault of our own statements, or no error at all.
NOT_FROM_FILES = {
    *(
        "ABORT",
        "CONSTRAINT",
        "DONE",
        "EMPTY",
        "ERROR",
        "FORMAT",
        "INTERNAL",
        "INTERRUPT",
        "MISMATCH",
    ),
    *("MISUSE", "NOLFS", "NOTFOUND", "NOTICE", "OK", "RANGE", "ROW", "SCHEMA", "WARNING"),
    *("DENY", "IGNORE", "LIMIT"),
}


def _error_names() -> list[str]:
    """Return every error that this Python's driver knows by name."""
    kinds = [*PRIMARY, *(f"SQLITE_{kind}" for kind in NOT_FROM_FILES)]
    names = [name for name in dir(sqlite3) if name.startswith("SQLITE_")]
    codes = {
        name for name in names if name in kinds or name.startswith(tuple(f"{k}_" for k in kinds))
    }
    return sorted(codes)


@pytest.mark.parametrize("name", _error_names())
def test_every_driver_error_is_mapped(name: str) -> None:
    """Each is the most specific error of ours, with the path in its message."""
    found = explained(_driver_error(name), "/some/catalog")
    kind = next((k for k in PRIMARY if name == k or name.startswith(f"{k}_")), None)
    assert "/some/catalog" in str(found)
    assert isinstance(found, backends.CatalogError | backends.NotADatabase)
    if kind is None:
        assert (type(found), found.code) == (backends.CatalogError, "catalog")
        return
    expected = PRIMARY[kind]
    assert found.hint or isinstance(found, backends.NotADatabase)
    assert found.code == expected if isinstance(expected, str) else type(found) is expected


def test_the_table_of_errors_is_complete() -> None:
    """A primary error that a later SQLite adds is in neither list, and fails here."""
    known = {*PRIMARY, *(f"SQLITE_{kind}" for kind in NOT_FROM_FILES)}
    errors = [sqlite3.SQLITE_BUSY, sqlite3.SQLITE_NOTADB]
    primary = {
        name
        for name in dir(sqlite3)
        if name.startswith("SQLITE_")
        and isinstance(getattr(sqlite3, name), int)
        and name.count("_") == 1
        and min(errors) <= getattr(sqlite3, name) <= max(errors)
    }
    actions = {n for n in primary if n.split("_")[1] in {"ANALYZE", "ATTACH", "DETACH", "FUNCTION"}}
    assert {name for name in primary - actions if name not in known} <= _action_codes()


def _action_codes() -> set[str]:
    """Return the names that share the errors' numbers, but tell an authorizer what is done."""
    words = "ALTER DELETE INSERT PRAGMA READ SELECT TRANSACTION UPDATE REINDEX SAVEPOINT RECURSIVE"
    return {f"SQLITE_{word}" for word in words.split()}


def test_a_damaged_page_is_an_error_of_ours(tmp_path: Path) -> None:
    """Reading on meets the damage and names the file."""
    path = copied_case("damaged-sqlite3-page-bad", tmp_path)
    with pytest.raises(backends.CatalogCorrupt, match="restore it from a backup"):
        with backends.open(path) as store:
            list(store.scan())


def test_shelve_of_a_plain_python_reads_it(tmp_path: Path) -> None:
    """`shelve.open` of CPython 3.13 or later opens a database of ours."""
    python = python_with_dbm_sqlite3()
    make(tmp_path / "db", "sqlite3", a=b"\x80\x04K\x2a.")
    program = "import shelve, sys; print(dict(shelve.open(sys.argv[1], 'r')))"
    done = subprocess.run(
        [python, "-I", "-c", program, str(tmp_path / "db")],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.stdout, done.returncode) == ("{'a': 42}\n", 0), done.stderr


def test_all_records_in_the_order_of_the_file(tmp_path: Path) -> None:
    """As they were put, which is quicker to read than the order of the keys."""
    with backends.open(tmp_path / "db", "sqlite3", "c") as store:
        store.update({b"b": b"1", b"a": b"2", b"c": b""})
        assert list(store.records()) == [(b"b", b"1"), (b"a", b"2"), (b"c", b"")]
        assert [key for key, _ in store.scan()] == [b"a", b"b", b"c"]
