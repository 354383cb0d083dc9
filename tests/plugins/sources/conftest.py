"""Made-up projects: trees of files, and archives of them."""

from __future__ import annotations

import io
import tarfile
import zipfile
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    Tree = Callable[..., Path]

METADATA = "Metadata-Version: 2.1\nName: demo\nVersion: 1.0\nSummary: A demo\n"
WHEEL_NAME = "demo-1.0-py3-none-any.whl"
WHEEL_FILES = {
    "demo/__init__.py": "",
    "demo-1.0.dist-info/METADATA": METADATA,
    "demo-1.0.dist-info/entry_points.txt": "[host]\nx = demo\n",
}


@pytest.fixture(autouse=True)
def data_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's data folder, one of the test's own: archives are unpacked below it."""
    home = tmp_path / "home"
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("XDG_DATA_HOME", str(home / "data"))
    return home


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    """A function that writes files, given by relative path, into a folder and returns that."""

    def write(files: Mapping[str, str | bytes], name: str = "project") -> Path:
        root = tmp_path / name
        root.mkdir(exist_ok=True)
        for file, content in files.items():
            path = root / file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content.encode() if isinstance(content, str) else content)
        return root

    return write


def make_zip(path: Path, files: Mapping[str, str | bytes]) -> Path:
    """Write a zip archive with these members, in this order."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def make_tar(path: Path, files: Mapping[str, str | bytes | tarfile.TarInfo]) -> Path:
    """Write a gzipped tar archive; a TarInfo as content is added as it is, without content."""
    with tarfile.open(path, "w:gz") as archive:
        for name, content in files.items():
            if isinstance(content, tarfile.TarInfo):
                content.name = name
                archive.addfile(content)
                continue
            data = content.encode() if isinstance(content, str) else content
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return path
