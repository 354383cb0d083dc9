"""Opening by what the bytes say, making what was asked for, and leaving everything else alone."""

from __future__ import annotations

import hashlib
import os
import sqlite3
from itertools import permutations
from pathlib import Path

import pytest

from plugreg import backends
from tests.backends.conftest import CREATABLE, require_writable_here
from tests.other_user import in_child

NAMES = (
    "plain",
    "with space",
    "per%cent %41",
    "question?mode=ro",
    "hash#fragment",
    "new\nline",
    "quote'\"",
    "schlüssel",
    b"not-utf8-\xff".decode("utf-8", "surrogateescape"),
    "-dash",
    "dots.in.the.name",
)


def snapshot(folder: Path) -> dict[str, tuple[object, ...]]:
    """Return of each thing in a folder what would tell that it was touched."""
    found: dict[str, tuple[object, ...]] = {}
    for path in sorted(folder.rglob("*")):
        status = path.lstat()
        digest = hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""
        # A folder's time stamp tells that a sidecar came and went, which is no harm.
        moment = 0 if path.is_dir() else status.st_mtime_ns
        found[str(path)] = (status.st_mode, status.st_ino, moment, digest)
    return found


def make(path: Path, flavour: str, **records: bytes) -> backends.Store:
    """Make a database of that flavour, closed."""
    with backends.open(path, flavour, "c") as store:
        store.update({key.encode(): value for key, value in records.items()})
    return store


def test_the_pinned_flavour_is_made(tmp_path: Path) -> None:
    """Nobody names a flavour: a new database is sqlite3, in modes c and n."""
    for mode in ("c", "n"):
        with backends.open(tmp_path / mode, mode=mode) as store:
            assert store.flavour == backends.PINNED == "sqlite3"


def test_what_exists_is_opened_as_what_it_is(tmp_path: Path, flavour: str) -> None:
    """Without a flavour every mode takes the one that the bytes have."""
    made = make(tmp_path / "db", flavour, a=b"1")
    for mode in ("r", "w", "c"):
        with backends.open(tmp_path / "db", mode=mode) as store:
            assert (store.flavour, dict(store)) == (made.flavour, {b"a": b"1"})
            assert store.read_only == (mode == "r")


def test_every_name_a_user_would_type(tmp_path: Path, flavour: str) -> None:
    """The name given, and each file made of it, open the same database."""
    make(tmp_path / "db", flavour, a=b"1")
    for name in ["db", *(file.name for file in tmp_path.iterdir() if file.name[0] != ".")]:
        with backends.open(tmp_path / name) as store:
            assert dict(store) == {b"a": b"1"}


@pytest.mark.parametrize("mode", ["r", "w"])
def test_a_missing_database(tmp_path: Path, mode: str) -> None:
    """Modes r and w name what is missing and make nothing."""
    with pytest.raises(backends.CatalogNotFound, match=r"nothing\.here"):
        backends.open(tmp_path / "nothing.here", mode=mode)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("mode", ["", "x", "rw", "cf", "R"])
def test_an_unknown_mode(tmp_path: Path, mode: str) -> None:
    """Any other mode is a ValueError that lists those that exist."""
    with pytest.raises(ValueError, match="'r', 'w', 'c' or 'n'"):
        backends.open(tmp_path / "db", mode=mode)
    assert list(tmp_path.iterdir()) == []


def test_another_flavour_than_asked_for(tmp_path: Path, flavour: str) -> None:
    """The error names both, says what to do, and nothing is touched."""
    made = make(tmp_path / "db", flavour, a=b"1")
    other = "dumb" if flavour != "dumb" else "sqlite3"
    before = snapshot(tmp_path)
    for mode in ("r", "w", "c"):
        with pytest.raises(
            backends.FlavourError, match=f"is {made.flavour}, not {other}"
        ) as caught:
            backends.open(tmp_path / "db", other, mode)
        assert (caught.value.code, made.flavour in caught.value.hint) == ("flavour-differs", True)
    assert snapshot(tmp_path) == before


def test_an_unknown_flavour(tmp_path: Path) -> None:
    """The error lists those that exist, in mode n before anything is removed."""
    make(tmp_path / "db", "sqlite3", a=b"1")
    for mode in ("r", "c", "n"):
        with pytest.raises(backends.FlavourUnknown, match="choose one of sqlite3"):
            backends.open(tmp_path / "db", "sqlite4", mode)
    with backends.open(tmp_path / "db") as store:
        assert dict(store) == {b"a": b"1"}


def test_a_flavour_spelt_as_the_module(tmp_path: Path, flavour: str) -> None:
    """`dbm.dumb` and the like name the same."""
    with backends.open(tmp_path / "db", f"dbm.{flavour}", "c") as store:
        store[b"a"] = b"1"
    with backends.open(tmp_path / "db", flavour) as store:
        assert dict(store) == {b"a": b"1"}


@pytest.mark.parametrize("name", NAMES)
def test_any_name(tmp_path: Path, flavour: str, name: str) -> None:
    """Every character of a path counts as itself, given as text, bytes or a path."""
    path = tmp_path / name
    with backends.open(path, flavour, "c") as store:
        store[b"a"] = b"1"
    for spelt in (path, os.fspath(path), os.fsencode(path)):
        with backends.open(spelt) as store:
            assert dict(store) == {b"a": b"1"}
    stray = [f for f in tmp_path.iterdir() if name not in f.name]
    assert stray == []


def test_a_relative_path(tmp_path: Path, flavour: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is taken from where the process stood when it opened."""
    monkeypatch.chdir(tmp_path)
    with backends.open("db", flavour, "c") as store:
        (tmp_path / "elsewhere").mkdir()
        monkeypatch.chdir(tmp_path / "elsewhere")
        store[b"a"] = b"1"
    assert list((tmp_path / "elsewhere").iterdir()) == []
    with backends.open(tmp_path / "db") as store:
        assert dict(store) == {b"a": b"1"}


@pytest.mark.parametrize("suffix", ["", ".db"])
def test_a_symlinked_database_stays_a_symlink(tmp_path: Path, flavour: str, suffix: str) -> None:
    """Writing goes to where the link points; in mode n as well."""
    real = tmp_path / "real"
    real.mkdir()
    path = make(real / "db", flavour, a=b"1").path
    if not os.path.isfile(path):  # a pair: no one file that a link could stand for
        return
    link = tmp_path / f"link{suffix}"
    link.symlink_to(path)
    with backends.open(link, mode="w") as store:
        store[b"b"] = b"2"
    assert link.is_symlink()
    with backends.open(path) as store:
        assert dict(store) == {b"a": b"1", b"b": b"2"}


def test_mode_n_through_a_symlink(tmp_path: Path) -> None:
    """The new database takes the place of the target, not of the link."""
    make(tmp_path / "real", "sqlite3", a=b"1")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    with backends.open(tmp_path / "link", mode="n") as store:
        store[b"n"] = b"2"
    assert (tmp_path / "link").is_symlink()
    with backends.open(tmp_path / "real") as store:
        assert dict(store) == {b"n": b"2"}


@pytest.mark.parametrize(
    ("old", "new"), [*permutations(CREATABLE, 2), *((same, same) for same in CREATABLE)]
)
def test_mode_n_leaves_nothing_of_the_old(tmp_path: Path, old: str, new: str) -> None:
    """Reopening finds the new database, empty, and no file of the old flavour stays."""
    require_writable_here(old)
    require_writable_here(new)
    make(tmp_path / "db", old, a=b"1")
    backends.open(tmp_path / "db", new, "n").close()
    (tmp_path / "alone").mkdir()
    backends.open(tmp_path / "alone" / "db", new, "c").close()
    left, alone = (
        {f.name for f in folder.iterdir() if f.is_file() and not f.name.startswith(".")}
        for folder in (tmp_path, tmp_path / "alone")
    )
    assert left == alone
    with backends.open(tmp_path / "db") as store:
        assert dict(store) == {}
        assert store.flavour == backends.identify(tmp_path / "db").flavour
    assert not [f.name for f in tmp_path.iterdir() if f.name.endswith((".old", ".tmp", ".mode"))]


def test_mode_n_removes_several_old_ones(tmp_path: Path) -> None:
    """Two databases under one name are both gone: neither can shadow the new one."""
    make(tmp_path / "db", "dumb", a=b"1")
    (tmp_path / "hidden").mkdir()
    make(tmp_path / "hidden" / "db", "sqlite3", b=b"2")
    os.rename(tmp_path / "hidden" / "db", tmp_path / "db")
    with backends.open(tmp_path / "db", mode="n") as store:
        assert dict(store) == {}
    assert sorted(f.name for f in tmp_path.iterdir() if f.is_file() and f.name[0] != ".") == ["db"]


def test_mode_n_removes_sidecars(tmp_path: Path) -> None:
    """A stale journal beside a new file would be rolled back into it."""
    make(tmp_path / "db", "sqlite3", a=b"1")
    for sidecar in ("-wal", "-shm", "-journal"):
        (tmp_path / f"db{sidecar}").write_bytes(b"")
    backends.open(tmp_path / "db", mode="n").close()
    assert [f.name for f in tmp_path.iterdir()] == ["db"]


def test_mode_n_takes_an_empty_file(tmp_path: Path) -> None:
    """Nothing can be lost of it."""
    (tmp_path / "db").touch()
    with backends.open(tmp_path / "db", mode="n") as store:
        store[b"a"] = b"1"
    with backends.open(tmp_path / "db") as store:
        assert dict(store) == {b"a": b"1"}


@pytest.mark.parametrize("impossible", ["sdbm", "cdb", "berkeley-btree"])
@pytest.mark.parametrize("mode", ["c", "n"])
def test_an_impossible_flavour_keeps_the_old(tmp_path: Path, impossible: str, mode: str) -> None:
    """A flavour that cannot be created, or not changed, is refused before anything is removed."""
    make(tmp_path / "db", "sqlite3", a=b"1")
    before = snapshot(tmp_path)
    name = "db" if mode == "n" else "new"
    with pytest.raises(backends.FlavourUnavailable, match="leave the flavour out"):
        backends.open(tmp_path / name, impossible, mode)
    assert snapshot(tmp_path) == before


def test_what_cannot_be_changed_says_what_makes_it_so(tmp_path: Path) -> None:
    """By the command, with the path as a shell takes it."""
    make(tmp_path / "my db", "gnu", a=b"1")
    backends.migrate(tmp_path / "my db", to="sdbm", backup=False)
    with pytest.raises(backends.FlavourUnavailable, match="changes none") as caught:
        backends.open(tmp_path / "my db", mode="w")
    assert caught.value.hint == f"`plugreg migrate '{tmp_path}/my db'` makes it sqlite3"


def _other_application(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE Dict (id INTEGER, body TEXT)")
    connection.close()


def _with_another_table(path: Path) -> None:
    make(path, "sqlite3", a=b"1")
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE other (x)")
    connection.close()


STRANGERS = {
    "sqlite of another application": _other_application,
    "sqlite with a second table": _with_another_table,
    "text": lambda path: path.write_text("not a database\n", "utf-8"),
    "long text": lambda path: path.write_text("key = value\n" * 5000, "utf-8"),
    "empty": lambda path: path.touch(),
    "one byte": lambda path: path.write_bytes(b"\x00"),
    "zeros": lambda path: path.write_bytes(bytes(8192)),
    "pickle": lambda path: path.write_bytes(b"\x80\x04}\x94."),
    "zip": lambda path: path.write_bytes(b"PK\x03\x04" + bytes(100)),
    "sqlite magic, then nothing": lambda path: path.write_bytes(b"SQLite format 3\x00"),
    "directory": lambda path: path.mkdir(),
    "fifo": os.mkfifo,
}


@pytest.mark.parametrize("mode", ["r", "w", "c", "n"])
@pytest.mark.parametrize("stranger", STRANGERS)
def test_what_is_no_database_is_refused_untouched(tmp_path: Path, stranger: str, mode: str) -> None:
    """Whatever the mode: an error that names the file, and not a byte or time stamp changed."""
    path = tmp_path / "thing"
    STRANGERS[stranger](path)
    before = snapshot(tmp_path)
    if (stranger, mode) == ("empty", "n"):
        return  # its own test: nothing can be lost of it
    for flavour in (None, "sqlite3", "dumb"):
        with pytest.raises(backends.NotADatabase, match="thing") as caught:
            backends.open(path, flavour, mode)
        assert caught.value.code == "not-a-database"
    assert snapshot(tmp_path) == before


@pytest.mark.parametrize("stranger", STRANGERS)
def test_what_is_no_database_is_identified_as_such(tmp_path: Path, stranger: str) -> None:
    """`identify` says what it is not, and touches nothing."""
    path = tmp_path / "thing"
    STRANGERS[stranger](path)
    before = snapshot(tmp_path)
    with pytest.raises(backends.NotADatabase, match="thing"):
        backends.identify(path)
    assert snapshot(tmp_path) == before


def test_without_permission(shared_folder: Path, flavour: str) -> None:
    """A user who may not read the files gets an error that says so."""
    path = Path(make(shared_folder / "db", flavour, a=b"1").path)
    for file in shared_folder.iterdir():
        file.chmod(0)
    for look in (
        lambda: backends.open(path),
        lambda: backends.open(path, mode="w"),
        lambda: backends.identify(path),
    ):
        with pytest.raises(backends.CatalogError, match=r"db.*(ermission|may)"):
            in_child(lambda look=look: look().path, drop_rights=True)  # type: ignore[misc]


def test_a_closed_folder_is_not_an_absent_database(shared_folder: Path, flavour: str) -> None:
    """Who may not search its folder is told so, and not that nothing is there."""
    path = Path(make(shared_folder / "db", flavour, a=b"1").path)
    shared_folder.chmod(0o700)
    for look in (
        lambda: backends.open(path),
        lambda: backends.open(path, mode="c"),
        lambda: backends.identify(path),
    ):
        with pytest.raises(backends.CatalogError, match="db.* cannot be looked at: ") as caught:
            in_child(lambda look=look: look().path, drop_rights=True)  # type: ignore[misc]
        assert caught.value.code == "catalog-cannot-open"


@pytest.mark.parametrize("mode", ["w", "c"])
def test_a_database_that_may_only_be_read(shared_folder: Path, flavour: str, mode: str) -> None:
    """Writing is refused at once, by its name; reading works from a folder that is read-only."""
    path = make(shared_folder / "db", flavour, a=b"1").path
    for file in shared_folder.iterdir():
        file.chmod(0o444)
    shared_folder.chmod(0o555)
    before = snapshot(shared_folder)

    def read() -> dict[bytes, bytes]:
        with backends.open(path) as store:
            return dict(store)

    assert in_child(read, drop_rights=True) == {b"a": b"1"}
    with pytest.raises(backends.CatalogError, match="db"):
        in_child(lambda: backends.open(path, mode=mode).path, drop_rights=True)
    assert snapshot(shared_folder) == before


def test_a_folder_that_may_not_be_written(shared_folder: Path, flavour: str) -> None:
    """A database that cannot be made there is an error of ours that names it."""
    shared_folder.chmod(0o555)
    with pytest.raises(backends.CatalogError, match="fresh"):
        in_child(
            lambda: backends.open(shared_folder / "fresh", flavour, "c").path, drop_rights=True
        )
    assert list(shared_folder.iterdir()) == []


def test_a_folder_that_is_not_there(tmp_path: Path, flavour: str) -> None:
    """No folder is made for a database; the error names it."""
    with pytest.raises(backends.CatalogError, match="fresh"):
        backends.open(tmp_path / "no" / "fresh", flavour, "c")
    assert list(tmp_path.iterdir()) == []


def test_a_new_database_has_the_mode_of_a_plain_file(tmp_path: Path, flavour: str) -> None:
    """The umask decides who may read it, as for any other file."""

    def modes() -> set[int]:
        os.umask(0o027)
        make(tmp_path / "db", flavour, a=b"1")
        files = [f for f in tmp_path.iterdir() if not f.name.startswith(".")]
        return {f.stat().st_mode & 0o777 for f in files}

    assert in_child(modes) == {0o640}


def test_two_makers_at_once(tmp_path: Path, flavour: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever comes second uses what the first one made."""
    made = backends.require_flavour(flavour)
    create = made.create

    def create_after_another(path: str) -> None:
        monkeypatch.undo()
        make(tmp_path / "db", flavour, theirs=b"1")
        create(path)

    monkeypatch.setattr(made, "create", create_after_another)
    with backends.open(tmp_path / "db", flavour, "c") as store:
        store[b"ours"] = b"2"
        assert dict(store) == {b"theirs": b"1", b"ours": b"2"}


@pytest.mark.parametrize("mode", ["c", "n"])
def test_a_new_database_in_a_folder_that_is_not_there_names_the_folder(tmp_path, mode):
    """Folders are the user's to make."""
    folder = f"the folder {tmp_path}/nowhere does not exist"
    with pytest.raises(backends.CatalogNotFound, match=folder):
        backends.open(tmp_path / "nowhere" / "x", mode=mode)
    assert not (tmp_path / "nowhere").exists()
