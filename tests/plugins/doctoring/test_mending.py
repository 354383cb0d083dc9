"""What needs no decision is mended, as one change that can be undone."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys

import pytest

from plugreg import Registry, backends, plugins
from plugreg.plugins.doctoring.examining import examine
from plugreg.plugins.doctoring.mending import mend
from plugreg.plugins.doctoring.problem import Problem
from tests.plugins.doctoring.conftest import write_version
from tests.plugins.sources.conftest import WHEEL_FILES, WHEEL_NAME, make_zip


def versions(catalog):
    """Return the projects' versions and the number of changes."""
    with Registry.open(catalog, read_only=True) as registry:
        return [each.version for each in registry], len(list(registry.history()))


def test_changed_sources(catalog, directory):
    """They are read again and stay as switched; no code is approved; one undo takes it back."""
    with Registry.open(catalog) as registry:
        digest = registry.disable("my-plugin").digest
    write_version(directory, "2.0")
    assert mend(examine(catalog), catalog, command="doctor") == []
    assert versions(catalog) == (["2.0"], 3)
    assert [one.code for one in examine(catalog)] == ["code-changed"]
    with Registry.open(catalog) as registry:
        project = registry["my-plugin"]
        assert (project.enabled, project.digest) == (False, digest)
        assert registry.undo().command == "undo"
        assert registry["my-plugin"].version == "1.0"


def test_a_source_that_cannot_be_read(catalog, directory):
    """Where it broke since it was looked at, its error is returned; the catalog stays as it was."""
    write_version(directory, "2.0")
    found = examine(catalog)
    (directory / "pyproject.toml").write_text("[project\n")
    (error,) = mend(found, catalog)
    assert error.details["name"] == "my-plugin"
    assert versions(catalog) == (["1.0"], 1)


def test_a_damaged_header(catalog):
    """It is told, and written anew where all else is known; the next look finds nothing."""
    with backends.open(catalog, mode="w") as store:
        good, store[b"@catalog"] = store[b"@catalog"], b"garbage"
    (found,) = examine(catalog)
    assert (found.code, found.fixable) == ("header-damaged", True)
    assert "plain text" in found.message
    assert mend([found], catalog) == []
    assert examine(catalog) == []
    with backends.open(catalog) as store:
        assert store[b"@catalog"] == good


@pytest.mark.parametrize("key", [b"other", b"@later", b"@history/0000000009"])
def test_a_header_that_may_be_of_a_later_plugreg(catalog, key):
    """Beside a record that nobody can read, it stays as it is, also where one comes meanwhile."""
    with backends.open(catalog, mode="w") as store:
        store[b"@catalog"] = b"garbage"
    fixable = examine(catalog)
    with backends.open(catalog, mode="w") as store:
        store[key] = b"garbage"
    found = {each.code: each for each in examine(catalog)}
    assert not found["header-damaged"].fixable
    (error,) = mend(fixable, catalog)
    assert error.code == "header-damaged"
    with backends.open(catalog) as store:
        assert store[b"@catalog"] == b"garbage"


def test_half_made_files(catalog):
    """They are removed; files that only look like them stay."""
    folder = os.path.dirname(catalog)
    names = [".catalog.abcd1234.tmp", ".catalog.mine.tmp", ".other.abcd1234.tmp"]
    for name in names:
        with open(os.path.join(folder, name), "wb"):
            pass
    (problem,) = found = examine(catalog)
    assert (problem.code, os.path.basename(problem.file)) == ("leftover", names[0])
    assert mend(found, catalog) == []
    assert sorted(os.listdir(folder)) == [*names[1:], "catalog"]
    assert examine(catalog) == []


def test_what_needs_a_decision(catalog, directory):
    """Is left alone: changed code stays unapproved, and nothing is written."""
    (directory / "my_plugin" / "more.py").write_text("")
    found = examine(catalog)
    assert [one.fixable for one in found] == [False]
    assert mend(found, catalog) == []
    assert examine(catalog) == found
    assert versions(catalog) == (["1.0"], 1)


def test_a_project_that_was_removed_meanwhile(catalog, directory):
    """It does not come back."""
    write_version(directory, "2.0")
    found = examine(catalog)
    with Registry.open(catalog) as registry:
        registry.remove("my-plugin")
    assert mend(found, catalog) == []
    assert versions(catalog)[0] == []


def test_a_problem_is_a_value():
    """It is equal to its like, survives pickling, and says what it is."""
    import pickle

    one = Problem("source-changed", "m", "h", project="p", file="/f", fixable=True)
    assert pickle.loads(pickle.dumps(one)) == one
    assert one.subject == ("source-changed", "p", "/f")


KILLED = """
import os, signal, sys
from plugreg import Registry, plugins, unpacked
wheel, catalog, moment = sys.argv[1:]
kill = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
if moment == "before the claim":
    unpacked.claim = kill
with Registry.open(catalog) as registry:
    registry.add(plugins.read_project(wheel))
    if moment == "before the release":
        unpacked.release = kill
    registry.remove("demo")
"""


@pytest.mark.parametrize("moment", ["before the claim", "before the release"])
def test_code_that_a_killed_process_left(catalog, home, tmp_path, moment):
    """Unpacked code that no project came to use, or still uses, is told of and removed."""
    wheel = make_zip(tmp_path / WHEEL_NAME, WHEEL_FILES)
    done = subprocess.run([sys.executable, "-c", KILLED, wheel, catalog, moment], check=False)
    assert done.returncode == -signal.SIGKILL
    (problem,) = found = examine(catalog)
    assert (problem.code, os.path.dirname(problem.file)) == ("code-unused", str(home / "unpacked"))
    assert mend(found, catalog) == []
    assert [place for place in (home / "unpacked").iterdir() if place.is_dir()] == []
    assert examine(catalog) == []


def test_code_that_is_gone(catalog, tmp_path):
    """It is unpacked again from the archive that it was, and no record changes."""
    wheel = make_zip(tmp_path / WHEEL_NAME, WHEEL_FILES)
    with Registry.open(catalog) as registry:
        root = registry.add(plugins.read_project(wheel)).root
    before = versions(catalog)
    shutil.rmtree(os.path.dirname(root))
    (problem,) = found = examine(catalog)
    assert (problem.code, problem.file, problem.fixable) == ("source-missing", root, True)
    assert mend(found, catalog) == []
    assert examine(catalog) == []
    assert versions(catalog) == before
    with Registry.open(catalog) as registry:
        registry.remove("demo")
    assert not os.path.exists(root)


def test_code_of_another_archive(catalog, tmp_path):
    """What is there under its name now is told as another, and left to a decision."""
    wheel = make_zip(tmp_path / WHEEL_NAME, WHEEL_FILES)
    with Registry.open(catalog) as registry:
        root = registry.add(plugins.read_project(wheel)).root
    shutil.rmtree(os.path.dirname(root))
    make_zip(wheel, {**WHEEL_FILES, "demo/__init__.py": "other = True\n"})
    (problem,) = found = examine(catalog)
    assert f"{wheel} is not the archive that it was" in problem.message
    assert problem.hint == "`plugreg refresh demo` takes what is there now"
    assert mend(found, catalog) == []
    assert examine(catalog) == found


def test_code_that_cannot_be_brought(catalog, home, tmp_path):
    """Why is an error with the project's name."""
    wheel = make_zip(tmp_path / WHEEL_NAME, WHEEL_FILES)
    with Registry.open(catalog) as registry:
        registry.add(plugins.read_project(wheel))
    shutil.rmtree(home / "unpacked")
    found = examine(catalog)
    (home / "unpacked").write_text("in the way")
    (error,) = mend(found, catalog)
    assert (error.code, error.details["name"]) == ("unpack-failed", "demo")


def test_code_that_is_used_stays(catalog, home, tmp_path):
    """Also where it is asked to go: another catalog's, and one's own."""
    wheel = make_zip(tmp_path / WHEEL_NAME, WHEEL_FILES)
    for place in (catalog, str(tmp_path / "other")):
        with Registry.open(place) as registry:
            root = registry.add(plugins.read_project(wheel)).root
    folder = os.path.dirname(root)
    problem = Problem("code-unused", "", "", file=folder, fixable=True)
    mend([problem], catalog)
    assert os.path.isdir(root)
    with Registry.open(catalog) as registry:
        registry.remove("demo")
    mend([problem], catalog)
    assert os.path.isdir(root)


def test_what_was_being_unpacked_a_day_ago(catalog, home):
    """Half-made folders are removed once nobody can be at work on them."""
    for name in (".unpacking-old", ".unpacking-new", ".going-old"):
        (home / "unpacked" / name / "code").mkdir(parents=True)
        if name.endswith("old"):
            os.utime(home / "unpacked" / name, (0, 0))
    found = examine(catalog)
    assert [one.code for one in found] == ["code-unused"] * 2
    mend(found, catalog)
    assert os.listdir(home / "unpacked") == [".unpacking-new"]
