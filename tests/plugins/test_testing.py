"""The fixtures for authors of hosts and plug-ins, and how little they cost everybody else."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import platformdirs
import pytest

from plugreg import PlugregError, Registry
from plugreg.plugins.testing import assert_loaded
from tests.pages import TOP, blocks

PAGE = TOP / "docs" / "how-to" / "test-plugins.md"
COUNT = """
import sys

def test_little_is_imported():
    found = [name for name in sys.modules if name.startswith("plugreg")]
    assert sorted(found) == ["plugreg", "plugreg.plugins", "plugreg.plugins.testing"]
"""


def pytest_says(tmp_path: Path, text: str) -> str:
    """Return what pytest says of a file of tests, in a process of its own."""
    (tmp_path / "test_it.py").write_text(text)
    environment = {key: value for key, value in os.environ.items() if key != "PYTEST_ADDOPTS"}
    command = [sys.executable, "-m", "pytest", "-q", "-W", "error", "-p", "no:cacheprovider"]
    done = subprocess.run(
        command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=120
    )
    return done.stdout + done.stderr


def test_pytest_imports_nothing_more_until_a_fixture_is_used(tmp_path):
    """The two faces and the module of the fixtures are all."""
    assert "1 passed" in pytest_says(tmp_path, COUNT)


@pytest.mark.parametrize("block", blocks(PAGE, "python"), ids=str)
def test_the_blocks_of_the_page_pass(tmp_path, block):
    """They are tests as authors write them."""
    assert " passed" in pytest_says(tmp_path, block.text)


def test_the_catalog_is_the_tests_own(plugreg_catalog, tmp_path):
    """It is named to everybody, empty, and nothing else of the user's is touched."""
    with Registry.open(read_only=True) as registry:
        assert (registry.path, len(registry)) == (plugreg_catalog, 0)
    for folder in (platformdirs.user_data_dir(), platformdirs.user_cache_dir()):
        assert folder.startswith(str(tmp_path))


def test_a_project_is_written_read_and_recorded(make_project):
    """With all that its author can declare, and what an operator can set."""
    code = {"pkg/__init__.py": "", "pkg/inner.py": "thing = 5"}
    project = make_project(
        "Some-Thing",
        code,
        group="host.sub",
        entry_points={"thing": "pkg.inner:thing"},
        version="2.0",
        dependencies=["pluggy>=1", 'odd; python_version < "3"'],
        requires_python=">=3.8",
        priority=7,
        enabled=False,
    )
    with Registry.open(read_only=True) as registry:
        assert registry["some-thing"] == project
    assert (project.version, project.priority, project.enabled) == ("2.0", 7, False)
    assert (project.groups, project.requires_python) == (("host.sub",), ">=3.8")
    assert project.dependencies == ("pluggy>=1", 'odd; python_version < "3"')
    assert set(project.modules) == {"pkg"}
    assert Path(project.root, "pkg", "inner.py").read_text() == "thing = 5"


@pytest.mark.parametrize("value", [1, 2])
def test_modules_are_forgotten_between_tests(make_project, plugreg_manager, value):
    """The module of the second test is its own, though it has the name of the first one's."""
    make_project("same", f"value = {value}", group="host")
    pm, report = plugreg_manager("host")
    assert_loaded(report, "same")
    assert pm.get_plugin("same").value == value


def test_the_assertion_shows_the_report(make_project, plugreg_manager):
    """What was loaded instead, and why the other was not."""
    make_project("good", group="host")
    make_project("bad", "1 / 0", group="host")
    _, report = plugreg_manager("host")
    with pytest.raises(AssertionError, match=r"not just good:\nhost: 1 loaded, 1 failed"):
        assert_loaded(report, "good")
    with pytest.raises(AssertionError, match="ZeroDivisionError"):
        assert_loaded(report, "good", "bad")


def test_strict_raises(make_project, plugreg_manager):
    """As the host's own start would."""
    make_project("bad", "1 / 0", group="host")
    with pytest.raises(PlugregError, match="ZeroDivisionError"):
        plugreg_manager("host", strict=True)
