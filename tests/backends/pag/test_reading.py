"""Reading .pag and .dir pairs: sdbm and the classic ndbm."""

from __future__ import annotations

import dbm
from typing import TYPE_CHECKING

import pytest

from plugreg import backends
from plugreg.backends.reader import Reader
from tests.backends.corpus_checks import check_read
from tests.corpus_cases import about, case_names, copied_case, expected_records

if TYPE_CHECKING:
    from pathlib import Path

SDBM = case_names("sdbm-")
CLASSIC = case_names("ndbm-classic")


@pytest.mark.parametrize("case", SDBM + CLASSIC)
def test_real_pairs_are_read(tmp_path: Path, case: str) -> None:
    """Every record is what the original library reads, in either byte order."""
    check_read(case, tmp_path, str(about(case)["flavour"]))


@pytest.mark.parametrize("case", SDBM + CLASSIC)
@pytest.mark.parametrize("suffix", ["", ".pag", ".dir"])
def test_each_name_of_a_pair_works(tmp_path: Path, case: str, suffix: str) -> None:
    """The pair is found by its name and by that of either file."""
    path = copied_case(case, tmp_path)
    found = backends.identify(f"{path}{suffix}")
    assert (found.flavour, found.path) == (about(case)["flavour"], str(path))


@pytest.mark.parametrize("case", ["sdbm-basic", "ndbm-classic", "gdbmcompat-perl-odbm"])
def test_whichdb_calls_them_all_ndbm(tmp_path: Path, case: str) -> None:
    """`whichdb` looks at the names only; we look into the files."""
    path = copied_case(case, tmp_path)
    assert dbm.whichdb(path) == "dbm.ndbm"
    flavours = {"sdbm-basic": "sdbm", "ndbm-classic": "ndbm-classic"}
    assert backends.identify(path).flavour == flavours.get(case, "gnu-ndbm")


@pytest.mark.parametrize("mode", ["w", "c"])
def test_a_pair_is_not_changed_nor_replaced(tmp_path: Path, mode: str) -> None:
    """Opening one for writing is refused with the reason, and no new database appears."""
    path = copied_case("sdbm-basic", tmp_path)
    before = sorted(tmp_path.iterdir())
    with pytest.raises(backends.FlavourUnavailable, match="is sdbm: plugreg writes"):
        backends.open(path, mode=mode)
    assert sorted(tmp_path.iterdir()) == before


def test_the_bit_map_is_not_needed(tmp_path: Path) -> None:
    """Without the .dir all records are read, and sdbm is still told from ndbm."""
    for case in ("sdbm-basic", "sdbm-deleted", "ndbm-classic"):
        path = copied_case(case, tmp_path)
        path.with_suffix(".dir").unlink()
        with backends.open(path) as store:
            assert (store.flavour, dict(store)) == (about(case)["flavour"], expected_records(case))


def test_a_bad_page_is_named(tmp_path: Path) -> None:
    """Reading stops with the page and its place; salvage gives the other pages' records."""
    path = copied_case("damaged-sdbm-page-bad", tmp_path)
    with backends.open(path) as store:
        assert isinstance(store, Reader)
        with pytest.raises(backends.CatalogCorrupt, match="page 1 at byte 1024 has an impossible"):
            list(store.records())
        saved = dict(store.salvage())
        assert store.losses == ["page 1 at byte 1024 has an impossible offset table"]
    whole = expected_records("sdbm-basic")
    assert 0 < len(saved) < len(whole)
    assert saved.items() <= whole.items()


@pytest.mark.parametrize("case", ["sdbm-bigendian", "ndbm-classic"])
@pytest.mark.parametrize(
    ("cut", "says"), [(1024, "ends after .* pages, while the .dir tells"), (100, "ends inside")]
)
def test_a_cut_pair_is_noticed(tmp_path: Path, case: str, cut: int, says: str) -> None:
    """The bit map tells how many pages there were, so that a missing end is no shorter result."""
    path = copied_case(case, tmp_path)
    pag = path.with_suffix(".pag")
    pag.write_bytes(pag.read_bytes()[:-cut])
    with backends.open(path) as store:
        assert isinstance(store, Reader)
        with pytest.raises(backends.CatalogCorrupt, match=says):
            list(store.records())
        assert dict(store.salvage()).items() <= expected_records(case).items()
        assert store.losses


def test_keys_on_wrong_pages_are_told(tmp_path: Path) -> None:
    """Exchanged pages hold all records, but the library would not find them: a warning."""
    path = copied_case("sdbm-bigendian", tmp_path)
    pag = path.with_suffix(".pag")
    data = pag.read_bytes()
    pag.write_bytes(data[1024:2048] + data[:1024] + data[2048:])
    with backends.open(path) as store:
        assert isinstance(store, Reader)
        assert dict(store.records()) == expected_records("sdbm-bigendian")
        assert len(store.warnings) == 1
        assert "keys lie on pages where sdbm would not look" in store.warnings[0]


def test_a_bit_map_alone_is_no_database(tmp_path: Path) -> None:
    """The error says which file is missing."""
    path = copied_case("damaged-sdbm-no-pag", tmp_path)
    for name in (path, path.with_suffix(".dir")):
        with pytest.raises(backends.NotADatabase):
            backends.identify(name)
    with pytest.raises(backends.NotADatabase, match=r"a\.pag is missing"):
        backends.identify(path)


@pytest.mark.parametrize("pag", [b"\0" * 4096, b"text\n" * 500, bytes(range(256)) * 8])
def test_other_pairs_are_not_taken_for_one(tmp_path: Path, pag: bytes) -> None:
    """Zeros, text and binary data under those names are no database."""
    (tmp_path / "a.pag").write_bytes(pag)
    (tmp_path / "a.dir").write_bytes(b"\0" * 4096)
    with pytest.raises(backends.NotADatabase, match="hold no DBM data"):
        backends.identify(tmp_path / "a")
