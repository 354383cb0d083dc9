"""Real Datasette and real pytest, with real plug-ins from PyPI that are not installed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pluggy
import pytest

from plugreg import Registry, plugins
from tests.conditions import require_module

EXAMPLES = Path(__file__).parents[3] / "examples"
DATASETTE_HOST = EXAMPLES / "datasette_host" / "host.py"


@pytest.fixture
def host(catalog, tmp_path, monkeypatch):
    """Return a function that runs a program with the test's catalog."""
    require_module("datasette")
    environment = {
        **os.environ,
        "PLUGREG_CATALOG": catalog,
        "PYTHONPATH": str(EXAMPLES / "pytest_host"),
        "XDG_DATA_HOME": str(tmp_path / "data"),
    }
    environment.pop("PYTEST_ADDOPTS", None)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))

    def run(*arguments: object) -> subprocess.CompletedProcess[str]:
        words = [sys.executable, *map(str, arguments)]
        return subprocess.run(
            words, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=120
        )

    return run


def record(catalog: str, *sources: object) -> None:
    """Add sources to the catalog."""
    with Registry.open(catalog) as registry:
        for source in sources:
            registry.add(plugins.read_project(str(source)))


@pytest.fixture
def leaflet(tmp_path) -> Path:
    """A directory that stands for datasette-leaflet, without which cluster-map is not loaded."""
    folder = tmp_path / "leaflet"
    folder.mkdir()
    (folder / "pyproject.toml").write_text(
        '[project]\nname = "datasette-leaflet"\nversion = "0.2.2"\n'
        '[project.entry-points.datasette]\nleaflet = "datasette_leaflet"\n'
    )
    (folder / "datasette_leaflet.py").write_text("")
    return folder


def datasette_plugins(host) -> dict[str, str]:
    """Return name and version of the plug-ins that Datasette lists."""
    done = host(DATASETTE_HOST, "plugins")
    assert done.returncode == 0, done.stderr
    return {plugin["name"]: plugin["version"] for plugin in json.loads(done.stdout)}


@pytest.mark.parametrize("kind", ["wheel", "sdist", "sdist_dir"])
def test_datasette_lists_loads_and_switches_real_plug_ins(
    host, catalog, real_plugins, leaflet, kind
):
    """On, off and on again, from wheels, source archives and unpacked ones, none installed."""
    wanted = ("datasette-pretty-json", "datasette-json-html", "datasette-cluster-map")
    record(catalog, leaflet, *(getattr(real_plugins[name], kind) for name in wanted))
    versions = {name: real_plugins[name].version for name in wanted}
    versions["datasette-leaflet"] = "0.2.2"
    assert datasette_plugins(host) == versions
    with Registry.open(catalog) as registry:
        registry.disable("datasette-cluster-map")
    without = {name: version for name, version in versions.items() if "cluster" not in name}
    assert datasette_plugins(host) == without
    with Registry.open(catalog) as registry:
        registry.enable("datasette-cluster-map")
    assert datasette_plugins(host) == versions


def test_a_real_plug_in_does_its_work_in_datasette(host, catalog, real_plugins):
    """datasette-json-html renders JSON in a cell as a link; without it the cell is text."""
    record(catalog, real_plugins["datasette-json-html"].wheel)
    query = "select json_object('href', 'https://example.com/', 'label', 'there') as it"
    get = ("serve", "--memory", "--get", f"/_memory?sql={query.replace(' ', '+')}")
    assert '<a href="https://example.com/">there</a>' in host(DATASETTE_HOST, *get).stdout
    with Registry.open(catalog) as registry:
        registry.disable("datasette-json-html")
    assert '<a href="https://example.com/">there</a>' not in host(DATASETTE_HOST, *get).stdout


def test_what_a_real_plug_in_needs_is_named(host, catalog, real_plugins):
    """datasette-cluster-map without datasette-leaflet would show no map: it is not imported."""
    record(catalog, real_plugins["datasette-cluster-map"].wheel)
    assert datasette_plugins(host) == {}
    (skipped,) = plugins.load(pluggy.PluginManager("datasette"), catalog=catalog).skipped
    assert skipped.reason == "it needs datasette-leaflet>=0.2.2, which is not installed here"
    assert skipped.fix.startswith("pip install 'datasette-leaflet>=0.2.2' or plugreg add it")
    assert "datasette_cluster_map" not in sys.modules


def test_static_files_of_a_wheel_are_served(host, catalog, real_plugins, leaflet):
    """They are files on disk, because the wheel is unpacked."""
    record(catalog, leaflet, real_plugins["datasette-cluster-map"].wheel)
    path = "/-/static-plugins/datasette_cluster_map/datasette-cluster-map.js"
    assert "leaflet" in host(DATASETTE_HOST, "serve", "--memory", "--get", path).stdout.lower()


def test_pytest_uses_real_plug_ins(host, catalog, real_plugins, tmp_path):
    """pytest-timeout adds its option and ends a test; pytest-randomly seeds; both in the header."""
    record(catalog, real_plugins["pytest-timeout"].wheel, real_plugins["pytest-randomly"].sdist_dir)
    (tmp_path / "test_slow.py").write_text("import time\ndef test_slow():\n    time.sleep(60)\n")
    command = ("-m", "pytest", "-p", "plugreg_plugins", "-p", "no:cacheprovider", "test_slow.py")
    shown = host(*command, "--timeout=0.2", "-p", "no:hypothesispytest").stdout
    assert "Failed: Timeout >0.2s" in shown
    assert "Using --randomly-seed=" in shown
    assert "timeout-2.3.1" in shown
    with Registry.open(catalog) as registry:
        registry.disable("pytest-timeout")
    assert "unrecognized arguments: --timeout=0.2" in host(*command, "--timeout=0.2").stderr


def test_a_broken_plug_in_is_named_and_the_host_runs(host, catalog, real_plugins, tmp_path):
    """Datasette starts with the good one, and says which one failed and what to do."""
    broken = tmp_path / "broken"
    broken.mkdir()
    (broken / "pyproject.toml").write_text(
        '[project]\nname = "datasette-broken"\nversion = "1"\n'
        '[project.entry-points.datasette]\nbroken = "datasette_broken"\n'
    )
    (broken / "datasette_broken.py").write_text("import sys\nsys.exit('I give up')\n")
    record(catalog, broken, real_plugins["datasette-pretty-json"].wheel)
    done = host(DATASETTE_HOST, "plugins")
    assert [plugin["name"] for plugin in json.loads(done.stdout)] == ["datasette-pretty-json"]
    assert "broken of datasette-broken 1: SystemExit: I give up" in done.stderr
    assert "plugreg disable datasette-broken" in done.stderr
