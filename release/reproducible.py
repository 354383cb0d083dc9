"""The build backend: setuptools', whose wheel and sdist are the same bytes wherever they are built.

What varies is taken out: times (SOURCE_DATE_EPOCH, else a fixed one), the builder's umask and name,
and what earlier builds left in the checkout, which setuptools would pack. The same setuptools and
zlib make the same bytes; the wheel names its setuptools.

The sdist is what git tracks, so that the tests can be run from it; where there is no git, all that
.gitignore does not name.
"""

from __future__ import annotations

import gzip
import io
import os
import subprocess
import tarfile
import tempfile
import time
import zipfile
from contextlib import contextmanager
from fnmatch import fnmatch
from pathlib import Path
from typing import TYPE_CHECKING
from unittest.mock import patch

from setuptools import build_meta as setuptools_hooks
from setuptools.build_meta import build_editable, prepare_metadata_for_build_editable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

__all__ = [
    "build_editable",
    "build_sdist",
    "build_wheel",
    "prepare_metadata_for_build_editable",
    "prepare_metadata_for_build_wheel",
]

# 2020-02-02, which other build backends take, too; the zip format knows no time before 1980.
_EPOCH_S = 1_580_601_600
_FILE, _PROGRAM = 0o644, 0o755


def prepare_metadata_for_build_wheel(
    metadata_directory: str, config_settings: dict[str, Any] | None = None
) -> str:
    """Write the metadata into a folder, and return the name of theirs; the hook of PEP 517."""
    with _outside_the_checkout():
        return setuptools_hooks.prepare_metadata_for_build_wheel(
            metadata_directory, config_settings
        )


def build_wheel(
    wheel_directory: str,
    config_settings: dict[str, Any] | None = None,
    metadata_directory: str | None = None,
) -> str:
    """Build the wheel, and return its name; the hook of PEP 517."""
    with _outside_the_checkout() as folder:
        name = setuptools_hooks.build_wheel(folder, config_settings, metadata_directory)
        _rewrite(Path(folder, name), Path(wheel_directory, name))
    return name


def build_sdist(sdist_directory: str, config_settings: dict[str, Any] | None = None) -> str:
    """Build the sdist, and return its name; the hook of PEP 517."""
    with tempfile.TemporaryDirectory() as folder:
        described = prepare_metadata_for_build_wheel(folder, config_settings)
        metadata = Path(folder, described, "METADATA").read_bytes()
    stem = described.removesuffix(".dist-info")
    target = Path(sdist_directory, f"{stem}.tar.gz")
    with (
        open(target, "wb") as file,
        gzip.GzipFile("", "wb", 9, file, _epoch_s()) as packed,
        tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as archive,
    ):
        _add(archive, f"{stem}/PKG-INFO", metadata, _FILE)
        for path in _sources():
            mode = _PROGRAM if path.stat().st_mode & 0o100 else _FILE
            _add(archive, f"{stem}/{path.as_posix()}", path.read_bytes(), mode)
    return target.name


@contextmanager
def _outside_the_checkout() -> Iterator[str]:
    """Let setuptools put all that it makes into a folder of this build alone."""
    with tempfile.TemporaryDirectory() as folder:
        extra = Path(folder, "extra.cfg")
        extra.write_text(f"[build]\nbuild_base = {folder}\n[egg_info]\negg_base = {folder}\n")
        with patch.dict(os.environ, DIST_EXTRA_CONFIG=str(extra)):
            yield folder


def _rewrite(made: Path, target: Path) -> None:
    """Copy a wheel, with one time and one mode for all files."""
    moment = time.gmtime(_epoch_s())[:6]
    with zipfile.ZipFile(made) as old, zipfile.ZipFile(target, "w") as new:
        for entry in old.infolist():
            info = zipfile.ZipInfo(entry.filename, moment)
            info.external_attr = (0o100000 | _FILE) << 16
            info.create_system = 3  # Unix: the attributes are its modes
            new.writestr(info, old.read(entry), zipfile.ZIP_DEFLATED, 9)


def _add(archive: tarfile.TarFile, name: str, data: bytes, mode: int) -> None:
    info = tarfile.TarInfo(name)
    info.size, info.mode, info.mtime = len(data), mode, _epoch_s()
    archive.addfile(info, io.BytesIO(data))


def _epoch_s() -> int:
    return int(os.environ.get("SOURCE_DATE_EPOCH") or _EPOCH_S)


def _sources() -> list[Path]:
    """Return the files of the sdist, relative to the checkout, which is the working folder."""
    if Path(".git").exists():
        command = ["git", "ls-files", "-z"]
        listed = subprocess.run(command, check=False, stdout=subprocess.PIPE).stdout
        tracked = [Path(os.fsdecode(name)) for name in listed.split(b"\0") if name]
        if tracked:
            return sorted(tracked)
    patterns = [line.rstrip("/") for line in Path(".gitignore").read_text("utf-8").split()]
    return sorted(_not_ignored(Path(), [*patterns, ".git"]))


def _not_ignored(folder: Path, patterns: list[str]) -> Iterator[Path]:
    for path in folder.iterdir():
        if any(fnmatch(path.name, pattern) for pattern in patterns):
            continue
        if path.is_dir():
            yield from _not_ignored(path, patterns)
        elif path != Path("PKG-INFO"):  # of the sdist that this is; it is made anew
            yield path
