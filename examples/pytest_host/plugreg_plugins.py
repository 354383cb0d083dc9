"""pytest, with the plug-ins of a catalog: `pytest -p plugreg_plugins` with this folder importable.

pytest calls `pytest_addoption` as soon as a plug-in is registered, early enough for the plug-ins
that are loaded here to add options of their own.
"""

from __future__ import annotations

import warnings

import pytest

from plugreg import plugins


def pytest_addoption(pluginmanager: pytest.PytestPluginManager) -> None:
    """Load what the catalog has for pytest."""
    report = plugins.load(pluginmanager, group="pytest11")
    for outcome in report.failed:
        warnings.warn(f"not loaded: {outcome}", RuntimeWarning, stacklevel=1)
