"""Fresh hash files and dumps, accepted by the original tools."""

from __future__ import annotations

import pickle
import random
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from plugreg import backends
from plugreg.backends.berkeley import read_dump, write_dump
from tests.conditions import skip_or_fail

if TYPE_CHECKING:
    from pathlib import Path

HASH = backends.require_flavour("berkeley-hash")
# Looks up every record, changes the file much, and looks up every record again.
LIBRARY = """
import dbm.ndbm, pickle, sys
if dbm.ndbm.library != "Berkeley DB": sys.exit(77)
name, known = sys.argv[1:]
records = pickle.load(open(known, "rb"))
def missing():
    with dbm.ndbm.open(name, "r") as database:
        wrong = [key for key in records if (database.get(key) or b"") != records[key]]
        return wrong, len(database.keys()) == len(records)
print(missing())
with dbm.ndbm.open(name, "w") as database:
    for number in range(3000):
        database[b"new%d" % number] = records[b"new%d" % number] = b"n" * (number % 50)
    for key in list(records)[::3]:
        del database[key], records[key]
print(missing())
pickle.dump(records, open(known, "wb"))
"""


def tool(name: str) -> str:
    """Return the path of one of Berkeley DB's tools, or skip."""
    found = shutil.which(name)
    if found is None:
        skip_or_fail(f"{name} is not installed", required_by="PLUGREG_REQUIRE_DBM")
    return str(found)


def many_records() -> dict[bytes, bytes]:
    """Return keys of which many are prefixes of others, long ones, and empty values."""
    chance = random.Random(7)
    records = {}
    for number in range(1500):
        key = bytes(chance.choice(b"ab\0\xff") for _ in range(chance.randrange(1, 9)))
        records[key] = b"v%d" % number * chance.randrange(20)
    for number in range(40):
        records[b"%04d" % number * (250 + 3 * number)] = b"x" * chance.choice((1, 1500, 30_000))
    return records


@pytest.fixture
def written(tmp_path: Path) -> tuple[Path, dict[bytes, bytes]]:
    """A fresh hash file and what is in it."""
    records = many_records()
    path = tmp_path / "fresh.db"
    assert HASH.write_fresh(str(path), records.items()) == len(records)
    return path, records


def test_it_is_read_back(written: tuple[Path, dict[bytes, bytes]]) -> None:
    """By our own reader, every key looked up."""
    path, records = written
    with backends.open(path, "berkeley-hash") as store:
        assert dict(store) == records


def test_the_original_tools_accept_it(written: tuple[Path, dict[bytes, bytes]]) -> None:
    """db_verify finds nothing wrong, and db_dump reads every record."""
    path, records = written
    subprocess.run([tool("db_verify"), path], check=True, capture_output=True)
    dump = subprocess.run([tool("db_dump"), path], check=True, capture_output=True).stdout
    assert {key: value for _, key, value in read_dump(dump.splitlines())} == records


def test_the_original_library_finds_and_changes_it(
    written: tuple[Path, dict[bytes, bytes]], tmp_path: Path
) -> None:
    """Every key is found by libdb, which searches sorted pages, before and after its changes."""
    path, records = written
    known = tmp_path / "known"
    known.write_bytes(pickle.dumps(records))
    command = ["/usr/bin/python3", "-c", LIBRARY, str(path)[:-3], str(known)]
    if not shutil.which(command[0]):
        skip_or_fail("there is no /usr/bin/python3", required_by="PLUGREG_REQUIRE_DBM")
    ran = subprocess.run(command, capture_output=True, text=True)
    if ran.returncode == 77 or "ModuleNotFoundError" in ran.stderr:
        skip_or_fail("its dbm.ndbm is no Berkeley DB", required_by="PLUGREG_REQUIRE_DBM")
    assert ran.stdout.splitlines() == ["([], True)", "([], True)"], ran.stderr
    with backends.open(path) as store:
        assert dict(store) == pickle.loads(known.read_bytes())


def test_no_records_make_an_empty_database(tmp_path: Path) -> None:
    """It has buckets all the same."""
    path = tmp_path / "empty.db"
    assert HASH.write_fresh(str(path), []) == 0
    with backends.open(path) as store:
        assert (len(store), b"x" in store) == (0, False)


@pytest.mark.parametrize("printable", [False, True])
@pytest.mark.parametrize("method", ["btree", "hash"])
def test_db_load_takes_our_dumps(tmp_path: Path, method: str, printable: bool) -> None:
    """And what it makes of them is what went in."""
    records = {**many_records(), b"back\\slash": b"\\\n\x7f ~", b"caf\xc3\xa9": b""}
    text = b"".join(write_dump(records.items(), method=method, printable=printable))
    assert {key: value for _, key, value in read_dump(text.splitlines())} == records
    path = tmp_path / "loaded"
    subprocess.run([tool("db_load"), path], input=text, check=True, capture_output=True)
    with backends.open(path, f"berkeley-{method}") as store:
        assert dict(store) == records


def test_duplicates_and_numbers_survive_a_dump(tmp_path: Path) -> None:
    """A key with several values, and record numbers with a gap."""
    twice = [(b"k", b"1"), (b"k", b"2")]
    for name, records, options in (
        ("twice", twice, {"duplicates": True}),
        ("numbers", [(b"1", b"one"), (b"5", b"five")], {"method": "recno"}),
    ):
        text = b"".join(write_dump(records, **options))
        path = tmp_path / name
        subprocess.run([tool("db_load"), path], input=text, check=True, capture_output=True)
        with backends.open(path) as store:
            assert list(store.records()) == records


@pytest.mark.parametrize("page_size", [512, 65536])
@pytest.mark.parametrize("method", ["btree", "hash"])
def test_the_least_and_the_largest_page(tmp_path: Path, method: str, page_size: int) -> None:
    """Pages of 64 KiB, whose offsets are at the end of what 16 bits hold, and of 512 bytes."""
    records = many_records()
    text = b"".join(write_dump(records.items(), method=method))
    path = tmp_path / "loaded"
    command = [tool("db_load"), "-c", f"db_pagesize={page_size}", path]
    subprocess.run(command, input=text, check=True, capture_output=True)
    with backends.open(path) as store:
        assert dict(store) == records


def test_a_file_of_one_named_database_is_that_database(tmp_path: Path) -> None:
    """No name is needed where there is no choice."""
    text = b"".join(write_dump([(b"a", b"1")], database="only"))
    path = tmp_path / "named"
    subprocess.run([tool("db_load"), path], input=text, check=True, capture_output=True)
    assert backends.identify(path).flavour == "berkeley-multi"
    with backends.open(path) as store:
        assert dict(store) == {b"a": b"1"}
