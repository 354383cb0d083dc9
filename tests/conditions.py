"""What a test does where it cannot run."""

from __future__ import annotations

import os

import pytest


def skip_or_fail(reason: str, required_by: str = "PLUGREG_REQUIRE_ALL") -> None:
    """Skip the running test, or fail it where the environment variable `required_by` is "1"."""
    if os.environ.get(required_by) == "1":
        pytest.fail(f"{required_by}=1, but {reason}")
    pytest.skip(reason)
