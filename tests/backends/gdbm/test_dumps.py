"""GDBM's dumps, ASCII and binary: those of the tools are read, and theirs read ours."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from plugreg import backends
from plugreg.backends.gdbm.ascii_dump import write_ascii
from plugreg.backends.gdbm.dump_reader import GnuDumpReader
from tests.backends.gdbm.binary_dumps import write_binary
from tests.backends.gdbm.cases import DUMPS
from tests.conditions import skip_or_fail
from tests.corpus_cases import copied_case, expected_records

if TYPE_CHECKING:
    from pathlib import Path

# What the error says, and how many of the 63 records are whole.
DAMAGE = {
    "damaged-gdbmdump-ascii-base64": ("the datum of line 19: .*base64", 62),
    "damaged-gdbmdump-ascii-count": ("#:count=64 but 63 records", 63),
    "damaged-gdbmdump-ascii-cut": ("truncated after line 342: no '# End of data'", 60),
    "damaged-gdbmdump-ascii-len": ("line 144: 6 bytes told, 5 found", 62),
}
# Long ones fill lines of base64 to the last character; gdbm_load takes no empty ones.
RECORDS = {b"key%d" % n: b"v" * n for n in range(1, 200)} | {b"\xff\0\n": bytes(range(256))}


GNU = backends.require_flavour("gnu")


def opened(path: Path) -> GnuDumpReader:
    """Open for reading as `backends.open` does."""
    store = backends.open(path)
    assert isinstance(store, GnuDumpReader)
    return store


def require(tool: str) -> str:
    """Return the path of a tool, or skip the test."""
    found = shutil.which(tool)
    if not found:
        skip_or_fail(f"{tool} is not installed")
    return str(found)


@pytest.mark.parametrize("case", DUMPS)
def test_every_record(tmp_path: Path, case: str) -> None:
    """In order, by key, and salvaged: what the original library dumped."""
    path, expected = copied_case(case, tmp_path), expected_records(case)
    assert backends.identify(path).flavour == "gnu-dump"
    with opened(path) as store:
        assert sorted(store.records()) == sorted(expected.items())
        assert (dict(store), dict(store.salvage())) == (expected, expected)
        assert (list(store.losses), store.warnings) == ([], [])


@pytest.mark.parametrize("case", DAMAGE)
def test_damage(tmp_path: Path, case: str) -> None:
    """Refused, the line is named; all other records can be salvaged."""
    says, whole = DAMAGE[case]
    path, expected = copied_case(case, tmp_path), expected_records("gdbmdump-ascii-v1.2")
    with opened(path) as store:
        with pytest.raises(backends.CatalogCorrupt, match=says):
            len(store)
        found = list(store.salvage())
        assert len(found) == len(dict(found)) == whole
        assert set(found) <= set(expected.items()) or whole
        assert len(store.losses) == 1


def test_a_binary_dump_that_was_cut(tmp_path: Path) -> None:
    """Refused; the records before the cut can be salvaged."""
    path, expected = copied_case("gdbmdump-binary-empties", tmp_path), {}
    expected = expected_records("gdbmdump-binary-empties")
    path.write_bytes(path.read_bytes()[:-30])
    with opened(path) as store:
        with pytest.raises(backends.CatalogCorrupt, match="truncated"):
            len(store)
        found = list(store.salvage())
        assert set(found) <= set(expected.items())
        assert len(found) >= len(expected) - 2
        assert store.losses


def test_a_binary_dump_that_stopped_early(tmp_path: Path) -> None:
    """Gdbm up to 1.26 stops at the first empty datum: a warning where the last value is empty."""
    path = tmp_path / "dump"
    path.write_bytes(b"".join(write_binary([(b"a", b"1"), (b"b", b"")])))
    with opened(path) as store:
        assert dict(store) == {b"a": b"1", b"b": b""}
        assert "records may be missing" in store.warnings[0]


@pytest.mark.parametrize("kind", ["ascii", "binary"])
def test_ours_are_read(tmp_path: Path, kind: str) -> None:
    """What is written comes back, empty keys and values, too."""
    records, path = {**RECORDS, b"": b"x", b"none": b"", b"last": b"1"}, tmp_path / "dump"
    parts = write_ascii(records.items(), "x") if kind == "ascii" else write_binary(records.items())
    path.write_bytes(b"".join(parts))
    with opened(path) as store:
        assert (list(store.records()), store.warnings) == (list(records.items()), [])


@pytest.mark.parametrize("kind", ["ascii", "binary"])
def test_gdbm_load_takes_ours(tmp_path: Path, kind: str) -> None:
    """A database that it makes of a dump of ours has every record."""
    load = require("gdbm_load")
    name = 'odd, "name"\n'
    dump = tmp_path / "dump"
    parts = write_ascii(RECORDS.items(), name) if kind == "ascii" else write_binary(RECORDS.items())
    dump.write_bytes(b"".join(parts))
    subprocess.run([load, "-n", dump, tmp_path / "db"], check=True)
    with backends.open(tmp_path / "db") as store:
        assert dict(store) == RECORDS


def test_the_text_is_that_of_gdbm_dump(tmp_path: Path) -> None:
    """After the header, byte for byte."""
    dump = require("gdbm_dump")
    GNU.write_fresh(str(tmp_path / "db"), RECORDS.items())
    subprocess.run([dump, tmp_path / "db", tmp_path / "theirs"], check=True)
    with backends.open(tmp_path / "db") as store:
        ours = b"".join(write_ascii(store.records(), "db"))  # type: ignore[attr-defined]
    end = b"# End of header\n"
    assert ours.partition(end)[2] == (tmp_path / "theirs").read_bytes().partition(end)[2]


def test_a_dump_is_not_written_in_place(tmp_path: Path) -> None:
    """Opening one to write is refused, and so is making an empty one."""
    path = copied_case("gdbmdump-ascii-empty", tmp_path)
    with pytest.raises(backends.FlavourUnavailable, match="a dump is made of a whole database"):
        backends.open(path, mode="w")
    with pytest.raises(backends.FlavourUnavailable):
        backends.open(tmp_path / "new", "gnu-dump", "c")


def test_a_later_version(tmp_path: Path) -> None:
    """Version 2 of the format is refused by its number."""
    path = copied_case("gdbmdump-ascii-empty", tmp_path)
    path.write_bytes(path.read_bytes().replace(b"version=1.1", b"version=2.0"))
    with opened(path) as store, pytest.raises(backends.CatalogCorrupt, match=r"version 2\.0"):
        len(store)
