"""`refresh` and `sync`: the sources as they are now."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

import pytest

from plugreg import Registry
from tests.cli.conftest import declare
from tests.plugins.sources.conftest import WHEEL_FILES, WHEEL_NAME, make_zip


@pytest.fixture
def site(tmp_path):
    """An environment of one distribution, which is a plug-in of Datasette."""
    folder = tmp_path / "env" / "lib" / "python3.11" / "site-packages"
    install(folder, "installed-one", "1.0")
    install(folder, "no-plugin", "1.0", group="console_scripts")
    return folder


def install(site, name, version, group="datasette"):
    """Lay out a distribution as pip does."""
    for old in site.glob(f"{name.replace('-', '_')}-*.dist-info"):
        shutil.rmtree(old)
    info = site / f"{name.replace('-', '_')}-{version}.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
    (info / "entry_points.txt").write_text(f"[{group}]\n{name} = some_module\n")


def told(outcome):
    """Return name, version and what was done, of each project in the envelope."""
    projects = outcome.object["data"]["projects"]
    return [(each["name"], each["version"], each["change"]) for each in projects]


def test_refresh_reads_again(plugreg, directory):
    """What changed is updated and keeps its switches; what did not is not written."""
    plugreg("add", str(directory), "--disabled", "--tag", "t")
    assert told(plugreg("refresh", "--json")) == [("my-plugin", "1.0", "unchanged")]
    assert len(plugreg("history").lines) == 1
    declare(directory, "2.0")
    assert plugreg("refresh", "my_plugin").out == "updated my-plugin 2.0 (datasette)\n"
    (project,) = plugreg("list", "--json").object["data"]["projects"]
    assert (project["enabled"], project["tags"], project["state"]) == (False, ["t"], "ok")
    command, did = plugreg("history", "my-plugin").lines[0].split("\t")[3:]
    assert (command, did.startswith("updated: ")) == ("plugreg refresh my_plugin", True)
    assert "version 1.0 -> 2.0" in did


def test_refresh_of_an_archive_that_is_another(plugreg, tmp_path):
    """Whose version is the same: that its code is another is said, and is said once."""
    wheel = make_zip(tmp_path / WHEEL_NAME, WHEEL_FILES)
    plugreg("add", str(wheel))
    assert plugreg("refresh").err == ""
    make_zip(wheel, {**WHEEL_FILES, "demo/__init__.py": "other = True\n"})
    outcome = plugreg("refresh")
    assert outcome.status == 0
    told = "the code in the archive is another than was recorded, of the same version"
    assert outcome.err == f"plugreg: warning: demo: {told}\n"
    assert plugreg("refresh").err == ""


def test_refresh_of_what_is_gone(plugreg, directory, tmp_path):
    """Is an error with the project's name; the others are done."""
    plugreg("add", str(directory))
    (tmp_path / "alone.py").write_text("")
    plugreg("add", "alone.py", "--group", "g", "--name", "n")
    shutil.rmtree(directory)
    outcome = plugreg("refresh", "--json")
    assert (outcome.status, outcome.object["status"]) == (1, "partial")
    assert told(outcome) == [("alone", "0", "unchanged")]
    (error,) = outcome.object["errors"]
    assert (error["code"], error["name"]) == ("source-not-found", "my-plugin")
    assert "plugreg remove my-plugin" in error["hint"]
    assert plugreg("list", "--json").object["data"]["projects"][1]["name"] == "my-plugin"


def test_refresh_of_a_module_keeps_its_host(plugreg, tmp_path):
    """The one that it was added with, until its own block says one."""
    module = tmp_path / "alone.py"
    module.write_text("")
    plugreg("add", "alone.py", "--group", "g", "--name", "n")
    module.write_text('"""Does a thing."""\n')
    plugreg("refresh")
    (project,) = plugreg("list", "--json").object["data"]["projects"]
    assert project["summary"] == "Does a thing."
    assert project["entry_points"] == [{"group": "g", "name": "n", "value": "alone"}]
    module.write_text('# /// script\n# [tool.plugreg]\n# group = "h"\n# ///\n')
    plugreg("refresh")
    assert plugreg("groups").lines == ["h\t1\t1"]


def test_refresh_of_what_has_another_name_now(plugreg, directory):
    """Is refused, and says how to go on."""
    plugreg("add", str(directory))
    declare(directory, "1.0", name="other-plugin")
    outcome = plugreg("refresh")
    assert outcome.status == 1
    assert "no longer my-plugin but other-plugin" in outcome.err


def test_refresh_of_nothing(plugreg, catalog):
    """An unknown name is an error, no projects are none."""
    assert plugreg("refresh", "nobody").status == 1
    assert (plugreg("refresh").status, plugreg("refresh").out) == (0, "")


def test_refresh_of_a_distribution(plugreg, site):
    """It is found again under its name, whatever its version, in the environment that it was in."""
    plugreg("add", "installed-one", "--python", str(site.parents[2]))
    install(site, "installed-one", "2.0")
    assert plugreg("refresh").out == "updated installed-one 2.0 (datasette)\n"
    shutil.rmtree(site / "installed_one-2.0.dist-info")
    outcome = plugreg("refresh")
    assert outcome.status == 1
    assert f"no longer installed in {site}" in outcome.err


def test_sync_takes_up_what_is_installed(plugreg, site, catalog):
    """New, changed, unchanged and gone are told apart, and only the host's group counts."""
    line = ["sync", "--group", "datasette", "--python", str(site.parents[2]), "--json"]
    assert told(plugreg(*line)) == [("installed-one", "1.0", "added")]
    plugreg("disable", "installed-one")
    assert told(plugreg(*line)) == [("installed-one", "1.0", "unchanged")]
    install(site, "installed-one", "2.0")
    install(site, "installed-two", "1.0")
    assert told(plugreg(*line)) == [
        ("installed-two", "1.0", "added"),
        ("installed-one", "2.0", "updated"),
    ]
    shutil.rmtree(site / "installed_two-1.0.dist-info")
    outcome = plugreg(*line)
    assert told(outcome)[1] == ("installed-two", "1.0", "gone")
    assert outcome.object["data"]["projects"][1]["state"] == "missing"
    with Registry.open(catalog) as registry:
        assert [(each.name, each.enabled) for each in registry] == [
            ("installed-one", False),
            ("installed-two", True),
        ]


def test_sync_that_finds_nothing_makes_no_catalog(plugreg, site, catalog):
    """A misspelt group leaves nothing behind; of a catalog that is there, what is gone is told."""
    line = ["sync", "--python", str(site.parents[2]), "--group"]
    outcome = plugreg(*line, "datasete")
    assert (outcome.status, "nothing of the group `datasete`" in outcome.err) == (0, True)
    assert not os.path.exists(catalog)
    plugreg(*line, "datasette")
    shutil.rmtree(site / "installed_one-1.0.dist-info")
    assert told(plugreg(*line, "datasette", "--json")) == [("installed-one", "1.0", "gone")]
    assert len(plugreg("history").lines) == 1


def test_sync_leaves_projects_from_elsewhere(plugreg, site, directory, catalog):
    """The catalog's project wins over the installed one of its name."""
    plugreg("add", str(directory))
    install(site, "my-plugin", "9.0")
    line = ["sync", "--group", "datasette", "--python", str(site.parents[2]), "--json"]
    assert ("my-plugin", "1.0", "unchanged") in told(plugreg(*line))


def test_sync_of_broken_metadata(plugreg, site):
    """It is reported, and the others are taken up."""
    install(site, "broken", "1.0")
    (site / "broken-1.0.dist-info" / "METADATA").write_text("Name: broken\nVersion: not one\n")
    outcome = plugreg("sync", "--group", "datasette", "--python", str(site.parents[2]), "--json")
    assert outcome.object["status"] == "partial"
    assert told(outcome) == [("installed-one", "1.0", "added")]


def test_sync_needs_a_group_and_an_environment(plugreg, tmp_path):
    """Without the one it is wrong usage, without the other an error."""
    assert plugreg("sync").status == 2
    outcome = plugreg("sync", "--group", "datasette", "--python", str(tmp_path / "none"))
    assert (outcome.status, "no Python environment" in outcome.err) == (1, True)


def test_sync_takes_this_environment(plugreg):
    """Without --python it is plugreg's own, where hypothesis is a plug-in of pytest."""
    done = subprocess.run([sys.executable, "-c", "import hypothesis"], check=False)
    assert done.returncode == 0
    changes = told(plugreg("sync", "--group", "pytest11", "--json"))
    assert "hypothesis" in [name for name, _, change in changes if change == "added"]
