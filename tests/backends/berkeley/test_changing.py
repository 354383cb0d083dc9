"""Berkeley DB hash files that we change: what a rewrite would lose, and the library afterwards."""

from __future__ import annotations

import os
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from plugreg import backends
from plugreg.backends.berkeley.changing import lost_by_rewriting
from plugreg.backends.reader import Reader
from tests.backends.test_opening import make
from tests.backends.test_rewritten import read
from tests.conditions import skip_or_fail
from tests.corpus_cases import copied_case, expected_records

if TYPE_CHECKING:
    from pathlib import Path


def changed(path: Path, at: int, data: bytes) -> Path:
    """Put some bytes into a file."""
    with path.open("r+b") as file:
        file.seek(at)
        file.write(data)
    return path


# A corpus case, bytes to change in it and where, and what the refusal names.
REFUSED = {
    "duplicates": ("bdb-hash-dupsort", 0, b"", "duplicates"),
    "old duplicates": ("bdbold-2.7.7-hash-dup", 0, b"", "duplicates"),
    "checksums": ("bdb-hash-chksum-be", 0, b"", "checksums"),
    "encrypted": ("bdb-hash-encrypted", 0, b"", "encrypted"),
    "version 10": ("bdb-hash-le", 16, b"\x0a", "version 10"),
    "a hash function of its own": ("bdb-hash-le", 72 + 20, b"mine", "hash function of its own"),
    "logged": ("bdb-hash-le", 0, b"\1\0\0\0\x34\x12\0\0", "log files"),
    "several databases": ("bdb-subdbs-be", 0, b"", "does not write"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_a_rewrite_would_lose(tmp_path: Path, what: str) -> None:
    """It is refused by name, with what to do, and not touched."""
    case, at, data, says = REFUSED[what]
    path = changed(copied_case(case, tmp_path), at, data)
    before = path.read_bytes()
    with pytest.raises(backends.FlavourUnavailable, match=says) as caught:
        backends.open(path, mode="w")
    assert caught.value.hint or says == "does not write"
    assert path.read_bytes() == before


def test_partitions_are_not_rewritten(tmp_path: Path) -> None:
    """A hash database in partitions is read by another reader, which says it."""
    path = changed(copied_case("bdb-hash-le", tmp_path), 26, b"\2")
    changed(path, 36, b"\2\0\0\0")
    with backends.open(path) as reader:
        assert isinstance(reader, Reader)
        assert "partitions" in lost_by_rewriting(reader)


@pytest.mark.parametrize("case", ["bdb-hash-le", "bdb-hash-ps1024", "bdbold-2.7.7-hash-be"])
def test_an_older_berkeley_file_becomes_version_9(tmp_path: Path, case: str) -> None:
    """With the first change, and with every record of it; db_verify finds nothing wrong."""
    path = copied_case(case, tmp_path)
    with backends.open(path, mode="w") as store:
        store[b"new"] = b"1" * 9000
    assert "hash, version 9, little" in backends.identify(path).evidence
    assert read(path) == {**expected_records(case), b"new": b"1" * 9000}
    verify = shutil.which("db_verify")
    if verify is None:
        skip_or_fail("db_verify is not installed")
    subprocess.run([str(verify), path], check=True, capture_output=True)


@pytest.mark.modules("dbm.ndbm")
def test_libdb_reads_and_goes_on(tmp_path: Path) -> None:
    """It finds every key after our changes, makes its own, and we go on from there."""
    import dbm.ndbm

    records: dict[bytes, bytes] = {}
    for round_ in range(4):
        with backends.open(tmp_path / "db", "ndbm", "c") as store, store.transaction():
            for n in range(round_, 900, 3):
                key = b"ours %d" % n * (1 + n % 4)
                store[key] = records[key] = os.urandom(n % 7 * 100)
        with dbm.ndbm.open(str(tmp_path / "db"), "w") as theirs:
            # It finds nothing under a key with an empty value, which it lists.
            assert {key: theirs.get(key) or b"" for key in theirs.keys()} == records  # noqa: SIM118 - C modules do not iterate
            for n in range(round_, 500, 11):
                theirs[b"theirs %d" % n] = records[b"theirs %d" % n] = os.urandom(n)
            del theirs[b"theirs %d" % round_], records[b"theirs %d" % round_]
        assert read(tmp_path / "db") == records


@pytest.mark.modules("dbm.ndbm")
@pytest.mark.parametrize("mode", ["c", "w"])
def test_ndbm_takes_no_empty_key(tmp_path: Path, mode: str) -> None:
    """Asked for as `ndbm`, a new or an existing database refuses what the module would lose."""
    if mode == "w":
        make(tmp_path / "db", "ndbm")
    with backends.open(tmp_path / "db", "ndbm", mode) as store:
        with pytest.raises(backends.CatalogError, match="an empty key") as caught:
            store[b""] = b"v"
        assert caught.value.code == "records-do-not-fit"
        store[b"a"] = b""
        assert dict(store) == {b"a": b""}
