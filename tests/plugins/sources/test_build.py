"""Building a project's metadata, the only thing that runs its code, and only when asked for."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from typing import TYPE_CHECKING

import pytest

from plugreg import SourceError
from plugreg.plugins import read_project

if TYPE_CHECKING:
    from .conftest import Tree

# A backend in the project itself: nothing has to be downloaded to run it.
BACKEND = """
import os

def get_requires_for_build_wheel(config_settings=None):
    return []

def prepare_metadata_for_build_wheel(folder, config_settings=None):
    info = os.path.join(folder, "demo-7.0.dist-info")
    os.mkdir(info)
    with open(os.path.join(info, "METADATA"), "w") as file:
        file.write("Metadata-Version: 2.1\\nName: demo\\nVersion: 7.0\\nSummary: Built\\n")
    with open(os.path.join(info, "entry_points.txt"), "w") as file:
        file.write("[host]\\nx = demo\\n")
    other = os.path.join(folder, "demo.egg-info")  # as setuptools leaves one
    os.mkdir(other)
    with open(os.path.join(other, "PKG-INFO"), "w") as file:
        file.write("Name: demo\\nVersion: 6.0\\n")
    return os.path.basename(info)
"""
TOML = """
[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]
[project]
name = "demo"
dynamic = ["version", "entry-points"]
"""


def test_a_build_completes_what_is_open(tree: Tree) -> None:
    """The backend's word fills in what the files leave open; without leave it is not asked."""
    root = tree({"pyproject.toml": TOML, "backend.py": BACKEND, "demo.py": ""})
    with pytest.raises(SourceError) as raised:
        read_project(str(root))
    assert raised.value.hint == "pass --build to ask backend"
    project = read_project(str(root), build=True)
    assert (project.version, project.groups, project.summary) == ("7.0", ("host",), "Built")
    assert project.modules["demo"] == "demo.py"


@pytest.mark.parametrize("code", ["raise ValueError('no \\x1b luck')", "import sys; sys.exit(3)"])
def test_a_backend_that_fails_is_reported(tree: Tree, code: str) -> None:
    """The end of what the backend said is in the error, without its escapes."""
    root = tree({"pyproject.toml": TOML, "backend.py": code})
    with pytest.raises(SourceError) as raised:
        read_project(str(root), build=True)
    assert raised.value.code == "build-failed"
    assert "\x1b" not in str(raised.value)


def test_the_missing_library_is_named(tree: Tree) -> None:
    """Without the library `build`, the error says how to get it."""
    root = tree({"pyproject.toml": TOML, "backend.py": BACKEND})
    code = f"""
        import sys
        sys.modules["build"] = None  # what an import finds where it is not installed
        from plugreg.plugins import read_project
        try:
            read_project({str(root)!r}, build=True)
        except Exception as error:
            print(error.code, error.hint)
        """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)], check=True, capture_output=True, text=True
    )
    assert done.stdout == "build-missing `pip install 'plugreg[build]'`\n"
