"""What a test does where it cannot run."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys

import pytest

ONCE_ON = "PLUGREG_ONCE_ON"


def skip_or_fail(reason: str, required_by: str = "PLUGREG_REQUIRE_ALL") -> None:
    """Skip the running test, or fail it where the environment variable `required_by` is "1"."""
    if os.environ.get(required_by) == "1":
        pytest.fail(f"{required_by}=1, but {reason}")
    pytest.skip(reason)


def once(reason: str, *, and_with_modules: bool = False) -> pytest.MarkDecorator:
    """Return the mark of tests whose subject is the same on every Python.

    CI names the Python on which they are run; without PLUGREG_ONCE_ON every Python runs them. Those
    of the flavour `ndbm`, too, are also run where PLUGREG_REQUIRE_DBM says that it is there.
    """
    version = "{}.{}".format(*sys.version_info)
    here = os.environ.get(ONCE_ON, version) == version
    there = and_with_modules and os.environ.get("PLUGREG_REQUIRE_DBM") == "1"
    return pytest.mark.only_where(here or there, reason)


def require_module(name: str) -> None:
    """Skip the running test, or fail it, where this Python has no module of that name."""
    if importlib.util.find_spec(name) is None:
        skip_or_fail(f"this Python has no {name}: pip install --group demo")


def perl_with(module: str) -> str:
    """Return the path of a perl that has the module; skip the running test, or fail, without."""
    perl = shutil.which("perl")
    if not perl or subprocess.run([perl, f"-M{module}", "-e", "1"], check=False).returncode:
        skip_or_fail(f"perl has no {module}")
    return str(perl)
