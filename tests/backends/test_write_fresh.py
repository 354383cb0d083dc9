"""What `write_fresh` does in every flavour that can be written here."""

from __future__ import annotations

import os
import random
import resource
import tracemalloc
from typing import TYPE_CHECKING

import pytest

from plugreg import backends
from tests.backends.conftest import require_writable_here
from tests.other_user import in_child

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

Records = list[tuple[bytes, bytes]]

# Every flavour with a writer, and what of it takes any bytes at all.
WRITTEN = ("sqlite3", "dumb", "gnu", "gnu-ndbm", "ndbm", "berkeley-hash", "sdbm", "sos")
ANY_BYTES = tuple(name for name in WRITTEN if name != "sos")
UNLIMITED = tuple(name for name in ANY_BYTES if name != "sdbm")
# The least that each refuses, of those whose limits a test can reach.
MISFITS = {
    "sdbm": (b"large", b"x" * 1004),
    "sos": (b"no JSON", b"1"),
    "ndbm": (b"", b"of the empty key"),
}


@pytest.fixture(params=WRITTEN)
def written(request: pytest.FixtureRequest) -> backends.Flavour:
    """Each flavour that has a writer, in turn."""
    require_writable_here(request.param)
    return backends.require_flavour(request.param)


def flavour_of(name: str) -> backends.Flavour:
    """Return a flavour that can be written here."""
    require_writable_here(name)
    return backends.require_flavour(name)


def some(number: int) -> Records:
    """Return so many records that every format can hold."""
    return [(b'"key %d"' % n, b'"value %d"' % n) for n in range(number)]


def awkward(number: int, flavour: str) -> Records:
    """Return records of binary keys and values, empty ones and, where they fit, long ones."""
    chance = random.Random(number)
    most = 900 if flavour == "sdbm" else 20_000
    keys = {chance.randbytes(chance.choice((1, 3, 9, 40))) for _ in range(number)}
    keys |= {b"k" * 700, b"\xff" * 80, bytes(range(1, 256))}
    sizes = (0, 1, 7, 60, 200)
    records = {key: chance.randbytes(chance.choice(sizes)) for key in sorted(keys)}
    records[b"long value"] = chance.randbytes(most)
    if flavour != "ndbm":
        records[b""] = b"of the empty key"
    if flavour != "sdbm":
        records[b"long key" * 900] = b"short"
    return list(records.items())


def read(path: Path) -> Records:
    """Return what our reader finds in the database, by a scan, after looking each key up."""
    with backends.open(path) as store:
        assert all(store[key] == value for key, value in store.scan())
        return list(store.scan())


def names(folder: Path) -> list[str]:
    """Return every name in a folder, hidden ones included."""
    return sorted(os.listdir(folder))


@pytest.mark.parametrize("number", [0, 1, 5000])
def test_what_is_written_is_read(tmp_path: Path, written: backends.Flavour, number: int) -> None:
    """Every record comes back from a stream of them, the number is told, and nothing is beside."""
    assert written.write_fresh(str(tmp_path / "db"), iter(some(number))) == number
    assert read(tmp_path / "db") == sorted(some(number))
    assert all(name.startswith("db") for name in names(tmp_path))
    found = backends.identify(tmp_path / "db").flavour
    assert written.opens(found)


@pytest.mark.parametrize("name", ANY_BYTES)
def test_any_bytes(tmp_path: Path, name: str) -> None:
    """Binary keys, empty keys and values, and those that take several pages."""
    records = awkward(5000, name)
    assert flavour_of(name).write_fresh(str(tmp_path / "db"), records) == len(records)
    assert read(tmp_path / "db") == sorted(records)


@pytest.mark.parametrize("name", UNLIMITED)
def test_a_long_value(tmp_path: Path, name: str) -> None:
    """Three megabytes between two short records."""
    records = [(b"a", b"1"), (b"b", os.urandom(3 << 20)), (b"c", b"3")]
    flavour_of(name).write_fresh(str(tmp_path / "db"), records)
    assert read(tmp_path / "db") == records


def test_a_key_that_comes_twice(tmp_path: Path, written: backends.Flavour) -> None:
    """It is named, and nothing is left."""
    records = [*some(300), (b'"key 7"', b"2")]
    with pytest.raises(backends.CatalogError, match=r"key 7.*comes twice") as caught:
        written.write_fresh(str(tmp_path / "db"), records)
    assert (caught.value.code, caught.value.details["key"]) == ("key-twice", b'"key 7"')
    assert names(tmp_path) == []


@pytest.mark.parametrize("name", MISFITS)
def test_records_that_do_not_fit(tmp_path: Path, name: str) -> None:
    """Up to five are named with the reason, the others counted, and nothing is left."""
    flavour, (key, value) = flavour_of(name), MISFITS[name]
    reason = flavour.misfit(key, value)
    assert reason
    records = [*some(3), *((key, value) for _ in range(7)), *((b'"k"', b"2") for _ in range(2))]
    with pytest.raises(backends.CatalogError) as caught:
        flavour.write_fresh(str(tmp_path / "db"), records)
    assert (caught.value.code, caught.value.details["count"]) == ("records-do-not-fit", 7)
    assert f"{name} cannot hold 7 of the records" in str(caught.value)
    assert str(caught.value).count(f"({reason})") == 5
    assert "and 2 more" in str(caught.value)
    assert names(tmp_path) == []


@pytest.mark.parametrize("name", ANY_BYTES)
def test_what_fits_has_no_reason_against_it(name: str) -> None:
    """`misfit` and `write_fresh` agree on the awkward records."""
    flavour = flavour_of(name)
    assert {flavour.misfit(key, value) for key, value in awkward(50, name)} == {""}


def test_a_name_that_is_taken(tmp_path: Path, written: backends.Flavour) -> None:
    """Whichever of its files is there, the error is raised, and that file stays as it is."""
    (tmp_path / "try").mkdir()
    written.write_fresh(str(tmp_path / "try" / "db"), some(1))
    for name in names(tmp_path / "try"):
        (tmp_path / name).write_bytes(b"somebody's")
        with pytest.raises(FileExistsError):
            written.write_fresh(str(tmp_path / "db"), some(1))
        assert (tmp_path / name).read_bytes() == b"somebody's"
        (tmp_path / name).unlink()
        assert names(tmp_path) == ["try"]


@pytest.mark.parametrize("error", [ZeroDivisionError, KeyboardInterrupt, backends.CatalogNotFound])
def test_records_that_break_off(
    tmp_path: Path, written: backends.Flavour, error: type[BaseException]
) -> None:
    """The error of where they come from passes, nothing stands under the name or beside."""

    def records() -> Iterator[tuple[bytes, bytes]]:
        yield from some(2000)
        raise error("half way")

    with pytest.raises(error, match="half way"):
        written.write_fresh(str(tmp_path / "db"), records())
    assert names(tmp_path) == []


def test_the_limit_of_a_file(tmp_path: Path, written: backends.Flavour) -> None:
    """Where no more can be written, the error says so, and nothing is left."""
    records = [(b'"%d"' % n, b'"%s"' % (b"v" * 500)) for n in range(2000)]

    def write() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, resource.RLIM_INFINITY))
        written.write_fresh(str(tmp_path / "db"), records)

    with pytest.raises(backends.CatalogError, match="db") as caught:
        in_child(write)
    assert caught.value.code == "catalog-storage"
    assert names(tmp_path) == []


def test_a_folder_that_may_not_be_written(shared_folder: Path, written: backends.Flavour) -> None:
    """The error names the database."""
    shared_folder.chmod(0o555)
    with pytest.raises(backends.CatalogError, match="db") as caught:
        in_child(lambda: written.write_fresh(str(shared_folder / "db"), []), drop_rights=True)
    assert caught.value.code == "catalog-storage"


def test_the_mode_of_a_plain_file(tmp_path: Path, written: backends.Flavour) -> None:
    """The umask decides who may read a new database."""

    def modes() -> set[int]:
        os.umask(0o027)
        written.write_fresh(str(tmp_path / "db"), some(1))
        return {file.stat().st_mode & 0o777 for file in tmp_path.iterdir()}

    assert in_child(modes) == {0o640}


@pytest.mark.parametrize("name", ["gnu-ndbm", "sdbm", "dumb"])
def test_a_pair_is_withdrawn_whole(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the second file cannot get its name any more, the first loses it again."""
    second = {"gnu-ndbm": "db.dir", "sdbm": "db.pag", "dumb": "db.dir"}[name]

    def records() -> Iterator[tuple[bytes, bytes]]:
        yield from some(2)
        (tmp_path / second).write_bytes(b"somebody was quicker")

    with pytest.raises(FileExistsError):
        flavour_of(name).write_fresh(str(tmp_path / "db"), records())
    assert names(tmp_path) == [second]


def test_the_memory_that_is_told(tmp_path: Path, written: backends.Flavour) -> None:
    """No more than `bytes_held_per_record` is taken for each further record, about."""
    peaks = []
    for number in (5_000, 25_000):
        tracemalloc.start()
        written.write_fresh(
            str(tmp_path / f"db{number}"), ((b"%d" % n, b"9") for n in range(number))
        )
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert (peaks[1] - peaks[0]) / 20_000 < written.bytes_held_per_record * 1.2 + 5


@pytest.mark.parametrize("sidecar", ["-journal", "-wal"])
def test_what_is_left_of_another_sqlite_database(tmp_path: Path, sidecar: str) -> None:
    """SQLite would roll it back into the new file, so it is named instead."""
    (tmp_path / f"db{sidecar}").write_bytes(b"left")
    with pytest.raises(backends.CatalogError, match=f"db{sidecar} is left of another") as caught:
        backends.require_flavour("sqlite3").write_fresh(str(tmp_path / "db"), some(1))
    assert caught.value.code == "catalog-leftover"
    assert names(tmp_path) == [f"db{sidecar}"]


def test_a_fresh_sqlite_file_is_what_cpython_makes(tmp_path: Path) -> None:
    """The same table, no write-ahead log, whole by SQLite's own check."""
    import sqlite3

    backends.require_flavour("sqlite3").write_fresh(str(tmp_path / "db"), some(5000))
    with sqlite3.connect(tmp_path / "db") as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("delete",)
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        plan = connection.execute("EXPLAIN QUERY PLAN SELECT value FROM Dict WHERE key = x'00'")
        assert "sqlite_autoindex_Dict_1" in plan.fetchone()[3]
    connection.close()


def test_who_has_a_writer_and_who_says_why_not() -> None:
    """Every flavour has the one or the other."""
    for flavour in backends.flavours():
        has_writer = type(flavour).write_fresh is not backends.Flavour.write_fresh
        assert has_writer == (flavour.name in WRITTEN)
        assert has_writer or flavour.unwritable_here()


@pytest.mark.parametrize("name", ["cdb", "tdb", "ndbm-classic", "gnu-dump", "berkeley-btree"])
def test_flavours_without_a_writer(tmp_path: Path, name: str) -> None:
    """They say why, and make nothing."""
    flavour = backends.require_flavour(name)
    with pytest.raises(backends.FlavourUnavailable) as caught:
        flavour.write_fresh(str(tmp_path / "db"), some(1))
    assert flavour.unwritable_here() in str(caught.value)
    assert names(tmp_path) == []
