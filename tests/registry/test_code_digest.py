"""The digest of a project's code: what changes it, and what does not."""

from __future__ import annotations

import os
import shutil
import sys
import zipfile

import pytest

from plugreg import EntryPoint, Project, Source, code_digest, code_state, plugins, take_digest

PYPROJECT = """
[project]
name = "mine"
version = "1.0"
entry-points.testhost = { mine = "mine" }
"""


@pytest.fixture
def folder(tmp_path):
    """A project's directory with a package, a data file in it, and a neighbour outside."""
    place = tmp_path / "mine-src"
    (place / "mine" / "static").mkdir(parents=True)
    (place / "pyproject.toml").write_text(PYPROJECT)
    (place / "mine" / "__init__.py").write_text("one = 1\n")
    (place / "mine" / "static" / "a.js").write_text("let a")
    (place / "README").write_text("read")
    return place


CHANGES = {
    "code, of the same size and time": lambda place: _in_place(place / "mine" / "__init__.py"),
    "a data file": lambda place: (place / "mine" / "static" / "a.js").write_text("let b"),
    "a new module": lambda place: (place / "mine" / "new.py").write_text(""),
    "a module that is gone": lambda place: (place / "mine" / "__init__.py").unlink(),
    "a module of another name": lambda place: (place / "mine" / "static").rename(place / "mine/s"),
    "metadata": lambda place: (place / "pyproject.toml").write_text(PYPROJECT + "\n"),
}
NO_CHANGES = {
    "nothing": lambda place: place.stat(),
    "times": lambda place: os.utime(place / "mine" / "__init__.py", ns=(1, 1)),
    "byte code": lambda place: shutil.copytree(
        place / "mine" / "static", place / "mine/__pycache__"
    ),
    "what is not imported": lambda place: (place / "README").write_text("more"),
}


def _in_place(path):
    status = path.stat()
    path.write_text("one = 2\n")
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


@pytest.mark.parametrize("change", CHANGES)
def test_what_changes_the_digest_of_a_directory(folder, change):
    """Whatever would be imported, or says what is, even where neither size nor time shows it."""
    project = plugins.read_project(folder)
    assert code_state(project) == "ok"
    CHANGES[change](folder)
    assert code_state(project) == "changed"


@pytest.mark.parametrize("change", NO_CHANGES)
def test_what_does_not(folder, change):
    """What Python writes itself, and what nobody imports."""
    project = plugins.read_project(folder)
    NO_CHANGES[change](folder)
    assert code_state(project) == "ok"


def test_a_wheel_is_digested_as_it_was_unpacked(tmp_path, monkeypatch):
    """Its unpacked code is what runs: a change of it shows, though the wheel is the same."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    wheel = tmp_path / "mine-1.0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("mine.py", "one = 1")
        archive.writestr(
            "mine-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: mine\nVersion: 1.0\n"
        )
        archive.writestr("mine-1.0.dist-info/entry_points.txt", "[testhost]\nmine = mine\n")
    project = plugins.read_project(wheel)
    assert code_state(project) == "ok"
    with open(os.path.join(project.root, "mine-1.0.dist-info", "entry_points.txt"), "a") as file:
        file.write("other = mine\n")
    assert code_state(project) == "changed"


def test_an_installed_distribution_is_digested_by_its_record(tmp_path):
    """The files that RECORD lists count, byte code and scripts do not."""
    info = tmp_path / "mine-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: mine\nVersion: 1.0\n")
    (info / "RECORD").write_text(
        'mine.py,,\n"with, comma.py",,\n../../bin/x,,\n__pycache__/mine.pyc,,\n'
    )
    (tmp_path / "mine.py").write_text("one = 1")
    (tmp_path / "with, comma.py").write_text("")
    project = a_distribution(info)
    (tmp_path / "__pycache__").mkdir()
    (tmp_path / "__pycache__" / "mine.pyc").write_bytes(b"x")
    (tmp_path / "neighbour.py").write_text("")
    assert code_state(project) == "ok"
    (tmp_path / "with, comma.py").write_text("two = 2")
    assert code_state(project) == "changed"


def test_a_distribution_without_a_record_is_digested_by_its_names(tmp_path):
    """As Debian installs them: metadata, and the modules that they name."""
    info = tmp_path / "mine-1.0.egg-info"
    info.mkdir()
    (info / "PKG-INFO").write_text("Metadata-Version: 2.1\nName: mine\nVersion: 1.0\n")
    (info / "top_level.txt").write_text("other\n")
    (tmp_path / "mine.py").write_text("one = 1")
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "__init__.py").write_text("")
    for file in (tmp_path / "mine.py", tmp_path / "other" / "__init__.py", info / "PKG-INFO"):
        project = a_distribution(info)
        assert code_state(project) == "ok"
        file.write_text("two = 2")
        assert code_state(project) == "changed"


def a_distribution(info):
    """Return the installed project of a metadata folder, with its digest."""
    project = Project(
        name="mine",
        version="1.0",
        source=Source("distribution", str(info)),
        entry_points=[EntryPoint("testhost", "mine", "mine:plugin")],
    )
    return project.replace(digest=take_digest(project))


@pytest.mark.parametrize(("limit", "most"), [("MAX_FILES", 2), ("MAX_BYTES", 20)])
def test_what_is_too_large_has_no_digest(folder, monkeypatch, limit, most):
    """The bound is on the number of files and on their size; nothing is said of the code then."""
    monkeypatch.setattr(code_digest, limit, most)
    project = plugins.read_project(folder)
    assert project.digest == ""
    assert code_state(project) == "unrecorded"


def test_links_in_a_circle_end(folder):
    """A folder that holds itself is read once."""
    os.symlink(folder / "mine", folder / "mine" / "again")
    assert code_state(plugins.read_project(folder)) == "ok"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such modes")
def test_a_pipe_does_not_hang(folder):
    """What is no ordinary file is left out."""
    os.mkfifo(folder / "mine" / "pipe.py")
    assert code_state(plugins.read_project(folder)) == "ok"
