"""What libraries see under `plugreg run` is what they see once pip has installed the same."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from plugreg import Registry, plugins
from plugreg.plugins.hosts.run.preparation import prepare_run
from tests.conditions import once
from tests.plugins.conftest import MORE_WHEELS, REAL_PLUGINS

pytestmark = once("what pip installs is the same on every Python")
VIEWS = Path(__file__).with_name("views.py")
# What only the projects' own metadata say; plugreg writes others for a directory.
METADATA = ("metadata", "files", "packages")
AT_LEAST = 20
HOST_GROUPS = {"datasette", "flake8.extension", "llm", "pytest11", "tox"}


class Environment:
    """A fresh virtual environment that sees the hosts of another, and what is installed in it."""

    def __init__(self, folder: Path, hosts: Path) -> None:
        python = hosts / "python"
        subprocess.run([python, "-m", "venv", "--without-pip", folder], check=True)
        self.python = folder / "bin" / "python"
        [theirs] = hosts.parent.glob("lib/*/site-packages")
        [ours] = folder.glob("lib/*/site-packages")
        (ours / "hosts.pth").write_text(f"{theirs}\n")
        self._pip = [python, "-m", "pip", "--disable-pip-version-check", "--python", self.python]
        self._folder = folder

    def install(self, wheels: list[Path]) -> None:
        """Install wheels as a user would, but for what they need."""
        options = ["install", "-q", "--no-deps", "--no-index", "--no-compile"]
        done = subprocess.run([*self._pip, *options, *wheels], capture_output=True, text=True)
        assert done.returncode == 0, done.stderr

    def views(self, environment: dict[str, str] | None = None) -> dict[str, object]:
        """Return what the libraries see, in an environment as `plugreg run` prepares it."""
        done = subprocess.run(
            [self.python, VIEWS],
            env=environment or dict(os.environ),
            cwd=self._folder,
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)


def record(catalog: Path, *sources: Path) -> None:
    """Add sources to a catalog."""
    with Registry.open(catalog) as registry, registry.batch():
        for source in sources:
            registry.add(plugins.read_project(str(source)))


def switch(catalog: Path, *names: str, on: bool) -> None:
    """Switch projects."""
    with Registry.open(catalog) as registry:
        for name in names:
            (registry.enable if on else registry.disable)(name)


@pytest.fixture(scope="module")
def _own_folders(tmp_path_factory):
    """Unpacked code, and stevedore's cache, are below a folder of these tests' own."""
    with pytest.MonkeyPatch.context() as patch:
        for variable in ("XDG_DATA_HOME", "XDG_CACHE_HOME"):
            patch.setenv(variable, str(tmp_path_factory.mktemp("home")))
        yield


@pytest.fixture(scope="module")
def bare(tmp_path_factory, _own_folders, hosts):
    """An environment in which none of the projects is installed."""
    return Environment(tmp_path_factory.mktemp("bare") / "venv", hosts)


@pytest.fixture(scope="module")
def full(tmp_path_factory, _own_folders, hosts, real_wheels):
    """An environment in which pip has installed all of them."""
    environment = Environment(tmp_path_factory.mktemp("full") / "venv", hosts)
    environment.install(list(real_wheels.values()))
    return environment


@pytest.fixture(scope="module")
def expected(full):
    """What is seen where all of them are installed."""
    return full.views()


@pytest.fixture(scope="module")
def wheels_catalog(tmp_path_factory, _own_folders, real_wheels):
    """A catalog of all wheels."""
    catalog = tmp_path_factory.mktemp("wheels") / "catalog"
    record(catalog, *real_wheels.values())
    return catalog


def without_metadata(views):
    """Return names, versions, groups and values, from every library."""
    return {key: view for key, view in views.items() if key.partition(" ")[0] not in METADATA}


def test_the_views_have_what_they_are_about(expected, bare):
    """At least twenty projects, of the five hosts and of many others; none without them."""
    names = {*REAL_PLUGINS, *MORE_WHEELS}
    assert len(names) >= AT_LEAST
    for library in ("importlib.metadata", "importlib_metadata"):
        shown = {row[0].lower().replace("_", "-") for row in expected[f"versions {library}"]}
        assert names <= shown
        assert {row[0] for row in expected[f"groups {library}"]} > HOST_GROUPS
    assert {row[0] for row in expected["pluggy"]} == HOST_GROUPS - {"flake8.extension"}
    assert len(expected["stevedore"]) > 2 * AT_LEAST
    nothing = {
        row[0].lower().replace("_", "-") for row in bare.views()["versions importlib_metadata"]
    }
    assert not names & nothing


def test_wheels_of_a_catalog_are_seen_as_installed_ones(bare, wheels_catalog, expected):
    """By importlib.metadata, its backport, stevedore and pluggy: names, versions, groups, values,
    metadata, files and what they import as.
    """
    environment = prepare_run(wheels_catalog).environment
    for _ in range(2):  # stevedore's second answer is from its cache
        assert bare.views(environment) == expected


def test_source_folders_are_seen_as_installed_ones(
    bare, tmp_path, real_plugins, real_wheels, expected
):
    """Names, versions, groups and values; nothing of them was built."""
    folders = {name: plugin.sdist_dir for name, plugin in real_plugins.items()}
    record(tmp_path / "catalog", *{**real_wheels, **folders}.values())
    views = bare.views(prepare_run(tmp_path / "catalog").environment)
    assert without_metadata(views) == without_metadata(expected)


def test_what_is_in_both_is_seen_once(full, wheels_catalog, expected):
    """The catalog's project stands for the installed one."""
    assert full.views(prepare_run(wheels_catalog).environment) == expected


@pytest.mark.parametrize("installed", [False, True])
def test_no_cache_outlives_a_switch(bare, full, wheels_catalog, expected, installed):
    """One that is off has no entry point, installed or not; once it is on again, it has them."""
    environment = full if installed else bare
    gone = ("flake8-bugbear", "bandit")
    switch(wheels_catalog, *gone, on=False)
    try:
        seen = environment.views(prepare_run(wheels_catalog).environment)
    finally:
        switch(wheels_catalog, *gone, on=True)
    groups = [view for view in expected if view.startswith("groups")]
    for view in ("stevedore", "pluggy", *groups):
        left = [row for row in expected[view] if not re.search("bugbear|bandit", str(row))]
        assert seen[view] == left, view
    assert seen["stevedore"] != expected["stevedore"]
    assert environment.views(prepare_run(wheels_catalog).environment) == expected


def test_pythons_of_another_version_see_the_same(
    tmp_path, other_hosts, wheels_catalog, real_wheels
):
    """A catalog that was made by this Python serves the hosts of that one."""
    there = Environment(tmp_path / "venv", other_hosts)
    shown = there.views(prepare_run(wheels_catalog).environment)
    there.install(list(real_wheels.values()))
    assert shown == there.views()
    assert sys.version.split()[0] != shown["python"]
