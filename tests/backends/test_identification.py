"""Saying what a file is, where `dbm.whichdb` is wrong and on files that other tools made."""

from __future__ import annotations

import dbm
import os
import shutil
import sqlite3
from typing import TYPE_CHECKING

import pytest

from plugreg import backends
from tests.backends.test_opening import make, snapshot
from tests.corpus_cases import case_names, copied_case, expected_records
from tests.fresh_process import WRITE, run_fresh

if TYPE_CHECKING:
    from pathlib import Path

KNOWN = case_names("dumb-", "sqlite3-", "gdbm", "shelf-", "bdb-hash")
READABLE = case_names("dumb-", "sqlite3-", "shelf-py27-dumb", "shelf-py36", "shelf-py313")


@pytest.mark.parametrize("case", KNOWN)
def test_identification_names_what_to_open(tmp_path: Path, case: str) -> None:
    """Identifying the path of an answer gives the same answer."""
    found = backends.identify(copied_case(case, tmp_path))
    assert backends.identify(found.path) == found
    assert os.path.isabs(found.path)


@pytest.mark.parametrize("case", READABLE)
def test_real_files_are_written(tmp_path: Path, case: str) -> None:
    """A record can be added and the others stay as they were."""
    path = copied_case(case, tmp_path)
    with backends.open(path, mode="w") as store:
        store[b"added \x00 by us"] = b"value"
    with backends.open(path) as store:
        assert dict(store) == {**expected_records(case), b"added \x00 by us": b"value"}


@pytest.mark.parametrize("case", case_names("lookalike-", "damaged-pickle", "damaged-text"))
def test_lookalikes_are_refused(tmp_path: Path, case: str) -> None:
    """What only resembles a database is refused in every mode and left as it is."""
    path = copied_case(case, tmp_path)
    before = snapshot(tmp_path)
    with pytest.raises(backends.NotADatabase):
        backends.identify(path)
    assert snapshot(tmp_path) == before
    for mode in ("r", "w", "c", "n"):
        with pytest.raises(backends.NotADatabase):
            backends.open(path, mode=mode)
    after = snapshot(tmp_path)  # SQLite's reader may have added an empty -wal and a -shm
    assert {name: after[name] for name in before} == before


def test_a_pair_that_is_gdbm_inside(tmp_path: Path) -> None:
    """`whichdb` calls any .pag and .dir pair dbm.ndbm; this one is GDBM."""
    path = copied_case("gdbmcompat-perl-odbm", tmp_path)
    assert dbm.whichdb(path) == "dbm.ndbm"
    assert backends.identify(path).flavour == "gnu-ndbm"


def test_a_pair_that_is_sdbm(tmp_path: Path) -> None:
    """`whichdb` calls it dbm.ndbm too; it is read as what it is, and not replaced."""
    path = copied_case("sdbm-basic", tmp_path)
    assert dbm.whichdb(path) == "dbm.ndbm"
    before = snapshot(tmp_path)
    with backends.open(path) as store:
        assert (store.flavour, dict(store)) == ("sdbm", expected_records("sdbm-basic"))
    for mode in ("w", "c"):
        with pytest.raises(backends.FlavourUnavailable, match="is sdbm"):
            backends.open(path, mode=mode)
    assert snapshot(tmp_path) == before


@pytest.mark.parametrize(
    ("case", "says"),
    [
        ("gdbm-numsync-tool", "64-bit, little-endian, numsync"),
        ("gdbm-arch-s390x", "64-bit, big-endian"),
        ("gdbm-arch-ppc-nolfs-numsync", "32-bit, big-endian, numsync"),
        ("gdbm-omagic-patched", "old format"),
    ],
)
def test_gdbm_files_that_whichdb_does_not_know(tmp_path: Path, case: str, says: str) -> None:
    """Five magic numbers in either byte order, the evidence says which."""
    found = backends.identify(copied_case(case, tmp_path))
    assert (found.flavour, says in found.evidence) == ("gnu", True)


def test_a_berkeley_file_by_its_full_name(tmp_path: Path) -> None:
    """`whichdb` says unknown; the full name and the one without .db give the same answer."""
    path = copied_case("bdb-hash-le", tmp_path)
    assert dbm.whichdb(path) == ""
    found = backends.identify(path)
    assert (found.flavour, "version 9" in found.evidence) == ("berkeley-hash", True)
    assert backends.identify(path.with_suffix("")) == found


def test_a_file_made_by_ndbm_is_not_shadowed(tmp_path: Path) -> None:
    """Beside cat.db, mode c on cat opens or refuses it: no new empty cat is made."""
    copied_case("bdb-hash-le", tmp_path).rename(tmp_path / "cat.db")
    try:
        with backends.open(tmp_path / "cat", mode="c") as store:
            assert dict(store) == expected_records("bdb-hash-le")
    except backends.FlavourUnavailable as error:
        assert "berkeley-hash" in str(error)
    assert not (tmp_path / "cat").exists()


def test_another_applications_sqlite_gains_no_table(tmp_path: Path) -> None:
    """`whichdb` takes any SQLite file, and flag c then adds a table; here it is refused."""
    path = copied_case("lookalike-diskcache", tmp_path)
    with sqlite3.connect(path) as connection:
        before = connection.execute("SELECT sql FROM sqlite_master").fetchall()
    connection.close()
    with pytest.raises(backends.NotADatabase, match=r"another application \(tables: Cache"):
        backends.open(path, mode="c")
    with sqlite3.connect(path) as connection:
        assert connection.execute("SELECT sql FROM sqlite_master").fetchall() == before
    connection.close()


def test_another_applications_log_is_not_written_back(tmp_path: Path) -> None:
    """A foreign file with its newest rows in a -wal: neither of the two changes in any mode."""
    path, copies = tmp_path / "their.db", tmp_path / "left"
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("CREATE TABLE theirs (x)")
    copies.mkdir()
    for file in ("their.db", "their.db-wal"):
        shutil.copy(tmp_path / file, copies / file)
    connection.close()
    before = snapshot(copies)
    for mode in ("r", "w", "c", "n"):
        with pytest.raises(backends.NotADatabase, match="theirs"):
            backends.open(copies / "their.db", mode=mode)
        with pytest.raises(backends.NotADatabase, match="theirs"):
            backends.identify(copies / "their.db")
        after = snapshot(copies)
        assert {name: after[name] for name in before} == before


def test_an_unrelated_file_with_the_suffix_hides_no_pair(tmp_path: Path) -> None:
    """A text file cat.db beside the pair cat.dir and cat.dat: cat is the pair."""
    make(tmp_path / "cat", "dumb", a=b"1")
    (tmp_path / "cat.db").write_text("notes\n", "utf-8")
    assert backends.identify(tmp_path / "cat").path == str(tmp_path / "cat")
    with backends.open(tmp_path / "cat") as store:
        assert dict(store) == {b"a": b"1"}


def test_another_applications_sqlite_hides_no_pair(tmp_path: Path) -> None:
    """The same with a foreign SQLite file as cat.db."""
    make(tmp_path / "cat", "dumb", a=b"1")
    copied_case("lookalike-sqlite-other", tmp_path).rename(tmp_path / "cat.db")
    with backends.open(tmp_path / "cat", mode="w") as store:
        assert (store.flavour, dict(store)) == ("dumb", {b"a": b"1"})


def test_identification_is_a_value(tmp_path: Path) -> None:
    """It says flavour, path and evidence, and compares by them."""
    make(tmp_path / "db", "sqlite3")
    found = backends.identify(tmp_path / "db")
    assert found == backends.Identification(found.flavour, found.path, found.evidence)
    assert (found.flavour, "table Dict" in found.evidence) == ("sqlite3", True)


@pytest.mark.parametrize("look", ["identify", "open to read", "open to write"])
def test_looking_drops_no_lock_of_ours(tmp_path: Path, look: str) -> None:
    """While this process is in a transaction, it may look at the file: nobody else gets in.

    A process that opens and closes a file by other means loses SQLite's locks on it.
    """
    path = make(tmp_path / "db", "sqlite3", a=b"1").path

    with backends.open(path, mode="w") as store, store.transaction():
        store[b"a"] = b"2"
        if look == "identify":
            assert backends.identify(path).flavour == "sqlite3"
        elif look == "open to read":
            with backends.open(path) as reader:
                assert reader[b"a"] == b"1"
        else:
            backends.open(path, mode="w").close()
        assert run_fresh(WRITE, path, "a", "theirs").startswith("CatalogLocked")


def test_the_flavours_are_listed() -> None:
    """Each says its name, what it is, and what it guarantees; one is pinned."""
    found = list(backends.flavours())
    assert len({flavour.name for flavour in found}) == len(found)
    assert all(flavour.title and flavour.guarantees for flavour in found)
    assert [flavour.name for flavour in found if flavour.pinned] == [backends.PINNED]
    for flavour in found:
        assert backends.require_flavour(flavour.name) is flavour


def test_a_few_bytes_are_no_sqlite_database(tmp_path: Path) -> None:
    """SQLite itself would take them for a new one."""
    (tmp_path / "one").write_bytes(b"\x13")
    with pytest.raises(backends.NotADatabase, match="too short to be"):
        backends.identify(tmp_path / "one")
    (tmp_path / "cut").write_bytes(b"SQLite format 3\0")
    with pytest.raises(backends.NotADatabase, match="damaged SQLite"):
        backends.identify(tmp_path / "cut")


ASKED = """
import sys
from plugreg import backends
try:
    backends.identify(sys.argv[1])
except backends.CatalogNotFound:
    print(sorted({"plugreg.backends.gnu", "plugreg.backends.known"} & set(sys.modules)))
"""


def test_no_flavour_is_asked_of_nothing(tmp_path: Path) -> None:
    """Who makes a new catalog does not import the readers of a dozen formats."""
    assert run_fresh(ASKED, tmp_path / "db") == "['plugreg.backends.known']"


def test_a_missing_file_is_what_dbm_error_catches(tmp_path: Path) -> None:
    """Programs that caught `dbm.error` around `shelve.open` go on working."""
    import dbm

    with pytest.raises(dbm.error):
        backends.open(tmp_path / "nowhere")
    with pytest.raises(backends.CatalogNotFound, match="cannot be the name of a file"):
        backends.identify("a\0b")
