"""The rows that are left of a damaged SQLite file."""

from __future__ import annotations

import random
import sqlite3
from typing import TYPE_CHECKING

import pytest

from plugreg import backends
from plugreg.backends.reader import Reader
from tests.corpus_cases import case_names, copied_case, expected_records

if TYPE_CHECKING:
    from pathlib import Path

SQLITE = backends.require_flavour("sqlite3")


def salvaged(path: Path) -> tuple[dict[bytes, bytes], list[str]]:
    """Return the records of a damaged file, and what was lost."""
    with SQLITE.open_damaged(str(path)) as store:
        assert isinstance(store, Reader)
        return dict(store.salvage()), list(store.losses)


def made(path: Path, count: int = 400) -> dict[bytes, bytes]:
    """Make a file of several levels, with large rows and free pages; return its records."""
    records = {b"key%d" % n: b"v%d" % n * (n % 97) for n in range(count)}
    records[b"large"] = bytes(range(256)) * 300
    with backends.open(path, "sqlite3", "n") as store:
        store.update(records)
        store.update({b"gone%d" % n: b"gone" * 200 for n in range(100)})
        with store.transaction():
            for n in range(100):
                del store[b"gone%d" % n]
    return records


@pytest.mark.parametrize("case", [*case_names("sqlite3-"), "shelf-py313-sqlite3"])
def test_whole_files_are_all_there(tmp_path: Path, case: str) -> None:
    """Without damage salvage is a reading, a -wal included, and the folder is left as it was."""
    path = copied_case(case, tmp_path)
    before = {file: file.read_bytes() for file in tmp_path.iterdir()}
    assert salvaged(path) == (expected_records(case), [])
    assert {file: file.read_bytes() for file in tmp_path.iterdir()} == before


def test_trees_of_many_pages(tmp_path: Path) -> None:
    """Inner pages, overflow pages and free pages are followed as SQLite does."""
    records = made(tmp_path / "a.db")
    assert salvaged(tmp_path / "a.db") == (records, [])


def test_a_lost_root_is_made_up_for(tmp_path: Path) -> None:
    """The pages below it are found, and each row is confirmed by the index."""
    path = copied_case("damaged-sqlite3-page-bad", tmp_path)
    with pytest.raises(backends.CatalogCorrupt, match="malformed"):
        with backends.open(path) as store:
            list(store.scan())
    records, losses = salvaged(path)
    assert records == expected_records("sqlite3-basic")
    assert losses == ["page 2 is damaged (its type is 255), and what it leads to may be lost"]


def test_a_cut_file_says_what_is_gone(tmp_path: Path) -> None:
    """The pages that are missing are named."""
    path = copied_case("damaged-sqlite3-cut", tmp_path)
    with pytest.raises(backends.CatalogCorrupt, match="malformed"):
        backends.identify(path)
    records, losses = salvaged(path)
    assert records == {}
    assert "page 4 is beyond the end of the file" in " ".join(losses)


def test_a_flipped_magic_number(tmp_path: Path) -> None:
    """The file is named for what it was, and all its rows are read."""
    path = copied_case("damaged-sqlite3-header-flip", tmp_path)
    with pytest.raises(backends.NotADatabase, match="whose magic number is broken"):
        backends.identify(path)
    assert salvaged(path) == (expected_records("sqlite3-basic"), [])


@pytest.mark.parametrize(
    ("size", "reserved", "says"), [(0, 0, "no page size"), (512, 200, "no room on pages")]
)
def test_a_header_that_leads_to_no_page(
    tmp_path: Path, size: int, reserved: int, says: str
) -> None:
    """Then nothing can be salvaged, and the error says so."""
    path = tmp_path / "a.db"
    made(path, 1)
    content = bytearray(path.read_bytes())
    content[16:18] = size.to_bytes(2, "big")
    content[20] = reserved
    path.write_bytes(content)
    with pytest.raises(backends.CatalogCorrupt, match=says) as caught:
        salvaged(path)
    assert "backup" in caught.value.hint


def test_each_page_in_turn(tmp_path: Path) -> None:
    """Whichever page is overwritten, no record is invented, and missing ones are told of."""
    path = tmp_path / "a.db"
    records = made(path)
    whole = path.read_bytes()
    for page in range(1, len(whole) // 4096):
        path.write_bytes(whole[: page * 4096] + b"\xff" * 4096 + whole[(page + 1) * 4096 :])
        saved, losses = salvaged(path)
        wrong = {key for key, value in saved.items() if records.get(key) != value}
        assert wrong <= {b"large"}  # a page of its value cannot be checked
        assert len(saved) == len(records) or losses


def test_a_deleted_row_does_not_come_back(tmp_path: Path) -> None:
    """Stray pages are only believed where the index confirms their rows."""
    path = tmp_path / "a.db"
    records = made(path)
    with sqlite3.connect(path) as connection:
        root = connection.execute("SELECT rootpage FROM sqlite_master").fetchone()[0]
    connection.close()
    data = bytearray(path.read_bytes())
    data[(root - 1) * 4096] = 0xFF
    data[32:40] = bytes(8)  # the list of free pages is lost as well
    path.write_bytes(data)
    saved, losses = salvaged(path)
    assert saved == records
    assert losses


def test_a_file_that_was_cut_inside_a_page_is_refused(tmp_path: Path) -> None:
    """SQLite itself would read the rest of the page as zeros, and values with it."""
    path = copied_case("shelf-py313-sqlite3", tmp_path)
    path.write_bytes(path.read_bytes()[:-166])
    with pytest.raises(backends.CatalogCorrupt, match="is cut: 24410 bytes are no whole pages"):
        backends.open(path)
    saved, losses = salvaged(path)
    assert 0 < len(saved) < 41
    assert losses


def test_overwritten_bytes_make_no_key(tmp_path: Path) -> None:
    """Wherever 64 bytes are garbled or zeroed: no key that never was, and what is missing is told.

    A lost part of the index takes no whole row with it.
    """
    path = tmp_path / "a.db"
    records = {b"key%d" % n: b"value of %d" % n * (n % 5) for n in range(500)}
    backends.require_flavour("sqlite3").write_fresh(str(path), records.items())
    whole = path.read_bytes()
    chance = random.Random(8)
    most = 0
    for number in range(300):
        place = chance.randrange(4096, len(whole) - 64)
        harm = bytes(64) if number % 2 else chance.randbytes(64)
        path.write_bytes(whole[:place] + harm + whole[place + 64 :])
        saved, losses = salvaged(path)
        assert saved.keys() <= records.keys(), (place, harm)
        assert len(saved) == len(records) or losses
        most = max(most, len(records) - len(saved))
    assert most < len(records) * 3 // 4


def test_a_lost_index_loses_no_row(tmp_path: Path) -> None:
    """The rows of whole pages are taken without it, and that is said."""
    path = tmp_path / "a.db"
    records = {b"key%d" % n: b"value" for n in range(500)}
    backends.require_flavour("sqlite3").write_fresh(str(path), records.items())
    with sqlite3.connect(path) as connection:
        root = connection.execute(
            "SELECT rootpage FROM sqlite_master WHERE type = 'index'"
        ).fetchone()[0]
    connection.close()
    data = bytearray(path.read_bytes())
    data[(root - 1) * 4096] = 0xFF
    path.write_bytes(data)
    saved, losses = salvaged(path)
    assert saved == records
    assert losses[-1] == (
        "500 rows were taken from whole pages without the index of their keys, which is lost"
    )
