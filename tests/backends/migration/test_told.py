"""What a rehearsal and a salvage tell: nothing that is not so, and all that is."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, NamedTuple

import pytest

from plugreg import backends
from tests.corpus_cases import copied_case
from tests.other_user import in_child

from .databases import listing, made, names, some

if TYPE_CHECKING:
    from pathlib import Path


class Usage(NamedTuple):
    """What `shutil.disk_usage` tells, in bytes."""

    total: int
    used: int
    free: int


def test_a_rehearsal_asks_whether_the_folder_is_writable(shared_folder: Path) -> None:
    """In place and beside: it fails as the real one would."""
    path = made(shared_folder, "gnu")
    backends.migrate(path, shared_folder / "before")  # what it imports, who has no rights cannot
    shared_folder.chmod(0o555)
    for dest in (None, shared_folder / "new"):
        for dry_run in (True, False):
            with pytest.raises(backends.CatalogError, match="could not be written") as caught:
                in_child(
                    lambda dest=dest, dry_run=dry_run: backends.migrate(
                        path, dest, dry_run=dry_run
                    ),
                    drop_rights=True,
                )
            assert caught.value.code == "catalog-storage"


def test_a_rehearsal_asks_for_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The keys and values alone must fit."""
    path = made(tmp_path, "gnu")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(10_000, 9_900, 100))
    with pytest.raises(backends.CatalogError, match="are to be copied, 100 are free"):
        backends.migrate(path, dry_run=True)


@pytest.mark.parametrize("flavour", ["gnu", "dumb"])
def test_a_rehearsal_asks_who_uses_it(tmp_path: Path, flavour: str) -> None:
    """A database that somebody has open cannot be replaced."""
    path = made(tmp_path, flavour)
    file = next(tmp_path.glob("db*"))
    before = listing(tmp_path)
    with file.open("rb"), pytest.raises(backends.CatalogLocked, match="is in use by this process"):
        backends.migrate(path, dry_run=True, timeout_s=0)
    assert listing(tmp_path) == before


@pytest.mark.parametrize("content", [b"a", b"", b"a\n", b"# FILE-DICT v2\n", b"\0" * 100])
def test_what_is_no_pysos_file(tmp_path: Path, content: bytes) -> None:
    """Whatever the caller says it is: no first line, no database, empty or not."""
    path = tmp_path / "x.txt"
    path.write_bytes(content)
    for salvage in (False, True):
        with pytest.raises(backends.CatalogCorrupt, match="line 1 is not # FILE-DICT v1 or"):
            backends.migrate(path, flavour="sos", salvage=salvage)
    assert names(tmp_path) == ["x.txt"]
    assert path.read_bytes() == content


def test_a_pysos_file_without_its_first_line(tmp_path: Path) -> None:
    """Its other lines can be salvaged, and the damage is told."""
    path = made(tmp_path, "sos")
    path.write_bytes(b"#" * 14 + path.read_bytes()[14:])
    with pytest.raises(backends.CatalogCorrupt, match="line 1 is not"):
        backends.migrate(path, flavour="sos")
    done = backends.migrate(path, tmp_path / "new", flavour="sos", salvage=True)
    assert done.records == len(some())
    assert done.skipped == ("line 1 is not # FILE-DICT v1 or # FILE-LIST v1",)


def test_a_dump_without_its_end(tmp_path: Path) -> None:
    """All its records are there: what is told is that more may have been."""
    path = copied_case("damaged-dbdump-no-end", tmp_path)
    done = backends.migrate(path, salvage=True, duplicates="first")
    assert done.records == 42
    (said,) = done.skipped
    assert said.startswith("what may have followed: ")
    assert said.endswith("DATA=END is missing")


@pytest.mark.parametrize(
    ("case", "says"),
    [
        ("damaged-bdb-btree-leaf-loop", "leaf"),
        ("damaged-bdb-hash-next-loop", "page"),
        ("damaged-gdbmcompat-dir-bad", "is not the marker of a GDBM pair"),
    ],
)
def test_a_defect_that_costs_no_record(tmp_path: Path, case: str, says: str) -> None:
    """Is named in a salvage, as it is an error without."""
    path = copied_case(case, tmp_path)
    with pytest.raises(backends.CatalogCorrupt) as caught:
        backends.migrate(path, tmp_path / "new")
    (said,) = backends.migrate(path, tmp_path / "new", salvage=True).skipped
    assert said == f"no record as far as can be told, but {caught.value.message}"
    assert says in said


def test_damage_in_sqlite_offers_to_salvage(tmp_path: Path) -> None:
    """Whatever SQLite says of it."""
    for case in ("damaged-sqlite3-cut", "damaged-sqlite3-page-bad"):
        (tmp_path / case).mkdir()
        path = copied_case(case, tmp_path / case)
        with pytest.raises(backends.CatalogCorrupt) as caught:
            backends.migrate(path, tmp_path / "new")
        assert caught.value.hint == (
            f"restore it from a backup, or `plugreg migrate {path} --salvage` takes what is whole"
        )
