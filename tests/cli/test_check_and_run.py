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
FREE = ("ok", "its modules have names of their own")


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
    reason = "cannot work here: it needs nowhere-to-be-found, which is not installed here"
    assert told["hint"] == f"the catalog's {reason}"
    assert f"needy is not seen: it needs base, which {reason}" in run


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


def test_a_version_of_the_host_that_its_own_table_refuses(plugreg, said, tmp_path):
    """In `[tool.plugreg] hosts`; without a requirement, nothing else says it."""
    root = write(tmp_path, "needy")
    with open(os.path.join(root, "pyproject.toml"), "a", encoding="utf-8") as file:
        file.write('[tool.plugreg]\nhosts = {pluggy = ">=999"}\n')
    plugreg("add", root)
    (told,), run = said()
    assert told["status"] == "error"
    assert told["message"].startswith("needs pluggy >=999, and this is 1.")
    assert "needy is not seen: it needs pluggy >=999, and this is 1." in run


def names_found(plugreg, root):
    """Return status and message of what `check` says of a project's names."""
    checked = plugreg("check", root, "--json").object["data"]["checks"]
    return [(one["status"], one["message"]) for one in checked if one["check"] == "names"]


@pytest.fixture
def rival(tmp_path):
    """The folder of a project, second, with the module of another one, first."""
    root = write(tmp_path, "second")
    os.rename(os.path.join(root, "second_plugin.py"), os.path.join(root, "first_plugin.py"))
    return root


def test_a_module_that_another_project_of_the_host_has(plugreg, tmp_path, rival):
    """Only one of the two is loaded, as long as both are on; the check says with which."""
    plugreg("add", write(tmp_path, "first"))
    conflict = "another project has the same module `first_plugin`"
    assert names_found(plugreg, rival) == [("error", f"{conflict}: first")]
    plugreg("add", rival)
    assert names_found(plugreg, "second") == [("error", f"{conflict}: first")]
    assert conflict in plugreg("run", "--", sys.executable, "-c", "").err
    plugreg("disable", "first")
    assert names_found(plugreg, "second") == [FREE]


def test_a_module_that_a_project_of_another_host_has_is_a_warning(plugreg, tmp_path, rival):
    """Each host loads its own; `plugreg run` shows one of the two."""
    plugreg("add", write(tmp_path, "first"))
    declared = Path(rival, "pyproject.toml")
    declared.write_text(declared.read_text().replace("points.pluggy", "points.otherhost"))
    conflict = "another project has the same module `first_plugin`"
    assert names_found(plugreg, rival) == [("warning", f"{conflict}: first")]


def test_a_rival_that_cannot_work_here_is_none(plugreg, tmp_path, rival):
    """What no host loads is in nobody's way."""
    plugreg("add", write(tmp_path, "first", "nowhere-to-be-found"))
    assert names_found(plugreg, rival) == [FREE]


def test_parts_of_one_namespace_are_no_rivals(plugreg, tmp_path):
    """Folders that many share, as installed ones do."""
    for name in ("first", "second"):
        root = Path(write(tmp_path, name))
        (root / "shared").mkdir()
        os.rename(root / f"{name}_plugin.py", root / "shared" / f"{name}.py")
        text = (root / "pyproject.toml").read_text().replace(f"{name}_plugin", f"shared.{name}")
        (root / "pyproject.toml").write_text(text)
        plugreg("add", str(root))
    assert names_found(plugreg, "second") == [FREE]
