"""Any readable flavour into any written one, compared record by record, and by other programs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from plugreg import backends
from plugreg.backends import known
from tests.backends.conftest import require_writable_here
from tests.interpreters import python_with_dbm_sqlite3

from .databases import (
    ANY_BYTES,
    CASES,
    NOT_MIGRATED,
    WRITTEN,
    case_in,
    expected,
    made,
    names,
    read,
    some,
)
from .original_tools import as_each_tool_reads, output_of

if TYPE_CHECKING:
    from pathlib import Path


def test_every_flavour_has_a_case() -> None:
    """A new flavour is to be migrated here, too."""
    assert {*CASES, *NOT_MIGRATED} == set(known._MODULES)
    assert not set(CASES) & NOT_MIGRATED


def test_every_written_flavour_is_a_target() -> None:
    """As far as this Python has the C module that `ndbm` means."""
    writable = {flavour.name for flavour in backends.flavours() if not flavour.unwritable_here()}
    assert {*WRITTEN} - {"ndbm"} <= writable <= {*WRITTEN}


@pytest.mark.parametrize("flavour", CASES)
def test_each_in_place_into_sqlite3(tmp_path: Path, flavour: str) -> None:
    """The records are found under the name that programs open, and in the backup as they were."""
    path = case_in(tmp_path, flavour)
    before = backends.identify(path)
    done = backends.migrate(path, duplicates="first")
    assert (done.from_flavour, done.to_flavour, done.verified) == (flavour, "sqlite3", True)
    assert done.records == len(expected(CASES[flavour]))
    assert read(done.dest) == expected(CASES[flavour])
    assert done.dest == backends.require_flavour(flavour).known_as(done.backup).partition(
        ".backup-"
    )[0].removesuffix(".db" if done.dest + ".db" == before.path else "")
    assert backends.identify(done.dest).flavour == "sqlite3"
    assert backends.identify(done.backup).flavour == flavour
    assert read(done.backup) == expected(CASES[flavour])
    assert not [name for name in names(path.parent) if name.startswith(".")]


@pytest.mark.parametrize("flavour", CASES)
def test_each_beside_into_sqlite3(tmp_path: Path, flavour: str) -> None:
    """The source stays as it was, and the copy has its records."""
    path = case_in(tmp_path, flavour)
    before = {file.name: file.read_bytes() for file in path.parent.iterdir()}
    done = backends.migrate(path, tmp_path / "new")
    assert (done.dest, done.backup) == (str(tmp_path / "new"), None)
    assert read(tmp_path / "new") == expected(CASES[flavour])
    assert names(tmp_path) == ["case", "new"]
    assert {file.name: file.read_bytes() for file in path.parent.iterdir()} == before


@pytest.mark.parametrize("target", ANY_BYTES)
@pytest.mark.parametrize("place", ["in place", "beside"])
def test_sqlite3_into_each(tmp_path: Path, target: str, place: str) -> None:
    """Every byte, in both ways."""
    require_writable_here(target)
    path = case_in(tmp_path, "sqlite3")
    wanted = [(key, value) for key, value in expected(CASES["sqlite3"]) if key]
    with backends.open(path, mode="w") as store:
        for key in set(store) - {key for key, _ in wanted}:
            del store[key]
        for key, value in wanted:
            if target == "sdbm" and len(key) + len(value) > 1000:
                del store[key]
    wanted = read(path)
    assert len(wanted) > 30
    dest = None if place == "in place" else path.parent / "new"
    done = backends.migrate(path, dest, target, duplicates="first")
    assert done.dest == str(dest or path)
    assert read(done.dest) == wanted
    assert backends.require_flavour(target).opens(backends.identify(done.dest).flavour)
    if dest is None:
        assert read(done.backup) == wanted


@pytest.mark.parametrize("target", WRITTEN)
@pytest.mark.parametrize("origin", WRITTEN)
def test_each_into_each_in_place(tmp_path: Path, origin: str, target: str) -> None:
    """Whichever names change, one database is found under the name, and the backup beside it."""
    require_writable_here(origin)
    require_writable_here(target)
    path = made(tmp_path, origin)
    done = backends.migrate(path, to=target, duplicates="first")
    assert done.dest == str(path)
    assert read(path) == some()
    assert backends.require_flavour(target).opens(backends.identify(path).flavour)
    kept = [name for name in names(tmp_path) if ".backup-" in name]
    made_now = {name for name in names(tmp_path) if name not in kept}
    assert made_now <= {
        name.rpartition("/")[2] for name in backends.require_flavour(target).files(str(path))
    }
    assert read(done.backup) == some()
    assert kept


WAYS = [
    ("gnu", "dumb", "sdbm", "sos", "berkeley-hash", "gnu", "sqlite3"),
    ("berkeley-hash", "gnu-ndbm", "dumb", "sqlite3", "sdbm", "gnu-ndbm", "sos", "gnu"),
    ("dumb", "dumb", "gnu-ndbm", "gnu-ndbm", "sdbm", "sdbm", "sqlite3", "sqlite3"),
]


@pytest.mark.parametrize("way", WAYS, ids="-".join)
def test_long_ways_round(tmp_path: Path, way: tuple[str, ...]) -> None:
    """In place from one to the next, and all the records are there at the end."""
    path = made(tmp_path, way[0], number=300)
    for target in way[1:]:
        done = backends.migrate(path, to=target, backup=False, duplicates="first")
        assert (done.records, done.backup) == (300, None)
    assert read(path) == some(300)
    files = backends.require_flavour(way[-1]).files(str(path))
    assert set(names(tmp_path)) <= {file.rpartition("/")[2] for file in files}


@pytest.mark.parametrize("case", ["bdb-subdbs-be", "dbdump-subdbs"])
def test_one_database_of_several(tmp_path: Path, case: str) -> None:
    """It is taken out to a new file by its name; without one, the names are told."""
    from tests.backends.berkeley.test_reading import rows
    from tests.corpus_cases import copied_case

    (tmp_path / "case").mkdir()
    path = copied_case(case, tmp_path / "case")
    wanted = sorted((key, value) for name, key, value in rows(case) if name == "first")
    backends.migrate(path, tmp_path / "one", database="first")
    assert read(tmp_path / "one") == wanted
    with pytest.raises(backends.PlugregError, match="'first'"):
        backends.migrate(path, tmp_path / "two")
    with pytest.raises(backends.FlavourError, match="no database `third`"):
        backends.migrate(path, tmp_path / "two", database="third")
    with pytest.raises(ValueError, match="not in place"):
        backends.migrate(path, database="first")
    assert names(tmp_path) == ["case", "one"]


@pytest.mark.parametrize("target", WRITTEN)
@pytest.mark.parametrize("place", ["in place", "beside"])
def test_what_other_programs_find(tmp_path: Path, target: str, place: str) -> None:
    """The original library or tool reads all records, by the name that programs open."""
    require_writable_here(target)
    path = made(tmp_path, "sqlite3" if target != "sqlite3" else "gnu")
    name = path if place == "in place" else tmp_path / "beside"
    backends.migrate(path, None if place == "in place" else name, target)
    readings = as_each_tool_reads(target, name)
    assert {tool: sorted(found) for tool, found in readings.items()} == dict.fromkeys(
        readings, some()
    )
    assert readings


@pytest.mark.parametrize("target", ["sqlite3", "dumb"])
def test_a_plain_open_of_a_later_python(tmp_path: Path, target: str) -> None:
    """`dbm.open` of CPython 3.13 finds the new database by itself."""
    path = made(tmp_path, "gnu")
    backends.migrate(path, to=target)
    program = "import dbm, sys; d = dbm.open(sys.argv[1]); print(len(d), d[sys.argv[2]])"
    key = b'"key 7"'
    done = output_of(python_with_dbm_sqlite3(), "-c", program, path, key.decode())
    assert done.decode() == f"60 {dict(some())[key]!r}\n"
