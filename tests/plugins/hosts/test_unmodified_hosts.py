"""pytest, Datasette, llm, flake8 and tox from PyPI, none of them changed, under `plugreg run`."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from plugreg import Registry, plugins
from tests.plugins.conftest import REAL_PLUGINS

# Host -> the command that lists its plug-ins, and two of them that are not installed.
LISTINGS = {
    "pytest": (("pytest", "-VV"), ("pytest-timeout", "pytest-randomly")),
    "datasette": (("datasette", "plugins"), ("datasette-pretty-json", "datasette-cluster-map")),
    "llm": (("llm", "plugins"), ("llm-gemini", "llm-jq")),
    "flake8": (("flake8", "--version"), ("flake8-bugbear", "flake8-comprehensions")),
    "tox": (("tox", "--version"), ("tox-gh", "tox-uv")),
}
# All entry points of all distributions, as two libraries and stevedore say.
VIEWS = """
import importlib, json, sys
views = []
for library in ("importlib.metadata", "importlib_metadata"):
    metadata = importlib.import_module(library)
    views.append(sorted(
        [found.metadata["Name"], found.version, *map(str, (e.group, e.name, e.value))]
        for found in metadata.distributions() for e in found.entry_points
    ))
    eps = metadata.entry_points()
    groups = sorted(eps.groups)
    views.append(sorted([g, e.name, e.value] for g in groups for e in eps.select(group=g)))
from stevedore import _cache
views.append(sorted([g, e.name, e.value] for g in groups for e in _cache.get_group_all(g)))
print(json.dumps(views))
"""


@pytest.fixture
def run(catalog, hosts, tmp_path, monkeypatch):
    """Run a host of the environment under `plugreg run`."""
    data = {"XDG_DATA_HOME": "data", "XDG_CACHE_HOME": "cache", "LLM_USER_PATH": "llm"}
    for variable, name in data.items():
        monkeypatch.setenv(variable, str(tmp_path / name))
    monkeypatch.setenv("PLUGREG_CATALOG", catalog)
    monkeypatch.delenv("PYTEST_ADDOPTS", raising=False)
    (tmp_path / "tox.ini").write_text("")

    def start(host: str, *words: object, **extra: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "plugreg", "run", "--", hosts / host, *words]
        return subprocess.run(
            [str(word) for word in command],
            cwd=tmp_path,
            env={**os.environ, **extra},
            capture_output=True,
            text=True,
            timeout=120,
        )

    return start


def record(catalog: str, *sources: object) -> None:
    """Add sources to the catalog."""
    with Registry.open(catalog) as registry:
        for source in sources:
            registry.add(plugins.read_project(str(source)))


def switch(catalog: str, name: str, *, on: bool) -> None:
    """Switch a project."""
    with Registry.open(catalog) as registry:
        (registry.enable if on else registry.disable)(name)


def listed(done: subprocess.CompletedProcess[str]) -> set[str]:
    """Return the plug-ins of the tests that a host's listing names with their versions."""
    text = re.sub(r"\s+", " ", done.stdout + done.stderr)
    assert done.returncode == 0, text
    return {
        name
        for name, version in REAL_PLUGINS.items()
        if re.search(rf'{name}(-|: |", .*"version": "){re.escape(version)}', text)
    }


def broken(folder: Path, group: str, code: str) -> Path:
    """Write a project whose import fails."""
    folder.mkdir()
    (folder / "pyproject.toml").write_text(
        f'[project]\nname = "broken-one"\nversion = "1"\n'
        f'[project.entry-points."{group}"]\nBRK = "broken_one:it"\n'
    )
    (folder / "broken_one.py").write_text(code)
    return folder


@pytest.mark.parametrize("host", LISTINGS)
def test_on_off_broken_and_back(host, run, catalog, real_plugins, tmp_path):
    """Two real plug-ins that are not installed, and one that breaks the host and is named."""
    command, names = LISTINGS[host]
    assert listed(run(*command)) == set()
    record(catalog, *(real_plugins[name].wheel for name in names))
    assert listed(run(*command)) == set(names)
    switch(catalog, names[0], on=False)
    assert listed(run(*command)) == {names[1]}
    with Registry.open(catalog) as registry:
        [group, *_] = registry[names[0]].groups
    record(catalog, broken(tmp_path / "broken", group, "1 / 0\n"))
    failed = run(*command)
    assert failed.returncode
    assert failed.stderr.count("`plugreg disable broken-one`") == 1
    switch(catalog, "broken-one", on=False)
    switch(catalog, names[0], on=True)
    assert listed(run(*command)) == set(names)


def test_libraries_and_stevedore_see_what_installing_would_show(
    run, catalog, hosts, real_plugins, tmp_path
):
    """Names, versions, groups and values of all plug-ins, and the same again after a switch.

    stevedore keeps what it saw from one process to the next: that must not outlive a switch.
    """
    wheels = [plugin.wheel for plugin in real_plugins.values()]
    record(catalog, *wheels)
    site = tmp_path / "site-packages"
    for wheel in wheels:
        zipfile.ZipFile(wheel).extractall(site)
    command = [hosts / "python", "-c", VIEWS]
    for _ in range(2):  # the second time from stevedore's cache
        environment = {**os.environ, "PYTHONPATH": str(site)}
        installed = subprocess.run(
            command, env=environment, cwd=tmp_path, capture_output=True, check=True
        )
        expected = json.loads(installed.stdout)
        assert json.loads(run("python", "-c", VIEWS).stdout) == expected
    gone = "flake8-bugbear"
    switch(catalog, gone, on=False)
    left = [[row for row in view if "bugbear" not in str(row)] for view in expected]
    assert left != expected
    assert json.loads(run("python", "-c", VIEWS).stdout) == left
    switched_off = run("python", "-c", VIEWS, PYTHONPATH=str(site))  # installed, and off
    assert json.loads(switched_off.stdout) == left
    switch(catalog, gone, on=True)
    assert json.loads(run("python", "-c", VIEWS, PYTHONPATH=str(site)).stdout) == expected


def test_pip_freeze_of_the_host_stays(run, catalog, hosts, real_plugins):
    """What is installed is installed, and nothing else."""
    freeze = ("-m", "pip", "--disable-pip-version-check", "freeze", "--all")
    plain = subprocess.run([hosts / "python", *freeze], capture_output=True, text=True).stdout
    record(catalog, *(plugin.wheel for plugin in real_plugins.values()))
    assert "datasette==" in plain
    assert run("python", *freeze).stdout == plain


def test_pytest_rewrites_assertions_and_spreads_over_workers(run, catalog, tmp_path):
    """A plug-in from a directory has its asserts explained, also in the workers of xdist."""
    folder = tmp_path / "plugin"
    folder.mkdir()
    (folder / "pyproject.toml").write_text(
        '[project]\nname = "pytest-checks"\nversion = "1"\n'
        '[project.entry-points.pytest11]\nchecks = "pytest_checks"\n'
    )
    (folder / "pytest_checks.py").write_text(
        "import pytest\n@pytest.fixture\ndef check():\n"
        "    def check(a, b):\n        assert a == b\n    return check\n"
    )
    record(catalog, folder)
    (tmp_path / "test_it.py").write_text(
        "def test_one(check): check(1, 1)\ndef test_two(check): check([1, 2], [1, 3])\n"
    )
    for words in ((), ("-n", "2")):
        done = run("pytest", "-p", "no:cacheprovider", *words, "test_it.py")
        assert done.returncode == 1
        assert "At index 1 diff: 2 != 3" in done.stdout, done.stdout + done.stderr
        assert "1 failed, 1 passed" in done.stdout
        assert "plugins: checks-1" in done.stdout


def test_datasette_serves_what_a_plug_in_brings(run, catalog, real_plugins):
    """Static files, and a cell that a plug-in renders."""
    record(catalog, real_plugins["datasette-cluster-map"].sdist)
    path = "/-/static-plugins/datasette_cluster_map/datasette-cluster-map.js"
    assert "leaflet" in run("datasette", "serve", "--memory", "--get", path).stdout.lower()


def test_flake8_finds_what_a_plug_in_finds(run, catalog, real_plugins, tmp_path):
    """In its own worker processes, too; the exit status is flake8's."""
    record(catalog, real_plugins["flake8-comprehensions"].sdist_dir)
    for name in ("a", "b"):
        (tmp_path / f"{name}.py").write_text("print(list([x + 1 for x in range(3)]))\n")
    done = run("flake8", "-j2", "a.py", "b.py")
    assert done.returncode == 1
    assert [line.split()[1] for line in done.stdout.splitlines()] == ["C411", "C411"]
    switch(catalog, "flake8-comprehensions", on=False)
    assert run("flake8", "-j2", "a.py", "b.py").stdout == ""
