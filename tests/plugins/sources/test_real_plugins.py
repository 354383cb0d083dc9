"""Real plug-ins of five hosts, read without installing them."""

from __future__ import annotations

from importlib.metadata import Distribution, PathDistribution
from typing import TYPE_CHECKING

import pytest

from plugreg.plugins import read_project
from tests.plugins.conftest import REAL_PLUGINS

if TYPE_CHECKING:
    from plugreg import Project
    from tests.plugins.conftest import RealPlugin

# What a wheel has as a package, and its sdist may keep in src/.
Facts = tuple[str, str, set[tuple[str, str, str]], set[str]]


def facts_of(project: Project) -> Facts:
    """Return what has to be the same from every source."""
    entries = {(entry.group, entry.name, entry.value) for entry in project.entry_points}
    return project.name, project.version, entries, set(project.modules)


def installed_facts(plugin: RealPlugin, root: str) -> Facts:
    """Return the same as `importlib.metadata` reads it from the unpacked wheel."""
    (found,) = Distribution.discover(path=[root])
    assert isinstance(found, PathDistribution)
    files = {str(file).partition("/")[0] for file in found.files or ()}
    modules = {file.removesuffix(".py") for file in files if not file.endswith(".dist-info")}
    entries = {(entry.group, entry.name, entry.value) for entry in found.entry_points}
    return plugin.name, found.version, entries, modules


@pytest.mark.parametrize("name", REAL_PLUGINS)
def test_wheel_and_sources_agree(name: str, real_plugins: dict[str, RealPlugin]) -> None:
    """Wheel, source archive and unpacked sources say the same, and what importlib.metadata says."""
    plugin = real_plugins[name]
    wheel = read_project(str(plugin.wheel))
    expected = installed_facts(plugin, wheel.root)
    assert wheel.version == plugin.version
    assert expected[2]
    assert facts_of(wheel) == expected
    for source in (plugin.sdist, plugin.sdist_dir):
        assert facts_of(read_project(str(source))) == expected


def test_five_hosts_are_among_them(real_plugins: dict[str, RealPlugin]) -> None:
    """The groups are those of Datasette, flake8, llm, pytest and tox."""
    groups = {group for each in real_plugins.values() for group in read_project(each.wheel).groups}
    assert groups >= {"datasette", "flake8.extension", "llm", "pytest11", "tox"}
