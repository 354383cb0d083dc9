"""The shim, compiled once, and the flavours."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.backends.conftest import require_writable_here
from tests.in_memory import folder_in_memory
from tests.torture.shim import compiled
from tests.torture.subjects import CATALOG_FLAVOURS

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def shim(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shared object that watches a program's calls."""
    return compiled(tmp_path_factory.mktemp("shim"))


@pytest.fixture(params=CATALOG_FLAVOURS)
def flavour(request: pytest.FixtureRequest) -> str:
    """The name of each flavour that a catalog can have, in turn."""
    name: str = request.param
    require_writable_here(name)
    return name


@pytest.fixture
def memory() -> Iterator[Path]:
    """A folder in memory, where nothing waits for a disk: the shim sees each call all the same."""
    with folder_in_memory() as made:
        yield Path(made)
