"""Which tests are run here: what is of another Python is left out, and counted, not skipped.

Flavours that need a C module are tested where it is; PLUGREG_REQUIRE_DBM=1 keeps them all, so that
a missing module is a failure. A test that is marked `only_where` is of some Pythons only.
"""

from __future__ import annotations

import os
from collections import Counter
from functools import cache

import pytest

from plugreg import backends

OF_C_MODULES = ("gnu", "ndbm")
REASONS = pytest.StashKey[Counter[str]]()


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
    return next((_missing(name) for name in _flavours_of(item) if _missing(name)), "")


@cache
def _missing(flavour: str) -> str:
    return backends.require_flavour(flavour).unwritable_here() if flavour in OF_C_MODULES else ""


def _flavours_of(item: pytest.Item) -> set[str]:
    """Return the flavours that a test is marked with, or has among its parameters."""
    marked = {name for mark in item.iter_markers("flavours") for name in mark.args}
    parameters = getattr(item, "callspec", None)
    values = parameters.params.values() if parameters is not None else ()
    named = (part for value in values for part in (value if isinstance(value, tuple) else (value,)))
    return marked | {part for part in named if isinstance(part, str)}
