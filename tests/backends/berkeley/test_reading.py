"""Berkeley DB files of every version, against what the original libraries read from them."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING

import pytest

from plugreg import backends
from plugreg.backends.berkeley import database_names, open_database, read_dump
from plugreg.backends.reader import Reader
from tests.corpus_cases import CORPUS, about, case_names, copied_case

if TYPE_CHECKING:
    from pathlib import Path

FLAVOURS = {
    "bdb-hash": "berkeley-hash",
    "bdb-btree": "berkeley-btree",
    "bdb-recno": "berkeley-recno",
    "bdb-queue": "berkeley-queue",
    "bdb-heap": "berkeley-heap",
    "bdb-multi": "berkeley-multi",
    "bdb185-hash": "berkeley185-hash",
    "bdb185-btree": "berkeley185-btree",
    "bdb186-hash": "berkeley186-hash",
    "db_dump": "berkeley-dump",
}
CASES = case_names("bdb-", "bdbold-", "bdb185-", "bdb186-", "dbdump-", "shelf-py27-dbhash")
REFUSED = [case for case in CASES if about(case).get("refuse") or case.startswith("bdb186")]
SEVERAL = [case for case in CASES if about(case).get("databases")]
PLAIN = [case for case in CASES if case not in (*REFUSED, *SEVERAL)]


def rows(case: str) -> list[tuple[str, bytes, bytes]]:
    """Return the expected (database, key, value), duplicates included, sorted."""
    lines = map(json.loads, (CORPUS / case / "expected.jsonl").read_text("utf-8").splitlines())
    return sorted(
        (line.get("db", ""), base64.b64decode(line["key"]), base64.b64decode(line["value"]))
        for line in lines
    )


def opened(path: Path) -> Reader:
    """Open a case for reading with our own reader."""
    store = backends.open(path)
    assert isinstance(store, Reader)
    return store


@pytest.mark.parametrize("case", CASES)
def test_each_is_identified(tmp_path: Path, case: str) -> None:
    """The bytes say which access method and which version."""
    found = backends.identify(copied_case(case, tmp_path))
    assert found.flavour == FLAVOURS[str(about(case)["flavour"])]
    version = about(case).get("bdb_version")
    assert version is None or f"version {version}," in found.evidence


@pytest.mark.parametrize("case", PLAIN)
def test_every_record_is_read(tmp_path: Path, case: str) -> None:
    """Record by record what the original library reads, duplicates included."""
    with opened(copied_case(case, tmp_path)) as store:
        assert sorted(("", *record) for record in store.records()) == rows(case)


@pytest.mark.parametrize("case", PLAIN)
def test_every_key_is_found(tmp_path: Path, case: str) -> None:
    """A look-up gives the first of a key's values, and nothing for a key that is not there."""
    with opened(copied_case(case, tmp_path)) as store:
        first: dict[bytes, bytes] = {}
        for key, value in store.records():
            first.setdefault(key, value)
        assert {key: store[key] for key in first} == first
        assert not [key for key in first if key + b"\0no" in store]
        assert (sorted(store), len(store)) == (sorted(first), len(first))


@pytest.mark.parametrize("case", PLAIN)
def test_salvage_of_a_whole_file_loses_nothing(tmp_path: Path, case: str) -> None:
    """What is whole is all there, and no loss is told."""
    with opened(copied_case(case, tmp_path)) as store:
        assert sorted(("", *record) for record in store.salvage()) == rows(case)
        assert list(store.losses) == []


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_read_is_refused_by_name(tmp_path: Path, case: str) -> None:
    """Encrypted files and those of 1.86 are identified, and refused."""
    path = copied_case(case, tmp_path)
    with pytest.raises(backends.FlavourUnavailable, match=r"encrypted Berkeley DB|1\.86"):
        backends.open(path)


def test_a_file_with_several_databases(tmp_path: Path) -> None:
    """Each is read by its name; without one, the error lists them."""
    case = "bdb-subdbs-be"
    path = copied_case(case, tmp_path)
    names = database_names(path)
    assert names == about(case)["databases"]
    with pytest.raises(backends.FlavourError, match=r"5 databases: 'dups', 'first'") as caught:
        backends.open(path)
    assert caught.value.details["databases"] == names
    read = []
    for name in names:
        with open_database(path, name) as store:
            read += [(name, *record) for record in store.records()]
    assert sorted(read) == rows(case)
    with pytest.raises(backends.FlavourError, match="no database `third`"):
        open_database(path, "third")


def test_a_file_of_one_database_has_no_names(tmp_path: Path) -> None:
    """Only a master database names others."""
    assert database_names(copied_case("bdb-hash-le", tmp_path)) == []


def test_a_dump_with_several_databases(tmp_path: Path) -> None:
    """Sections are read in one go, each record with the name of its database."""
    path = copied_case("dbdump-subdbs", tmp_path)
    with path.open("rb") as lines:
        assert sorted(read_dump(lines)) == rows("dbdump-subdbs")
    with pytest.raises(backends.FlavourError, match="5 databases"):
        backends.open(path)


def test_pages_that_a_log_knows_are_warned_of(tmp_path: Path) -> None:
    """A file of a transactional environment may lack what is in its log."""
    with opened(copied_case("bdb-btree-txn-log", tmp_path)) as store:
        assert len(list(store.records())) == about("bdb-btree-txn-log")["records"]
        assert len(store.warnings) == 1
        assert "log files" in store.warnings[0]


def test_a_missing_partition_is_an_error(tmp_path: Path) -> None:
    """A partitioned database without one of its files is not a smaller one."""
    path = copied_case("bdb-btree-partitioned", tmp_path)
    (tmp_path / "__dbp.part.db.002").unlink()
    with opened(path) as store:
        with pytest.raises(backends.CatalogCorrupt, match=r"__dbp\.part\.db\.002 is missing"):
            list(store.records())
        assert 0 < len(list(store.salvage())) < 400
        assert len(store.losses) == 1


def test_a_missing_extent_is_an_error(tmp_path: Path) -> None:
    """A queue whose last extent is gone is not a shorter one."""
    path = copied_case("bdb-queue-extents", tmp_path)
    (tmp_path / "__dbq.q.db.2").unlink()
    with opened(path) as store, pytest.raises(backends.CatalogCorrupt, match="is missing"):
        list(store.records())


@pytest.mark.parametrize(
    "flavour", sorted(set(FLAVOURS.values()) - {"berkeley-hash", "berkeley186-hash"})
)
def test_what_is_only_read_says_so(tmp_path: Path, flavour: str) -> None:
    """Neither an existing file nor a new one can be written."""
    known = backends.require_flavour(flavour)
    assert known.unreadable_here() == ""
    assert "does not write" in known.unwritable_here()
    with pytest.raises(backends.FlavourUnavailable, match="does not write"):
        backends.open(tmp_path / "new", flavour, "c")
