"""Projects and registries to test with."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from plugreg import EntryPoint, Project, Registry, Source

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def a_project(name: str = "My_Plugin", **parts: object) -> Project:
    """Return a project with something in each field; `parts` replace it."""
    whole: dict[str, object] = {
        "version": "1.2.post3",
        "source": Source("directory", f"/src/{name}"),
        "entry_points": [EntryPoint("datasette", "mine", "my_plugin.hooks:plugin")],
        "summary": "Does things",
        "requires_python": ">=3.9",
        "dependencies": ["datasette>=0.64", "httpx"],
        "root": f"/src/{name}/src",
        "modules": {"my_plugin": "my_plugin"},
    }
    return Project(name=name, **{**whole, **parts})  # type: ignore[arg-type]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the catalog of a test is; nothing is there yet."""
    return tmp_path / "catalog.sqlite3"


@pytest.fixture
def registry(path: Path) -> Iterator[Registry]:
    """An empty registry, open for writing."""
    with Registry.open(path) as opened:
        yield opened
