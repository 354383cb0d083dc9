"""What the standard library's C modules get wrong, and the stores over them put right."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING

import pytest

from plugreg import backends
from tests.backends.test_opening import make
from tests.corpus_cases import copied_case, expected_records
from tests.other_user import in_child

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.modules("dbm.gnu")
def test_a_killed_gdbm_writer_is_noticed(tmp_path: Path) -> None:
    """Such a file can look empty: keys() and get() find nothing; opening it says so."""
    outcomes = []
    for round_ in range(40):
        path = tmp_path / f"db{round_}"
        make(path, "gnu", **{f"k{number}": b"v" * 50 for number in range(200)})
        child = os.fork()
        if not child:
            import dbm.gnu

            database = dbm.gnu.open(str(path), "w")  # noqa: SIM115 - it is never closed
            for number in range(20 + 13 * round_):
                database[b"n%d" % number] = b"w" * 90
            os.kill(os.getpid(), signal.SIGKILL)
        os.waitpid(child, 0)
        try:
            with backends.open(path) as store:
                outcomes.append(len(store) >= 200 and b"k199" in store)
        except backends.CatalogCorrupt:
            outcomes.append(True)
    assert all(outcomes)


@pytest.mark.modules("dbm.gnu")
def test_a_cut_gdbm_file_is_an_error(tmp_path: Path) -> None:
    """Reading on in a damaged file names it and what to do."""
    path = copied_case("damaged-gdbm-cut-half", tmp_path)
    with pytest.raises(backends.CatalogCorrupt, match="restore it from a backup"):
        with backends.open(path) as store:
            list(store.scan())


@pytest.mark.modules("dbm.gnu")
def test_gdbm_excludes_readers(tmp_path: Path) -> None:
    """A reader of a file that somebody writes is told that it is locked."""
    path = make(tmp_path / "db", "gnu", a=b"1").path
    with backends.open(path, mode="w"):
        with pytest.raises(backends.CatalogLocked, match="locked by another process"):
            in_child(lambda: backends.open(path).path)


@pytest.mark.modules("dbm.ndbm")
def test_an_empty_value_of_ndbm_is_found(tmp_path: Path) -> None:
    """`dbm.ndbm` lists its key and finds nothing under it; also when it wrote the file itself."""
    import dbm.ndbm

    with dbm.ndbm.open(str(tmp_path / "db"), "c") as theirs:
        theirs[b"empty"] = b""
        theirs[b"full"] = b"1"
    with backends.open(tmp_path / "db", mode="w") as store:
        assert dict(store) == {b"empty": b"", b"full": b"1"}
        del store[b"empty"]
        store[b"full"] = b""
        assert dict(store) == {b"full": b""}
        store[b"full"] = b"2"
        assert dict(store) == {b"full": b"2"}


@pytest.mark.modules("dbm.ndbm")
def test_ndbm_writers_exclude_each_other(tmp_path: Path) -> None:
    """The module takes no lock at all; two of our writers are one after the other."""
    path = make(tmp_path / "db", "ndbm", a=b"1").path
    with backends.open(path, mode="w"):
        with pytest.raises(backends.CatalogLocked, match="locked by another process"):
            in_child(lambda: backends.open(path, mode="w", timeout_s=0.05).path)


@pytest.mark.modules("dbm.ndbm")
def test_an_old_berkeley_version_is_not_opened(tmp_path: Path) -> None:
    """Libdb writes empty pages over some of them; our own reader reads them."""
    path = copied_case("bdb-hash-le", tmp_path)
    data = bytearray(path.read_bytes())
    data[16] = 7
    path.write_bytes(data)
    with backends.open(path) as store:
        assert dict(store) == expected_records("bdb-hash-le")
    with pytest.raises(backends.FlavourUnavailable, match=r"which dbm\.ndbm opens safely"):
        backends.open(path, mode="w")
    assert path.read_bytes() == data


@pytest.mark.modules("dbm.ndbm")
def test_a_berkeley_file_without_the_suffix(tmp_path: Path) -> None:
    """`dbm.ndbm` appends .db itself: without it a file is read, and cannot be changed."""
    path = copied_case("bdb-hash-le", tmp_path).rename(tmp_path / "plain")
    with pytest.raises(backends.FlavourUnavailable, match=r"only names that end in \.db"):
        backends.open(path, mode="w")
