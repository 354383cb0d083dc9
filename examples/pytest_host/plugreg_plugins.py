"""pytest, with the plug-ins of a catalog: `pytest -p plugreg_plugins` with this folder importable.

pytest calls `pytest_addoption` as soon as a plug-in is registered, early enough for the plug-ins
that are loaded here to add options of their own.
"""

from __future__ import annotations

import pytest

from plugreg import plugins

_left_out: list[str] = []


def pytest_addoption(pluginmanager: pytest.PytestPluginManager) -> None:
    """Load what the catalog has for pytest."""
    report = plugins.load(pluginmanager, group="pytest11")
    if report.catalog_error:
        _left_out.append(f"plugreg: the catalog cannot be read: {report.catalog_error}")
    _left_out.extend(f"plugreg: not loaded: {each}" for each in report.failed + report.skipped)


def pytest_report_header() -> list[str]:
    """Say below pytest's own header what is left out, and why."""
    return _left_out
