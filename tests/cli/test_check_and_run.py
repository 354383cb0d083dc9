"""`check` sees what `run` shows: of one requirement, both say the same."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from plugreg import Registry
from tests.virtual_environment import make_environment

# The group is that of a host that is installed everywhere: `run` looks at the plug-ins of such.
TEXT = """
[project]
name = "{name}"
version = "{version}"
dependencies = {dependencies}
[project.entry-points.pluggy]
{name} = "{name}_plugin"
"""


def write(tmp_path, name, *dependencies, version="1.0", code=""):
    """Write a plug-in project; returns its folder."""
    folder = tmp_path / name
    folder.mkdir(exist_ok=True)
    text = TEXT.format(name=name, version=version, dependencies=list(dependencies))
    (folder / "pyproject.toml").write_text(text)
    (folder / f"{name}_plugin.py").write_text(code)
    return str(folder)


@pytest.fixture(params=["here", "there"])
def python(request, tmp_path):
    """The Python of plugreg's own environment, or of another one."""
    return sys.executable if request.param == "here" else str(make_environment(tmp_path / "venv"))


@pytest.fixture
def said(plugreg, python):
    """Return what `check` and `run` say of a plug-in: the dependencies line, and stderr."""
    where = [] if python == sys.executable else ["--python", python]

    def both(subject="needy"):
        checked = plugreg("check", subject, *where, "--json").object["data"]["checks"]
        told = [one for one in checked if one["check"] == "dependencies"]
        return told, plugreg("run", "--", python, "-c", "import needy_plugin").err

    return both


def test_what_an_enabled_project_provides_is_there(plugreg, said, tmp_path):
    """Also through another one, by any spelling; its code can be imported."""
    plugreg("add", write(tmp_path, "deep"))
    plugreg("add", write(tmp_path, "base", "Deep", code="import deep_plugin"))
    plugreg("add", write(tmp_path, "needy", "BASE>=1", code="import base_plugin, deep_plugin"))
    (told,), run = said()
    assert (told["status"], told["message"]) == ("ok", "1 required, none missing")
    assert run == ""
    assert plugreg("check", "needy").status == 0
    assert plugreg("check", str(tmp_path / "needy")).status == 0


def test_what_a_disabled_project_would_provide_is_not_there(plugreg, said, tmp_path):
    """The check says how to get it."""
    plugreg("add", write(tmp_path, "base"), "--disabled")
    plugreg("add", write(tmp_path, "needy", "base"))
    (told,), run = said()
    assert (told["status"], told["message"]) == ("error", "needs base, which is not installed")
    assert told["hint"] == "plugreg enable base"
    assert "needy is not seen: it needs base, which is not installed here" in run


def test_what_is_provided_too_old_is_there_and_does_not_fit(plugreg, said, tmp_path):
    """A host's start lets that be, of what is installed, too; an author is told."""
    plugreg("add", write(tmp_path, "base"))
    plugreg("add", write(tmp_path, "needy", "base>=2"))
    (told,), run = said()
    assert (told["status"], told["message"]) == ("error", "needs base>=2, which is 1.0 here")
    assert told["hint"] == "plugreg add such a base: the catalog's hides any that is installed"
    assert "needy" not in run


def test_a_disabled_project_that_is_too_old_would_not_help(plugreg, said, tmp_path):
    """It is not proposed."""
    plugreg("add", write(tmp_path, "base"), "--disabled")
    plugreg("add", write(tmp_path, "needy", "base>=2"))
    (told,), _ = said()
    assert told["hint"] == "pip install 'base>=2'"


def test_what_a_project_that_cannot_work_provides_is_not_there(plugreg, said, tmp_path):
    """It is left out of the run, and so is what needs it; the check says why."""
    plugreg("add", write(tmp_path, "base", "nowhere-to-be-found"))
    plugreg("add", write(tmp_path, "needy", "base"))
    (told,), run = said()
    assert (told["status"], told["message"]) == ("error", "needs base, which is not installed")
    assert told["hint"].startswith("the catalog's cannot work here: it needs nowhere-to-be-found")
    assert "needy is not seen: it needs base, which is not installed here" in run


def test_what_nobody_requires_is_not_shown_to_a_check(plugreg, tmp_path):
    """A plug-in that leans on another and does not say so is found out."""
    plugreg("add", write(tmp_path, "base"))
    plugreg("add", write(tmp_path, "needy", code="import base_plugin"))
    assert "No module named 'base_plugin'" in plugreg("check", "needy").out


def test_layers_count_as_for_hosts(plugreg, tmp_path):
    """Whichever layer provides it, and none that is not meant."""
    layers = {"PLUGREG_CATALOG": "", "XDG_DATA_DIRS": str(tmp_path / "site")}
    plugreg("add", write(tmp_path, "base"), "--layer", "site", **layers)
    plugreg("add", write(tmp_path, "needy", "base"), "--layer", "user", **layers)
    assert plugreg("check", "needy", **layers).status == 0
    assert plugreg("check", "needy", "--layer", "user", **layers).status == 1
    plugreg("disable", "base", "--layer", "user", **layers)
    assert plugreg("check", "needy", **layers).status == 1


def test_a_check_leaves_what_it_needed_as_it_was(plugreg, real_plugins, catalog, tmp_path):
    """The code of another project's wheel stays its own."""
    wheel = real_plugins["pytest-timeout"].wheel
    plugreg("add", str(wheel))
    plugreg("add", write(tmp_path, "needy", "pytest-timeout", code="import pytest_timeout"))
    before = Path(catalog).read_bytes()
    assert plugreg("check", "needy").status == 0
    assert Path(catalog).read_bytes() == before
    with Registry.open(catalog, read_only=True) as registry:
        root = Path(registry["pytest-timeout"].root)
    assert (root / "pytest_timeout.py").exists()
    assert len(os.listdir(root.parent / ".claims")) == 1
    assert plugreg("doctor").status == 0
