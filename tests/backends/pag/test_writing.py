"""Writing sdbm pairs, read back by us and by perl, which changes them further."""

from __future__ import annotations

import base64
import random
import subprocess
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugreg import backends
from plugreg.backends.reader import Reader
from tests.conditions import perl_with

if TYPE_CHECKING:
    from pathlib import Path

SDBM = backends.require_flavour("sdbm")
# Looks up each record of a list, counts all, adds 1,000 more, and looks up all of them.
PERL = r"""
use SDBM_File; use Fcntl; use MIME::Base64;
tie(my %h, 'SDBM_File', $ARGV[0], O_RDWR, 0644) or die "tie: $!";
my ($bad, $all) = (0, 0);
sub look { open(my $f, '<', $ARGV[1]); while (<$f>) { chomp;
  my ($k, $v) = map { decode_base64($_) } split / /, $_, -1;
  $bad++ unless exists $h{$k} && $h{$k} eq $v; } }
look(); $all++ while each %h;
$h{"added $_"} = "value $_" x 9 for 1 .. 1000;
for (1 .. 1000) { $bad++ unless $h{"added $_"} eq "value $_" x 9 }
look(); print "$all $bad\n";
"""


def records(count: int) -> dict[bytes, bytes]:
    """Return records with keys of all bytes and values up to the limit."""
    random_ = random.Random(count)
    made = {
        b"%d" % number + random_.randbytes(number % 9): random_.randbytes(
            random_.choice((0, 1, 20, 200))
        )
        for number in range(count)
    }
    return {**made, b"": b"empty key", b"largest": b"x" * 1001}


@pytest.mark.parametrize("count", [0, 1, 40, 3000])
def test_what_is_written_is_read(tmp_path: Path, count: int) -> None:
    """A new pair is sdbm, whole, and each key lies where the hash leads."""
    wanted = records(count)
    assert SDBM.write_fresh(str(tmp_path / "db"), wanted.items()) == len(wanted)
    assert sorted(file.name for file in tmp_path.iterdir()) == ["db.dir", "db.pag"]
    with backends.open(tmp_path / "db", "sdbm") as store:
        assert isinstance(store, Reader)
        assert dict(store.records()) == wanted
        assert store.warnings == []


@given(st.dictionaries(st.binary(max_size=40), st.binary(max_size=900), max_size=30))
def test_any_records_are_kept(
    tmp_path_factory: pytest.TempPathFactory, wanted: dict[bytes, bytes]
) -> None:
    """Whatever the bytes, what was written comes back."""
    path = tmp_path_factory.mktemp("sdbm") / "db"
    SDBM.write_fresh(str(path), wanted.items())
    with backends.open(path) as store:
        assert dict(store) == wanted


@pytest.mark.parametrize("count", [0, 1, 3000])
def test_perl_finds_each_key_and_goes_on(tmp_path: Path, count: int) -> None:
    """SDBM_File looks up every record, adds a thousand, and loses none; we read all of it."""
    perl = perl_with("SDBM_File")
    wanted = records(count)
    path = tmp_path / "db"
    SDBM.write_fresh(str(path), wanted.items())
    listed = tmp_path / "listed"
    lines = (b" ".join(map(base64.b64encode, pair)) for pair in wanted.items())
    listed.write_bytes(b"".join(line + b"\n" for line in lines))
    said = subprocess.run(
        [perl, "-e", PERL, str(path), str(listed)], capture_output=True, text=True
    )
    assert (said.stdout, said.stderr) == (f"{len(wanted)} 0\n", "")
    added = {b"added %d" % number: b"value %d" % number * 9 for number in range(1, 1001)}
    with backends.open(path) as store:
        assert dict(store) == wanted | added


def test_records_beyond_the_limit_are_named(tmp_path: Path) -> None:
    """A pair of 1,009 bytes is named with its size; nothing is written."""
    wanted = [(b"good", b"1"), (b"bad", b"x" * 1006), (b"worse", b"x" * 2000)]
    with pytest.raises(backends.CatalogError) as raised:
        SDBM.write_fresh(str(tmp_path / "db"), wanted)
    assert raised.value.code == "records-do-not-fit"
    assert "sdbm cannot hold 2 of the records: b'bad' (1,009 bytes" in str(raised.value)
    assert "b'worse' (2,005 bytes" in str(raised.value)
    assert list(tmp_path.iterdir()) == []
    assert SDBM.misfit(b"bad", b"x" * 1005) == ""
    assert SDBM.misfit(b"bad", b"x" * 1006) == "1,009 bytes, sdbm takes 1,008"


def test_keys_of_one_hash_are_named(tmp_path: Path) -> None:
    """Leading zero bytes do not change the hash: no split makes room for a second large one."""
    wanted = [(b"\0a", b"x" * 600), (b"\0\0a", b"x" * 600)]
    with pytest.raises(backends.CatalogError, match="its hash is too much like others'"):
        SDBM.write_fresh(str(tmp_path / "db"), wanted)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("suffix", [".pag", ".dir"])
def test_existing_files_are_kept(tmp_path: Path, suffix: str) -> None:
    """Neither of the two is ever overwritten."""
    taken = tmp_path / f"db{suffix}"
    taken.write_bytes(b"mine")
    with pytest.raises(FileExistsError):
        SDBM.write_fresh(str(tmp_path / "db"), [(b"a", b"1")])
    assert [(file, file.read_bytes()) for file in tmp_path.iterdir()] == [(taken, b"mine")]
