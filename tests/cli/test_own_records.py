"""A user's own record of a site's wheel: it stands by itself, whatever becomes of the site's."""

from __future__ import annotations

import json
import os
import shutil
import sys
import zipfile
from pathlib import Path

import pytest

from plugreg import Registry
from tests.other_user import NOBODY, in_child, open_to_others

from .conftest import attempt

LOADED = (
    "import importlib.metadata as m; print([e.load().WHO for e in m.entry_points(group='greeter')])"
)


def write_wheel(folder, version, who=""):
    """Write the wheel of `hello`, whose module tells which one it is; returns its path."""
    folder.mkdir(exist_ok=True)
    wheel = folder / f"hello-{version}-py3-none-any.whl"
    info = f"hello-{version}.dist-info"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("hello/__init__.py", f"WHO = {who or version!r}\n")
        metadata = f"Metadata-Version: 2.1\nName: hello\nVersion: {version}\n"
        archive.writestr(f"{info}/METADATA", metadata)
        archive.writestr(f"{info}/entry_points.txt", "[greeter]\nhello = hello\n")
    return wheel


@pytest.fixture
def here(plugreg, tmp_path):
    """Run a command where no catalog is named."""
    quiet = {"PLUGREG_CATALOG": "", "XDG_DATA_DIRS": str(tmp_path / "site")}
    return lambda *line, **extra: plugreg(*line, **quiet, **extra)


@pytest.fixture
def wheel(tmp_path, here):
    """The wheel of `hello` 1.0, which the site has."""
    wheel = write_wheel(tmp_path / "wheels", "1.0")
    assert here("add", str(wheel), "--layer", "site").status == 0
    return wheel


@pytest.fixture
def owned(here, wheel):
    """The same, with a record of the user's own, which is on."""
    for verb in ("disable", "enable"):
        assert here(verb, "hello", "--layer", "user").status == 0
    return wheel


def recorded(path):
    """Return the record of `hello` in a catalog, None where it has none."""
    with Registry.open(path, read_only=True) as registry:
        return registry.get("hello")


def loaded(here):
    """Return what a host's start loads of the group."""
    return here("run", "--", sys.executable, "-c", LOADED)


def problems(here):
    """Return the codes of what doctor finds."""
    return [one["code"] for one in here("doctor", "--json").object["data"]["problems"]]


@pytest.mark.parametrize(
    "line", [["disable", "hello"], ["set", "hello", "--tag", "mine"]], ids=["disable", "set"]
)
def test_an_own_record_has_code_of_its_own(here, wheel, user, site, line):
    """In the user's data folder, readable by the user alone; all else is as the site has it."""
    outcome = here(*line, "--layer", "user")
    assert (outcome.status, len(outcome.err.splitlines())) == (0, 1)
    mine, theirs = recorded(user), recorded(site)
    assert Path(mine.root).is_relative_to(Path(user).parent / "unpacked")
    assert (Path(mine.root) / "hello" / "__init__.py").exists()
    assert os.stat(Path(user).parent / "unpacked").st_mode & 0o077 == 0
    for field in ("source", "version", "digest", "fingerprint", "modules", "entry_points"):
        assert getattr(mine, field) == getattr(theirs, field)
    assert problems(here) == []


@pytest.mark.parametrize("change", ["update", "remove"])
def test_an_own_record_outlives_what_the_site_does(here, owned, tmp_path, site, change):
    """The host still loads the user's, and refresh and doctor find nothing amiss."""
    theirs = recorded(site).root
    if change == "update":
        here("add", str(write_wheel(tmp_path / "wheels", "2.0")), "--layer", "site")
    else:
        here("remove", "hello", "--layer", "site")
    assert not os.path.exists(theirs)
    outcome = loaded(here)
    assert (outcome.out, outcome.err) == ("['1.0']\n", "")
    assert problems(here) == []
    [project] = here("refresh", "hello", "--json").object["data"]["projects"]
    assert (project["change"], project["layer"], project["state"]) == ("unchanged", "user", "ok")


def test_removing_an_own_record_removes_its_code_alone(here, owned, user, site):
    """The site's project is seen again, and works."""
    mine = recorded(user).root
    assert here("remove", "hello").status == 0
    assert (os.path.exists(mine), os.path.exists(recorded(site).root)) == (False, True)
    assert loaded(here).out == "['1.0']\n"
    assert problems(here) == []


def test_an_own_record_is_undone_and_done_again(here, wheel, user, site):
    """With its code, which it has again, from the archive, whatever becomes of the site's."""
    here("set", "hello", "--tag", "mine", "--layer", "user")
    mine = recorded(user).root
    assert here("undo", "--layer", "user").status == 0
    assert (recorded(user), os.path.exists(mine)) == (None, False)
    assert loaded(here).out == "['1.0']\n"
    outcome = here("undo", "--redo", "--layer", "user")
    assert (outcome.status, outcome.err) == (0, "")
    here("remove", "hello", "--layer", "site")
    assert (recorded(user).root, loaded(here).out) == (mine, "['1.0']\n")
    assert problems(here) == []


@pytest.mark.parametrize("whose", ["mine", "theirs"])
def test_an_own_record_is_exported_and_imported(here, owned, user, tmp_path, whose):
    """From either layer, into another home, where the code is the importer's own."""
    file = str(tmp_path / "plugins.json")
    assert here("export", file, "--layer", "user" if whose == "mine" else "site").status == 0
    shutil.rmtree(tmp_path / "site")
    shutil.rmtree(tmp_path / "data")
    assert here("import", file).status == 0
    assert Path(recorded(user).root).is_relative_to(Path(user).parent / "unpacked")
    assert loaded(here).out == "['1.0']\n"
    assert problems(here) == []


@pytest.mark.parametrize("fate", ["gone", "another"])
def test_code_is_copied_where_its_archive_is_no_more(here, wheel, user, tmp_path, fate):
    """An administrator's wheel need not stay, nor be readable by all, nor be what it was."""
    wheel.unlink()
    if fate == "another":
        write_wheel(tmp_path / "wheels", "1.0", "somebody else")
    outcome = here("set", "hello", "--tag", "mine", "--layer", "user")
    assert (outcome.status, len(outcome.err.splitlines())) == (0, 1)
    assert Path(recorded(user).root).is_relative_to(Path(user).parent / "unpacked")
    assert (Path(recorded(user).root) / "hello" / "__init__.py").read_text() == "WHO = '1.0'\n"
    here("remove", "hello", "--layer", "site")
    if fate == "gone":
        assert loaded(here).out == "['1.0']\n"
        assert problems(here) == ["source-missing"]
    else:  # read again, as that of any wheel that changed
        assert loaded(here).out == "['somebody else']\n"


@pytest.mark.parametrize("there", [True, False], ids=["archive", "no archive"])
def test_the_code_of_an_sdist_is_unpacked_or_copied_too(here, user, tmp_path, there):
    """All of it, below the one folder that it has."""
    folder = tmp_path / "hello-1.0"
    folder.mkdir()
    text = '[project]\nname = "hello"\nversion = "1.0"\n'
    text += '[project.entry-points.greeter]\nhello = "hello"\n'
    (folder / "pyproject.toml").write_text(text)
    (folder / "hello.py").write_text("WHO = '1.0'\n")
    sdist = shutil.make_archive(str(folder), "gztar", tmp_path, folder.name)
    here("add", sdist, "--layer", "site")
    if not there:
        os.unlink(sdist)
    here("set", "hello", "--tag", "mine", "--layer", "user")
    shutil.rmtree(tmp_path / "site")
    root = Path(recorded(user).root)
    assert root.is_relative_to(Path(user).parent / "unpacked")
    assert sorted(os.listdir(root)) == ["hello.py", "pyproject.toml"]
    assert loaded(here).out == "['1.0']\n"


def test_code_that_is_nowhere_as_it_was_is_told(here, wheel, user, site):
    """The record is made all the same, as asked for; doctor says what it leans on."""
    wheel.unlink()
    (Path(recorded(site).root) / "hello" / "__init__.py").write_text("WHO = 'changed'\n")
    outcome = here("disable", "hello", "--layer", "user")
    assert outcome.status == 0
    assert "hello keeps code that goes with the layer it is from: neither" in outcome.err
    assert "`plugreg add` its archive" in outcome.err
    assert recorded(user).root == recorded(site).root
    assert "code-of-another-layer" in problems(here)
    assert os.listdir(Path(user).parent) == ["catalog.sqlite3"]


def test_what_is_as_wanted_unpacks_nothing(here, wheel, tmp_path, site):
    """No record of its own is made, and no code for it."""
    os.chmod(site, 0o644)
    assert here("enable", "hello").status == 0
    assert not (tmp_path / "data").exists()


@pytest.fixture
def borrowed(here, wheel, user, site):
    """A user's record that has the site's code, as earlier plugregs made it."""
    theirs = recorded(site)
    os.makedirs(os.path.dirname(user))
    with Registry.open(user) as registry:
        registry.add(theirs)
    return wheel


def test_refresh_gives_a_record_code_of_its_own(here, borrowed, user, site):
    """Also where the site's is still there; until then doctor says so."""
    assert problems(here) == ["code-of-another-layer"]
    assert here("refresh", "hello", "--layer", "user").status == 0
    assert Path(recorded(user).root).is_relative_to(Path(user).parent / "unpacked")
    assert problems(here) == []
    here("remove", "hello", "--layer", "site")
    assert loaded(here).out == "['1.0']\n"


def test_refresh_mends_a_record_whose_code_went_with_the_sites(here, borrowed, user):
    """The source is where it was, and the site's folder is none of the user's."""
    here("remove", "hello", "--layer", "site")
    assert "source-missing" in problems(here)
    assert here("refresh", "hello").status == 0
    assert Path(recorded(user).root).is_relative_to(Path(user).parent / "unpacked")
    assert loaded(here).out == "['1.0']\n"


@pytest.mark.parametrize("line", [["run"], ["doctor", "--fix"]], ids=["start", "doctor"])
def test_what_is_read_again_is_unpacked_for_its_own_catalog(here, borrowed, user, tmp_path, line):
    """By a host's start, and by doctor."""
    write_wheel(tmp_path / "wheels", "1.0", "newer than that")
    here(*line, *(["--", sys.executable, "-c", LOADED] if line == ["run"] else []))
    assert Path(recorded(user).root).is_relative_to(Path(user).parent / "unpacked")
    assert loaded(here).out == "['newer than that']\n"


@pytest.fixture
def as_reader(wheel, site, tmp_path, monkeypatch):
    """Run commands as another user, who may read the site's layer and not write it."""
    open_to_others(wheel.parent)
    places = {"XDG_DATA_HOME": "data", "XDG_DATA_DIRS": "site", "XDG_CACHE_HOME": "data/cache"}
    for variable, folder in places.items():
        monkeypatch.setenv(variable, str(tmp_path / folder))
    monkeypatch.setenv("PLUGREG_CATALOG", "")
    for line in (["disable", "hello", "--layer", "user"], ["refresh"], ["doctor", "--json"]):
        attempt(*line)  # imports what the child may not read
    shutil.rmtree(tmp_path / "data")
    os.mkdir(tmp_path / "data")
    if os.geteuid() == 0:
        os.chown(tmp_path / "data", NOBODY, NOBODY)
    folders = [Path(site).parent, *(one for one in Path(site).parent.rglob("*") if one.is_dir())]
    for folder in folders:
        os.chmod(folder, 0o555)
    os.chmod(site, 0o444)
    os.chmod(wheel, 0o644)
    yield lambda *line: in_child(lambda: attempt(*line), drop_rights=True)
    for folder in folders:
        if folder.exists():
            os.chmod(folder, 0o755)
    os.chmod(site, 0o644)


@pytest.mark.parametrize("mode", [0o644, 0o600], ids=["readable", "unreadable"])
def test_a_reader_of_the_site_has_a_record_that_stands(as_reader, wheel, site, user, mode):
    """Whether the site's wheel is for all to read or not; nothing of the site is written."""
    if os.geteuid() == 0:
        os.chmod(wheel, mode)
    before = sorted(Path(site).parent.rglob("*"))
    status, out, _ = as_reader("disable", "hello")
    assert (status, out) == (0, "disabled hello 1.0 (greeter)\n")
    assert as_reader("enable", "hello")[0] == 0
    assert sorted(Path(site).parent.rglob("*")) == before
    shutil.rmtree(Path(recorded(site).root).parent)
    assert (Path(recorded(user).root) / "hello" / "__init__.py").exists()
    status, out, err = as_reader("doctor", "--json")
    assert (json.loads(out)["data"]["problems"], status) == ([], 0), err
    if mode == 0o644:
        assert as_reader("refresh", "hello")[0] == 0
