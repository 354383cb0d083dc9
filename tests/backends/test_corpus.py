"""Every case of the corpus, none forgotten: identified, read or refused, and salvaged."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from plugreg import backends
from plugreg.backends.berkeley import database_names, open_database, read_dump
from plugreg.backends.reader import Reader
from tests.backends.test_opening import snapshot
from tests.corpus_cases import about, copied_case, every_case, expected_pairs, folder_of

if TYPE_CHECKING:
    from pathlib import Path

# The corpus' words for formats, where more than a prefix differs from plugreg's.
WORDS = {
    "gdbm": "gnu", "gdbm-ndbm": "gnu-ndbm", "gdbm-dump-ascii": "gnu-dump",
    "gdbm-dump-binary": "gnu-dump", "db_dump": "berkeley-dump", "dbm.sqlite3": "sqlite3",
    "sos-dict": "sos", "sos-list": "sos",
}  # fmt: skip
# What cannot be read although it is whole, and the words that say why.
UNREADABLE = {
    "bdb-btree-encrypted": "is an encrypted Berkeley DB btree database",
    "bdb-hash-encrypted": "is an encrypted Berkeley DB hash database",
    "bdb186-hash-v3": "no reader for the pages of Berkeley DB 1.86",
}
# What is something else, and what it is called.
LOOKALIKES = {
    "lookalike-bdb-log": "a Berkeley DB log file, not a database",
    "lookalike-bdb-region": "a Berkeley DB environment region file, not a database",
    "lookalike-diskcache": "a SQLite database of another application .*diskcache",
    "lookalike-kyoto-kch": "a Kyoto Cabinet database",
    "lookalike-kyoto-kct": "a Kyoto Cabinet database",
    "lookalike-lmdb": "an LMDB database",
    "lookalike-qdbm-depot": "a QDBM depot database",
    "lookalike-semidbm": "a semidbm directory",
    "lookalike-sqlite-other": "a SQLite database of another application .*Dict, t2",
    "lookalike-sqlitedict-real": "a SQLite database of another application .*sqlitedict",
    "lookalike-tokyo-tcb": "a Tokyo Cabinet database",
    "lookalike-tokyo-tch": "a Tokyo Cabinet database",
}
# What is no database, or no longer known as one: what is said of it.
NO_DATABASE = {
    "damaged-bdb-hash-magic-flip": "Berkeley DB hash file with a wrong magic number at byte 12",
    "damaged-directory": "is a directory",
    "damaged-pag-is-random": "a.dir, .*a.pag hold no DBM data",
    "damaged-pickle": "is a Python pickle, not a database",
    "damaged-random": "not a DBM database of a known flavour",
    "damaged-sdbm-no-pag": "a.pag is missing",
    "damaged-sqlite3-cut": "database disk image is malformed",
    "damaged-sqlite3-header-flip": "a SQLite database whose magic number is broken",
    "damaged-text": "text, not a database",
    "damaged-three-bytes": "too short to be any DBM file",
    "damaged-zero-length": "is empty",
    "damaged-zeros": "zero bytes only, perhaps lost data",
}
# What is damaged: what reading it says, and how many of its records are whole; None where its
# header is broken in a way that leaves no way in.
DAMAGED = {
    "damaged-bdb-btree-leaf-loop": ("page 5 .*the leaf names itself as the next leaf", 200),
    "damaged-bdb-btree-root-bad": ("page 99999 lies beyond the end", 200),
    "damaged-bdb-hash-cut": ("size 12644 is no multiple of the page size", 73),
    "damaged-bdb-hash-entries-bad": ("page 13 .*it says 60000 entries", 157),
    "damaged-bdb-hash-next-loop": ("page 14 leads here, .*a broken chain", 162),
    "damaged-bdb-hash-overflow-loop": ("page 3 leads here", 130),
    "damaged-bdb-hash-overflow-lost": ("page 99999 lies beyond the end", 130),
    "damaged-bdb-hash-page-type-bad": ("page 12 .*page type 99", 157),
    "damaged-bdb-hash-pagesize-bad": ("page size 4097 .*not a power of two from 512", None),
    "damaged-bdb-hash-version-99": ("unknown hash version 99", None),
    "damaged-bdb185-hash-bsize-bad": ("bucket size 513 .*is not a power of two", None),
    "damaged-bdb185-hash-cut": ("the file ends at page 35: cut", 93),
    "damaged-dbdump-badhex": ("a data line is not hexadecimal", 0),
    "damaged-dbdump-no-end": ("DATA=END is missing", 42),
    "damaged-dbdump-odd": ("an odd number of data lines: the last key has no value", 41),
    "damaged-dumb-dir-cut": (".dir is damaged in line 22", 21),
    "damaged-gdbm-bucketcount-bad": ("its count is 9999, but 15 elements are used", 541),
    "damaged-gdbm-bucketelems-flip": ("bucket_elems 167 does not fit bucket_size 4096", 42),
    "damaged-gdbm-cut-half": ("truncated: it should have 82944 bytes and has 41472", 92),
    "damaged-gdbm-cut-tail": ("truncated: it should have 82944 bytes and has 81444", 524),
    "damaged-gdbm-datapointer-bad": (r"points to 11 \+ 16 bytes at byte 87944 of 82944", 540),
    "damaged-gdbm-dirbits-flip": ("dir_bits 8 does not fit dir_size 4096", 42),
    "damaged-gdbm-direntry-bad": ("entry 5 names byte 140737488289792", 541),
    "damaged-gdbm-direntry-odd": ("entry 5 names byte 19464", 541),
    "damaged-gdbm-diroff-flip": ("the directory at byte 36864 lies outside the file", 42),
    "damaged-gdbm-keysize-negative": (r"points to -7 \+ 16 bytes", 540),
    "damaged-gdbm-magic-flip": ("wrong magic number 0x13579adf: 1 bit", 42),
    "damaged-gdbmcompat-dir-bad": ("a.dir is not the marker of a GDBM pair", 40),
    "damaged-gdbmdump-ascii-base64": ("line 19: Only base64", 62),
    "damaged-gdbmdump-ascii-count": ("#:count=64 but 63 records", 63),
    "damaged-gdbmdump-ascii-cut": ("truncated after line 342: no '# End of data'", 60),
    "damaged-gdbmdump-ascii-len": ("line 144: 6 bytes told, 5 found", 62),
    "damaged-sdbm-page-bad": ("page 1 .*has an impossible offset table", 32),
    "damaged-sqlite3-page-bad": ("database disk image is malformed", 42),
}
# Of them, those whose records are all there by other ways.
NOTHING_LOST = {
    "damaged-bdb-btree-leaf-loop",
    "damaged-bdb-hash-next-loop",
    "damaged-gdbmcompat-dir-bad",
}
SPECIAL = {*UNREADABLE, *LOOKALIKES, *NO_DATABASE, *DAMAGED}
EVERY = every_case()
WHOLE = [case for case in EVERY if case not in SPECIAL]
# Their newest records are elsewhere, in the log of their environment: a number would be wrong.
LOGGED = {"bdb-btree-txn-log"}


def flavour_of(case: str, field: str = "flavour") -> str:
    """Return plugreg's name for the format that the maker of a case says it has."""
    word = str(about(case)[field])
    return WORDS.get(word, word.replace("bdb", "berkeley", 1))


def present(cases: dict[str, object]) -> list[str]:
    """Return those cases of a table that are in the corpus at hand."""
    return [case for case in cases if case in EVERY]


def test_every_case_is_in_one_place() -> None:
    """What is damaged or a lookalike by its maker's word is in a table; the rest is read whole."""
    tables = (UNREADABLE, LOOKALIKES, NO_DATABASE, DAMAGED)
    assert sum(map(len, tables)) == len(SPECIAL)
    assert {case for case in EVERY if case.startswith(("damaged-", "lookalike-"))} <= SPECIAL
    for case in WHOLE:
        assert (folder_of(case) / "expected.jsonl").is_file(), case
        assert about(case)["records"] == len(expected_pairs(case))


@pytest.mark.parametrize("case", [*WHOLE, *present(UNREADABLE)])
def test_it_is_identified(tmp_path: Path, case: str) -> None:
    """The flavour is what the maker says, the number of records, where told, the original's."""
    path = copied_case(case, tmp_path)
    before = snapshot(tmp_path)
    found = backends.identify(path)
    assert (found.flavour, bool(found.evidence)) == (flavour_of(case), True)
    told = case not in (*UNREADABLE, *LOGGED) and not about(case).get("databases")
    assert found.records == (len(expected_pairs(case)) if told else None)
    after = snapshot(tmp_path)
    assert {name: after.get(name) for name in before if not name.endswith("-shm")} == {
        name: found for name, found in before.items() if not name.endswith("-shm")
    }
    assert set(after) == set(before)


@pytest.mark.parametrize("case", WHOLE)
def test_it_is_read(tmp_path: Path, case: str) -> None:
    """Every record is what the original library reads, byte for byte, duplicates included."""
    path = copied_case(case, tmp_path)
    expected = expected_pairs(case)
    if about(case).get("databases"):
        assert sorted(of_several(path)) == expected
        return
    with backends.open(path) as store:
        found = sorted(store.records() if isinstance(store, Reader) else store.items())
        assert comparable(case, found) == comparable(case, expected)
        assert all((key, store[key]) in found for key, _ in found)
        assert len(store) == len({key for key, _ in found})
        if isinstance(store, Reader):
            assert sorted(store.salvage()) == found


def of_several(path: Path) -> list[tuple[bytes, bytes]]:
    """Return the records of each database in a file of several."""
    if backends.identify(path).flavour == "berkeley-dump":
        with path.open("rb") as lines:
            return [(key, value) for _, key, value in read_dump(lines)]
    found = []
    for name in database_names(path):
        with open_database(path, name) as store:
            found += list(store.records())
    return found


def comparable(case: str, records: list[tuple[bytes, bytes]]) -> list[object]:
    """Return them as they are; of a pysos list, as elements, which are all that pysos keeps."""
    if about(case)["flavour"] != "sos-list":
        return list(records)
    elements = sorted((json.loads(key), json.loads(value)) for key, value in records)
    return [value for _, value in elements]


@pytest.mark.parametrize("case", present(UNREADABLE))
def test_what_cannot_be_read_is_refused_by_name(tmp_path: Path, case: str) -> None:
    """The error says what it is."""
    path = copied_case(case, tmp_path)
    with pytest.raises(backends.FlavourUnavailable, match=UNREADABLE[case]):
        backends.open(path)


@pytest.mark.parametrize("case", present({**LOOKALIKES, **NO_DATABASE}))
def test_what_is_no_database_is_told_apart(tmp_path: Path, case: str) -> None:
    """It is named and left alone."""
    path = copied_case(case, tmp_path)
    before = snapshot(tmp_path)
    kind = backends.CatalogCorrupt if case == "damaged-sqlite3-cut" else backends.NotADatabase
    with pytest.raises(kind, match={**LOOKALIKES, **NO_DATABASE}[case]):
        backends.identify(path)
    assert snapshot(tmp_path) == before


@pytest.mark.parametrize("case", present(DAMAGED))
def test_damage_is_refused_by_name_and_salvaged(tmp_path: Path, case: str) -> None:
    """Reading says what is wrong and where; salvage has every whole record, and no other."""
    path = copied_case(case, tmp_path)
    says, whole = DAMAGED[case]
    found = backends.identify(path)
    assert found.flavour == flavour_of(case, "really")
    assert found.records in {None, whole}
    with pytest.raises(backends.CatalogCorrupt, match=says), backends.open(path) as store:
        list(store.items())
    flavour = backends.require_flavour(found.flavour)
    if whole is None:
        with pytest.raises(backends.CatalogCorrupt, match=says):
            flavour.open_damaged(found.path)
        return
    with flavour.open_damaged(found.path) as store:
        assert isinstance(store, Reader)
        salvaged = list(store.salvage())
        assert bool(store.losses) == (case not in NOTHING_LOST)
    assert len(salvaged) == whole
    original = about(case).get("original_case")
    if original in EVERY:
        assert set(salvaged) <= set(expected_pairs(str(original)))
