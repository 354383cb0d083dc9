"""Fixtures of pytest for those who write hosts and plug-ins; pytest finds them by itself.

They are in the entry-point group `pytest11`, so every run of pytest imports this module where
plugreg is installed. It imports nothing but pytest; what a fixture needs is imported when it is
used.
"""

from __future__ import annotations

import os
import sys

import pytest

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path
    from types import ModuleType
    from typing import Any

    import pluggy

    from plugreg import Project

    from .hosts.report import LoadReport

_FOLDERS = {"XDG_DATA_HOME": "data", "XDG_CACHE_HOME": "cache"}
_UNSET = ("PLUGREG_DISABLE", "PLUGREG_START")


@pytest.fixture
def plugreg_catalog(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The path of a catalog of this test's own, which does not exist yet.

    PLUGREG_CATALOG names it, also to child processes; the user's data and cache folders of plugreg
    are below `tmp_path`, and no plug-in is switched off by the environment. After the test, modules
    that were imported from below `tmp_path` are forgotten.
    """
    catalog = str(tmp_path / "catalog")
    monkeypatch.setenv("PLUGREG_CATALOG", catalog)
    for variable, folder in _FOLDERS.items():
        monkeypatch.setenv(variable, str(tmp_path / folder))
    for variable in _UNSET:
        monkeypatch.setenv(variable, "")  # so that it is restored, whatever a load puts there
    path = list(sys.path)
    yield catalog
    sys.path[:] = path
    _forget_modules(str(tmp_path))


def _forget_modules(folder: str) -> None:
    """Forget the modules that lie in a folder, or are reached through it."""
    for name, module in list(sys.modules.items()):
        file = getattr(module, "__file__", None) or ""
        if file.startswith(folder + os.sep):
            del sys.modules[name]


class ProjectMaker:
    """Writes plug-in projects below a folder and records them; what `make_project` gives."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __call__(
        self,
        name: str,
        code: str | Mapping[str, str] = "",
        *,
        group: str,
        entry_points: Mapping[str, str] | None = None,
        version: str = "1.0",
        dependencies: Iterable[str] = (),
        requires_python: str | None = None,
        add: bool = True,
        **switches: Any,
    ) -> Project:
        """Write a project as its author would, read it as `plugreg add` does, and record it.

        Args:
            name: The project's name; its one module has it with "_" for "-" and ".".
            code: The module's text, or a text for each path relative to the project's folder.
            group: The host's entry-point group.
            entry_points: Name to value; None is one entry point for the module, of its name.
            version: The version.
            dependencies: The requirements.
            requires_python: The Pythons that it runs on, None for any.
            add: Whether to record it in the catalog.
            switches: Fields to change before it is recorded: `enabled`, `priority`, `tags`, ...

        Returns:
            The project as recorded, or, with `add=False`, as read; its folder is its `root`.

        Raises:
            FileExistsError: There is one of that name already.
            PlugregError: It cannot be read or recorded.
        """
        from plugreg import Registry

        from .reading import read_project

        folder = self._folder / name
        folder.mkdir(parents=True)
        module = name.replace("-", "_").replace(".", "_")
        files = {f"{module}.py": code} if isinstance(code, str) else code
        entries = {module: module} if entry_points is None else entry_points
        head = {"name": name, "version": version, "dependencies": list(dependencies)}
        if requires_python is not None:
            head["requires-python"] = requires_python
        declared = [_table("project", head), _table(f'project.entry-points."{group}"', entries)]
        for path, text in {**files, "pyproject.toml": "\n".join(declared)}.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(text, encoding="utf-8")
        project = read_project(folder)
        if not add:
            return project
        with Registry.open() as registry:
            return registry.add(project.replace(**switches))


def _table(title: str, fields: Mapping[str, object]) -> str:
    """Return a table of TOML; JSON's texts and lists of texts are TOML's as well."""
    import json

    lines = [f"{json.dumps(key)} = {json.dumps(value)}" for key, value in fields.items()]
    return "\n".join([f"[{title}]", *lines, ""])


@pytest.fixture
def make_project(plugreg_catalog: str, tmp_path: Path) -> ProjectMaker:  # noqa: ARG001 - set first
    """A function that writes a plug-in project and records it; see `ProjectMaker.__call__`."""
    return ProjectMaker(tmp_path / "projects")


class ManagerMaker:
    """Makes pluggy managers and loads the catalog's plug-ins; what `plugreg_manager` gives."""

    def __call__(
        self, group: str, *specs: ModuleType | type, strict: bool = False
    ) -> tuple[pluggy.PluginManager, LoadReport]:
        """Return a manager with a host's hooks and the plug-ins that are on, and the report.

        Args:
            group: The host's entry-point group, and the project name of its markers.
            specs: Modules or classes of hook specifications.
            strict: Raise at the first plug-in that fails.

        Raises:
            PlugregError: Only with `strict`.
        """
        import pluggy

        from .hosts.loading import load

        manager = pluggy.PluginManager(group)
        for spec in specs:
            manager.add_hookspecs(spec)
        return manager, load(manager, strict=strict)


@pytest.fixture
def plugreg_manager(plugreg_catalog: str) -> ManagerMaker:  # noqa: ARG001 - set first
    """A function that makes a loaded manager; see `ManagerMaker.__call__`."""
    return ManagerMaker()


def assert_loaded(report: LoadReport, *names: str) -> None:
    """Assert that exactly these plug-ins were loaded, in any order, and that none failed.

    Raises:
        AssertionError: It is not so; the message is the whole report.
    """
    loaded = sorted(outcome.plugin for outcome in report.loaded)
    if loaded != sorted(names) or report.failed or report.catalog_error:
        raise AssertionError(f"not just {', '.join(sorted(names)) or 'nothing'}:\n{report}")
