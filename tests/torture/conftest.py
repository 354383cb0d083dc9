"""The shim, compiled once, and the flavours."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.backends.conftest import require_writable_here
from tests.torture.shim import compiled
from tests.torture.subjects import CATALOG_FLAVOURS

if TYPE_CHECKING:
    from pathlib import Path


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
