"""Which environment `--python` means, and what its Python is asked."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from plugreg import SourceError
from plugreg.plugins.environments import environment_of, interpreter_of, prefix_of
from tests.interpreters import all_pythons
from tests.virtual_environment import make_environment, site_of


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The folder of a virtual environment with one distribution of its own."""
    folder = tmp_path_factory.mktemp("environments") / "venv"
    make_environment(folder)
    info = site_of(folder) / "Only_There-1.5.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: Only_There\nVersion: 1.5\n")
    (site_of(folder) / "only_there.py").write_text("raise SystemExit('imported')")
    return folder


def test_a_folder_and_its_interpreter_mean_the_same(folder):
    """Also the folder of its distributions; the link to the base's interpreter is not followed."""
    python = str(folder / "bin" / "python")
    for named in (str(folder), python, str(site_of(folder))):
        assert prefix_of(named) == str(folder)
    assert interpreter_of(str(folder)) == interpreter_of(python) == python
    assert interpreter_of("") == sys.executable
    assert prefix_of(os.path.realpath(python)) == ""


def test_its_python_tells_what_is_there(folder):
    """Distributions in any spelling, modules that are asked for, folders and markers."""
    there = environment_of(str(folder), ["only_there", "not_there", "json", "no name"])
    assert (there.version("only-there"), there.version("not-there")) == ("1.5", None)
    known = {name: there.has_module(name) for name in ("only_there", "not_there", "json")}
    assert known == {"only_there": True, "not_there": False, "json": True}
    assert (there.prefix, str(site_of(folder)) in there.path) == (str(folder), True)
    assert there.markers["python_full_version"] == there.python_version
    here = environment_of("")
    assert (here.prefix, here.version("only-there"), here.has_module("json")) == (
        sys.prefix,
        None,
        True,
    )


def test_every_python_can_be_asked():
    """From 3.8 on; an older one is named as what cannot answer."""
    program = "import sys; print('%d.%d' % sys.version_info[:2])"
    for python in all_pythons():
        version = subprocess.check_output([python, "-c", program], text=True).strip()
        if tuple(map(int, version.split("."))) >= (3, 8):
            assert environment_of(python).python_version.startswith(f"{version}.")
        else:
            with pytest.raises(SourceError, match="is no Python environment: it ended with"):
                environment_of(python)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("#!/bin/sh\necho 'no such thing' >&2; exit 3\n", "status 3: no such thing; pass the"),
        ("#!/bin/sh\necho hello\n", "it is no Python; pass the folder"),
        ("#!/no/such/program\n", "No such file or directory; pass the folder"),
        ("", "Exec format error; pass the folder"),
    ],
)
def test_what_is_no_python_is_said(tmp_path, text, why):
    """With how it ended, or why it could not be started."""
    program = tmp_path / "python"
    program.write_text(text)
    program.chmod(0o755)
    with pytest.raises(SourceError) as raised:
        environment_of(str(program))
    assert (raised.value.code, why in str(raised.value)) == ("environment-not-found", True)


def test_what_is_no_environment_is_said(tmp_path):
    """A folder without an interpreter, and nothing at all."""
    with pytest.raises(SourceError, match="there is no interpreter in it; pass the folder"):
        environment_of(str(tmp_path))
    for ask in (environment_of, prefix_of):
        with pytest.raises(SourceError, match="nowhere is no Python environment: it does not"):
            ask(str(tmp_path / "nowhere"))
