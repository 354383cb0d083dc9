"""Getting the whole records out of damaged GDBM files, and never another."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest

from plugreg import backends
from plugreg.backends.gdbm.reader import GdbmReader
from tests.backends.gdbm.cases import DAMAGE, HEADERS, damaged
from tests.corpus_cases import about, copied_case, expected_records

if TYPE_CHECKING:
    from pathlib import Path


def salvaged(path: Path) -> tuple[list[tuple[bytes, bytes]], list[str]]:
    """Return what salvage gets, and what it says was lost."""
    with GdbmReader("gnu", str(path), str(path)) as store:
        found = list(store.salvage())
        return found, list(store.losses)


@pytest.mark.parametrize("kind", DAMAGE)
def test_what_is_whole(tmp_path: Path, kind: str) -> None:
    """All that the damage did not hit comes out once, and what is wrong is told."""
    expected = expected_records("gdbm-bs512")
    found, losses = salvaged(damaged(kind, tmp_path))
    assert len(found) == len(dict(found)) == DAMAGE[kind][3]
    assert set(found) <= set(expected.items())
    assert losses


@pytest.mark.parametrize("case", HEADERS)
def test_a_broken_header(tmp_path: Path, case: str) -> None:
    """Buckets are found without it: every record."""
    found, losses = salvaged(copied_case(case, tmp_path))
    assert dict(found) == expected_records(str(about(case)["original_case"]))
    assert losses[0].startswith("header: ")
    # Where the directory is lost, what was deleted cannot always be told from what was not.
    assert any("deleted" in line for line in losses) == (case == "damaged-gdbm-diroff-flip")


def test_half_a_file(tmp_path: Path) -> None:
    """The records whose bucket and bytes are in the first half."""
    found, losses = salvaged(copied_case("damaged-gdbm-cut-half", tmp_path))
    assert (len(found), set(found) <= set(expected_records("gdbm-bs512").items())) == (92, True)
    assert any("outside the file" in line for line in losses)


def test_a_pair_with_a_strange_marker(tmp_path: Path) -> None:
    """The .pag alone has all records."""
    with backends.open(copied_case("damaged-gdbmcompat-dir-bad", tmp_path)) as store:
        assert isinstance(store, GdbmReader)
        assert len(dict(store.salvage())) == 40


@pytest.mark.parametrize(
    "case", ["gdbm-arch-s390x", "gdbm-arch-i386-lfs", "gdbm-arch-ppc-nolfs", "gdbm-numsync-many"]
)
def test_without_header_and_directory(tmp_path: Path, case: str) -> None:
    """Layout, byte order and block size are found from the buckets alone."""
    path = copied_case(case, tmp_path)
    content = path.read_bytes()
    path.write_bytes(bytes(1024) + content[1024:])
    found, _ = salvaged(path)
    assert dict(found).items() <= expected_records(case).items()
    assert len(found) >= 0.9 * len(expected_records(case))


@pytest.mark.parametrize("case", ["gdbm-deleted", "gdbm-updated", "gdbm-all-deleted"])
def test_the_deleted_stay_deleted(tmp_path: Path, case: str) -> None:
    """Old bytes and buckets that were given up are in such files; nothing of them comes back."""
    path = copied_case(case, tmp_path)
    content = bytearray(path.read_bytes())
    directory = int.from_bytes(content[8:16], "little")
    for at in range(directory, directory + 4096, 8 * 16):
        content[at + 2] ^= 0x40  # every sixteenth entry leads astray
    path.write_bytes(content)
    found, _ = salvaged(path)
    assert set(found) <= set(expected_records(case).items())


@pytest.mark.parametrize("size", [54627, 78486, 99529, 108717])
def test_the_deleted_stay_deleted_in_a_cut_file(tmp_path: Path, size: int) -> None:
    """Where a bucket was cut off, the older one that it came from does not speak for it."""
    path = copied_case("gdbm-deleted", tmp_path)
    path.write_bytes(path.read_bytes()[:size])
    found, losses = salvaged(path)
    assert set(found) <= set(expected_records("gdbm-deleted").items())
    assert any("outside the file" in line for line in losses)


def test_noise(tmp_path: Path) -> None:
    """A file of noise, of zeros, of small numbers: nothing, and soon."""
    path = tmp_path / "noise"
    for content in (
        random.Random(1).randbytes(50_000),
        bytes(50_000),
        b"\1\0\0\0" * 12_000,
    ):
        path.write_bytes(content)
        assert salvaged(path)[0] == []
