"""The example of a source from another package, and the page of the hooks."""

from __future__ import annotations

import inspect
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from plugreg.plugins import hookspecs
from tests.test_readme import blocks, steps

TOP = Path(__file__).parents[2]
EXAMPLE = TOP / "examples" / "source-plugin-json"
PAGE = TOP / "docs" / "extending.md"
PIP = "-m pip install --quiet --no-deps --no-build-isolation --disable-pip-version-check --target"


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """A folder with the package installed; building writes beside the sources, so beside a copy."""
    source, target = (tmp_path_factory.mktemp(name) for name in ("source", "site"))
    shutil.copytree(EXAMPLE, source / "copy", ignore=shutil.ignore_patterns("__pycache__"))
    command = [sys.executable, *PIP.split(), target, source / "copy"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return target


@pytest.fixture
def environment(site, plugreg_catalog):
    """The environment of a user who has the package."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return {**os.environ, "PYTHONPATH": str(site), "PATH": path}


def plugreg(environment, *words):
    """Run a command."""
    command = [sys.executable, "-m", "plugreg", *map(str, words)]
    return subprocess.run(command, env=environment, capture_output=True, text=True)


def test_the_commands_of_the_page(environment):
    """All but the installation, which is made already."""
    [block] = blocks("console", PAGE)
    for command, expected in steps(block)[1:]:
        done = subprocess.run(
            command,
            shell=True,
            cwd=TOP,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert sorted(done.stdout.splitlines()) == sorted(expected.splitlines()), command


def test_what_is_wrong_with_the_file_is_said(environment, tmp_path):
    """In one line, and no other source is asked."""
    for text, said in (("{", "is no JSON"), ("[]", "lacks name, version, host, main")):
        (tmp_path / "plugin.json").write_text(text)
        done = plugreg(environment, "add", tmp_path)
        assert done.returncode == 1
        assert done.stderr.startswith(f"plugreg: error: {tmp_path / 'plugin.json'} {said}")


def test_without_the_package_the_folder_is_none(environment):
    """Nothing of it is left where it is not installed."""
    done = plugreg({**environment, "PYTHONPATH": ""}, "add", TOP / "examples" / "plugin-json-wave")
    assert done.returncode == 1
    assert "plugreg: error: " in done.stderr


def test_the_page_has_every_hook_as_its_docstring_says():
    """No hook is missing, none is invented, and what is said of each is what the code says."""
    hooks = {
        f"{name}({', '.join(inspect.signature(found).parameters)})": inspect.getdoc(found)
        for name, found in vars(hookspecs).items()
        if hasattr(found, f"{hookspecs.GROUP}_spec")
    }
    page = PAGE.read_text(encoding="utf-8").partition("## Hooks\n")[2].partition("\n## ")[0]
    shown = dict(part.split("`\n\n", 1) for part in page.split("### `")[1:])
    assert {name: text.strip() for name, text in shown.items()} == hooks
