"""Fresh GDBM files of our own: read by libgdbm and its tools, and by them changed further."""

from __future__ import annotations

import random
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from plugreg import backends
from plugreg.backends.gdbm.reader import GdbmReader
from tests.conditions import perl_with, skip_or_fail
from tests.corpus_cases import about, copied_case, expected_records

if TYPE_CHECKING:
    from pathlib import Path


GNU = backends.require_flavour("gnu")


def some_records(number: int) -> dict[bytes, bytes]:
    """Return made-up records of every size, empty ones and keys beyond ASCII among them."""
    chance = random.Random(number)
    records = {
        chance.randbytes(chance.randint(0, 30)) if n % 3 else b"key%d" % n: chance.randbytes(
            chance.randint(0, 80)
        )
        for n in range(number)
    }
    if number > 10:
        records |= {b"": b"of the empty key", b"empty": b"", b"large" * 2000: bytes(100_000)}
    return records


def read_back(path: Path) -> dict[bytes, bytes]:
    """Return what our reader finds, every byte of the file accounted for."""
    with GdbmReader("gnu", str(path), str(path)) as store:
        records = dict(store.records())
        store.account()
        assert store.warnings == []
        return records


@pytest.mark.parametrize("number", [0, 1, 166, 167, 4000])
def test_what_was_written(tmp_path: Path, number: int) -> None:
    """It is a GDBM file of those records, in order, by key and by number."""
    records = some_records(number)
    assert GNU.write_fresh(str(tmp_path / "db"), records.items()) == len(records)
    assert read_back(tmp_path / "db") == records
    with backends.open(tmp_path / "db") as store:
        assert store.flavour == "gnu"
        assert {key: store[key] for key in records} == records
    assert [file.name for file in tmp_path.iterdir()] == ["db"]


@pytest.mark.modules("dbm.gnu")
@pytest.mark.parametrize("number", [0, 1, 166, 167, 4000])
def test_libgdbm_goes_on_with_it(tmp_path: Path, number: int) -> None:
    """It finds every key, changes and reorganises the file, and we read what it made of it."""
    import dbm.gnu

    records, path = some_records(number), tmp_path / "db"
    GNU.write_fresh(str(path), records.items())
    with dbm.gnu.open(str(path), "w") as theirs:
        assert len(theirs) == len(records)
        assert {key: theirs[key] for key in records} == records
        assert {key: theirs[key] for key in theirs.keys()} == records  # noqa: SIM118 - C modules do not iterate
        for n in range(number // 2 + 50):
            theirs[b"new%d" % n] = records[b"new%d" % n] = b"n" * (n % 90)
        for key in list(records)[::2]:
            del theirs[key], records[key]
    assert read_back(path) == records
    with dbm.gnu.open(str(path), "w") as theirs:
        theirs.reorganize()
    assert read_back(path) == records


@pytest.mark.parametrize("number", [0, 4000])
def test_the_tools_take_it(tmp_path: Path, number: int) -> None:
    """`gdbmtool` counts its records, and `gdbm_dump` dumps them."""
    if not (shutil.which("gdbmtool") and shutil.which("gdbm_dump")):
        skip_or_fail("gdbmtool and gdbm_dump are not installed")
    records, path, dump = some_records(number), tmp_path / "db", tmp_path / "dump"
    GNU.write_fresh(str(path), records.items())
    told = subprocess.run(
        ["gdbmtool", path, "count"], capture_output=True, text=True, check=True
    ).stdout
    assert str(len(records) or "no") in told or f"{len(records)} item" in told
    subprocess.run(["gdbm_dump", path, dump], check=True)
    with backends.open(dump) as store:
        assert dict(store) == records


@pytest.mark.modules("dbm.gnu")
def test_from_another_machine_to_this_one(tmp_path: Path) -> None:
    """A big-endian file that libgdbm refuses becomes one that it reads."""
    import dbm.gnu

    with backends.open(copied_case("gdbm-arch-s390x", tmp_path)) as store:
        GNU.write_fresh(str(tmp_path / "db"), store.records())
    with dbm.gnu.open(str(tmp_path / "db")) as theirs:
        found = {key: theirs[key] for key in theirs.keys()}  # noqa: SIM118 - C modules do not iterate
    assert found == expected_records("gdbm-arch-s390x")


def test_a_pair(tmp_path: Path) -> None:
    """The .pag and the 16 bytes of the .dir are found as gnu-ndbm; a taken .dir is respected."""
    flavour = backends.require_flavour("gnu-ndbm")
    flavour.write_fresh(str(tmp_path / "db"), [(b"a", b"1")])
    with backends.open(tmp_path / "db") as store:
        assert (store.flavour, dict(store)) == ("gnu-ndbm", {b"a": b"1"})
    original = copied_case("gdbmcompat-perl-odbm", tmp_path).with_suffix(".dir")
    assert (tmp_path / "db.dir").read_bytes() == original.read_bytes()
    with pytest.raises(FileExistsError):
        flavour.create(str(tmp_path / "db"))
    assert about("gdbmcompat-perl-odbm")["flavour"] == "gdbm-ndbm"


def test_perl_reads_a_pair(tmp_path: Path) -> None:
    """Debian's NDBM_File, which is GDBM's, finds every key."""
    perl = perl_with("NDBM_File")
    records = {b"key%d" % n: b"value%d" % n for n in range(500)}
    backends.require_flavour("gnu-ndbm").write_fresh(str(tmp_path / "db"), records.items())
    program = (
        "use NDBM_File; use Fcntl; tie(my %h, 'NDBM_File', $ARGV[0], O_RDWR, 0644) or die $!;"
        'my $n = 0; for (0..499) { $n++ if $h{"key$_"} eq "value$_" } print $n'
    )
    done = subprocess.run(
        [perl, "-e", program, tmp_path / "db"], capture_output=True, text=True, check=True
    )
    assert done.stdout == "500"
