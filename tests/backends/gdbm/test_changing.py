"""GDBM files that we change: the lock, the library and its killed writers, other machines."""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
from typing import TYPE_CHECKING

import pytest

from plugreg import backends
from plugreg.backends.gdbm import hashing
from plugreg.backends.gdbm import writer as gdbm_writer
from tests.backends.test_rewritten import FILE, filled, read
from tests.conditions import perl_with
from tests.corpus_cases import copied_case, expected_records

if TYPE_CHECKING:
    from pathlib import Path

GDBM = ("gnu", "gnu-ndbm")


@pytest.mark.parametrize("flavour", GDBM)
def test_the_lock_of_the_format(tmp_path: Path, flavour: str) -> None:
    """Who writes through libgdbm excludes our writer and is excluded, on each new file as well."""
    filled(tmp_path / "db", flavour)
    file = tmp_path / FILE[flavour]

    def excluded() -> bool:
        with file.open("rb") as theirs:
            try:
                fcntl.flock(theirs, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return True
        return False

    with backends.open(tmp_path / "db", mode="w") as store:
        assert excluded()
        store[b"new"] = b"1"
        assert excluded()
    assert not excluded()
    with file.open("rb") as theirs:
        fcntl.flock(theirs, fcntl.LOCK_EX)
        with pytest.raises(backends.CatalogLocked, match="locked by this process"):
            backends.open(tmp_path / "db", mode="w", timeout_s=0.05)
    with backends.open(tmp_path / "db", mode="w", timeout_s=0) as store:
        assert store[b"new"] == b"1"


@pytest.mark.modules("dbm.gnu")
@pytest.mark.parametrize("flavour", GDBM)
def test_libgdbm_reads_and_goes_on(tmp_path: Path, flavour: str) -> None:
    """It finds every key after our changes, makes its own, and we go on from there."""
    import dbm.gnu

    records = filled(tmp_path / "db", flavour, 500)
    file = str(tmp_path / FILE[flavour])
    for round_ in range(4):
        with backends.open(tmp_path / "db", mode="w") as store, store.transaction():
            for n in range(0, 500, 7):
                store[b"ours %d" % n] = records[b"ours %d" % n] = os.urandom(n)
                records.pop(b"key %d" % (n + round_), None)
                store.pop(b"key %d" % (n + round_), None)
        with dbm.gnu.open(file, "w") as theirs:
            assert {key: theirs[key] for key in theirs.keys()} == records  # noqa: SIM118 - C modules do not iterate
            for n in range(round_, 500, 11):
                theirs[b"theirs %d" % n] = records[b"theirs %d" % n] = os.urandom(n)
            del theirs[b"theirs %d" % round_], records[b"theirs %d" % round_]
        assert read(tmp_path / "db") == records


@pytest.mark.modules("dbm.gnu")
@pytest.mark.parametrize("flavour", GDBM)
def test_libgdbm_and_our_writer_exclude_each_other(tmp_path: Path, flavour: str) -> None:
    """Whoever comes second is refused; its readers are not."""
    import dbm.gnu

    filled(tmp_path / "db", flavour)
    file = str(tmp_path / FILE[flavour])
    with backends.open(tmp_path / "db", mode="w") as store:
        store[b"ours"] = b"1"
        with pytest.raises(dbm.gnu.error, match="temporarily unavailable"):
            dbm.gnu.open(file, "w").close()
        with dbm.gnu.open(file, "r") as theirs:
            assert theirs[b"ours"] == b"1"
            store[b"ours"] = b"2"
            assert theirs[b"ours"] == b"1"
    with dbm.gnu.open(file, "w"):
        with pytest.raises(backends.CatalogLocked, match="locked by this process"):
            backends.open(tmp_path / "db", mode="w", timeout_s=0.05)


@pytest.mark.modules("dbm.gnu")
def test_a_file_whose_writer_was_killed(tmp_path: Path) -> None:
    """It can look empty to the library: to us it is whole, or an error, and never rewritten so."""
    import dbm.gnu

    outcomes = []
    for round_ in range(40):
        path = tmp_path / f"db{round_}"
        filled(path, "gnu", 200)
        child = os.fork()
        if not child:
            database = dbm.gnu.open(str(path), "w")  # noqa: SIM115 - it is never closed
            for number in range(20 + 13 * round_):
                database[b"n%d" % number] = b"w" * 90
            os.kill(os.getpid(), signal.SIGKILL)
        os.waitpid(child, 0)
        before = path.read_bytes()
        try:
            with backends.open(path, mode="w") as store:
                outcomes.append(len(store) >= 200 and b"key 199" in store)
        except backends.CatalogCorrupt:
            outcomes.append(path.read_bytes() == before)
    assert all(outcomes)


@pytest.mark.parametrize("case", ["gdbm-arch-s390x", "gdbm-arch-i386-lfs", "gdbm-arch-ppc-nolfs"])
def test_a_foreign_file_becomes_one_of_this_machine(tmp_path: Path, case: str) -> None:
    """With the first change, and with every record of it."""
    path = copied_case(case, tmp_path)
    assert "64-bit, little" not in backends.identify(path).evidence
    with backends.open(path, mode="w") as store:
        store[b"new"] = b"1"
    assert "64-bit, little" in backends.identify(path).evidence
    assert read(path) == {**expected_records(case), b"new": b"1"}


def test_a_key_that_machines_of_both_kinds_wrote(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A change keeps the value that was found before, once."""
    key, kinds = b"\xff\x80", iter((hashing.signed_hash, hashing.unsigned_hash))
    with monkeypatch.context() as patch:
        patch.setattr(gdbm_writer, "hashes", lambda key: (next(kinds)(key),))
        twice = [(key, b"signed"), (key, b"unsigned")]
        assert backends.require_flavour("gnu").write_fresh(str(tmp_path / "db"), twice) == 2
    with backends.open(tmp_path / "db", mode="w") as store:
        assert dict(store) == {key: b"signed"}
        store[b"other"] = b"1"
        assert dict(store) == {key: b"signed", b"other": b"1"}
        del store[key]
        assert dict(store) == {b"other": b"1"}


def test_the_dir_of_gdbm_1_8_becomes_a_marker(tmp_path: Path) -> None:
    """A hard link of the old .pag would go stale; libgdbm makes the same of it."""
    records = filled(tmp_path / "db", "gnu-ndbm")
    marker = (tmp_path / "db.dir").read_bytes()
    (tmp_path / "db.dir").unlink()
    (tmp_path / "db.dir").hardlink_to(tmp_path / "db.pag")
    with backends.open(tmp_path / "db", mode="w") as store:
        store[b"new"] = b"1"
    assert (tmp_path / "db.dir").read_bytes() == marker
    assert read(tmp_path / "db") == {**records, b"new": b"1"}


def test_perl_goes_on_with_a_changed_pair(tmp_path: Path) -> None:
    """Debian's NDBM_File, which is GDBM's, reads our change and makes its own."""
    perl = perl_with("NDBM_File")
    filled(tmp_path / "db", "gnu-ndbm")
    with backends.open(tmp_path / "db", mode="w") as store:
        store[b"ours"] = b"1"
    program = (
        "use NDBM_File; use Fcntl; tie(my %h, 'NDBM_File', $ARGV[0], O_RDWR, 0644) or die $!;"
        "print scalar(keys %h), $h{ours}; $h{theirs} = 2;"
    )
    done = subprocess.run(
        [perl, "-e", program, tmp_path / "db"], capture_output=True, text=True, check=True
    )
    assert done.stdout == "511"
    with backends.open(tmp_path / "db", mode="w") as store:
        assert (store[b"theirs"], len(store)) == (b"2", 52)
