"""What stands in a database's place, or in that of a part of it, and is no regular file."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING, NamedTuple

import pytest

from plugreg import backends
from plugreg.backends.regular import open_regular
from tests.corpus_cases import copied_case

if TYPE_CHECKING:
    from pathlib import Path

LOOK = """
import sys
from plugreg import backends
for task in (
    lambda: backends.identify(sys.argv[1]).records,
    lambda: list(backends.open(sys.argv[1]).records()),
    lambda: backends.migrate(sys.argv[1], sys.argv[1] + ".new"),
    lambda: backends.migrate(sys.argv[1], sys.argv[1] + ".new", salvage=True),
    lambda: backends.migrate(sys.argv[1], to="dumb" if sys.argv[1][-1] != "d" else "gnu"),
):
    try:
        task()
        print("done")
    except backends.PlugregError as error:
        print(error.message)
"""


class Part(NamedTuple):
    """A corpus case and the name of one of its parts, or of what SQLite would keep beside it."""

    case: str
    name: str


PARTS = (
    Part("sdbm-basic", ".dir"),
    Part("sdbm-basic", ".pag"),
    Part("gdbmcompat-hardlink18", ".dir"),
    Part("dumb-py27-allbytes", ".dir"),
    Part("dumb-py27-allbytes", ".dat"),
    Part("dumb-py27-allbytes", ".bak"),
    Part("bdb-queue-extents", "__dbq.*.0"),
    Part("bdb-btree-partitioned", "__dbp.*.000"),
    Part("sqlite3-basic", "-journal"),
    Part("sqlite3-basic", "-wal"),
    Part("sqlite3-basic", "-shm"),
)


@pytest.mark.parametrize("part", PARTS, ids=" ".join)
def test_a_fifo_holds_nobody_up(tmp_path: Path, part: Part) -> None:
    """In the place of any part of a database: all verbs end, with an answer."""
    path = copied_case(part.case, tmp_path)
    if "*" in part.name:
        name = next(file.name for file in tmp_path.glob(part.name))
    elif part.name.startswith("-"):
        name = path.name + part.name
    else:
        name = path.name.removesuffix(".dir").removesuffix(".dat").removesuffix(".pag") + part.name
    (tmp_path / name).unlink(missing_ok=True)
    os.mkfifo(tmp_path / name)
    done = subprocess.run(
        [sys.executable, "-c", LOOK, str(path)], capture_output=True, text=True, timeout=60
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert len(done.stdout.splitlines()) == 5


@pytest.mark.parametrize("suffix", ["", ".pag", ".dir"])
def test_a_fifo_is_no_database(tmp_path: Path, suffix: str) -> None:
    """It is called what it is, and is not empty."""
    for end in ("", ".pag", ".dir"):
        os.mkfifo(tmp_path / f"p{end}")
    with pytest.raises(backends.NotADatabase, match="is not a regular file"):
        backends.identify(tmp_path / f"p{suffix}")


def test_only_files_are_opened(tmp_path: Path) -> None:
    """A FIFO and a device are refused, and a missing file is told as such."""
    os.mkfifo(tmp_path / "fifo")
    for path in (str(tmp_path / "fifo"), os.devnull):
        with pytest.raises(backends.CatalogError, match="is not a regular file"):
            open_regular(path)
    with pytest.raises(FileNotFoundError):
        open_regular(str(tmp_path / "gone"))
