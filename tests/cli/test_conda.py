"""Environments of conda, mamba and pixi: their own layer, but for the base one."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from plugreg import Registry
from tests.virtual_environment import catalog_of

NAME = "import importlib.metadata as m; print('near' in str(m.entry_points()))"


@pytest.fixture
def make(tmp_path):
    """Make the folder of an environment as conda does, with a Python that calls it its own."""

    def folder(*parts, meta="conda-meta"):
        made = tmp_path.joinpath("conda", *parts)
        for name in ("bin", meta):
            (made / name).mkdir(parents=True)
        for name in ("lib", "lib64"):
            if os.path.isdir(os.path.join(sys.base_prefix, name)):
                (made / name).symlink_to(os.path.join(sys.base_prefix, name))
        os.symlink(os.path.realpath(sys.executable), made / "bin" / "python")
        return made

    return folder


@pytest.fixture
def quiet(environment, tmp_path):
    """The environment variables of a user who names no catalog."""
    return {**environment, "PLUGREG_CATALOG": "", "XDG_DATA_DIRS": str(tmp_path / "site")}


@pytest.fixture
def inside(quiet, tmp_path):
    """Run a command with the Python of an environment: `inside(folder, "list")`."""
    places = [entry for entry in sys.path if entry.endswith("-packages")]
    program = f"import site; [site.addsitedir(one) for one in {places}]\n"
    program += "from plugreg.cli import main; main()"

    def run(folder, *arguments):
        done = subprocess.run(
            [folder / "bin" / "python", "-c", program, *arguments],
            env={**quiet, "PYTHONHOME": str(folder)},
            cwd=tmp_path,
            capture_output=True,
            text=True,
        )
        return done.returncode, done.stdout, done.stderr

    return run


@pytest.fixture
def near(tmp_path):
    """The folder of a plug-in."""
    folder = tmp_path / "near"
    folder.mkdir()
    text = '[project]\nname = "near"\nversion = "1"\n'
    text += '[project.entry-points.datasette]\nnear = "near"\n'
    (folder / "pyproject.toml").write_text(text)
    (folder / "near.py").write_text("")
    return str(folder)


def names_in(path):
    """Return the names in one catalog."""
    with Registry.open(path, read_only=True) as registry:
        return [project.name for project in registry]


def test_a_named_environment_has_a_layer(inside, make, near):
    """For what runs in it; the user's is not touched."""
    folder = make("envs", "mine")
    status, _, err = inside(folder, "add", near, "--layer", "environment")
    assert (status, err) == (0, "")
    assert names_in(catalog_of(folder)) == ["near"]
    assert inside(folder, "list", "--columns", "name,layer")[1] == "near\tenvironment\n"


def test_the_base_environment_has_none(inside, make, near):
    """Nor has any other Python that is installed for all."""
    for folder in (make("base"), make("envs", "no-conda", meta="other")):
        status, _, err = inside(folder, "add", near, "--layer", "environment")
        assert status == 1
        assert "there is no environment layer: this Python is in no" in err


def test_it_is_named_by_python_and_found_by_run(plugreg, make, near, quiet):
    """By its folder, its interpreter or its site-packages, wherever plugreg itself is."""
    folder = make("envs", "mine")
    line = ["--layer", "environment", "--python"]
    assert plugreg("add", near, *line, str(folder), **quiet).status == 0
    assert names_in(catalog_of(folder)) == ["near"]
    assert plugreg("list", *line, str(folder / "bin" / "python"), **quiet).lines[0][:4] == "near"
    run = ["run", "--", str(folder / "bin" / "python"), "-c", NAME]
    assert plugreg(*run, **quiet).out == "True\n"
    base = make("base")
    refused = plugreg("list", *line, str(base), **quiet)
    assert (refused.status, "that Python is in no" in refused.err) == (1, True)
