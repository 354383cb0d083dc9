"""What a migration is asked for, and what stands in its way."""

from __future__ import annotations

import json
import os
import random
from typing import TYPE_CHECKING

import pytest

from plugreg import backends
from plugreg.backends.reader import Reader
from tests.backends.conftest import require_writable_here
from tests.corpus_cases import about, case_names, copied_case
from tests.other_user import NOBODY, in_child

from .databases import expected, listing, made, names, read, some

if TYPE_CHECKING:
    from pathlib import Path

# Cases with keys of several values.
REPEATED = ("bdb-hash-dupsort", "bdb-btree-dupsort-be", "bdb185-btree-dup", "cdb-tinycdb")
DAMAGED = [case for case in case_names("damaged-") if about(case).get("original_case")]
# Of whose header too much is gone for any reading; and a pair without its data.
HOPELESS = {
    "damaged-bdb-hash-magic-flip",
    "damaged-bdb-hash-pagesize-bad",
    "damaged-bdb-hash-version-99",
    "damaged-bdb185-hash-bsize-bad",
    "damaged-dbdump-badhex",
    "damaged-sdbm-no-pag",
    "damaged-sqlite3-cut",
}
# Whose bytes do not say what they are any more.
SAID = {
    "damaged-bdb-hash-magic-flip": "berkeley-hash",
    "damaged-sqlite3-header-flip": "sqlite3",
    "damaged-sdbm-no-pag": "sdbm",
}
# Where only the way to the records is damaged.
NOTHING_LOST = {
    "damaged-bdb-btree-leaf-loop",
    "damaged-bdb-hash-next-loop",
    "damaged-gdbmcompat-dir-bad",
    "damaged-sqlite3-header-flip",
}


def by_key(records: list[tuple[bytes, bytes]]) -> dict[bytes, list[bytes]]:
    """Return the values of each key, in their order."""
    found: dict[bytes, list[bytes]] = {}
    for key, value in records:
        found.setdefault(key, []).append(value)
    return found


@pytest.mark.parametrize("case", [case for case in REPEATED if case != "cdb-tinycdb"])
def test_several_values_of_a_key(tmp_path: Path, case: str) -> None:
    """Refused with their number, in a rehearsal as well; kept as it is chosen."""
    (tmp_path / "case").mkdir()
    path = copied_case(case, tmp_path / "case")
    with backends.open(path) as store:
        values = by_key(list(store.records()))
    repeated = sum(len(some_of_them) > 1 for some_of_them in values.values())
    assert repeated
    before = listing(tmp_path)
    for dest in (None, tmp_path / "new"):
        for dry_run in (True, False):
            with pytest.raises(backends.DuplicateKeys) as caught:
                backends.migrate(path, dest, dry_run=dry_run)
            assert f"{repeated:,} of {len(values):,} keys have more than one" in str(caught.value)
            assert caught.value.details["keys"] == repeated
    assert listing(tmp_path) == before
    for choice, at in (("first", 0), ("last", -1)):
        done = backends.migrate(path, tmp_path / choice, duplicates=choice)
        assert dict(read(tmp_path / choice)) == {key: found[at] for key, found in values.items()}
        (said,) = done.skipped
        more = sum(map(len, values.values())) - len(values)
        assert said.startswith(f"{more:,} further values")
        assert choice in said
    with pytest.raises(ValueError, match="'first' or 'last'"):
        backends.migrate(path, duplicates="best")


@pytest.mark.parametrize("case", DAMAGED)
def test_damage(tmp_path: Path, case: str) -> None:
    """An error without salvage, which changes nothing; with it, what the reader salvages."""
    (tmp_path / "case").mkdir()
    path = copied_case(case, tmp_path / "case")
    before = listing(tmp_path)
    with pytest.raises(backends.PlugregError) as caught:
        backends.migrate(path, tmp_path / "new")
    assert not isinstance(caught.value, backends.DuplicateKeys)
    assert listing(tmp_path) == before
    with pytest.raises(type(caught.value)):
        backends.migrate(path)
    if case in HOPELESS:
        with pytest.raises(backends.PlugregError):
            backends.migrate(path, tmp_path / "new", salvage=True, flavour=SAID.get(case))
        assert names(tmp_path) == ["case"]
        return
    done = backends.migrate(path, tmp_path / "new", salvage=True, flavour=SAID.get(case))
    with backends.require_flavour(done.from_flavour).open_damaged(done.source) as store:
        assert isinstance(store, Reader)
        wanted = by_key(list(store.salvage()))
    assert dict(read(tmp_path / "new")) == {key: values[0] for key, values in wanted.items()}
    assert bool(done.skipped) is not (case in NOTHING_LOST)


@pytest.mark.parametrize(
    "case", ["damaged-gdbm-cut-half", "damaged-dumb-dir-cut", "damaged-sqlite3-page-bad"]
)
def test_salvage_in_place(tmp_path: Path, case: str) -> None:
    """The damaged one is kept, and what was whole of it is found under its name."""
    path = copied_case(case, tmp_path)
    done = backends.migrate(path, salvage=True)
    assert 0 < len(read(path)) == done.records
    assert done.skipped
    assert done.backup
    with pytest.raises(backends.PlugregError):
        read(done.backup)
    assert backends.migrate(done.backup, tmp_path / "again", salvage=True).records == done.records


@pytest.mark.parametrize("case", ["damaged-sqlite3-cut", "random bytes in gnu"])
def test_a_salvage_destroys_nothing(tmp_path: Path, case: str) -> None:
    """What rescues no record is an error, and in place the damaged one is always kept."""
    if case.startswith("damaged"):
        path = copied_case(case, tmp_path)
    else:
        path = made(tmp_path, "gnu", number=300)
        size = path.stat().st_size
        head = path.read_bytes()[:256]
        path.write_bytes(head + random.Random(7).randbytes(size - 256))
    before = listing(tmp_path)
    for dry_run in (True, False):
        with pytest.raises(backends.CatalogCorrupt, match="no record could be rescued"):
            backends.migrate(path, salvage=True, dry_run=dry_run)
    with pytest.raises(backends.CatalogError, match="keeps the damaged database") as caught:
        backends.migrate(path, salvage=True, backup=False)
    assert caught.value.code == "salvage-keeps"
    assert listing(tmp_path) == before


def test_a_salvage_of_an_empty_database(tmp_path: Path) -> None:
    """One without damage has nothing to be rescued, and is no error."""
    backends.require_flavour("gnu").write_fresh(str(tmp_path / "db"), [])
    done = backends.migrate(tmp_path / "db", salvage=True)
    assert (done.records, done.skipped) == (0, ())


def test_what_the_bytes_do_not_say(tmp_path: Path) -> None:
    """A broken header takes the word of the caller, by any of the names; a sound one does not."""
    path = made(tmp_path, "sdbm")
    with pytest.raises(backends.FlavourError, match="is sdbm, not gnu"):
        backends.migrate(path, tmp_path / "new", flavour="gnu")
    (tmp_path / "text.pag").write_bytes(b"nothing " * 200)
    (tmp_path / "text.dir").write_bytes(b"")
    for name in ("text", "text.pag", "text.dir"):
        with pytest.raises(backends.NotADatabase):
            backends.migrate(tmp_path / name, tmp_path / "new")
        with pytest.raises(backends.CatalogCorrupt):
            backends.migrate(tmp_path / name, tmp_path / "new", flavour="sdbm")
    with pytest.raises(backends.CatalogNotFound, match="has no file of a tdb database"):
        (tmp_path / "alone.dir").write_bytes(b"x")
        backends.migrate(tmp_path / "alone", flavour="tdb")


@pytest.mark.parametrize("target", ["sqlite3", "dumb", "sdbm"])
@pytest.mark.parametrize("dest", [None, "new"])
@pytest.mark.parametrize("origin", ["gnu", "sqlite3", "dumb", "sqlite3 in WAL mode"])
def test_a_rehearsal_writes_nothing(
    tmp_path: Path, origin: str, target: str, dest: str | None
) -> None:
    """Not a byte, not a time, not a name; and it says what the real one does."""
    if origin.endswith("WAL mode"):
        path = copied_case("sqlite3-basic", tmp_path)
        target = "dumb" if target == "sdbm" else target
    else:
        path = made(tmp_path, origin)
    before, folder = listing(tmp_path), os.stat(tmp_path).st_mtime_ns
    told = backends.migrate(path, dest and tmp_path / dest, target, dry_run=True)
    assert listing(tmp_path) == before
    if not origin.endswith("WAL mode"):  # SQLite makes a log to read it, and removes it
        assert os.stat(tmp_path).st_mtime_ns == folder
    done = backends.migrate(path, dest and tmp_path / dest, target)
    for field in ("source", "dest", "from_flavour", "to_flavour", "records", "size_bytes"):
        assert getattr(told, field) == getattr(done, field)
    assert (told.dry_run, told.verified, done.dry_run) == (True, False, False)
    assert told.unchanged == done.unchanged == (dest is None and origin.startswith(target))
    assert done.verified is not done.unchanged


@pytest.mark.parametrize("dry_run", [True, False])
@pytest.mark.parametrize("dest", [None, "new"])
@pytest.mark.parametrize(
    ("target", "record"), [("sdbm", (b"large", bytes(1004))), ("sos", (b"no JSON", b"1"))]
)
def test_records_that_do_not_fit(
    tmp_path: Path, target: str, record: tuple[bytes, bytes], dest: str | None, dry_run: bool
) -> None:
    """They are named, in a rehearsal and in earnest, and nothing is written."""
    path = tmp_path / "db"
    backends.require_flavour("gnu").write_fresh(str(path), [*some(), record])
    before = listing(tmp_path)
    with pytest.raises(backends.CatalogError, match=f"{record[0]!r}") as caught:
        backends.migrate(path, dest and tmp_path / dest, target, dry_run=dry_run)
    assert (caught.value.code, caught.value.details["count"]) == ("records-do-not-fit", 1)
    assert listing(tmp_path) == before
    assert names(tmp_path) == ["db"]


def test_keys_that_the_target_takes_for_one(tmp_path: Path) -> None:
    """`1` and `1.0` are one key to pysos: that is told, and not that the source repeats any."""
    path = tmp_path / "db"
    backends.require_flavour("gnu").write_fresh(str(path), [(b"1", b"1"), (b"1.0", b"2")])
    with pytest.raises(backends.CatalogError, match="comes twice") as caught:
        backends.migrate(path, to="sos")
    assert caught.value.code == "key-twice"
    assert names(tmp_path) == ["db"]


def test_dests_that_cannot_be(tmp_path: Path) -> None:
    """Each error says which and what to do; nothing is made, nothing lost."""
    path = made(tmp_path, "gnu")
    other = made(tmp_path, "dumb", name="other", number=9)
    (tmp_path / "folder").mkdir()
    (tmp_path / "pair.dir").mkdir()
    before, there = listing(tmp_path), names(tmp_path)
    for dest, target, says in (
        (tmp_path / "gone" / "new", "sqlite3", "its folder does not exist"),
        (tmp_path / "folder", "sqlite3", "it is a directory"),
        (tmp_path / "pair", "dumb", "pair.dir exists already; it is a directory"),
        (path, "dumb", "leave DEST out"),
        (other, "sqlite3", "other.d.. exists already"),
        (other, "gnu-ndbm", "other.d.. exists already"),
    ):
        with pytest.raises(backends.CatalogError, match=says):
            backends.migrate(path, dest, target)
    with pytest.raises(backends.CatalogError, match="leave DEST out"):
        backends.migrate(path, path, "dumb", force=True)
    assert (listing(tmp_path), names(tmp_path)) == (before, there)
    backends.migrate(path, other, "gnu-ndbm", force=True)
    assert read(other) == some()
    assert [name for name in names(tmp_path) if name.startswith("other")] == [
        "other.dir",
        "other.pag",
    ]


def test_what_would_be_found_instead(tmp_path: Path) -> None:
    """A database NAME.db is found before a pair NAME: no pair is put beside it."""
    path = made(tmp_path, "gnu")
    made(tmp_path, "gnu", name="db.db", number=9)
    with pytest.raises(backends.CatalogError, match="db.db exists already"):
        backends.migrate(path, to="dumb")
    (tmp_path / "db.dat").write_bytes(b"somebody's")
    with pytest.raises(backends.CatalogError, match="exists already"):
        backends.migrate(path, to="dumb")
    backends.migrate(path, to="sqlite3")
    assert read(path) == some()
    assert (tmp_path / "db.dat").read_bytes() == b"somebody's"


def test_a_bridge_has_no_place(tmp_path: Path) -> None:
    """A pair that becomes a pair needs the name between: what has it stays."""
    path = made(tmp_path, "sdbm")
    path.mkdir()
    before = listing(tmp_path)
    with pytest.raises(backends.CatalogError, match="exists already"):
        backends.migrate(f"{path}.pag", to="gnu-ndbm")
    assert listing(tmp_path) == before
    assert names(tmp_path) == ["db", "db.dir", "db.pag"]


@pytest.mark.parametrize("suffix", ["", ".db"])
def test_a_link_as_source(tmp_path: Path, suffix: str) -> None:
    """It stays a link, to the new database; where that gets other names, it is refused."""
    (tmp_path / "real").mkdir()
    real = made(tmp_path / "real", "gnu", name=f"db{suffix}")
    link = tmp_path / f"link{suffix}"
    link.symlink_to(real)
    with pytest.raises(backends.CatalogError, match="is a symbolic link") as caught:
        backends.migrate(tmp_path / "link", to="dumb")
    assert caught.value.code == "source-is-link"
    assert str(real) in caught.value.hint
    done = backends.migrate(tmp_path / "link")
    assert link.is_symlink()
    assert done.dest == str(real)
    assert os.path.dirname(done.backup) == str(tmp_path / "real")
    assert read(link) == read(real) == some()
    assert backends.identify(link).flavour == "sqlite3"


def test_a_link_as_dest(tmp_path: Path) -> None:
    """What it leads to is made, or overwritten."""
    path = made(tmp_path, "gnu")
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    backends.migrate(path, tmp_path / "link")
    assert (tmp_path / "link").is_symlink()
    assert read(tmp_path / "elsewhere") == some()
    with pytest.raises(backends.CatalogError, match="elsewhere exists already"):
        backends.migrate(path, tmp_path / "link")
    backends.migrate(path, tmp_path / "link", "gnu", force=True)
    assert (tmp_path / "link").is_symlink()
    assert backends.identify(tmp_path / "elsewhere").flavour == "gnu"


@pytest.mark.parametrize("target", ["sqlite3", "dumb", "gnu-ndbm"])
@pytest.mark.parametrize("dest", [None, "new"])
def test_mode_and_owner(tmp_path: Path, target: str, dest: str | None) -> None:
    """The new files have those of the old one."""
    path = made(tmp_path, "gnu")
    path.chmod(0o604)
    if not os.geteuid():
        os.chown(path, NOBODY, NOBODY)
    owner = path.stat().st_uid
    done = backends.migrate(path, dest and tmp_path / dest, target)
    files = backends.require_flavour(target).files(done.dest)
    found = [os.stat(file) for file in files if os.path.exists(file)]
    assert {(status.st_mode & 0o777, status.st_uid) for status in found} == {(0o604, owner)}
    assert found


def test_a_folder_that_may_not_be_written(shared_folder: Path) -> None:
    """In place the error says so; to another folder it works."""
    path = made(shared_folder, "gnu")
    shared_folder.chmod(0o555)
    with pytest.raises(backends.CatalogError, match="could not be written") as caught:
        in_child(lambda: backends.migrate(path), drop_rights=True)
    assert caught.value.code == "catalog-storage"
    shared_folder.chmod(0o755)
    (shared_folder / "open").mkdir()
    (shared_folder / "open").chmod(0o777)
    in_child(lambda: backends.migrate(path, shared_folder / "open" / "new"), drop_rights=True)
    assert read(shared_folder / "open" / "new") == some()


@pytest.mark.parametrize("flavour", ["sqlite3", "dumb"])
def test_a_file_that_may_not_be_written(shared_folder: Path, flavour: str) -> None:
    """Where its mode says that nobody should, the error names a way that is open."""
    path = made(shared_folder, flavour)
    shared_folder.chmod(0o777)
    for file in shared_folder.iterdir():
        file.chmod(0o444)
    before = listing(shared_folder)
    if flavour == "sqlite3":
        with pytest.raises(backends.CatalogReadOnly, match="name a DEST"):
            in_child(lambda: backends.migrate(path, to="gnu"), drop_rights=True)
        assert listing(shared_folder) == before
    in_child(lambda: backends.migrate(path, shared_folder / "new", "gnu"), drop_rights=True)
    assert read(shared_folder / "new") == some()


def test_backups_have_names_of_their_own(tmp_path: Path) -> None:
    """Several within one second, of parts that carry the database's name, each to be opened."""
    require_writable_here("gnu")
    path = made(tmp_path, "gnu")
    kept = [backends.migrate(path, to=to).backup for to in ("sqlite3", "dumb", "sdbm", "sos")]
    assert len(set(kept)) == 4
    assert [backends.identify(name).flavour for name in kept] == ["gnu", "sqlite3", "dumb", "sdbm"]
    assert all(read(name) == some() for name in kept)
    for name in ("b", "p", "d"):
        (tmp_path / name).mkdir()
        file = copied_case("bdb-btree-partitioned", tmp_path / name)
        for part in list(file.parent.iterdir()):
            part.rename(part.with_name(part.name.replace("part.db", name)))
        done = backends.migrate(file.with_name(name))
        assert read(done.backup) == read(done.dest) == expected("bdb-btree-partitioned")
        assert len(names(tmp_path / name)) == 6


def test_an_outcome_is_plain(tmp_path: Path) -> None:
    """Its fields can be written as JSON."""
    done = backends.migrate(made(tmp_path, "gnu"))
    assert json.loads(json.dumps(done.records)) == 60
    with pytest.raises(AttributeError):
        done.records = 1  # type: ignore[misc]
