"""Other Pythons that a test needs."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

from tests.conditions import skip_or_fail


def python_with_dbm_sqlite3() -> str:
    """Return the path of a CPython that has `dbm.sqlite3` (3.13 and later), or skip the test.

    PLUGREG_PYTHON_313 names one that is not on the PATH.
    """
    found = [shutil.which(f"python3.{minor}") for minor in (13, 14)]
    candidates = [sys.executable, os.environ.get("PLUGREG_PYTHON_313"), *found]
    for candidate in candidates:
        if candidate and _has_dbm_sqlite3(candidate):
            return candidate
    skip_or_fail("no Python 3.13 or later is on the PATH, or named by PLUGREG_PYTHON_313")
    raise AssertionError


def _has_dbm_sqlite3(python: str) -> bool:
    done = subprocess.run(
        [python, "-I", "-c", "import dbm.sqlite3"], capture_output=True, check=False
    )
    return done.returncode == 0
