"""Installed distributions, of this environment and of others."""

from __future__ import annotations

import os
import subprocess
import sys
import venv
from importlib.metadata import distribution, version
from typing import TYPE_CHECKING

import pytest

from plugreg import SourceError, state_of
from plugreg.plugins import read_project

from .conftest import METADATA

if TYPE_CHECKING:
    from pathlib import Path

    from .conftest import Tree


@pytest.fixture
def environment(tmp_path: Path) -> Path:
    """A real virtual environment in which `demo` 1.0 is installed."""
    root = tmp_path / "env"
    venv.create(root, with_pip=False, symlinks=True)
    site = next(root.glob("lib/python3*/site-packages"))
    info = site / "demo-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(METADATA + "Requires-Dist: httpx\n", encoding="utf-8")
    (info / "entry_points.txt").write_text("[host]\nx = demo\n", encoding="utf-8")
    return root


def test_a_name_in_any_spelling_is_found() -> None:
    """The metadata of this environment's own pytest are read."""
    project = read_project("PyTest")
    assert (project.name, project.version) == ("pytest", version("pytest"))
    expected = {(each.group, each.name, each.value) for each in distribution("pytest").entry_points}
    assert {(each.group, each.name, each.value) for each in project.entry_points} == expected
    assert project.source.kind == "distribution"
    assert os.path.basename(project.source.location).endswith(".dist-info")
    assert (project.root, project.modules, state_of(project)) == ("", {}, "ok")


@pytest.mark.parametrize("place", ["", "bin/python", "bin/python3", "site"])
def test_another_environment(environment: Path, place: str) -> None:
    """Its folder, its interpreter, and its site-packages all name it."""
    site = next(environment.glob("lib/python3*/site-packages"))
    named = site if place == "site" else environment / place
    project = read_project("Demo", python=str(named))
    assert (project.name, project.version, project.groups) == ("demo", "1.0", ("host",))
    assert project.dependencies == ("httpx",)
    assert project.source.location == str(site / "demo-1.0.dist-info")


def test_a_distribution_of_this_environment_is_not_taken_for_the_other(environment: Path) -> None:
    """What is not installed there is not found there."""
    with pytest.raises(SourceError) as raised:
        read_project("pytest", python=str(environment))
    assert raised.value.code == "source-not-found"
    assert str(environment) in raised.value.message


def test_an_environment_that_runs_code_at_its_start_runs_none(environment: Path) -> None:
    """Neither `.pth` files nor a sitecustomize are run to look a distribution up."""
    site = next(environment.glob("lib/python3*/site-packages"))
    code = f"import pathlib; pathlib.Path({str(environment / 'ran')!r}).touch()\n"
    (site / "evil.pth").write_text(code, encoding="utf-8")
    read_project("demo", python=str(environment))
    assert not (environment / "ran").exists()
    subprocess.run([str(environment / "bin/python"), "-c", ""], check=True)
    assert (environment / "ran").exists()  # it would have


def test_an_environment_that_is_none(tmp_path: Path) -> None:
    """A folder without site-packages is refused by name."""
    with pytest.raises(SourceError) as raised:
        read_project("demo", python=str(tmp_path))
    assert raised.value.code == "environment-not-found"


def test_an_egg_info_is_a_distribution(tree: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    """Older installers leave egg-infos, whose requirements lie in a file of their own."""
    site = tree(
        {
            "old.egg-info/PKG-INFO": "Name: old\nVersion: 1\n",
            "old.egg-info/requires.txt": "httpx\n[extra]\nrich\n",
        }
    )
    monkeypatch.setattr(sys, "path", [str(site), *sys.path])
    project = read_project("old")
    assert (project.version, project.dependencies) == ("1", ("httpx",))


def test_a_reinstall_is_noticed(environment: Path) -> None:
    """A change of the entry points changes the state."""
    project = read_project("demo", python=str(environment))
    with open(
        os.path.join(project.source.location, "entry_points.txt"), "a", encoding="utf-8"
    ) as f:
        f.write("y = demo\n")
    assert state_of(project) == "changed"


def test_a_folder_of_the_same_name_wins_only_as_a_project(
    tree: Tree, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A bare name means the project in the working directory, if any, else what is installed."""
    root = tree({"pytest/README": ""})
    monkeypatch.chdir(root)
    assert read_project("pytest").source.kind == "distribution"
    tree({"pytest/pyproject.toml": "[project]\nname='mine'\nversion='1'\n"})
    assert read_project("pytest").name == "mine"


@pytest.mark.parametrize(
    ("source", "code", "said"),
    [
        ("pytesst", "source-not-found", "did you mean `pytest`?"),
        ("./gone", "source-not-found", "gone"),
        ("", "source-not-found", ""),
        ("a\0b", "source-not-found", ""),
        (os.devnull, "source-unknown", os.devnull),
    ],
)
def test_what_is_not_there(source: str, code: str, said: str) -> None:
    """The error names what was looked at, and the likeliest name."""
    with pytest.raises(SourceError) as raised:
        read_project(source)
    assert raised.value.code == code
    assert said in str(raised.value)
