"""pytest, Datasette, llm, flake8 and tox from PyPI, none of them changed, under `plugreg run`."""

from __future__ import annotations

import os
import re
import subprocess
import sys
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
NEEDS = {"datasette-cluster-map": "datasette-leaflet"}
# A hook of each pluggy host, with an argument that it does not have.
MISFITS = {
    "pytest": "def pytest_runtest_setup(nobody): pass\n",
    "datasette": "from datasette import hookimpl\n@hookimpl\ndef extra_css_urls(nobody): pass\n",
    "llm": "import llm\n@llm.hookimpl\ndef register_commands(nobody): pass\n",
    "tox": "from tox.plugin import impl\n@impl\ndef tox_add_option(nobody): pass\n",
}
FILES = {
    "tox.ini": "",
    "test_slow.py": "import time\ndef test_slow(): time.sleep(60)\n",
    **dict.fromkeys(("smelly.py", "smelly2.py"), "def f(x=[]): return list([y for y in x])\n"),
}
# What each of those plug-ins does: a command, and what it prints because of the plug-in.
GET = ("datasette", "serve", "--memory", "--get")
CELL = "/_memory?sql=select+'{%22a%22:1}'"
SCRIPT = "/-/static-plugins/datasette_cluster_map/datasette-cluster-map.js"
WORK = {
    "pytest-timeout": (("pytest", "--timeout=0.2", "test_slow.py"), "Failed: Timeout >0.2s"),
    "pytest-randomly": (("pytest", "--co", "test_slow.py"), "Using --randomly-seed="),
    "datasette-pretty-json": ((*GET, CELL), '"><pre style="white-space: pre-wrap">{'),
    "datasette-cluster-map": ((*GET, SCRIPT), "leaflet"),
    "llm-gemini": (("llm", "gemini", "--help"), "Commands relating to the llm-gemini plugin"),
    "llm-jq": (("llm", "jq", "--help"), "Pipe JSON data into this tool"),
    "flake8-bugbear": (("flake8", "smelly.py"), " B006 "),
    "flake8-comprehensions": (("flake8", "-j2", "smelly.py", "smelly2.py"), " C411 "),
    "tox-uv": (("tox", "config", "-e", "py", "-k", "runner"), "uv-venv-runner"),
    "tox-gh": (("tox", "run", "-e", "py", "--notest"), "::group::tox:install"),
}


@pytest.fixture
def run(catalog, hosts, tmp_path, monkeypatch):
    """Run a host of the environment under `plugreg run`."""
    data = {"XDG_DATA_HOME": "data", "XDG_CACHE_HOME": "cache", "LLM_USER_PATH": "llm"}
    for variable, name in data.items():
        monkeypatch.setenv(variable, str(tmp_path / name))
    monkeypatch.setenv("PLUGREG_CATALOG", catalog)
    monkeypatch.delenv("PYTEST_ADDOPTS", raising=False)
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    for name, text in FILES.items():
        (tmp_path / name).write_text(text)

    def start(
        host: str, *words: object, folder: Path = hosts, **extra: str
    ) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "plugreg", "run", "--", folder / host, *words]
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


def with_needs(names, real_wheels) -> list[Path]:
    """Return the wheels of plug-ins, and of what they need of the catalog's."""
    needed = {NEEDS[name] for name in names if name in NEEDS}
    return [real_wheels[name] for name in (*names, *needed)]


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
    """Write a project of one module; returns the path of that."""
    folder.mkdir()
    (folder / "pyproject.toml").write_text(
        f'[project]\nname = "broken-one"\nversion = "1"\n'
        f'[project.entry-points."{group}"]\nBRK = "broken_one"\n'
    )
    (folder / "broken_one.py").write_text(code)
    return folder / "broken_one.py"


@pytest.mark.parametrize("host", LISTINGS)
def test_on_off_broken_and_back(host, run, catalog, real_wheels, tmp_path):
    """Two real plug-ins that are not installed, and one that breaks the host and is named."""
    command, names = LISTINGS[host]
    assert listed(run(*command)) == set()
    record(catalog, *with_needs(names, real_wheels))
    assert listed(run(*command)) == set(names)
    switch(catalog, names[0], on=False)
    assert listed(run(*command)) == {names[1]}
    with Registry.open(catalog) as registry:
        [group, *_] = registry[names[0]].groups
    code = broken(tmp_path / "broken", group, "1 / 0\n")
    record(catalog, code.parent)
    for text in filter(None, ("1 / 0\n", MISFITS.get(host))):
        code.write_text(text)
        failed = run(*command)
        assert failed.returncode
        assert failed.stderr.count("`plugreg disable broken-one`") == 1
    switch(catalog, "broken-one", on=False)
    switch(catalog, names[0], on=True)
    assert listed(run(*command)) == set(names)


def test_what_a_plug_in_needs_is_named_before_the_host_starts(run, catalog, real_wheels):
    """It is not seen without it, and is as soon as that is in the catalog, too."""
    record(catalog, real_wheels["datasette-cluster-map"])
    done = run("datasette", "plugins")
    assert listed(done) == set()
    [line] = done.stderr.splitlines()
    assert line == (
        "plugreg: warning: datasette-cluster-map is not seen: it needs datasette-leaflet>=0.2.2,"
        " which is not installed here; pip install 'datasette-leaflet>=0.2.2' or plugreg add it,"
        " or plugreg disable datasette-cluster-map"
    )
    record(catalog, real_wheels["datasette-leaflet"])
    assert listed(run("datasette", "plugins")) == {"datasette-cluster-map"}


def test_a_name_that_the_host_blocks_stays_blocked(run, catalog, real_wheels):
    """By the host's own option, as with an installed plug-in."""
    record(catalog, real_wheels["pytest-timeout"])
    assert listed(run("pytest", "-VV", "-p", "no:timeout")) == set()


@pytest.mark.parametrize("host", LISTINGS)
def test_a_host_of_another_python(host, run, catalog, real_wheels, other_hosts):
    """On and off, in an environment of a Python that has another version than plugreg's."""
    command, names = LISTINGS[host]
    record(catalog, *with_needs(names, real_wheels))
    assert listed(run(*command, folder=other_hosts)) == set(names)
    switch(catalog, names[0], on=False)
    assert listed(run(*command, folder=other_hosts)) == {names[1]}


@pytest.mark.parametrize("name", WORK)
def test_a_plug_in_does_its_work_while_it_is_on(name, run, catalog, real_plugins, real_wheels):
    """Not only is it listed; and what it does is gone with it."""
    command, shown = WORK[name]
    record(catalog, *with_needs([name], real_wheels), real_plugins[name].sdist_dir)
    done = run(*command)
    assert shown in done.stdout, done.stdout + done.stderr
    switch(catalog, name, on=False)
    assert shown not in run(*command).stdout


def test_pip_freeze_of_the_host_stays(run, catalog, hosts, real_plugins):
    """What is installed is installed, and nothing else."""
    freeze = ("-m", "pip", "--disable-pip-version-check", "freeze", "--all")
    plain = subprocess.run([hosts / "python", *freeze], capture_output=True, text=True).stdout
    record(catalog, *(plugin.wheel for plugin in real_plugins.values()))
    assert "datasette==" in plain
    assert run("python", *freeze).stdout == plain


@pytest.mark.parametrize("where", ["hosts", "other_hosts"])
def test_pytest_rewrites_assertions_and_spreads_over_workers(
    run, catalog, tmp_path, request, where
):
    """A plug-in from a directory has its asserts explained, also in the workers of xdist."""
    bin_folder = request.getfixturevalue(where)
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
        done = run("pytest", "-p", "no:cacheprovider", *words, "test_it.py", folder=bin_folder)
        assert done.returncode == 1
        assert "At index 1 diff: 2 != 3" in done.stdout, done.stdout + done.stderr
        assert "1 failed, 1 passed" in done.stdout
        assert "plugins: checks-1" in done.stdout
