"""Where the user's folders are: as platformdirs says, without it where that is plain."""

from __future__ import annotations

import os
import subprocess
import sys

import platformdirs
import pluggy
import pytest

from plugreg.locations import (
    cache_folder,
    data_folder,
    layer_catalogs,
    present_catalogs,
    site_folders,
)
from plugreg.plugins import load
from tests.other_user import in_child

NAMELESS = 4_000_000_000  # a number that no list of users has
VARIABLES = ("XDG_DATA_HOME", "XDG_CACHE_HOME", "HOME", "ANDROID_DATA")
ENVIRONMENTS = [
    {"HOME": "/home/me"},
    {"HOME": "/home/me", "XDG_DATA_HOME": "/data", "XDG_CACHE_HOME": "/cache"},
    {"HOME": "/home/me", "XDG_DATA_HOME": "", "XDG_CACHE_HOME": " "},
    {"HOME": "/home/me", "XDG_DATA_HOME": "relative", "XDG_CACHE_HOME": "./here"},
    {"HOME": "/home/me/", "XDG_DATA_HOME": "/data/", "XDG_CACHE_HOME": "/a//b"},
    {"HOME": "/home/me", "XDG_DATA_HOME": "~/data", "XDG_CACHE_HOME": "/a/../b"},
    {"HOME": "/home/with blank"},
    {"HOME": ""},
    {"HOME": "relative"},
    {"HOME": "/"},
    {},
]


@pytest.mark.parametrize("environment", ENVIRONMENTS, ids=str)
def test_the_folders_are_those_of_platformdirs(environment, monkeypatch):
    """In every environment, the odd ones included."""
    for variable in VARIABLES:
        monkeypatch.delenv(variable, raising=False)
    for variable, value in environment.items():
        monkeypatch.setenv(variable, value)
    assert data_folder() == platformdirs.user_data_dir("plugreg", appauthor=False)
    assert cache_folder() == platformdirs.user_cache_dir("plugreg", appauthor=False)


@pytest.mark.only_where(
    sys.platform == "linux" and os.geteuid() == 0, "only root can be a user without a name"
)
def test_a_user_whom_the_system_does_not_know(monkeypatch, tmp_path):
    """As in a container that is run with any number, without HOME: a load has no trouble of it."""
    for variable in (*VARIABLES, "PLUGREG_CATALOG", "XDG_DATA_DIRS"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    load(pluggy.PluginManager("host"))  # imports what the child may not read

    def look():
        del os.environ["HOME"]
        os.setuid(NAMELESS)
        report = load(pluggy.PluginManager("host"))
        return data_folder(), cache_folder(), str(report), report.catalog_error

    data, cache, report, error = in_child(look)
    assert (data, cache) == ("/.local/share/plugreg", "/.cache/plugreg")
    assert (report, error) == ("host: 0 loaded, 0 failed, 0 skipped", None)


@pytest.mark.only_where(sys.platform == "linux", "of Linux alone")
def test_on_linux_a_start_is_spared_platformdirs(tmp_path):
    """The user's own catalog is found without it."""
    program = (
        "import sys; from plugreg.locations import locate_catalog; print(locate_catalog()[0],"
        " 'platformdirs' in sys.modules)"
    )
    environment = {"HOME": str(tmp_path), "PYTHONPATH": ":".join(filter(None, sys.path))}
    done = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True
    )
    assert done.stdout == f"{tmp_path}/.local/share/plugreg/catalog.sqlite3 False\n", done.stderr


@pytest.mark.only_where(sys.platform == "linux", "of Linux alone")
@pytest.mark.parametrize("named", [None, "", "/opt/share", "/one:/two:/usr/share"])
def test_the_sites_folders_are_those_of_platformdirs(named, monkeypatch):
    """All of them, in their order."""
    monkeypatch.delenv("ANDROID_DATA", raising=False)
    monkeypatch.delenv("XDG_DATA_DIRS", raising=False)
    if named is not None:
        monkeypatch.setenv("XDG_DATA_DIRS", named)
    theirs = platformdirs.site_data_dir("plugreg", appauthor=False, multipath=True)
    assert site_folders() == theirs.split(os.pathsep)


@pytest.mark.only_where(sys.platform == "linux", "of Linux alone")
def test_a_relative_folder_is_no_layer(monkeypatch):
    """Whoever can write the working directory could put a catalog there."""
    monkeypatch.setenv("XDG_DATA_DIRS", "share:/usr/share::~/share")
    assert site_folders() == ["/usr/share/plugreg"]


def test_a_folder_that_is_named_twice_is_the_nearest_layer(tmp_path, monkeypatch):
    """Its projects hide nothing but those of farther ones."""
    monkeypatch.setenv("XDG_DATA_HOME", f"{tmp_path}/data")
    monkeypatch.setenv("XDG_DATA_DIRS", f"{tmp_path}/data:{tmp_path}/env/share:{tmp_path}/site")
    file = "plugreg/catalog.sqlite3"
    assert layer_catalogs(f"{tmp_path}/env") == [
        ("environment", f"{tmp_path}/env/share/{file}"),
        ("user", f"{tmp_path}/data/{file}"),
        ("site", f"{tmp_path}/site/{file}"),
    ]


def test_a_layer_is_looked_into_where_its_folder_is(tmp_path, monkeypatch):
    """The user's is, whether it is there or not: a catalog can have a suffix to its name."""
    monkeypatch.setenv("XDG_DATA_HOME", f"{tmp_path}/data")
    monkeypatch.setenv("XDG_DATA_DIRS", f"{tmp_path}/one:{tmp_path}/two")
    prefix = str(tmp_path / "env")
    assert [layer for layer, _ in present_catalogs(prefix)] == ["user"]
    (tmp_path / "two" / "plugreg").mkdir(parents=True)
    (tmp_path / "one").write_text("no folder at all")
    assert [layer for layer, _ in present_catalogs(prefix)] == ["user", "site"]
