"""A catalog of one plug-in that is right in every respect."""

from __future__ import annotations

import pytest

from plugreg import Registry, plugins

PYPROJECT = """[project]
name = "my-plugin"
version = "{version}"
[project.entry-points.datasette]
my_plugin = "my_plugin.hooks:plugin"
"""


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    """The folder of a user's data, empty."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    return tmp_path / "data" / "plugreg"


@pytest.fixture
def directory(tmp_path):
    """The plug-in's project."""
    folder = tmp_path / "my-plugin"
    (folder / "my_plugin").mkdir(parents=True)
    (folder / "my_plugin" / "__init__.py").write_text("raise SystemExit('imported')\n")
    (folder / "my_plugin" / "hooks.py").write_text("")
    write_version(folder, "1.0")
    return folder


@pytest.fixture
def catalog(tmp_path, directory):
    """The path of the catalog."""
    path = tmp_path / "place" / "catalog"
    path.parent.mkdir(mode=0o700)
    with Registry.open(path) as registry:
        registry.add(plugins.read_project(directory))
    return str(path)


def write_version(folder, version):
    """Write the project's metadata."""
    (folder / "pyproject.toml").write_text(PYPROJECT.format(version=version))
