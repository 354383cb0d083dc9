"""Real plug-ins from PyPI, for the tests of sources and hosts."""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

import pytest

from tests.conditions import skip_or_fail
from tests.host_environment import cache_folder, host_environment

# Name -> version; some have a setup.py alone, others tables of setuptools or hatchling.
REAL_PLUGINS = {
    "datasette-cluster-map": "0.18.2",
    "datasette-json-html": "1.0.1",
    "datasette-pretty-json": "0.3",
    "flake8-bugbear": "24.12.12",
    "flake8-comprehensions": "3.16.0",
    "llm-gemini": "0.20",
    "llm-jq": "0.1.1",
    "pytest-randomly": "3.16.0",
    "pytest-sugar": "1.0.0",
    "pytest-timeout": "2.3.1",
    "tox-gh": "1.5.0",
    "tox-uv": "1.25.0",
}


class RealPlugin:
    """One plug-in as PyPI has it.

    Attributes:
        name: The normalised name.
        version: The version that is pinned here.
        wheel: Path of its wheel.
        sdist: Path of its source archive.
        sdist_dir: Path of the unpacked source archive.
    """

    def __init__(self, name: str, wheel: Path, sdist: Path, sdist_dir: Path) -> None:
        self.name = name
        self.version = REAL_PLUGINS[name]
        self.wheel = wheel
        self.sdist = sdist
        self.sdist_dir = sdist_dir


@pytest.fixture(scope="session")
def real_plugins(tmp_path_factory: pytest.TempPathFactory) -> dict[str, RealPlugin]:
    """Real plug-ins by name, downloaded once and kept in the user's cache folder."""
    cache = cache_folder()
    unpacked = tmp_path_factory.mktemp("sdists")
    found = {}
    for name in REAL_PLUGINS:
        wheel, sdist = _downloaded(cache, name, ".whl"), _downloaded(cache, name, ".tar.gz")
        if wheel is None or sdist is None:
            _download(cache)
            wheel, sdist = _downloaded(cache, name, ".whl"), _downloaded(cache, name, ".tar.gz")
        if wheel is None or sdist is None:
            skip_or_fail(f"pip cannot download {name}: no network")
            raise AssertionError  # the line above does not return
        with tarfile.open(sdist) as archive:
            safely = {"filter": "data"} if hasattr(tarfile, "data_filter") else {}
            archive.extractall(unpacked, **safely)
        found[name] = RealPlugin(name, wheel, sdist, unpacked / sdist.name.removesuffix(".tar.gz"))
    return found


@pytest.fixture(scope="session")
def hosts() -> Path:
    """The `bin` folder of an environment with pytest, Datasette, llm, flake8 and tox."""
    return host_environment(cache_folder())


def _downloaded(cache: Path, name: str, suffix: str) -> Path | None:
    version = REAL_PLUGINS[name]
    for spelt in (name, name.replace("-", "_")):
        found = sorted(cache.glob(f"{spelt}-{version}*{suffix}"))
        if found:
            return found[0]
    return None


def _download(cache: Path) -> None:
    """Get all wheels and source archives; moved into the cache only when they are whole."""
    pinned = [f"{name}=={version}" for name, version in REAL_PLUGINS.items()]
    with tempfile.TemporaryDirectory(dir=cache) as fresh:
        for kind in ("--only-binary", "--no-binary"):
            subprocess.run(
                [
                    *(sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"),
                    *("--disable-pip-version-check", kind, ":all:", "--dest", fresh, *pinned),
                ],
                check=False,
                capture_output=True,
                timeout=600,
            )
        for file in os.listdir(fresh):
            os.replace(os.path.join(fresh, file), cache / file)
