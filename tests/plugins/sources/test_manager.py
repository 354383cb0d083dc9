"""Outsiders' sources, beside the built-in ones."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from .conftest import Tree

GOOD = """
from plugreg import Project, Source
from plugreg.plugins import hookimpl

@hookimpl
def plugreg_read_project(request):
    if request.source.startswith("demo:"):
        return Project(name=request.source[5:], version="1", source=Source("demo", "/nowhere"))
"""


def outsider(name: str) -> dict[str, str]:
    """Return the installed metadata of an outsider's source."""
    return {
        f"{name}-1.dist-info/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: 1\n",
        f"{name}-1.dist-info/entry_points.txt": f"[plugreg]\n{name} = {name}\n",
    }


def run(site: object, code: str) -> subprocess.CompletedProcess[str]:
    """Run code in a new process that has a folder on its path."""
    start = f"import sys; sys.path.insert(0, {str(site)!r})\n"
    return subprocess.run(
        [sys.executable, "-c", start + code], check=True, capture_output=True, text=True
    )


@pytest.mark.parametrize(
    "broken",
    [
        "import not_there_at_all",
        "raise SystemExit(3)",
        GOOD.replace("(request)", "(request, more)"),
    ],
)
def test_an_outsider_that_fails_does_not_stop_the_others(tree: Tree, broken: str) -> None:
    """The broken one is left out with a warning that names it; good and built-in ones serve."""
    files = {**outsider("bad"), **outsider("good"), "bad.py": broken, "good.py": GOOD}
    code = """
from plugreg.plugins import read_project
print(read_project("demo:thing").source.kind, read_project("pluggy").source.kind)
"""
    done = run(tree(files), code)
    assert done.stdout == "demo distribution\n"
    assert "RuntimeWarning: plugreg's plug-in 'bad' of bad is left out" in done.stderr


BAD = """
from plugreg import Project, Source
from plugreg.plugins import hookimpl

@hookimpl
def plugreg_read_project(request):
    {}
"""


def failure(site: object) -> str:
    """Return how reading a source fails, as one line."""
    code = """
from plugreg import SourceError
from plugreg.plugins import read_project
try:
    read_project("demo:thing")
except SourceError as error:
    print(error)
"""
    return run(site, code).stdout


@pytest.mark.parametrize(
    ("does", "said"),
    [
        ("raise ValueError('no such\\nthing')", "ValueError: no such; thing"),
        ("raise SystemExit(3)", "SystemExit: 3"),
    ],
)
def test_an_outsider_that_fails_at_a_source_is_named(tree: Tree, does: str, said: str) -> None:
    """One line with its package, of those that could be at fault, and what to do."""
    files = {
        **outsider("bad"),
        **outsider("good"),
        "bad.py": BAD.format(does),
        "good.py": BAD.format("return None"),
    }
    assert failure(tree(files)) == (
        f"the source that bad adds to plugreg failed at `demo:thing`: {said};"
        " update or uninstall bad\n"
    )


@pytest.mark.parametrize(
    ("returns", "said"),
    [
        ("dict(name='thing')", "it returned no Project but dict"),
        (
            "Project(name='thing', version='1', source=Source('demo', ''))",
            "it does not say where thing lies (`Source.location` is empty)",
        ),
    ],
)
def test_a_hook_that_returns_something_else_is_named(tree: Tree, returns: str, said: str) -> None:
    """An outsider's mistake is not passed on as a project."""
    files = {**outsider("odd"), "odd.py": BAD.format(f"return {returns}")}
    assert failure(tree(files)) == (
        f"the source that odd adds to plugreg failed at `demo:thing`: {said};"
        " update or uninstall odd\n"
    )
