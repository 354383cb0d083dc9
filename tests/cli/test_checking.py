"""`plugreg check`: what it says of a plug-in, for people, for scripts and for GitHub."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from plugreg import Registry
from tests.interpreters import all_pythons

PROJECT = """
[project]
name = "checked"
version = "{version}"
requires-python = "{python}"
dependencies = {dependencies}
[project.entry-points.{group}]
{entry}
"""
HOST = """
import pluggy
hookspec = pluggy.HookspecMarker("somehost")
hookimpl = pluggy.HookimplMarker("somehost")

class Specs:
    @hookspec
    def greet(self, name, loudly):
        "Greet."

pm = pluggy.PluginManager("somehost")
pm.add_hookspecs(Specs)

@hookspec
def greet(name, loudly):
    "Greet."
"""
GOOD = "from somehost import hookimpl\n\n@hookimpl\ndef greet(name): return name\n"


@pytest.fixture
def folder(tmp_path):
    """Write a plug-in project, and a host of hooks to hold it against: `folder("code")`."""
    (tmp_path / "path").mkdir()
    (tmp_path / "path" / "somehost.py").write_text(HOST)

    def write(code=GOOD, *, module="checked_plugin", entry="", **changes):
        root = tmp_path / "checked"
        root.mkdir()
        parts = {"version": "1.0", "python": ">=3.8", "dependencies": "[]", "group": "somehost"}
        parts |= {"entry": entry or f'checked = "{module}"'} | changes
        (root / "pyproject.toml").write_text(PROJECT.format(**parts))
        (root / f"{module}.py").write_text(code)
        return root

    return write


@pytest.fixture
def check(plugreg, tmp_path):
    """Check a project against the host's hooks; returns the outcome."""

    def run(subject, *options, host="somehost:pm"):
        named = ["--host", host] if host else []
        path = str(tmp_path / "path")
        return plugreg("check", str(subject), *named, *options, PYTHONPATH=path)

    return run


def lines(outcome, *wanted):
    """Return the lines of some checks that are not ok, without their padding."""
    found = [" ".join(line.split()) for line in outcome.lines]
    return [line for line in found if line.split()[0] != "ok" and line.split()[1] in wanted]


def test_a_good_plug_in(check, folder, catalog):
    """Each check says what it saw; exit 0; no catalog is made."""
    outcome = check(folder())
    words = [line.split()[:2] for line in outcome.lines]
    checks = ["metadata", "python", "dependencies", "names", "import", "hooks"]
    assert words == [["ok", name] for name in checks]
    assert outcome.lines[-1].endswith("checked: 1 fit somehost")
    assert (outcome.status, outcome.err) == (0, "")
    assert not os.path.exists(catalog)


@pytest.mark.parametrize("host", ["somehost:pm", "somehost:Specs", "somehost"])
def test_a_host_is_a_manager_or_a_class_or_module_of_specs(check, folder, host):
    """All three know the hooks."""
    outcome = check(folder(), host=host)
    assert outcome.lines[-1].endswith("checked: 1 fit somehost")
    assert outcome.status == 0


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("\n1 / 0", "checked/checked_plugin.py:2: checked: ZeroDivisionError: division by zero;"),
        ("raise SystemExit(3)", "checked/checked_plugin.py:1: checked: SystemExit: 3; mend it"),
        ("assert 1 > 2, 'no'", "checked/checked_plugin.py:1: checked: AssertionError: no; mend"),
        ("def broken(:", "checked/checked_plugin.py:1: checked: SyntaxError: invalid syntax ("),
        (
            "raise ValueError('first line\\n\\n  second line')",
            "checked/checked_plugin.py:1: checked: ValueError: first line; second line; mend it",
        ),
        (
            "class Mute(Exception):\n    def __str__(self): raise self\nraise Mute",
            "checked/checked_plugin.py:3: checked: Mute; mend it",
        ),
        ("import os; os._exit(0)", "checked: its import ended the process; a plug-in that ends"),
        ("import os; os._exit(5)", "checked: its import ended with status 5; a plug-in that"),
        ("import ctypes; ctypes.string_at(0)", "checked: its import was ended by SIGSEGV; a plug"),
    ],
)
def test_an_import_that_fails_is_an_error(check, folder, code, said):
    """With the place in the project's code, where there is one; exit 1."""
    outcome = check(folder(code))
    assert lines(outcome, "import")[0].startswith(f"error import {said}")
    assert outcome.status == 1
    assert outcome.err == "plugreg: error: checked has 1 error\n"


def test_an_import_that_hangs_is_ended(check, folder):
    """And all that it has started."""
    outcome = check(folder("import time; time.sleep(600)"), "--timeout", "2")
    [line] = lines(outcome, "import")
    assert line.startswith("error import checked: its import was still at it after 2 s; ")


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("print('hello')", "prints when it is imported"),
        ("import os; os.write(2, b'hello')", "prints when it is imported"),
        (
            "import threading, time\nthreading.Thread(target=time.sleep, args=(600,)).start()",
            "starts a thread when it is imported",
        ),
        ("import sys; sys.path.insert(0, '/nowhere')", "puts '/nowhere' on sys.path"),
        ("import time; time.sleep(0.6)", "ms, which each start of its host waits for"),
    ],
)
def test_what_an_import_does_besides_is_a_warning(check, folder, code, said):
    """A host can live with it: exit 0."""
    outcome = check(folder(f"{GOOD}\n{code}\n"))
    [line] = lines(outcome, "import")
    assert line.startswith("warning import checked: ")
    assert said in line
    assert outcome.status == 0


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("greet(nobody)", "checked: the hook greet has no argument nobody; it has name, loudly"),
        ("gret(name)", "checked: somehost has no hook gret; did you mean greet?"),
        ("zzz()", "checked: somehost has no hook zzz; mark it optionalhook=True, or remove it"),
    ],
)
def test_a_hook_that_does_not_fit_is_an_error(check, folder, code, said):
    """Its place in the code, and what the host has instead."""
    outcome = check(folder(GOOD.replace("greet(name)", code)))
    assert lines(outcome, "hooks") == [f"error hooks checked/checked_plugin.py:3: {said}"]
    assert outcome.status == 1


def test_an_optional_hook_may_be_unknown_and_no_hook_is_a_warning(check, folder):
    """The first is what pluggy has the mark for, the second is probably forgotten."""
    code = GOOD.replace("@hookimpl", "@hookimpl(optionalhook=True)").replace("greet", "later")
    assert check(folder(code)).status == 0


def test_a_plug_in_without_hooks(check, folder):
    """The marker is missing."""
    [line] = lines(check(folder(GOOD.replace("@hookimpl", ""))), "hooks")
    assert line.startswith("warning hooks checked: no hook of somehost is implemented; mark")


@pytest.mark.parametrize("host", ["nowhere:pm", "somehost:nothing"])
def test_a_named_host_that_is_not_there_is_an_error(check, folder, host):
    """It may be mistyped, and then nothing of the hooks is known; the rest is checked."""
    outcome = check(folder(), host=host)
    [line] = lines(outcome, "hooks")
    assert line.startswith(f"error hooks not checked: {host} cannot be imported: ")
    assert "; check the spelling of --host" in line
    assert outcome.status == 1


def test_without_a_known_host_hooks_are_not_looked_at(check, folder):
    """Nobody knows what they should be."""
    assert "hooks" not in check(folder(), host="").out


@pytest.mark.parametrize(
    ("changes", "check_name", "said"),
    [
        (
            {"python": ">=9"},
            "python",
            f"needs Python >=9; this one is {sys.version.partition(' ')[0]}; use another Python",
        ),
        (
            {"dependencies": "[\"no-such-thing>=2; python_version>'3'\"]"},
            "dependencies",
            "needs no-such-thing>=2, which is not installed; pip install 'no-such-thing>=2;",
        ),
        ({"dependencies": '["pluggy>=999"]'}, "dependencies", "needs pluggy>=999, which is 1."),
        ({"module": "json"}, "names", "its module `json` has the name of one of Python's own"),
        ({"module": "pluggy"}, "names", "its module `pluggy` has the name of one of pluggy; "),
        ({"entry": 'checked = "no good!"'}, "metadata", "the entry point checked = 'no good!'"),
        ({"entry": ""}, "metadata", "there is no entry point, so no host loads anything of it"),
    ],
)
def test_metadata_that_do_not_fit(check, folder, changes, check_name, said):
    """Each with its place in pyproject.toml, and what to do."""
    root = folder(**changes)
    if changes == {"entry": ""}:
        text = (root / "pyproject.toml").read_text()
        (root / "pyproject.toml").write_text(text.partition("[project.entry")[0])
    found = lines(check(root), check_name)
    assert len(found) == 1
    kind = "warning" if changes.get("module") == "pluggy" else "error"
    assert found[0].startswith(f"{kind} {check_name} checked/pyproject.toml: {said}")


def test_a_dependency_of_another_system_is_not_missed(check, folder):
    """Its marker says that it is not for here."""
    dependencies = "[\"no-such-thing; sys_platform == 'nowhere'\"]"
    assert check(folder(dependencies=dependencies)).status == 0


def test_in_json_every_check_is_an_object(check, folder):
    """Also those that are ok; file and line where they are known, else null."""
    envelope = check(folder("\n1 / 0"), "--json").object
    assert (envelope["command"], envelope["status"]) == ("check", "partial")
    assert [error["code"] for error in envelope["errors"]] == ["check-failed"]
    checks = envelope["data"]["checks"]
    assert all(set(one) == {"check", "status", "message", "hint", "file", "line"} for one in checks)
    [bad] = [one for one in checks if one["status"] == "error"]
    assert (os.path.basename(bad["file"]), bad["line"]) == ("checked_plugin.py", 2)
    assert {(one["file"], one["line"]) for one in checks if one["status"] == "ok"} == {(None, None)}


def test_annotations_of_github(check, folder):
    """One line for each error and warning, with what would end it early escaped."""
    outcome = check(folder("print('100%')\n1 / 0"), "--format", "github")
    assert outcome.lines == [
        (
            "::error file=checked/checked_plugin.py,line=2,title=plugreg check%3A import"
            "::checked: ZeroDivisionError: division by zero; mend it: no host can load it"
        )
    ]
    assert outcome.status == 1


def test_annotations_are_relative_to_the_workspace(plugreg, folder, tmp_path):
    """GitHub looks from there, wherever the check was started; else it is the working directory."""
    root = folder("1 / 0", group="unknown")
    (tmp_path / "repository").mkdir()
    inside = root.rename(tmp_path / "repository" / "inside")
    (tmp_path / "link").symlink_to(tmp_path / "repository")
    for workspace, file in (
        (tmp_path / "repository", "inside/checked_plugin.py"),
        (tmp_path / "link", "inside/checked_plugin.py"),
        (inside, "checked_plugin.py"),
        (tmp_path / "nowhere", "repository/inside/checked_plugin.py"),
        ("", "repository/inside/checked_plugin.py"),
    ):
        options = {"GITHUB_WORKSPACE": str(workspace)}
        [line] = plugreg("check", str(inside), "--format", "github", **options).lines
        assert line.startswith(f"::error file={file},line=1,"), workspace
        said = plugreg("check", str(inside), **options).out
        assert "  repository/inside/checked_plugin.py:1: " in said  # for people it is from here


def test_an_unknown_format_is_wrong_usage(check, folder):
    """The two that there are are named."""
    outcome = check(folder(), "--format", "xml")
    assert (outcome.status, outcome.out) == (2, "")
    assert "no format `xml`; choose one of text, github" in outcome.err


def test_a_project_of_the_catalog_is_checked_as_its_source_is_now(check, folder, plugreg, catalog):
    """By any name of it, whether it is on or off; the catalog is not changed."""
    root = folder()
    assert plugreg("add", str(root), "--disabled").status == 0
    before = Path(catalog).read_bytes()
    assert check("checked").status == 0
    assert check("checked_plugin").status == 0
    text = (root / "pyproject.toml").read_text()
    (root / "pyproject.toml").write_text(text.replace('"1.0"', '"1.1.dev0"'))
    assert "checked 1.1.dev0, 1 entry point" in check("checked").out
    assert Path(catalog).read_bytes() == before


def test_safe_mode_does_not_hide_it(plugreg, folder):
    """What is off for hosts is checked all the same."""
    assert plugreg("check", str(folder("")), PLUGREG_DISABLE="all").status == 0


def test_a_wheel_leaves_nothing_behind(plugreg, folder, tmp_path):
    """Its code is unpacked for the check only."""
    pip = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "--no-build-isolation"]
    subprocess.run([*pip, "-w", tmp_path, folder("x = 1")], check=True, capture_output=True)
    [wheel] = tmp_path.glob("*.whl")
    assert plugreg("check", str(wheel)).status == 0
    left = [path for path in (tmp_path / "data").rglob("*") if path.name == "checked_plugin.py"]
    assert left == []


@pytest.mark.parametrize(
    ("group", "name"), [("datasette", "datasette"), ("pytest11", "pytest"), ("llm", "llm")]
)
def test_known_hosts_are_found_in_another_environment(plugreg, folder, hosts, group, name):
    """Where neither plugreg nor the plug-in is installed; by its interpreter or its folder."""
    hooks = {
        "datasette": "from datasette import hookimpl\n@hookimpl\ndef extra_css_urls(datasettte): 1",
        "pytest11": "def pytest_runtest_setup(iten): pass\ndef pytest_nothing(): pass\n",
        "llm": "import llm\n@llm.hookimpl\ndef register_models(registers): pass\n",
    }
    root = folder(hooks[group], group=group)
    for python in (hosts / "python", hosts.parent):
        outcome = plugreg("check", str(root), "--python", str(python))
        found = lines(outcome, "hooks")
        assert len(found) == (2 if group == "pytest11" else 1), outcome.out
        assert all(line.startswith("error hooks checked/checked_plugin.py:") for line in found)
        assert any("has no argument" in line for line in found)


def test_tox_is_known_too(plugreg, folder, hosts):
    """Its hooks are a module of specifications."""
    code = "from tox.plugin import impl\n@impl\ndef tox_add_option(parzer): pass\n"
    root = folder(code, group="tox")
    [line] = lines(plugreg("check", str(root), "--python", str(hosts.parent)), "hooks")
    assert line.endswith("checked: the hook tox_add_option has no argument parzer; it has parser")


def test_every_python_from_3_8_on_can_run_the_check(plugreg, folder):
    """Down to what it says of an error."""
    root = folder("raise ValueError('first\\nsecond')")
    code = "import sys; sys.exit(sys.version_info < (3, 8))"
    for python in all_pythons():
        if subprocess.run([python, "-c", code]).returncode == 0:
            [line] = lines(plugreg("check", str(root), "--python", python), "import")
            assert line.endswith(" ValueError: first; second; mend it: no host can load it"), python


def test_an_environment_that_cannot_run_the_check_is_said(plugreg, folder, tmp_path):
    """What is no Python is not taken for one: how it ended is told, and what to pass."""
    python = tmp_path / "python"
    python.write_text("#!/bin/sh\nexit 4\n")
    python.chmod(0o755)
    outcome = plugreg("check", str(folder()), "--python", str(python))
    assert outcome.status == 1
    assert f"{python} is no Python environment: it ended with status 4; pass" in outcome.err


def test_an_environment_that_is_not_there(plugreg, folder, tmp_path):
    """One line, with what to pass."""
    outcome = plugreg("check", str(folder()), "--python", str(tmp_path / "nowhere"))
    assert outcome.status == 1
    assert "pass the folder of a virtual environment" in outcome.err


def test_a_bare_module_is_told_its_host(plugreg, tmp_path):
    """By the option that the error names, as with `add`."""
    (tmp_path / "bare.py").write_text("")
    told = plugreg("check", "bare.py")
    assert (told.status, told.out) == (1, "")
    assert "pass --group GROUP" in told.err
    assert plugreg("check", "bare.py", "--group", "datasette").status == 0


def test_the_users_catalog_is_not_asked_about_a_path(plugreg, folder, catalog):
    """A catalog that cannot be read hinders nobody who names a folder."""
    with open(catalog, "wb") as file:
        file.write(b"no database " * 100)
    assert plugreg("check", str(folder(""))).status == 0
    with pytest.raises(Exception, match="database"):
        Registry.open(catalog, read_only=True)
