"""Samba's trivial database."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

import pytest

from plugreg import backends
from plugreg.backends.reader import Reader
from tests.backends.corpus_checks import check_read
from tests.corpus_cases import copied_case, expected_records

if TYPE_CHECKING:
    from pathlib import Path


def test_a_real_file_is_read(tmp_path: Path) -> None:
    """Every record is what tdbdump shows."""
    check_read("tdb-samba", tmp_path, "tdb")


def built_big_endian(records: list[tuple[bytes, bytes]], magic: int = 0x26011999) -> bytes:
    """Return a file of one hash chain with big-endian words."""
    position, body = 176, b""
    for place, (key, value) in enumerate(records):
        size = len(key) + len(value)
        following = 0 if place == len(records) - 1 else position + 24 + size
        body += struct.pack(">6I", following, size, len(key), len(value), place, magic)
        body += key + value
        position += 24 + size
    head = b"TDB file\n".ljust(32, b"\0") + struct.pack(">2I", 0x2601196D, 1)
    return head.ljust(168, b"\0") + struct.pack(">2I", 0, 176 if records else 0) + body


def test_the_other_byte_order(tmp_path: Path) -> None:
    """The version tells it; deleted records that are still in a chain are left out."""
    records = [(b"a", b"1"), (b"", b""), (b"long" * 9, b"\xff" * 99)]
    (tmp_path / "t").write_bytes(built_big_endian(records))
    with backends.open(tmp_path / "t") as store:
        assert isinstance(store, Reader)
        assert (store.flavour, list(store.records())) == ("tdb", records)
    (tmp_path / "d").write_bytes(built_big_endian(records, magic=0xFEE1DEAD))
    with backends.open(tmp_path / "d") as store:
        assert dict(store) == {}


def test_a_chain_in_a_circle_ends(tmp_path: Path) -> None:
    """The number of records is bounded by the size of the file."""
    data = bytearray(built_big_endian([(b"a", b"1")]))
    data[176:180] = (176).to_bytes(4, "big")
    (tmp_path / "t").write_bytes(data)
    with backends.open(tmp_path / "t") as store:
        assert isinstance(store, Reader)
        with pytest.raises(backends.CatalogCorrupt, match="goes round in a circle"):
            list(store.records())


def test_a_damaged_chain_is_named(tmp_path: Path) -> None:
    """Reading says which; salvage gives the other chains."""
    path = copied_case("tdb-samba", tmp_path)
    data = bytearray(path.read_bytes())
    first = next(at for at in range(172, 700, 4) if any(data[at : at + 4]))
    data[first : first + 4] = b"\xff\xff\xff\x7f"
    path.write_bytes(data)
    with backends.open(path) as store:
        assert isinstance(store, Reader)
        with pytest.raises(backends.CatalogCorrupt, match="no record of it at byte 2147483647"):
            list(store.records())
        saved = dict(store.salvage())
        assert len(store.losses) == 1
    assert len(saved) == 2
    assert saved.items() <= expected_records("tdb-samba").items()


def test_features_are_refused_by_name(tmp_path: Path) -> None:
    """A file with mutexes has another layout, which only its own library reads."""
    data = bytearray(built_big_endian([]))
    data[60:64] = (1).to_bytes(4, "big")
    (tmp_path / "t").write_bytes(data)
    with pytest.raises(backends.FlavourUnavailable, match="features 0x1"):
        backends.open(tmp_path / "t")


def test_another_version_is_named(tmp_path: Path) -> None:
    """It is TDB, and not one that can be read."""
    data = built_big_endian([]).replace(b"\x26\x01\x19\x6d", b"\x26\x01\x19\x6e")
    (tmp_path / "t").write_bytes(data)
    with pytest.raises(backends.NotADatabase, match="a TDB file of a version other than 6"):
        backends.identify(tmp_path / "t")
