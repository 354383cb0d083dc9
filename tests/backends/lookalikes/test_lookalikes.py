"""What is not ours is named, with what to use instead."""

from __future__ import annotations

import bz2
import gzip
import json
import lzma
import pickle
import zipfile
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest

from plugreg import backends
from tests.corpus_cases import case_names, copied_case

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("case", "says"),
    [
        ("lookalike-bdb-log", "is a Berkeley DB log file, not a database"),
        ("lookalike-bdb-region", "is a Berkeley DB environment region file, not a database"),
        ("lookalike-diskcache", r"SQLite database of another application .*diskcache"),
        ("lookalike-kyoto-kch", "is a Kyoto Cabinet database, which plugreg does not read"),
        ("lookalike-kyoto-kct", "is a Kyoto Cabinet database, which plugreg does not read"),
        ("lookalike-lmdb", "is an LMDB database, which plugreg does not read.*mdb_dump"),
        ("lookalike-qdbm-depot", "is a QDBM depot database, which plugreg does not read"),
        ("lookalike-semidbm", "is a semidbm directory, which plugreg does not read"),
        ("lookalike-sqlite-other", "is a SQLite database of another application"),
        ("lookalike-sqlitedict-real", r"another application \(tables: unnamed; sqlitedict\)"),
        ("lookalike-tokyo-tcb", "is a Tokyo Cabinet database, which plugreg does not read"),
        ("lookalike-tokyo-tch", "is a Tokyo Cabinet database, which plugreg does not read"),
        ("damaged-directory", "is a directory"),
        ("damaged-pag-is-random", r"a\.dir, .*a\.pag hold no DBM data"),
        ("damaged-pickle", "is a Python pickle, not a database"),
        ("damaged-random", "is not a DBM database of a known flavour"),
        ("damaged-sdbm-no-pag", r"a\.pag is missing"),
        ("damaged-sqlite3-header-flip", "SQLite database whose magic number is broken"),
        ("damaged-text", "text, not a database"),
        ("damaged-three-bytes", "is too short to be any DBM file"),
        ("damaged-zero-length", "is empty: nothing says"),
        ("damaged-zeros", "zero bytes only, perhaps lost data"),
    ],
)
def test_real_files_are_named(tmp_path: Path, case: str, says: str) -> None:
    """Each is refused with the right word for it, and left as it is."""
    path = copied_case(case, tmp_path)
    with pytest.raises(backends.NotADatabase, match=says) as raised:
        backends.identify(path)
    assert str(path) in str(raised.value)
    assert raised.value.hint


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (gzip.compress(b"x" * 99), "a gzip file"),
        (bz2.compress(b"x" * 99), "a bzip2 file"),
        (lzma.compress(b"x" * 99), "an xz file"),
        (json.dumps({"a": [1] * 9999}).encode(), "JSON text"),
        (b'[{"a": 1}]', "JSON text"),
        (pickle.dumps({"a": "b" * 9999}, protocol=2), "a Python pickle"),
        (pickle.dumps([1], protocol=5), "a Python pickle"),
        (b"RpmP" + bytes(4092), "an rpm NDB package database, which plugreg does not read"),
        ("Ünïcode prose. ".encode() * 999, "text, not a database"),
        (b"GDBM\0\0\0\1\0\0\0\27\0\0\0\0", r"the \.dir marker of a GDBM pair"),
        (b"\x7fELF" + bytes(99), "a program"),
    ],
)
def test_common_files_are_named(tmp_path: Path, content: bytes, says: str) -> None:
    """Formats of the everyday, under a name that promises a database."""
    (tmp_path / "a.db").write_bytes(content)
    for name in ("a.db", "a"):
        with pytest.raises(backends.NotADatabase, match=says):
            backends.identify(tmp_path / name)


def test_archives_and_folders(tmp_path: Path) -> None:
    """A zip file, an LMDB environment and a LevelDB directory."""
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("a", "b")
    for folder, names in {"lmdb": ["data.mdb"], "level": ["CURRENT", "MANIFEST-1"]}.items():
        (tmp_path / folder).mkdir()
        for name in names:
            (tmp_path / folder / name).write_bytes(b"x")
    for name, says in {"a.zip": "a zip file", "lmdb": "LMDB", "level": "LevelDB"}.items():
        with pytest.raises(backends.NotADatabase, match=says):
            backends.identify(tmp_path / name)


OURS = ("sdbm", "ndbm-classic", "sos", "cdb", "tdb", "dumb", "sqlite3")
FAMILIES = ("sdbm-", "ndbm-", "sos-", "cdb-", "tdb-", "dumb-", "sqlite3-", "shelf-", "damaged-")


@pytest.mark.parametrize("case", [case for case in case_names("") if not case.startswith(FAMILIES)])
def test_no_other_familys_file_is_taken_for_ours(tmp_path: Path, case: str) -> None:
    """None of the formats without a magic number claims a file that has another one's."""
    path = copied_case(case, tmp_path)
    flavour = ""
    with suppress(backends.PlugregError):
        flavour = backends.identify(path).flavour
    assert flavour not in OURS
