"""Reading GDBM files of every layout with our own code."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugreg import backends
from plugreg.backends.gdbm import hashing
from plugreg.backends.gdbm.file import SMALL
from plugreg.backends.gdbm.reader import GdbmReader
from tests.backends.gdbm.cases import DAMAGE, HEADERS, WHOLE, damaged
from tests.corpus_cases import copied_case, expected_records

if TYPE_CHECKING:
    from pathlib import Path

EVIDENCE = {
    "gdbm-default": "GDBM 64-bit, little-endian; block size 4096",
    "gdbm-numsync-tool": "GDBM 64-bit, little-endian, numsync; block size 4096",
    "gdbm-numsync-many": "GDBM 64-bit, little-endian, numsync; block size 512",
    "gdbm-arch-s390x": "GDBM 64-bit, big-endian; block size 512",
    "gdbm-arch-i386-lfs": "GDBM 64-bit aligned to 4 bytes (i386), little-endian; block size 512",
    "gdbm-arch-ppc-nolfs-numsync": "GDBM 32-bit, big-endian, numsync; block size 1024",
    "gdbm-omagic-patched": "GDBM of the old format (64-bit), little-endian; block size 4096",
}


def opened(path: Path) -> GdbmReader:
    """Open for reading as `backends.open` does."""
    store = backends.open(path)
    assert isinstance(store, GdbmReader)
    return store


@pytest.mark.parametrize("case", WHOLE)
def test_every_record(tmp_path: Path, case: str) -> None:
    """In order, by key, by number, and salvaged: what the original library reads, no more."""
    expected = expected_records(case)
    with opened(copied_case(case, tmp_path)) as store:
        assert sorted(store.records()) == sorted(expected.items())
        assert {key: store[key] for key in expected} == expected
        assert (len(store), store.record_count()) == (len(expected), len(expected))
        assert sorted(store) == sorted(expected)
        assert dict(store.salvage()) == expected
        store.account()
        assert (list(store.losses), store.warnings) == ([], [])


@pytest.mark.parametrize("case", WHOLE)
def test_a_key_that_is_not_there(tmp_path: Path, case: str) -> None:
    """None, for keys like those that are and for odd ones."""
    expected = expected_records(case)
    with opened(copied_case(case, tmp_path)) as store:
        for key in [b"\0", b"\xff" * 300, *(key + b"?" for key in expected)]:
            assert key in expected or store.get(key) is None


@pytest.mark.parametrize("case", EVIDENCE)
def test_the_evidence(tmp_path: Path, case: str) -> None:
    """It tells word size, byte order, extension and block size."""
    found = backends.identify(copied_case(case, tmp_path))
    assert (found.flavour, found.evidence) == ("gnu", EVIDENCE[case])


@pytest.mark.parametrize("kind", DAMAGE)
def test_damage_is_refused(tmp_path: Path, kind: str) -> None:
    """Reading all of it raises an error that names file and place, and no wrong record comes."""
    path = damaged(kind, tmp_path)
    expected = expected_records("gdbm-bs512")
    with GdbmReader("gnu", str(path), str(path)) as store:
        seen = store.records()
        with pytest.raises(backends.CatalogCorrupt, match=DAMAGE[kind][2]) as caught:
            assert all(expected[key] == value for key, value in seen)
    assert str(path) in caught.value.message


@pytest.mark.parametrize("case", HEADERS)
def test_a_damaged_header_is_refused(tmp_path: Path, case: str) -> None:
    """By its own words, in a look-up, too."""
    with opened(copied_case(case, tmp_path)) as store:
        for look in (lambda: list(store.records()), lambda: store.get(b"a"), lambda: len(store)):
            with pytest.raises(backends.CatalogCorrupt, match=HEADERS[case]):
                look()


def test_a_pair_with_a_strange_marker(tmp_path: Path) -> None:
    """The .dir is named, and that the pair can be salvaged."""
    with backends.open(copied_case("damaged-gdbmcompat-dir-bad", tmp_path)) as store:
        assert store.flavour == "gnu-ndbm"
        with pytest.raises(backends.CatalogCorrupt, match=r"a\.dir is not the marker.*--salvage"):
            len(store)


def test_the_lengths_of_a_value_are_proved(tmp_path: Path) -> None:
    """A value made longer reaches into its neighbour, which the rules of one record do not see."""
    path = copied_case("gdbm-bs512", tmp_path)
    content = bytearray(path.read_bytes())
    at = 19584 + 4  # the data_size of the element in DAMAGE
    content[at] += 3
    path.write_bytes(content)
    with opened(path) as store, pytest.raises(backends.CatalogCorrupt, match="overlaps"):
        list(store.records())


def test_a_file_that_is_not_held_in_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A large file is read record by record, with the same result."""
    monkeypatch.setattr("plugreg.backends.gdbm.file.SMALL", 100)
    with opened(copied_case("gdbm-bs512", tmp_path)) as store:
        assert dict(store.records()) == expected_records("gdbm-bs512")
    with opened(damaged("data pointer", tmp_path)) as store:
        with pytest.raises(backends.CatalogCorrupt, match="87944"):
            list(store.records())


def test_records_one_by_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Buckets of large records are not read at once, with the same result."""
    monkeypatch.setattr("plugreg.backends.gdbm.bulk._LARGE", 0)
    with opened(copied_case("gdbm-bs512", tmp_path)) as store:
        assert dict(store.records()) == expected_records("gdbm-bs512")


def test_a_file_too_large_to_be_held(tmp_path: Path) -> None:
    """Its records are read one by one, or, where a bucket's lie together, at once."""
    records = [(b"key-%d" % number, b"%d" % number * 700) for number in range(8000)]
    scattered, together = tmp_path / "scattered", tmp_path / "together"
    backends.require_flavour("gnu").write_fresh(str(scattered), records)
    with opened(scattered) as store:
        in_order = list(store.records())
        assert (store.warnings, store._file.content) == ([], b"")
    backends.require_flavour("gnu").write_fresh(str(together), in_order)
    with opened(together) as store:
        assert list(store.records()) == in_order
    assert together.stat().st_size > SMALL
    assert sorted(in_order) == sorted(records)


def test_a_wrong_hash_is_seen(tmp_path: Path) -> None:
    """A key whose letter was changed beyond its first four is refused, unless not verified."""
    path = copied_case("gdbm-bs512", tmp_path)
    with opened(path) as store:
        key = max(store, key=len)
    content = path.read_bytes()
    path.write_bytes(content.replace(key, key[:-1] + b"~"))
    with (
        opened(path) as store,
        pytest.raises(backends.CatalogCorrupt, match=r"hash of .* is wrong"),
    ):
        list(store.records())
    with GdbmReader("gnu", str(path), str(path)) as store:
        store.verify_keys = False
        assert len(list(store.records())) == len(expected_records("gdbm-bs512"))


def test_a_writer_is_waited_for(tmp_path: Path) -> None:
    """While another process holds libgdbm's lock, opening waits, then says that it is locked."""
    path = copied_case("gdbm-default", tmp_path)
    with path.open("rb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with pytest.raises(backends.CatalogLocked, match="locked by this process"):
            backends.open(path, timeout_s=0.05)
    backends.open(path).close()


def test_no_c_module_is_loaded(tmp_path: Path) -> None:
    """Reading and making a file work where `dbm.gnu` is not there at all."""
    path = copied_case("gdbm-arch-s390x", tmp_path)
    program = (
        "import sys; sys.modules['_gdbm'] = None; from plugreg import backends as b;"
        "records = dict(b.open(sys.argv[1]));"
        "b.require_flavour('gnu').write_fresh(sys.argv[2], records.items());"
        "assert dict(b.open(sys.argv[2])) == records; print(len(records))"
    )
    arguments = [sys.executable, "-c", program, path, tmp_path / "made"]
    done = subprocess.run(arguments, capture_output=True, text=True, check=True)
    assert done.stdout == "213\n"


def _as_in_c(key: bytes, *, signed: bool) -> int:
    """Hash as hash.c of gdbm is written."""
    value = 0x238F13AF * len(key) & 0xFFFFFFFF
    for index, byte in enumerate(key):
        char = byte - 256 if signed and byte > 127 else byte
        value = (value + (char << (index * 5 % 24))) & 0x7FFFFFFF
    return (1103515243 * value + 12345) & 0x7FFFFFFF


@given(st.binary(max_size=600))
def test_the_hash(key: bytes) -> None:
    """The sum of weights is the loop of hash.c, for both signs of char."""
    assert hashing.signed_hash(key) == _as_in_c(key, signed=True)
    assert hashing.unsigned_hash(key) == _as_in_c(key, signed=False)
    assert set(hashing.hashes(key)) == {hashing.signed_hash(key), hashing.unsigned_hash(key)}


@given(st.lists(st.binary(max_size=hashing.LONGEST), min_size=1, max_size=40))
def test_the_hashes_of_many_keys(keys: list[bytes]) -> None:
    """They are those of the keys one by one, whatever their lengths."""
    width = max(map(len, keys))
    padded = b"".join(key.ljust(width, b"\0") for key in keys)
    found = hashing.unsigned_hashes(padded, width, [len(key) for key in keys])
    assert found == tuple(map(hashing.unsigned_hash, keys))


def test_the_hashes_of_the_heaviest_keys() -> None:
    """The sums of the longest keys of the highest bytes stay in their lanes."""
    keys = [b"\xff" * hashing.LONGEST, b"", b"\xff" * hashing.LONGEST]
    padded = b"".join(key.ljust(hashing.LONGEST, b"\0") for key in keys)
    found = hashing.unsigned_hashes(padded, hashing.LONGEST, [len(key) for key in keys])
    assert found == tuple(map(hashing.unsigned_hash, keys))


def test_a_file_cut_to_any_length(tmp_path: Path) -> None:
    """Whatever is left of it, an error of ours or no database at all."""
    path = copied_case("gdbm-default", tmp_path)
    content = path.read_bytes()
    for size in [*range(1, 200), *range(200, len(content), 997)]:
        path.write_bytes(content[:size])
        with pytest.raises(backends.PlugregError):
            with backends.open(path) as store:
                list(store.records())
    assert os.path.getsize(path)
