"""Real plug-ins from PyPI, for the tests of sources and hosts; and nothing left of an import."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from filelock import FileLock

from tests.conditions import skip_or_fail
from tests.host_environment import cache_folder, host_environment
from tests.interpreters import another_python

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
# More of them, of other hosts as well, as wheels only: names with dots and blanks, many groups,
# namespace packages, entry points of the build tools.
MORE_WHEELS = {
    "bandit": "1.9.4",
    "cliff": "4.17.0",
    "datasette-copyable": "0.3.2",
    "datasette-leaflet": "0.2.2",
    "datasette-render-html": "1.0",
    "datasette-vega": "0.6.2",
    "doc8": "2.0.0",
    "flake8-builtins": "3.1.0",
    "flake8-simplify": "0.31.1",
    "hatch-vcs": "0.5.0",
    "keyrings.alt": "5.0.2",
    "llm-hacker-news": "0.1.1",
    "llm-templates-fabric": "0.2.1",
    "pep8-naming": "0.15.1",
    "poetry-plugin-export": "1.10.1",
    "pytest-env": "1.1.5",
    "pytest-mock": "3.17.0",
    "pytest-order": "1.5.0",
    "pytest-rerunfailures": "16.7",
    "reno": "4.1.0",
    "setuptools-scm": "10.3.4",
    "tox-gh-actions": "3.5.0",
}
WHEEL, SDIST = ".whl", ".tar.gz"


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


@pytest.fixture
def clean_imports() -> Iterator[None]:
    """Forget what a test imported, and where from."""
    path, modules = list(sys.path), set(sys.modules)
    yield
    sys.path[:] = path
    for name in set(sys.modules) - modules:
        if not name.startswith(("plugreg", "importlib", "multiprocessing", "pluggy", "packaging")):
            del sys.modules[name]


@pytest.fixture(scope="session")
def real_plugins(tmp_path_factory: pytest.TempPathFactory) -> dict[str, RealPlugin]:
    """Real plug-ins by name, downloaded once and kept in the user's cache folder."""
    cache = cache_folder()
    unpacked = tmp_path_factory.mktemp("sdists")
    wheels, sdists = (_downloaded(cache, REAL_PLUGINS, kind) for kind in (WHEEL, SDIST))
    found = {}
    for name, sdist in sdists.items():
        with tarfile.open(sdist) as archive:
            safely = {"filter": "data"} if hasattr(tarfile, "data_filter") else {}
            archive.extractall(unpacked, **safely)
        folder = unpacked / sdist.name.removesuffix(SDIST)
        found[name] = RealPlugin(name, wheels[name], sdist, folder)
    return found


@pytest.fixture(scope="session")
def real_wheels() -> dict[str, Path]:
    """Wheels of real projects with entry points, by name, those of `real_plugins` among them."""
    return _downloaded(cache_folder(), {**REAL_PLUGINS, **MORE_WHEELS}, WHEEL)


@pytest.fixture(scope="session")
def hosts() -> Path:
    """The `bin` folder of an environment with pytest, Datasette, llm, flake8 and tox."""
    return host_environment(cache_folder())


@pytest.fixture(scope="session")
def other_hosts() -> Path:
    """The same hosts in an environment of another Python."""
    return host_environment(cache_folder(), another_python())


def _downloaded(cache: Path, pinned: dict[str, str], kind: str) -> dict[str, Path]:
    """Return the files of one kind, got from PyPI where they are not in the cache yet."""
    with FileLock(cache / "downloads.lock"):
        if not all(_found(cache, name, pinned[name], kind) for name in pinned):
            _download(cache, [f"{name}=={version}" for name, version in pinned.items()], kind)
    files = {name: _found(cache, name, version, kind) for name, version in pinned.items()}
    for name, file in files.items():
        if file is None:
            skip_or_fail(f"pip cannot download {name}: no network")
    return {name: file for name, file in files.items() if file is not None}


def _found(cache: Path, name: str, version: str, kind: str) -> Path | None:
    for spelt in (name, re.sub("[-.]", "_", name)):
        found = sorted(cache.glob(f"{spelt}-{version}*{kind}"))
        if found:
            return found[0]
    return None


def _download(cache: Path, pinned: list[str], kind: str) -> None:
    """Get files of one kind; moved into the cache only when they are whole."""
    only = "--only-binary" if kind == WHEEL else "--no-binary"
    with tempfile.TemporaryDirectory(dir=cache) as fresh:
        subprocess.run(
            [
                *(sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"),
                *("--disable-pip-version-check", only, ":all:", "--dest", fresh, *pinned),
            ],
            check=False,
            capture_output=True,
            timeout=600,
        )
        for file in os.listdir(fresh):
            os.replace(os.path.join(fresh, file), cache / file)
