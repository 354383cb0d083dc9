"""`enable`, `disable`, `set` and `remove`: the good parts are done, the bad ones reported."""

from __future__ import annotations

import os
import sqlite3

import pytest

from plugreg import EntryPoint, Registry, backends

from .conftest import damage, make_project


def _project(catalog, name):
    with Registry.open(catalog, read_only=True) as registry:
        return registry[name]


def test_disable_and_enable_switch(plugreg, filled):
    """What is switched off stays off until it is switched on."""
    assert plugreg("disable", "datasette-map").status == 0
    assert not _project(filled, "datasette-map").enabled
    outcome = plugreg("enable", "Datasette.Map", "--json")
    assert _project(filled, "datasette-map").enabled
    assert [project["enabled"] for project in outcome.object["data"]["projects"]] == [True]


@pytest.mark.parametrize("command", ["enable", "disable", "remove"])
def test_good_parts_of_a_batch_are_done(plugreg, filled, command):
    """With one unknown name the others are changed, the status is "partial", and the exit 1."""
    outcome = plugreg(command, "datasette-map", "nobody", "pytest-sugar", "--json")
    assert outcome.status == 1
    envelope = outcome.object
    assert envelope["status"] == "partial"
    assert [p["name"] for p in envelope["data"]["projects"]] == ["datasette-map", "pytest-sugar"]
    assert [error["code"] for error in envelope["errors"]] == ["project-not-found"]
    assert outcome.err.startswith("plugreg: error: no project `nobody`")


def test_a_batch_of_bad_parts_only_is_an_error(plugreg, filled):
    """Where nothing is done the status is "error"."""
    envelope = plugreg("enable", "nobody", "noone", "--json").object
    assert (envelope["status"], envelope["data"]) == ("error", {"projects": []})
    assert len(envelope["errors"]) == 2


def test_a_misspelt_project_is_suggested(plugreg, filled):
    """The error names what was probably meant, on one line."""
    outcome = plugreg("disable", "datasete-map")
    assert (outcome.status, outcome.out) == (1, "")
    expected = "plugreg: error: no project `datasete-map`; did you mean `datasette-map`?\n"
    assert outcome.err == expected


def test_changing_a_missing_catalog_does_not_make_it(plugreg, catalog):
    """There is nothing to change, so nothing is written."""
    assert plugreg("enable", "anything").status == 1
    assert not os.path.exists(catalog)


def test_a_project_is_meant_by_any_of_its_names(plugreg, filled):
    """The name of an entry point does; naming a project twice changes it once."""
    outcome = plugreg("disable", "s", "pytest-sugar", "--json")
    assert [project["name"] for project in outcome.object["data"]["projects"]] == ["pytest-sugar"]
    assert not _project(filled, "pytest-sugar").enabled


def test_a_name_of_several_projects_is_refused(plugreg, catalog):
    """Where an entry point's name fits two projects, none is changed and both are named."""
    with Registry.open(catalog) as registry:
        for name in ("one", "two"):
            registry.add(make_project(name, entry_points=[EntryPoint("g", "shared", "m")]))
    outcome = plugreg("disable", "shared")
    assert outcome.status == 1
    assert "one, two" in outcome.err
    assert _project(catalog, "one").enabled


def test_remove_takes_out(plugreg, filled):
    """A removed project is printed for the last time."""
    outcome = plugreg("remove", "datasette-map")
    assert outcome.out == "removed datasette-map 1.0 (datasette)\n"
    with Registry.open(filled, read_only=True) as registry:
        assert "datasette-map" not in registry


def test_remove_takes_a_damaged_record_out(plugreg, filled):
    """What cannot be read can still be removed, and the exit status says that it was."""
    damage(filled, "broken")
    outcome = plugreg("remove", "broken", "--json")
    assert outcome.status == 0
    assert outcome.object["data"]["projects"][0]["name"] == "broken"
    assert plugreg("list").err == ""


@pytest.mark.parametrize("name", ["Odd Key!", "BROKEN", "a\x1bb"])
def test_remove_takes_out_what_no_project_can_be_called(plugreg, filled, name):
    """A key that another program put into the catalog is listed, and removed by that name."""
    damage(filled, name)
    assert len(plugreg("list").lines) == 4
    assert plugreg("remove", name).status == 0
    assert len(plugreg("list").lines) == 3


@pytest.mark.parametrize("key", ["copy", "DATASETTE-map"])
def test_a_record_under_another_name_is_one_problem(plugreg, filled, key, tmp_path):
    """Told by its key, removed by it, and in no one's way: the project itself stays."""
    with backends.open(filled, mode="w") as store:
        store[key.encode()] = store[b"datasette-map"]
    [problem] = [
        one
        for one in plugreg("doctor", "--json").object["data"]["problems"]
        if one["code"] != "source-missing"
    ]
    assert (problem["code"], problem["project"]) == ("record-unreadable", key)
    listed = {line.split("\t")[0]: line.split("\t")[-1] for line in plugreg("list").lines}
    assert listed.pop(key) == "unreadable"
    assert set(listed) == {"datasette-map", "datasette-auth", "pytest-sugar"}
    assert plugreg("export", "moved.json").status == 1
    assert f"- {key}  removed" in plugreg("import", "moved.json", "--dry-run").out
    assert plugreg("remove", key).out == f"removed {key}\n"
    assert {line.split("\t")[0] for line in plugreg("list").lines} == set(listed)


def test_remove_takes_out_what_is_stored_as_text(plugreg, filled):
    """Other programs store keys so: what is listed is shown, and removed by the name it has."""
    connection = sqlite3.connect(filled)
    with connection:
        connection.execute("INSERT INTO Dict VALUES ('texty', 'x')")
    connection.close()
    [problem] = [
        one
        for one in plugreg("doctor", "--json").object["data"]["problems"]
        if one["project"] == "texty"
    ]
    assert "plugreg remove texty" in problem["hint"]
    assert "texty: " in plugreg("show", "texty").err
    assert plugreg("remove", "texty").status == 0
    assert "texty" not in plugreg("list").err
    assert plugreg("undo").status == 0
    assert "texty: " in plugreg("show", "texty").err


def test_a_damaged_record_cannot_be_switched(plugreg, filled):
    """Switching it fails with its name; the other part of the batch is done."""
    damage(filled, "broken")
    outcome = plugreg("disable", "broken", "datasette-map", "--json")
    assert outcome.object["status"] == "partial"
    assert "broken" in outcome.err
    assert not _project(filled, "datasette-map").enabled


def test_set_changes_what_is_given(plugreg, filled):
    """Each option replaces its own field and leaves the others."""
    given = ["--priority", "-5", "--before", "Pytest.Sugar", "--after", "datasette-auth"]
    assert plugreg("set", "datasette-map", *given).status == 0
    project = _project(filled, "datasette-map")
    assert (project.priority, project.before) == (-5, ("pytest-sugar",))
    assert project.after == ("datasette-auth",)
    assert project.tags == ("geo", "web")


def test_set_replaces_and_clears_lists(plugreg, filled):
    """Several tags replace the old ones, an empty one clears them."""
    plugreg("set", "datasette-map", "--tag", "b", "--tag", "a")
    assert _project(filled, "datasette-map").tags == ("a", "b")
    plugreg("set", "datasette-map", "--tag", "")
    assert _project(filled, "datasette-map").tags == ()


def test_set_with_nothing_to_set_is_wrong_usage(plugreg, filled):
    """The error says which options there are."""
    outcome = plugreg("set", "datasette-map")
    assert outcome.status == 2
    assert "--priority" in outcome.err


@pytest.mark.parametrize("other", ["unheard-of", "datasette-map"])
def test_set_warns_of_an_order_without_effect(plugreg, filled, other):
    """An order that names an unknown project, or the project itself, is kept and warned of."""
    outcome = plugreg("set", "datasette-map", "--before", other)
    assert outcome.status == 0
    assert f"`{other}`" in outcome.err


def test_a_catalog_that_fails_changes_nothing(environment, plugreg, filled):
    """A catalog that another program holds is one error of the whole command."""
    holder = sqlite3.connect(filled, isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    try:
        outcome = plugreg("disable", "datasette-map", "pytest-sugar", "--json")
    finally:
        holder.close()
    assert outcome.status == 1
    assert [error["code"] for error in outcome.object["errors"]] == ["catalog-locked"]
    assert _project(filled, "datasette-map").enabled


@pytest.mark.parametrize(
    ("lock", "command"),
    [
        ("EXCLUSIVE", ["list"]),
        ("EXCLUSIVE", ["show", "datasette-map"]),
        ("EXCLUSIVE", ["groups"]),
        ("EXCLUSIVE", ["where"]),
        ("EXCLUSIVE", ["run", "--", "true"]),
        ("IMMEDIATE", ["disable", "datasette-map"]),
        ("IMMEDIATE", ["enable", "datasette-map"]),
        ("IMMEDIATE", ["remove", "datasette-map"]),
        ("IMMEDIATE", ["set", "datasette-map", "--priority", "3"]),
        ("IMMEDIATE", ["add", "pytest"]),
    ],
    ids=lambda value: value[0] if isinstance(value, list) else "",
)
def test_every_command_waits_as_long_as_it_is_told(plugreg, filled, lock, command):
    """A catalog that stays locked is an error that says by which process."""
    holder = sqlite3.connect(filled, isolation_level=None)
    holder.execute(f"BEGIN {lock}")
    try:
        outcome = plugreg(command[0], "--timeout", "0.1", *command[1:])
    finally:
        holder.close()
    assert outcome.status == 1
    assert f"is locked by process {os.getpid()}; wait for it to finish" in outcome.err


def test_a_time_is_not_negative(plugreg):
    """The option takes seconds."""
    assert plugreg("list", "--timeout", "-1").status == 2
