"""Gates of `plugreg run`: what cannot work in the host's environment is left out, and said."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from plugreg import EntryPoint, Registry
from plugreg.plugins.environments import _asked
from plugreg.plugins.hosts.run.ignoring import prefix_of_python, python_of_program
from plugreg.plugins.hosts.run.preparation import prepare_run
from tests.interpreters import all_pythons, another_python
from tests.plugins.hosts.conftest import GROUP, install
from tests.virtual_environment import make_environment

from .test_rules import HERE, NEVER, OBSTACLES

NAMES = f"""
import importlib.metadata as m
print(*[entry.name for entry in m.entry_points(group="{GROUP}")])
"""


@pytest.fixture
def elsewhere(tmp_path, monkeypatch) -> Path:
    """A folder of distributions that the command's Python has and this process has not."""
    folder = tmp_path / "there" / "site-packages"
    folder.mkdir(parents=True)
    monkeypatch.setenv("PYTHONPATH", str(folder))
    return folder


@pytest.fixture
def host(elsewhere):
    """The host, version 1.0, in that folder."""
    return install(elsewhere, "testhost")


@pytest.fixture
def run(catalog):
    """Run a program by the command; returns what it prints, and the warnings."""

    def start(*words: str) -> tuple[str, list[str]]:
        words = words or (sys.executable, "-c", NAMES)
        command = [sys.executable, "-m", "plugreg", "run", "--catalog", catalog, "--", *words]
        done = subprocess.run(command, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip(), done.stderr.splitlines()

    return start


@pytest.mark.parametrize("case", OBSTACLES)
def test_what_cannot_work_there_is_not_seen_and_said(run, catalog, add_project, host, case):
    """With the reason and the fix of `plugins.load`; the others are seen, now and the next time."""
    fields, reason, fix = OBSTACLES[case]
    add_project("bad", NEVER, **fields)
    add_project("good")
    for _ in range(2):
        assert run() == ("good", [f"plugreg: warning: bad is not seen: {reason}; {fix}"])


def test_an_unchanged_environment_is_not_asked_again(run, catalog, add_project, host, elsewhere):
    """What it said is kept beside the catalog, until something is installed there."""
    add_project("bad", NEVER, dependencies=["late-comer"])

    def kept() -> list[tuple[str, int]]:
        found = Path(f"{catalog}.overlay").glob("*-there")
        return [(each.name, each.stat().st_ino) for each in found]

    assert run()[0] == ""
    before = kept()
    assert len(before) == 1
    assert "late-comer, which is not installed here" in run()[1][0]
    assert kept() == before
    install(elsewhere, "late_comer")
    assert run() == ("bad", [])
    assert kept() != before


def test_a_run_in_a_run_is_judged_without_the_outer_one(run, catalog, add_project, host, tmp_path):
    """The outer one's projects are not there: what the inner one needs of them it lacks."""
    other = add_project("needed")
    outer = str(tmp_path / "outer.sqlite3")
    with Registry.open(outer) as registry:
        registry.add(other)
    with Registry.open(catalog) as registry:
        registry.remove("needed")
    add_project("needy", NEVER, dependencies=["needed"])
    words = [sys.executable, "-m", "plugreg", "run", "--catalog"]
    nested = [*words, outer, "--", *words, catalog, "--", sys.executable, "-c", NAMES]
    done = subprocess.run(nested, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "\n"), done.stderr
    assert "it needs needed, which is not installed here" in done.stderr
    assert run()[0] == ""


def test_what_needs_a_refused_project_is_refused(run, add_project, host):
    """A project of the catalog counts as there only where it is seen itself."""
    add_project("one", NEVER, dependencies=["two"])
    add_project("two", NEVER, requires_python="<3")
    add_project("three", dependencies=["good"])
    add_project("good")
    names, warnings = run()
    assert names == "good three"
    assert [warning.split()[2] for warning in warnings] == ["two", "one"]
    reason = f"it needs two, which cannot work here: it needs Python <3, and this is {HERE}"
    assert warnings[1].endswith(f": {reason}; see to two first, or plugreg disable one")


def test_what_a_library_of_the_catalog_lacks_hinders_what_needs_it(
    run, add_project, host, elsewhere
):
    """No host asks for it by itself; it is imported with what does, also by way of another."""
    add_project("one", NEVER, dependencies=["middle"])
    add_project("middle", entry_points=[], dependencies=["library"])
    add_project("library", entry_points=[], dependencies=["late-comer"])
    add_project("unused", entry_points=[], dependencies=["nowhere"])
    names, warnings = run()
    assert names == ""
    assert [warning.split()[2] for warning in warnings] == ["library", "middle", "one"]
    assert "it needs late-comer, which is not installed here" in warnings[0]
    assert all("needs late-comer, which is not installed here; " in one for one in warnings)
    install(elsewhere, "late_comer")
    assert run() == ("one", [])


def test_a_project_of_a_host_that_is_not_there_is_let_be(run, add_project, elsewhere):
    """Nobody asks for it there, so nobody is told that something is missing."""
    add_project("one", NEVER, dependencies=["nowhere-to-be-found"])
    assert run() == ("one", [])


def test_a_changed_group_is_judged_anew(run, catalog, add_project, host):
    """The host that a project is for can change while all else stays."""
    project = add_project("one", NEVER, dependencies=["nowhere"], group="otherhost")
    assert run() == ("", [])
    with Registry.open(catalog) as registry:
        registry.add(project.replace(entry_points=[EntryPoint(GROUP, "one", "one")]))
    assert "it needs nowhere, which is not installed here" in run()[1][0]


def test_a_name_that_is_taken_is_said(run, add_project, host):
    """Which of the two the host takes is the host's business: pluggy takes the first."""
    add_project("first", entry_points=[EntryPoint(GROUP, "same", "first")])
    add_project("second", entry_points=[EntryPoint(GROUP, "same", "second")])
    said = "first provides a plug-in of that name; plugreg disable first, or plugreg disable second"
    assert run() == ("same same", [f"plugreg: warning: `same` of second: {said}"])


def test_a_command_that_no_python_runs_is_asked_nothing(run, catalog, add_project, host):
    """Nor is one whose Python cannot be asked: it sees what there is."""
    add_project("one", NEVER, dependencies=["nowhere"])
    assert run("echo", "yes") == ("yes", [])
    for python in all_pythons():
        code = "import sys; sys.exit(sys.version_info < (3, 8))"
        old = subprocess.run([python, "-c", code]).returncode
        warnings = prepare_run(catalog, python=python).warnings
        assert [warning.partition(":")[0] for warning in warnings] == (
            [] if old else ["one is not seen"]
        ), python


def test_a_python_that_cannot_answer_is_asked_once(catalog, add_project, tmp_path):
    """It refuses nothing, until it changes or something is installed there."""
    add_project("one", NEVER, dependencies=["nowhere"])
    site = tmp_path / "old" / "lib" / "python3.7" / "site-packages"
    python = tmp_path / "old" / "bin" / "python3"
    for folder in (site, python.parent):
        folder.mkdir(parents=True)
    asked = tmp_path / "asked"
    python.write_text(f"#!/bin/sh\necho >> {asked}\nexit 1\n")
    python.chmod(0o755)

    def times_asked() -> int:
        _asked.cache_clear()  # each run is a process of its own
        assert prepare_run(catalog, python=str(python)).warnings == []
        return len(asked.read_text())

    assert [times_asked() for _ in range(3)] == [1, 1, 1]
    os.utime(site, ns=(1, 1))
    assert [times_asked() for _ in range(2)] == [2, 2]
    os.utime(python, ns=(1, 1))
    assert times_asked() == 3


def test_where_nothing_can_be_kept_it_is_asked_each_time(catalog, add_project, host, monkeypatch):
    """Neither beside the catalog nor in the cache; the run itself then says so."""
    from plugreg.plugins.hosts.gates.there import refused_there

    project = add_project("one", NEVER, dependencies=["nowhere"])
    Path(f"{catalog}.overlay").write_text("in the way")
    monkeypatch.setenv("XDG_CACHE_HOME", f"{catalog}.overlay")
    refused = refused_there([project], sys.executable, catalog)
    assert refused["one"][0] == "it needs nowhere, which is not installed here"


@pytest.mark.parametrize(
    ("first_line", "expected"),
    [
        (f"#!{sys.executable}", sys.executable),
        ("#!/usr/bin/env python3", True),
        ("#!/bin/sh", ""),
        ("", ""),
    ],
)
def test_the_python_of_a_script_is_the_one_of_its_first_line(tmp_path, first_line, expected):
    """By its path, or as `env` finds it."""
    script = tmp_path / "host"
    script.write_text(f"{first_line}\n")
    found = python_of_program(str(script))
    assert found == expected if isinstance(expected, str) else os.path.basename(found) == "python3"
    assert python_of_program(sys.executable) == sys.executable


@pytest.fixture
def shim(tmp_path, monkeypatch) -> Path:
    """A `python` on the PATH that becomes the one that CHOSEN names, as pyenv's does."""
    shims = tmp_path / "shims"
    shims.mkdir()
    found = shims / "python"
    found.write_text('#!/bin/sh\nexec "$CHOSEN" "$@"\n')
    found.chmod(0o755)
    monkeypatch.setenv("PATH", f"{shims}{os.pathsep}{os.environ['PATH']}")
    return found


def version_of(python: str) -> str:
    """Return the version of an interpreter, "3.13"."""
    code = "import sys; print('%d.%d' % sys.version_info[:2])"
    return subprocess.check_output([python, "-c", code], text=True).strip()


@pytest.mark.usefixtures("host")
def test_a_shim_is_judged_by_what_it_becomes(run, add_project, shim, monkeypatch):
    """Each time anew, as what it goes by changes no file; also where a script's `env` finds it."""
    app = shim.parent / "app"
    app.write_text(f"#!/usr/bin/env python\n{NAMES}")
    app.chmod(0o755)
    pythons = {"one": sys.executable, "other": another_python()}
    for name, python in pythons.items():
        add_project(name, requires_python=f"=={version_of(python)}.*")
    for name in ("one", "other", "one"):
        monkeypatch.setenv("CHOSEN", pythons[name])
        for command in ([str(shim), "-c", NAMES], [str(app)]):
            names, warnings = run(*command)
            assert names == name
            assert len(warnings) == 1


def test_the_environment_of_a_shim_is_that_of_what_it_becomes(shim, tmp_path, monkeypatch):
    """Neither the folder of shims nor any other has a layer of its own; one that fails stays."""
    environment = make_environment(tmp_path / "venv")
    monkeypatch.setenv("CHOSEN", str(environment))
    link = shim.parent / "python3"
    link.symlink_to(shim.rename(shim.parent / "chooser"))
    python = python_of_program(str(link))
    assert python == str(environment)
    assert prefix_of_python(python) == str(tmp_path / "venv")
    monkeypatch.setenv("CHOSEN", "/nowhere")
    assert python_of_program(str(link)) == str(link)
