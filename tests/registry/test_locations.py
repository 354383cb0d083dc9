"""Where the user's folders are: as platformdirs says, without it where that is plain."""

from __future__ import annotations

import subprocess
import sys

import platformdirs
import pytest

from plugreg.locations import cache_folder, data_folder

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
