"""The example of a source from another package, and the page of the hooks."""

from __future__ import annotations

import shutil
import subprocess
import sys

import pytest

from tests.pages import TOP, Reader, blocks

EXAMPLE = TOP / "examples" / "source-plugin-json"
PAGE = TOP / "docs" / "how-to" / "extend.md"
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
def reader(site, tmp_path):
    """A user who has the package."""
    return Reader(TOP, tmp_path, {"PYTHONPATH": str(site)})


def sorted_lines(text):
    """What the host prints, and what the plug-in does, may come in any order."""
    return "".join(sorted(text.splitlines(keepends=True)))


def test_the_commands_of_the_page(reader):
    """All but the installation, which is made already; the second block is that of the flavour."""
    block, _ = blocks(PAGE, "console")
    reader.follows(block, leaves_out=("pip install",), ignoring=sorted_lines)


def test_what_is_wrong_with_the_file_is_said(reader, tmp_path):
    """In one line, and no other source is asked."""
    for text, said in (("{", "is no JSON"), ("[]", "lacks name, version, host, main")):
        (tmp_path / "plugin.json").write_text(text)
        printed = reader.types(f"plugreg add {tmp_path}; echo $?")
        assert printed.startswith(f"plugreg: error: {tmp_path / 'plugin.json'} {said}")
        assert printed.endswith("\n1\n")


def test_a_distribution_is_added_from_within_such_a_folder(reader, tmp_path):
    """A name that is no path is none of the source's, whatever lies in the working directory."""
    shutil.copytree(EXAMPLE.parent / "plugin-json-wave", tmp_path / "wave")
    printed = reader.types(f"cd {tmp_path / 'wave'}; plugreg add pluggy")
    assert printed.startswith("added pluggy ")


def test_without_the_package_the_folder_is_none(tmp_path):
    """Nothing of it is left where it is not installed."""
    printed = Reader(TOP, tmp_path).types("plugreg add examples/plugin-json-wave; echo $?")
    assert printed.startswith("plugreg: error: ")
    assert printed.endswith("\n1\n")
