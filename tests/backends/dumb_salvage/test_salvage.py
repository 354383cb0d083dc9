"""What is whole in a damaged pair of dumb files."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from plugreg import backends
from plugreg.backends.reader import Reader
from tests.corpus_cases import case_names, copied_case, expected_records

if TYPE_CHECKING:
    from pathlib import Path

DUMB = backends.require_flavour("dumb")


def salvaged(path: Path) -> tuple[dict[bytes, bytes], list[str]]:
    """Return the records of a damaged pair, and what was lost."""
    with DUMB.open_damaged(str(path)) as store:
        assert isinstance(store, Reader)
        return dict(store.salvage()), list(store.losses)


@pytest.mark.parametrize("case", [*case_names("dumb-"), "shelf-py27-dumb", "shelf-py36-dumb"])
def test_whole_pairs_are_all_there(tmp_path: Path, case: str) -> None:
    """Without damage salvage is a reading, and tells of no loss."""
    path = copied_case(case, tmp_path)
    assert salvaged(path) == (expected_records(case), [])
    with DUMB.open_damaged(str(path)) as store:
        assert dict(store) == expected_records(case)


def test_a_torn_line_loses_one_record(tmp_path: Path) -> None:
    """Reading is refused with the line; the whole lines are salvaged."""
    path = copied_case("damaged-dumb-dir-cut", tmp_path)
    with pytest.raises(backends.CatalogCorrupt, match=r"x1\.dir is damaged in line 22; there"):
        backends.open(path)
    records, losses = salvaged(path)
    assert len(records) == 21
    assert losses == [f"bad line 22 in {path}.dir"]
    whole = expected_records("dumb-py311-basic")
    assert all(whole.get(key) == value for key, value in records.items())


def test_the_backup_is_offered(tmp_path: Path) -> None:
    """Its keys that the torn index lacks are named, not added: they may have been deleted."""
    path = copied_case("dumb-py311-basic", tmp_path)
    index = path.with_name(f"{path.name}.dir")
    index.write_bytes(index.read_bytes()[:100])
    with pytest.raises(backends.CatalogCorrupt, match=r"compare it with .*\.bak"):
        backends.open(path)
    records, losses = salvaged(path)
    assert 0 < len(records) < 5
    assert "has 39 more keys" in losses[-1] or "more keys, deleted or lost since" in losses[-1]


def test_cut_values_are_named(tmp_path: Path) -> None:
    """CPython returns short values without a word; here they are losses."""
    path = copied_case("dumb-py36-basic", tmp_path)
    values = path.with_name(f"{path.name}.dat")
    values.write_bytes(values.read_bytes()[:10_000])
    with pytest.raises(backends.CatalogCorrupt, match=r"\.dat is cut"):
        backends.open(path)
    records, losses = salvaged(path)
    assert records.items() <= expected_records("dumb-py36-basic").items()
    assert len(records) + len([loss for loss in losses if ".dat ends at" in loss]) == 42


def test_only_the_backup_is_left(tmp_path: Path) -> None:
    """Between two steps of CPython's commit there is no .dir: the state before is salvaged."""
    path = copied_case("dumb-py311-basic", tmp_path)
    shutil.move(f"{path}.dir", f"{path}.bak")
    for suffix in ("", ".bak", ".dat"):
        assert backends.identify(f"{path}{suffix}").flavour == "dumb"
    with pytest.raises(backends.NotADatabase, match=r"\.dir is missing"):
        backends.open(path)
    records, losses = salvaged(path)
    assert records == expected_records("dumb-py311-basic")
    assert len(losses) == 1


@pytest.mark.parametrize(
    "line", [rb"'\q', (0, 1)", rb"'\u0416', (0, 1)", rb"'\777', (0, 1)", b"'a', (0, 1", b"\xff"]
)
def test_what_repr_never_writes_is_damage(tmp_path: Path, line: bytes) -> None:
    """No guess is made at strange escapes."""
    (tmp_path / "db.dir").write_bytes(b"'good', (0, 1)\n" + line + b"\n")
    (tmp_path / "db.dat").write_bytes(b"xy")
    with pytest.raises(backends.CatalogCorrupt, match="damaged in line 2"):
        backends.open(tmp_path / "db")
    assert salvaged(tmp_path / "db")[0] == {b"good": b"x"}
