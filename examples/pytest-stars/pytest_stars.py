"""A pytest plug-in: a star for each test that passes, with `--stars`."""

from __future__ import annotations

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add `--stars`."""
    parser.addoption("--stars", action="store_true", help="show a star for each passed test")


def pytest_report_teststatus(
    report: pytest.TestReport, config: pytest.Config
) -> tuple[str, str, str] | None:
    """Return a star for a passed test, and nothing for any other."""
    if report.when == "call" and report.passed and config.getoption("--stars"):
        return "passed", "*", "STAR"
    return None
