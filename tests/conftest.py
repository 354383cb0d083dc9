"""Which tests are run here: what is of another Python is left out, and counted, not skipped.

What needs a C module (the flavour `ndbm`, and the modules that serve as oracles) is tested where it
is; PLUGREG_REQUIRE_DBM=1 keeps it all, so that a missing module is a failure. A test that is marked
`only_where` is of some Pythons only.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import signal
import sys
import tempfile
from collections import Counter
from functools import cache

import pytest
from hypothesis import HealthCheck, settings

# Tests write a module anew within a second, which its byte code would not show.
os.environ["PYTHONDONTWRITEBYTECODE"] = "1"
sys.dont_write_bytecode = True

# A shell starts what is in its background with Ctrl-C ignored, which programs under test inherit.
signal.signal(signal.SIGINT, signal.default_int_handler)

# How long an example takes is the machine's affair, and nothing that a test asks for.
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")

OF_MODULE = {"dbm.gnu": "_gdbm", "dbm.ndbm": "_dbm"}
REASONS = pytest.StashKey[Counter[str]]()
FOLDER = pytest.StashKey[str]()


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Have a folder of this run's own: pytest's common one is closed by each run that begins."""
    if config.option.basetemp is None:
        config.option.basetemp = tempfile.mkdtemp(prefix="plugreg-tests-")
        config.stash[FOLDER] = config.option.basetemp


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Remove that folder, unless there is something to look at in it."""
    folder = session.config.stash.get(FOLDER, "")
    if folder and exitstatus == pytest.ExitCode.OK:
        shutil.rmtree(folder, ignore_errors=True)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the tests that are of other Pythons."""
    left_out = {item: reason for item in items if (reason := _reason_to_leave_out(item))}
    config.hook.pytest_deselected(items=list(left_out))
    items[:] = [item for item in items if item not in left_out]
    if left_out:
        config.stash[REASONS] = Counter(left_out.values())


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Say what was left out, and why."""
    for reason, count in config.stash.get(REASONS, Counter()).items():
        terminalreporter.write_line(f"left out: {count} tests, {reason}")


def _reason_to_leave_out(item: pytest.Item) -> str:
    for mark in item.iter_markers("only_where"):
        condition, reason = mark.args
        if not condition:
            return str(reason)
    if os.environ.get("PLUGREG_REQUIRE_DBM") == "1":
        return ""
    return next(filter(None, map(_missing, _needs_of(item))), "")


@cache
def _missing(module: str) -> str:
    there = importlib.util.find_spec(OF_MODULE[module]) is not None
    return "" if there else f"this Python has no {module}"


def _needs_of(item: pytest.Item) -> set[str]:
    """Return the modules that a test is marked with; `ndbm` as a parameter needs its own."""
    marked = {name for mark in item.iter_markers("modules") for name in mark.args}
    parameters = getattr(item, "callspec", None)
    values = parameters.params.values() if parameters is not None else ()
    named = [part for value in values for part in (value if isinstance(value, tuple) else (value,))]
    return marked | ({"dbm.ndbm"} if "ndbm" in named else set())
