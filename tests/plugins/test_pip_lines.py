"""What pip is told to install again: its own `pip freeze` says the same of real installations."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from plugreg import Project, Source, plugins
from plugreg.plugins.pip_lines import pip_line
from tests.conditions import once
from tests.plugins.conftest import REAL_PLUGINS
from tests.virtual_environment import make_environment, site_of

PYPROJECT = """[build-system]
requires = ["setuptools"]
build-backend = "setuptools.build_meta"
[project]
name = "{name}"
version = "1.0+local.1"
[project.entry-points.datasette]
{name} = "{name}"
[tool.setuptools]
py-modules = []
"""
OFFLINE = ["--quiet", "--no-deps", "--no-build-isolation", "--no-index"]


def pip(*arguments):
    """Run this environment's pip; return what it prints."""
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", *arguments]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def add_folder(folder):
    """Make a folder of a project that is called as it is."""
    folder.mkdir()
    (folder / "pyproject.toml").write_text(PYPROJECT.format(name=folder.name))
    return str(folder)


@once("pip is the same on every Python")
def test_what_pip_installed_is_installed_again(tmp_path, real_plugins):
    """A folder, an editable one and a wheel, by the very lines of `pip freeze`."""
    edited = tmp_path / "with blank"
    edited.mkdir()
    first, second = (make_environment(tmp_path / name) for name in ("first", "second"))
    wheel = str(real_plugins[next(iter(REAL_PLUGINS))].wheel)
    own = [add_folder(tmp_path / "folder"), wheel, "-e", add_folder(edited / "editable")]
    pip("--python", first, "install", *OFFLINE, *own)
    frozen = pip("freeze", "--path", site_of(tmp_path / "first")).splitlines()
    names = ("folder", "editable", real_plugins[next(iter(REAL_PLUGINS))].name)
    lines = [pip_line(plugins.read_project(name, python=str(first))) for name in names]
    assert [line.is_of_here for line in lines] == [True] * 3
    assert sorted(line.text.replace("'", "") for line in lines) == sorted(
        line for line in frozen if not line.startswith("#")
    )
    (tmp_path / "requirements.txt").write_text("\n".join(line.text for line in lines))
    pip("--python", second, "install", *OFFLINE, "-r", tmp_path / "requirements.txt")
    assert pip("freeze", "--path", site_of(tmp_path / "second")).splitlines() == frozen


REPOSITORY = {"url": "https://a/b.git", "vcs_info": {"vcs": "git", "commit_id": "12ab"}}
ARCHIVE = {"url": "https://a/b.zip", "archive_info": {"hashes": {"sha256": "12ab"}}}


@pytest.mark.parametrize(
    ("said", "line"),
    [
        (json.dumps(REPOSITORY), "demo @ git+https://a/b.git@12ab"),
        (
            json.dumps({**REPOSITORY, "subdirectory": "sub"}),
            "demo @ git+https://a/b.git@12ab#subdirectory=sub",
        ),
        (
            json.dumps({**ARCHIVE, "subdirectory": "sub"}),
            "demo @ https://a/b.zip#sha256=12ab&subdirectory=sub",
        ),
        (json.dumps({"url": "file:///a", "dir_info": {}}), "demo @ file:///a"),
        (None, "demo==1.0"),
        ("[", "demo==1.0"),
        ("[1]", "demo==1.0"),
        ('{"url": 1}', "demo==1.0"),
        ('{"url": "https://a", "vcs_info": {}}', "demo==1.0"),
        ('{"url": "file:///a", "dir_info": []}', "demo==1.0"),
    ],
)
def test_where_it_came_from(tmp_path, said, line):
    """Repositories and archives are named whole; else, or where that is damaged, a version is."""
    if said is not None:
        (tmp_path / "direct_url.json").write_text(said)
    source = Source("distribution", str(tmp_path))
    assert pip_line(Project(name="demo", version="1.0", source=source)).text == line
