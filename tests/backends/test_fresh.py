"""The file that takes its name only when it is whole, for flavours that write one."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

import pytest

from plugreg import backends
from tests.other_user import in_child

if TYPE_CHECKING:
    from pathlib import Path


def test_it_appears_when_the_block_ends(tmp_path: Path) -> None:
    """Until then nothing stands under the name, and nothing is left beside it."""
    path = tmp_path / "new"
    with backends.fresh_files(str(path)) as (file,):
        _write(file, b"whole")
        assert not path.exists()
    assert (path.read_bytes(), os.listdir(tmp_path)) == (b"whole", ["new"])


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, backends.CatalogNotFound])
@pytest.mark.parametrize("over", [False, True])
def test_an_error_leaves_what_was(tmp_path: Path, error: type[BaseException], over: bool) -> None:
    """The exception goes on as it is, the old file stays, and no half of the new one."""
    path = tmp_path / "file"
    if over:
        path.write_bytes(b"old")
    before = os.listdir(tmp_path)
    making = backends.replacement(str(path)) if over else backends.fresh_files(str(path))
    with pytest.raises(error, match="stop"), making as file:
        _write(file if over else file[0], b"half")
        raise error("stop")
    assert os.listdir(tmp_path) == before
    assert not over or path.read_bytes() == b"old"


def test_a_taken_name_is_kept(tmp_path: Path) -> None:
    """Also one that is taken while the file is being filled."""
    path = tmp_path / "file"
    with pytest.raises(FileExistsError), backends.fresh_files(str(path)):
        path.write_bytes(b"theirs")
    with pytest.raises(FileExistsError), backends.fresh_files(str(path)):
        pytest.fail("the name was taken before")
    assert (path.read_bytes(), os.listdir(tmp_path)) == (b"theirs", ["file"])


@pytest.mark.parametrize("mode", [0o600, 0o644, 0o664])
def test_a_replacement_keeps_the_mode(tmp_path: Path, mode: int) -> None:
    """The new file may be read and written by those who could before."""
    path = tmp_path / "file"
    path.write_bytes(b"old")
    path.chmod(mode)
    with backends.replacement(str(path)) as file:
        _write(file, b"new")
    assert (path.read_bytes(), stat.S_IMODE(path.stat().st_mode)) == (b"new", mode)


def test_a_folder_that_may_not_be_written(shared_folder: Path) -> None:
    """An error of ours names the file and says that nothing was changed."""
    shared_folder.chmod(0o555)

    def fill() -> None:
        with backends.fresh_files(str(shared_folder / "file")):
            pytest.fail("it was made")

    with pytest.raises(backends.CatalogError, match="file could not be written.*nothing was"):
        in_child(fill, drop_rights=True)


def _write(path: str, data: bytes) -> None:
    with open(path, "wb") as file:
        file.write(data)
