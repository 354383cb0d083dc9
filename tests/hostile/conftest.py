"""The process that all commands here are forked from."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from tests.conditions import skip_or_fail

from .commands import Commands

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def commands() -> Iterator[Commands]:
    """Runs commands, each in a process whose memory is measured."""
    if not sys.platform.startswith("linux"):
        skip_or_fail("memory is measured as Linux does it")
    forking = Commands()
    yield forking
    forking.close()
