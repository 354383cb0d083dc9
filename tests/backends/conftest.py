"""Stores of every flavour that this Python can make."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from plugreg import backends
from tests.conditions import skip_or_fail

if TYPE_CHECKING:
    from collections.abc import Iterator

# What a catalog can have: created, then changed.
CREATABLE = ("sqlite3", "dumb", "gnu", "gnu-ndbm", "berkeley-hash", "ndbm")


def require_writable_here(flavour: str) -> None:
    """Skip the test where this Python cannot make that flavour."""
    reason = backends.require_flavour(flavour).unwritable_here()
    if reason:
        skip_or_fail(f"{flavour}: {reason}", required_by="PLUGREG_REQUIRE_DBM")


@pytest.fixture(params=CREATABLE)
def flavour(request: pytest.FixtureRequest) -> str:
    """The name of each flavour that can be made here, in turn."""
    name: str = request.param
    require_writable_here(name)
    return name


@pytest.fixture
def shared_folder() -> Iterator[Path]:
    """A folder that every user may read and enter; pytest's own are private."""
    folder = Path(tempfile.mkdtemp(prefix="plugreg-test-"))
    folder.chmod(0o755)
    yield folder
    folder.chmod(0o755)
    shutil.rmtree(folder)
