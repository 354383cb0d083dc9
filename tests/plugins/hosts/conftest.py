"""A small pluggy host, and plug-in projects written to disk and recorded in a catalog."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pluggy
import pytest

from plugreg import EntryPoint, Project, Registry, Source

GROUP = "testhost"
GREETER = """
import pluggy

hookimpl = pluggy.HookimplMarker("testhost")


@hookimpl
def greet(name):
    return f"{__name__} greets {name}"
"""


class Spec:
    """The hooks of the small host."""

    @pluggy.HookspecMarker(GROUP)
    def greet(self, name):
        """Return a greeting."""


@pytest.fixture
def pm() -> pluggy.PluginManager:
    """Return a plug-in manager with the host's hooks and no plug-in."""
    manager = pluggy.PluginManager(GROUP)
    manager.add_hookspecs(Spec)
    return manager


@pytest.fixture(autouse=True)
def _clean(clean_imports: None) -> None:
    """Let no test see what another one has loaded."""


@pytest.fixture
def catalog(tmp_path: Path) -> str:
    """Return the path of a catalog that does not exist yet."""
    return str(tmp_path / "catalog")


AddProject = Callable[..., Project]


@pytest.fixture
def add_project(tmp_path: Path, catalog: str) -> AddProject:
    """Return a function that writes a project of one module and records it."""

    def add(name: str, code: str = GREETER, *, group: str = GROUP, **fields) -> Project:
        module = name.replace("-", "_")
        folder = tmp_path / "projects" / name
        folder.mkdir(parents=True)
        (folder / f"{module}.py").write_text(code, encoding="utf-8")
        parts = {
            "version": "1.0",
            "source": Source("directory", str(folder)),
            "root": str(folder),
            "modules": {module: f"{module}.py"},
            "entry_points": [EntryPoint(group, module, module)],
            **fields,
        }
        with Registry.open(catalog) as registry:
            return registry.add(Project(name=name, **parts))

    return add


@pytest.fixture
def site(tmp_path):
    """A folder of installed distributions on the path, empty as yet."""
    folder = tmp_path / "env" / "site-packages"
    folder.mkdir(parents=True)
    sys.path.append(str(folder))
    return folder


def install(site: Path, name: str, version: str = "1.0", entry: str = "", code: str = "") -> Path:
    """Lay a distribution out as pip does; with an entry point if one is given."""
    info = site / f"{name}-{version}.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
    if entry:
        (info / "entry_points.txt").write_text(f"[{GROUP}]\n{entry} = {entry}\n")
        (site / f"{entry}.py").write_text(code or GREETER)
    return info
