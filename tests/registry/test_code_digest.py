"""The digest of a project's code: what changes it, and what does not."""

from __future__ import annotations

import hashlib
import os
import shutil
import sys
import zipfile

import pytest

from plugreg import (
    EntryPoint,
    Project,
    Source,
    code_digest,
    code_files,
    code_state,
    plugins,
    take_digest,
)

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
    "byte code without a source": lambda place: (place / "mine" / "speed.pyc").write_bytes(b"x"),
    "a package called RECORD": lambda place: _package(place / "mine" / "RECORD"),
    "a package called as byte code": lambda place: _package(place / "mine" / "a.pyc" / "b"),
    "metadata": lambda place: (place / "pyproject.toml").write_text(PYPROJECT + "\n"),
}
NO_CHANGES = {
    "nothing": lambda place: place.stat(),
    "times": lambda place: os.utime(place / "mine" / "__init__.py", ns=(1, 1)),
    "byte code": lambda place: shutil.copytree(
        place / "mine" / "static", place / "mine/__pycache__"
    ),
    "byte code beside its source": lambda place: (place / "mine" / "__init__.pyc").write_bytes(
        b"x"
    ),
    "optimised byte code of old": lambda place: (place / "mine" / "speed.pyo").write_bytes(b"x"),
    "what is not imported": lambda place: (place / "README").write_text("more"),
}


def _package(path):
    path.mkdir(parents=True)
    (path / "__init__.py").write_text("")


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


@pytest.fixture
def installed(tmp_path):
    """The metadata folder of an installed distribution: a package and a module."""
    info = tmp_path / "mine-1.0.dist-info"
    _package(tmp_path / "mine")
    (tmp_path / "mine" / "part").mkdir()
    (tmp_path / "mine" / "part" / "one.py").write_text("")
    (tmp_path / "single.py").write_text("")
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: mine\nVersion: 1.0\n")
    record = "mine/__init__.py,,\nmine/part/one.py,,\nsingle.py,,\nmine-1.0.dist-info/METADATA,,\n"
    (info / "RECORD").write_text(record)
    return info


SHADOWS = {
    "a package in the place of a module": "single/__init__.py",
    "one without a source": "single/__init__.pyc",
    "an extension in the place of a module": "single.cpython-311-x86_64-linux-gnu.so",
    "a new module": "mine/speed.py",
    "a new module without a source": "mine/part/speed.pyc",
    "a new package": "mine/RECORD/__init__.py",
    "a new extension": "mine/speed.abi3.so",
    "a new module of Windows": "mine/speed.pyd",
}
NO_SHADOWS = {
    "another's module": "other.py",
    "another's package": "other/__init__.py",
    "a folder that is no package": "single/data.txt",
    "what the package writes": "mine/cache.json",
    "byte code": "mine/__pycache__/speed.cpython-311.pyc",
    "another's module of nearly the same name": "single_b.so",
}


@pytest.mark.parametrize("lacking", ["nothing", "RECORD"])
@pytest.mark.parametrize("name", SHADOWS)
def test_what_would_be_imported_instead(installed, name, lacking):
    """What no RECORD lists, and Python imports with or in the place of what it does list."""
    if lacking == "RECORD":
        (installed / "RECORD").unlink()
        (installed / "top_level.txt").write_text("single\nmine\n")
    project = a_distribution(installed)
    assert code_state(project) == "ok"
    added = installed.parent / SHADOWS[name]
    added.parent.mkdir(exist_ok=True)
    added.write_text("")
    assert code_state(project) == "changed"


@pytest.mark.parametrize("name", NO_SHADOWS)
def test_what_would_not(installed, name):
    """Neighbours in the same folder, and what a package keeps beside its code."""
    project = a_distribution(installed)
    added = installed.parent / NO_SHADOWS[name]
    added.parent.mkdir(exist_ok=True)
    added.write_text("")
    assert code_state(project) == "ok"


def test_a_package_that_distributions_share(installed):
    """What another distribution puts into it is that one's."""
    project = a_distribution(installed)
    (installed.parent / "mine" / "theirs.py").write_text("")
    other = installed.parent / "other-1.0.dist-info"
    other.mkdir()
    assert code_state(project) == "changed"
    (other / "RECORD").write_text("mine/theirs.py,,\n")
    assert code_state(project) == "ok"


def test_a_digest_of_before_counts(installed):
    """One that an earlier plugreg recorded is that of the same files."""
    (installed.parent / "mine" / "cache.json").write_text("{}")
    digest = hashlib.sha256()
    metadata = f"{installed.name}/METADATA"
    for name in [metadata, "mine/__init__.py", "mine/part/one.py", "single.py"]:
        content = (installed.parent / name).read_bytes()
        digest.update(name.encode() + b"\0" + hashlib.sha256(content).digest())
    assert a_distribution(installed).digest == digest.hexdigest()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such files")
@pytest.mark.parametrize("name", ["RECORD", "top_level.txt"])
def test_metadata_that_are_a_pipe(installed, name):
    """No open waits for who writes into it; the files that can be told are digested."""
    (installed / "RECORD").unlink()
    os.mkfifo(installed / name)
    project = a_distribution(installed)
    assert code_state(project) == "ok"
    (installed.parent / "mine" / "__init__.py").write_text("two = 2")
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
    monkeypatch.setattr(code_digest if limit == "MAX_BYTES" else code_files, limit, most)
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
