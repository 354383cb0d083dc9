"""Other Pythons that a test needs."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

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


@cache
def another_python() -> str:
    """Return the newest CPython that plugreg supports and that is not of this version, or skip."""
    code = "import sys; print(sys.version_info[1] if sys.version_info >= (3, 11) else 0)"
    found = {}
    for python in all_pythons():
        done = subprocess.run([python, "-c", code], capture_output=True, text=True, check=True)
        found[int(done.stdout)] = python
    others = sorted(set(found) - {0, sys.version_info[1]})
    if not others:
        skip_or_fail("there is no other Python from 3.11 on, on the PATH or below ~/.pyenv")
    return found[others[-1]]


@cache
def all_pythons() -> list[str]:
    """Return every Python there is here, of any version: this one, the PATH's, and pyenv's."""
    names = ["python2.7", *(f"python3.{minor}" for minor in range(6, 16))]
    versions = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"), "versions")
    kept = [str(path) for path in sorted(versions.glob("*/bin/python"))]
    candidates = [sys.executable, *filter(None, map(shutil.which, names)), *kept]
    return list(
        {place: path for path in reversed(candidates) if (place := _place_of(path))}.values()
    )


def _place_of(python: str) -> str:
    """Return the real path of an interpreter, or "" where it does not start."""
    code = "import os, sys; sys.stdout.write(os.path.realpath(sys.executable))"
    done = subprocess.run([python, "-c", code], capture_output=True, check=False)
    return "" if done.returncode else os.fsdecode(done.stdout)


def _has_dbm_sqlite3(python: str) -> bool:
    done = subprocess.run(
        [python, "-I", "-c", "import dbm.sqlite3"], capture_output=True, check=False
    )
    return done.returncode == 0
