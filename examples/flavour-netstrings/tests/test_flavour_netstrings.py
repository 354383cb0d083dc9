"""The flavour's own tests, and plugreg's contract of every store."""

from __future__ import annotations

from pathlib import Path

import pytest

from plugreg import backends
from plugreg.backends.testing import StoreContract

RECORDS = [(b"hello", b"world"), (b"", b""), (b"1:,", b"\x00\n,")]


class TestNetstrings(StoreContract):
    """Everything that plugreg promises of a store."""

    flavour_name = "netstrings"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A file of the records."""
    flavour = backends.require_flavour("netstrings")
    assert flavour.write_fresh(str(tmp_path / "a.net"), RECORDS) == len(RECORDS)
    return tmp_path / "a.net"


def test_the_bytes_are_those_of_the_format(path: Path) -> None:
    """Another program can read the file."""
    assert path.read_bytes() == b"9:netdict 1,5:hello,5:world,0:,0:,3:1:,,3:\x00\n,,"


def test_identify_asks_it(path: Path) -> None:
    """No built-in flavour knows the file; this one does."""
    found = backends.identify(path)
    assert (found.flavour, found.evidence) == ("netstrings", "first netstring 'netdict 1'")
    with backends.open(path) as store:
        assert dict(store) == dict(RECORDS)


def test_a_key_that_comes_twice_is_refused(tmp_path: Path) -> None:
    """Nothing is left under the name."""
    flavour = backends.require_flavour("netstrings")
    with pytest.raises(backends.CatalogError, match="comes twice"):
        flavour.write_fresh(str(tmp_path / "twice"), [(b"a", b"1"), (b"a", b"2")])
    assert list(tmp_path.iterdir()) == []


def test_every_cut_is_seen(path: Path) -> None:
    """Cut at any byte but the end of a record, the file is an error, never a shorter result."""
    data = path.read_bytes()
    ends = {12, 28, 34, len(data)}
    for size in sorted(set(range(12, len(data))) - ends):
        path.write_bytes(data[:size])
        with (
            backends.open(path) as store,
            pytest.raises(backends.CatalogCorrupt, match="no netstring at byte"),
        ):
            list(store)
