"""`plugreg add`: real project directories, and what is given with them."""

from __future__ import annotations

import os

import pytest

from plugreg import Registry

PYPROJECT = """\
[project]
name = "{name}"
version = "{version}"
description = "A plug-in"

[project.entry-points.{group}]
"{entry}" = "{module}"
"""


@pytest.fixture
def make_directory(tmp_path):
    """Make a small project directory and return its path."""

    def make(name, version="1.0", group="datasette"):
        folder = tmp_path / name
        folder.mkdir(exist_ok=True)
        module = name.replace("-", "_").replace(".", "_")
        (folder / f"{module}.py").write_text("")
        text = PYPROJECT.format(name=name, version=version, group=group, entry=name, module=module)
        (folder / "pyproject.toml").write_text(text)
        return str(folder)

    return make


def _project(catalog, name):
    with Registry.open(catalog, read_only=True) as registry:
        return registry[name]


def test_add_records_a_directory(plugreg, catalog, make_directory):
    """The project is in the catalog, enabled, and printed on one line."""
    outcome = plugreg("add", make_directory("one"))
    assert (outcome.status, outcome.err) == (0, "")
    assert outcome.out == "added one 1.0 (datasette)\n"
    assert _project(catalog, "one").enabled


def test_add_takes_the_switches_that_are_given(plugreg, catalog, make_directory):
    """Off, with a priority and tags, in one command."""
    given = ["--disabled", "--priority", "7", "--tag", "b", "--tag", "a"]
    outcome = plugreg("add", make_directory("one"), *given, "--json")
    (printed,) = outcome.object["data"]["projects"]
    assert (printed["enabled"], printed["priority"], printed["tags"]) == (False, 7, ["a", "b"])
    project = _project(catalog, "one")
    assert (project.enabled, project.priority, project.tags) == (False, 7, ("a", "b"))


def test_adding_again_updates_and_keeps_the_switches(plugreg, catalog, make_directory):
    """A new version is taken up; what the operator chose stays, except what is given now."""
    plugreg("add", make_directory("one"), "--disabled", "--tag", "mine")
    outcome = plugreg("add", make_directory("one", version="2.0"), "--priority", "3")
    assert outcome.out.startswith("updated one 2.0")
    project = _project(catalog, "one")
    assert (project.version, project.enabled, project.tags) == ("2.0", False, ("mine",))
    assert project.priority == 3


def test_good_sources_are_added_and_bad_ones_reported(plugreg, catalog, make_directory, tmp_path):
    """One bad source of three leaves two projects, a partial status, and exit 1."""
    empty = tmp_path / "empty"
    empty.mkdir()
    sources = [make_directory("one"), str(empty), make_directory("two")]
    outcome = plugreg("add", *sources, "--json")
    assert outcome.status == 1
    assert outcome.object["status"] == "partial"
    assert [p["name"] for p in outcome.object["data"]["projects"]] == ["one", "two"]
    (error,) = outcome.object["errors"]
    assert error["source"] == str(empty)
    with Registry.open(catalog, read_only=True) as registry:
        assert len(registry) == 2


def test_only_bad_sources_make_no_catalog(plugreg, catalog, tmp_path):
    """Where nothing is recorded, nothing is written."""
    outcome = plugreg("add", str(tmp_path / "gone"), "--json")
    assert (outcome.status, outcome.object["status"]) == (1, "error")
    assert not os.path.exists(catalog)


def test_two_projects_of_one_name_are_refused(plugreg, catalog, make_directory):
    """The first stays, the second is reported, and a third is still added."""
    sources = [make_directory("same-name"), make_directory("Same.Name"), make_directory("third")]
    outcome = plugreg("add", *sources, "--json")
    assert outcome.object["status"] == "partial"
    assert [error["code"] for error in outcome.object["errors"]] == ["name-taken"]
    with Registry.open(catalog, read_only=True) as registry:
        assert [project.display_name for project in registry] == ["same-name", "third"]


def test_a_project_without_entry_points_is_warned_of(plugreg, catalog, tmp_path):
    """It is recorded, and the operator is told that no host will load it."""
    folder = tmp_path / "bare"
    folder.mkdir()
    (folder / "bare.py").write_text("")
    (folder / "pyproject.toml").write_text('[project]\nname = "bare"\nversion = "1"\n')
    outcome = plugreg("add", str(folder))
    assert outcome.status == 0
    assert "bare has no entry points" in outcome.err


def test_a_home_that_cannot_be_written_is_explained(plugreg, make_directory, tmp_path):
    """Where the user's catalog cannot be made, the error names the folder and the way out."""
    (tmp_path / "data").write_text("a file where the folder should be")
    outcome = plugreg("add", make_directory("one"), PLUGREG_CATALOG="")
    assert outcome.status == 1
    assert str(tmp_path / "data") in outcome.err
    assert "--catalog" in outcome.err
    assert "Traceback" not in outcome.err
