"""Nothing has to be remembered: what changed, moved or went is seen at the next load."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
import zipfile
from pathlib import Path

import pluggy
import pytest

from plugreg import (
    EntryPoint,
    Project,
    Registry,
    Source,
    code_state,
    plugins,
    state_of,
    take_fingerprint,
)
from plugreg.plugins.hosts.run.preparation import prepare_run
from plugreg.plugins.manager import manager

from .conftest import GREETER, GROUP, Spec, install
from .test_loading import names

PYPROJECT = """
[project]
name = "mine"
version = "{version}"
[project.entry-points.testhost]
{entry} = "mine"
"""


def write_pyproject(folder: Path, version: str, entry: str = "mine") -> None:
    """Write a project's metadata."""
    (folder / "pyproject.toml").write_text(PYPROJECT.format(version=version, entry=entry))


@pytest.fixture
def folder(tmp_path, catalog):
    """A directory with a plug-in, recorded in the catalog."""
    place = tmp_path / "mine"
    place.mkdir()
    write_pyproject(place, "1.0")
    (place / "mine.py").write_text(GREETER)
    record(catalog, place)
    return place


@pytest.fixture
def installed(site, catalog):
    """The metadata folder of an installed plug-in, recorded in the catalog."""
    info = install(site, "mine", entry="mine")
    record(catalog, "mine")
    return info


def record(catalog, source):
    """Add a source to the catalog."""
    with Registry.open(catalog) as registry:
        return registry.add(plugins.read_project(source))


def recorded(catalog):
    """Return the project as the catalog has it."""
    with Registry.open(catalog, read_only=True) as registry:
        return registry["mine"]


def load(catalog, **how):
    """Load into a fresh host; returns the report."""
    manager = pluggy.PluginManager(GROUP)
    manager.add_hookspecs(Spec)
    return plugins.load(manager, catalog=catalog, **how)


def versions(report):
    """Return name and version of what was loaded."""
    return [(outcome.plugin, outcome.version) for outcome in report.loaded]


def test_metadata_edited_in_place_are_seen_and_recorded(catalog, folder):
    """The next load has the new version and the new name, and so has the catalog."""
    assert versions(load(catalog)) == [("mine", "1.0")]
    write_pyproject(folder, "2.0", entry="renamed")
    assert versions(load(catalog)) == [("renamed", "2.0")]
    assert recorded(catalog).version == "2.0"
    assert state_of(recorded(catalog)) == "ok"


def test_an_edit_of_the_same_size_is_seen(catalog, folder):
    """By the time of the file, to the nanosecond."""
    before = (folder / "pyproject.toml").stat()
    write_pyproject(folder, "3.0")
    os.utime(folder / "pyproject.toml", ns=(before.st_atime_ns, before.st_mtime_ns + 1))
    assert versions(load(catalog)) == [("mine", "3.0")]


def test_switches_and_what_was_approved_stay(catalog, folder):
    """Reading again is no approval, and no change of what the operator said."""
    with Registry.open(catalog) as registry:
        known = registry.set("mine", priority=7, tags=["t"])
    write_pyproject(folder, "2.0")
    load(catalog)
    now = recorded(catalog)
    assert (now.priority, now.tags, now.digest) == (7, ("t",), known.digest)
    assert code_state(now) == "changed"


def test_discover_sees_it_as_well(catalog, folder):
    """Hosts without pluggy are never stale either."""
    write_pyproject(folder, "2.0")
    assert [entry.version for entry in plugins.discover(GROUP, catalog)] == ["2.0"]


def test_where_the_catalog_is_open_it_is_renewed_there(catalog, folder):
    """A host's own registry gets the change; one that is read-only keeps what it has."""
    write_pyproject(folder, "2.0")
    with Registry.open(catalog, read_only=True) as registry:
        assert versions(load(registry)) == [("mine", "2.0")]
        assert registry["mine"].version == "1.0"
    with Registry.open(catalog) as registry, registry.batch():
        assert versions(load(registry)) == [("mine", "2.0")]
        assert registry["mine"].version == "2.0"


def test_starts_at_once_all_see_it(catalog, folder, add_project):
    """Of several processes each loads what is there now, and one record comes of it."""
    for number in range(5):
        add_project(f"other-{number}")
    write_pyproject(folder, "2.0", entry="renamed")
    run = [sys.executable, "-c", _START.format(catalog=catalog)]
    children = [subprocess.Popen(run, stdout=subprocess.PIPE, text=True) for _ in range(4)]
    assert [child.communicate()[0] for child in children] == ["6 renamed 2.0 []\n"] * 4
    assert recorded(catalog).version == "2.0"


_START = """
import pluggy
from plugreg import plugins
report = plugins.load(pluggy.PluginManager("testhost"), catalog={catalog!r})
mine = report.loaded[0]
print(len(report.loaded), mine.plugin, mine.version, report.warnings + report.failed)
"""


def test_metadata_that_cannot_be_read_any_more(catalog, folder):
    """The plug-in loads as it was known, and the report says why."""
    (folder / "pyproject.toml").write_text("[project\n")
    report = load(catalog)
    assert versions(report) == [("mine", "1.0")]
    assert "mine is taken as it was added, though its source changed" in report.warnings[0]


def test_a_directory_that_moved_is_reported(catalog, folder, add_project):
    """It is named with where it was; the others load."""
    add_project("good")
    folder.rename(folder.parent / "moved")
    report = load(catalog)
    assert names(report.loaded) == ["good"]
    (failed,) = report.failed
    assert failed.reason == f"its code is gone: {folder} does not exist"
    assert failed.fix == "plugreg add it from where it is now, or plugreg remove mine"


def test_a_directory_that_was_emptied_is_reported(catalog, folder, add_project):
    """As one that is gone: neither kind of host is sent for code that is not there."""
    add_project("good")
    for inside in folder.iterdir():
        inside.unlink()
    report = load(catalog)
    assert (names(report.loaded), report.warnings) == (["good"], [])
    (failed,) = report.failed
    assert failed.reason == f"its code is gone: nothing of it is left in {folder}"
    assert failed.fix == "plugreg add it from where it is now, or plugreg remove mine"
    (warning,) = prepare_run(catalog).warnings
    assert warning == f"mine is not seen: {failed.reason}; {failed.fix}"


def test_an_unpacked_wheel_that_was_emptied_is_unpacked_again(catalog, tmp_path, monkeypatch):
    """As long as the wheel is there; then it is gone."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    wheel = tmp_path / "mine-1.0-py3-none-any.whl"
    write_wheel(wheel, "")
    record(catalog, wheel)
    Path(recorded(catalog).root, "mine.py").unlink()
    assert names(load(catalog).loaded) == ["mine"]
    Path(recorded(catalog).root, "mine.py").unlink()
    wheel.unlink()
    (failed,) = load(catalog).failed
    assert "nothing of it is left in" in failed.reason


def move_to_src(folder):
    """Change the layout."""
    (folder / "src").mkdir()
    (folder / "mine.py").rename(folder / "src" / "mine.py")


def make_a_package(folder):
    """Turn the module into a package."""
    (folder / "mine").mkdir()
    (folder / "mine.py").rename(folder / "mine" / "__init__.py")


@pytest.mark.parametrize("change", [move_to_src, make_a_package])
@pytest.mark.parametrize("seen_before", [True, False])
def test_a_module_that_moved_within_its_project_is_found(catalog, folder, change, seen_before):
    """Its metadata are as they were, and say where it is now."""
    if seen_before:
        load(catalog)
    change(folder)
    assert state_of(recorded(catalog)) == "changed"
    assert imported(catalog) == "mine\n"
    assert versions(load(catalog)) == [("mine", "1.0")]
    assert state_of(recorded(catalog)) == "ok"


def test_a_package_that_comes_beside_others_in_src_is_found(catalog, folder):
    """What build backends take from there is all that is there."""
    move_to_src(folder)
    record(catalog, folder)
    (folder / "src" / "beside").mkdir()
    (folder / "src" / "beside" / "__init__.py").touch()
    (folder / "src" / "mine.py").write_text(f"import beside\n{GREETER}")
    assert imported(catalog) == "mine\n"
    assert versions(load(catalog)) == [("mine", "1.0")]
    assert sorted(recorded(catalog).modules) == ["beside", "mine"]


def test_what_lies_in_src_beside_the_packages_is_not_approved_with_them(catalog, folder):
    """The digest is that of the code and the metadata."""
    move_to_src(folder)
    record(catalog, folder)
    (folder / "src" / "mine.egg-info").mkdir()
    (folder / "src" / "mine.egg-info" / "PKG-INFO").touch()
    (folder / "src" / "notes").touch()
    assert versions(load(catalog, verify=True)) == [("mine", "1.0")]
    assert code_state(recorded(catalog)) == "ok"


@pytest.mark.parametrize("place", ["new.py", "new/__init__.py", "src/new.py"])
def test_a_module_that_comes_after_its_entry_point_is_found(catalog, folder, place):
    """An entry point whose module is not there yet is looked at again."""
    text = (folder / "pyproject.toml").read_text()
    (folder / "pyproject.toml").write_text(
        text.replace('"mine"\n', '"new"\n').replace('name = "new"', 'name = "mine"')
    )
    (failed,) = load(catalog).failed
    assert failed.fix.startswith("correct its entry point: the project has no module `new`")
    assert state_of(recorded(catalog)) == "ok"
    (folder / place).parent.mkdir(exist_ok=True)
    (folder / place).write_text(GREETER)
    assert imported(catalog) == "new\n"
    assert versions(load(catalog)) == [("mine", "1.0")]


_PRINT = "print(m.entry_points(group='testhost')['mine'].load().__name__)"


def imported(catalog):
    """Return what a host that is not modified imports, a line each."""
    code = f"import importlib.metadata as m; {_PRINT}"
    environment = prepare_run(catalog).environment
    command = [sys.executable, "-c", code]
    return subprocess.run(command, env=environment, capture_output=True, text=True).stdout


def test_undo_passes_by_what_a_start_has_read_again(catalog, folder, add_project):
    """It takes back what somebody did, redo does that again, and a number means any change."""
    add_project("other")
    with Registry.open(catalog) as registry:
        registry.disable("other")
    write_pyproject(folder, "2.0")
    load(catalog)
    with Registry.open(catalog) as registry:
        again = next(registry.history())
        assert again.command == "read again"
        assert [one.name for one in registry.undo().differences] == ["other"]
        assert registry["other"].enabled
    write_pyproject(folder, "3.0")
    load(catalog)
    with Registry.open(catalog) as registry:
        assert [one.name for one in registry.redo().differences] == ["other"]
        assert not registry["other"].enabled
        registry.undo(next(registry.history("mine")).number)
        assert registry["mine"].version == "2.0"


def test_a_wheel_whose_code_is_gone_says_how_to_unpack_it_again(catalog, tmp_path, monkeypatch):
    """As long as the wheel is there, that is less than to add it once more."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    wheel = tmp_path / "mine-1.0-py3-none-any.whl"
    write_wheel(wheel, "")
    record(catalog, wheel)
    shutil.rmtree(recorded(catalog).root)
    (failed,) = load(catalog).failed
    assert failed.fix == "plugreg refresh mine unpacks it again"
    assert prepare_run(catalog).warnings[0].endswith(f"; {failed.fix}")
    wheel.unlink()
    (failed,) = load(catalog).failed
    assert failed.fix == "plugreg add it from where it is now, or plugreg remove mine"


def test_a_wheel_that_was_built_again_is_unpacked_again(catalog, tmp_path, monkeypatch):
    """The new code is what is imported; a wheel that is gone leaves its code."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    wheel = tmp_path / "mine-1.0-py3-none-any.whl"
    write_wheel(wheel, "origin = 'old'")
    record(catalog, wheel)
    write_wheel(wheel, "origin = 'new, and longer'")
    (entry,) = plugins.discover(GROUP, catalog)
    assert entry.load().origin == "new, and longer"
    wheel.unlink()
    assert versions(load(catalog)) == [("mine", "1.0")]


def write_wheel(path, code):
    """Write a wheel of one module."""
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mine.py", code)
        metadata = "Metadata-Version: 2.1\nName: mine\nVersion: 1.0\n"
        archive.writestr("mine-1.0.dist-info/METADATA", metadata)
        archive.writestr("mine-1.0.dist-info/entry_points.txt", f"[{GROUP}]\nmine = mine\n")


ELSEWHERE = [
    ("[project.entry-points.testhost]", "[project.entry-points.otherhost]"),
    ("[project.entry-points.testhost]", "# [project.entry-points.testhost]"),
]


@pytest.mark.parametrize(("before", "after"), ELSEWHERE)
@pytest.mark.parametrize("first", [load, prepare_run])
def test_a_host_that_is_gone_from_the_metadata_for_a_while_sees_them_again(
    catalog, folder, first, before, after
):
    """The record keeps its entry points, so every start looks; one that is told records it."""
    text = (folder / "pyproject.toml").read_text()
    (folder / "pyproject.toml").write_text(text.replace(before, after))
    first(catalog)
    (skipped,) = load(catalog).skipped
    assert (skipped.plugin, skipped.reason) == ("mine", f"its source no longer names {GROUP}")
    assert skipped.fix == "correct its entry points, or plugreg refresh mine"
    with pytest.warns(RuntimeWarning, match="mine: its source no longer names testhost; correct"):
        assert plugins.discover(GROUP, catalog).report.skipped == [skipped]
    assert state_of(recorded(catalog)) == "changed"
    (folder / "pyproject.toml").write_text(text.replace("1.0", "2.0"))
    assert versions(load(catalog)) == [("mine", "2.0")]
    assert state_of(recorded(catalog)) == "ok"


def test_an_unmodified_host_gets_the_groups_of_now(catalog, folder):
    """Also while the record keeps those of before."""
    text = (folder / "pyproject.toml").read_text()
    (folder / "pyproject.toml").write_text(text.replace(GROUP, "otherhost"))
    environment = prepare_run(catalog).environment
    code = "import importlib.metadata as m; print(*(e.group for e in m.entry_points(name='mine')))"
    shown = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True)
    assert shown.stdout == b"otherhost\n"
    assert recorded(catalog).groups == (GROUP,)


def test_a_module_whose_host_is_another_for_a_while_is_seen_again(catalog, tmp_path):
    """What its block says is metadata as well."""
    path = tmp_path / "mine.py"
    block = '# /// script\n# [tool.plugreg]\n# group = "testhost"\n# ///\n'
    path.write_text(block + GREETER)
    record(catalog, path)
    path.write_text(block.replace(GROUP, "otherhost") + GREETER)
    assert names(load(catalog).skipped) == ["mine"]
    path.write_text(block + GREETER)
    assert names(load(catalog).loaded) == ["mine"]


def test_a_distribution_without_the_host_for_one_version_is_seen_again(catalog, installed, site):
    """In an environment that does not change meanwhile, too."""
    shutil.rmtree(installed)
    info = install(site, "mine", "2.0", entry="mine")
    (info / "entry_points.txt").write_text("[otherhost]\nmine = mine\n")
    for _ in range(2):
        assert names(load(catalog).skipped) == ["mine"]
    shutil.rmtree(info)
    install(site, "mine", "3.0", entry="mine")
    assert versions(load(catalog)) == [("mine", "3.0")]


@pytest.mark.parametrize("told", [{"group": GROUP, "name": "said"}, {}])
def test_a_module_that_was_edited_is_read_again(catalog, tmp_path, told):
    """Also one whose host was said by options."""
    path = tmp_path / "mine.py"
    block = '# /// script\n# [tool.plugreg]\n# group = "testhost"\n# version = "{}"\n# ///\n'
    path.write_text(GREETER if told else block.format("1") + GREETER)
    with Registry.open(catalog) as registry:
        registry.add(plugins.read_project(path, **told))
    text = '"""What it does."""\n' + path.read_text().replace('version = "1"', 'version = "2"')
    path.write_text(text)
    report = load(catalog)
    assert versions(report) == [("said", "0") if told else ("mine", "2")]
    assert report.warnings == []
    assert state_of(recorded(catalog)) == "ok"


class Lines:
    """A source of another package: folders whose `lines` say version and group."""

    @plugins.hookimpl
    def plugreg_read_project(self, request):
        """Read a folder that has such a file."""
        file = os.path.join(request.path, "lines")
        if not request.path or not os.path.isfile(file):
            return None
        version, group = Path(file).read_text().split()
        return Project(
            name="mine",
            version=version,
            source=Source("lines", request.path),
            entry_points=[EntryPoint(group, "mine", "mine")],
            root=request.path,
            modules={"mine": "mine.py"},
            fingerprint=take_fingerprint(request.path, ["lines"]),
        )


@pytest.fixture
def lines(folder, catalog):
    """The file of such a folder, which is recorded."""
    lines = Lines()
    manager().register(lines)
    (folder / "pyproject.toml").rename(folder / "pyproject")
    (folder / "lines").write_text(f"1.0 {GROUP}")
    record(catalog, folder)
    yield folder / "lines"
    if manager().is_registered(lines):
        manager().unregister(lines)


def test_a_source_of_another_package_is_read_again(catalog, lines):
    """By that package, which is asked as it was when the source was added."""
    lines.write_text(f"2.0 {GROUP}")
    report = load(catalog)
    assert (versions(report), report.warnings) == ([("mine", "2.0")], [])
    assert recorded(catalog).source.kind == "lines"
    assert state_of(recorded(catalog)) == "ok"


def test_where_the_other_package_is_not_there_the_project_stays_as_it_was(catalog, lines):
    """Also where the folder is a project of another kind; the report says so."""
    lines.write_text(f"2.0 {GROUP}")
    for plugin in manager().get_plugins():
        if isinstance(plugin, Lines):
            manager().unregister(plugin)
    report = load(catalog)
    assert versions(report) == [("mine", "1.0")]
    assert "mine is taken as it was added, though its source changed" in report.warnings[0]
    (lines.parent / "pyproject").rename(lines.parent / "pyproject.toml")
    report = load(catalog)
    assert versions(report) == [("mine", "1.0")]
    (warning,) = report.warnings
    assert "is read as a directory now, and was added as lines; " in warning
    assert recorded(catalog).source.kind == "lines"


def test_a_reinstalled_distribution_is_read_again(catalog, installed, site):
    """Another version lies in another folder; the record follows."""
    assert versions(load(catalog)) == [("mine", "1.0")]
    shutil.rmtree(installed)
    install(site, "mine", "2.0", entry="mine")
    assert versions(load(catalog)) == [("mine", "2.0")]
    assert recorded(catalog).source.location == str(site / "mine-2.0.dist-info")
    assert versions(load(catalog)) == [("mine", "2.0")]


def test_a_distribution_reinstalled_in_place_is_read_again(catalog, installed, site):
    """The same version, with another entry point."""
    load(catalog)
    shutil.rmtree(installed)
    install(site, "mine", entry="mine")
    (installed / "entry_points.txt").write_text(f"[{GROUP}]\nother = mine\n")
    assert versions(load(catalog)) == [("other", "1.0")]


def test_an_uninstalled_distribution_is_reported(catalog, installed, add_project):
    """It is marked as missing, and is back when it is installed again."""
    add_project("good")
    load(catalog)
    kept = installed.parent.parent / "kept"
    installed.rename(kept)
    report = load(catalog)
    assert names(report.loaded) == ["good"]
    assert report.failed[0].reason.startswith("it is not installed any more")
    assert report.failed[0].fix == "pip install mine, or plugreg remove mine"
    assert state_of(recorded(catalog)) == "missing"
    kept.rename(installed)
    assert names(load(catalog).loaded) == ["good", "mine"]


def test_two_environments_do_not_fight(catalog, installed, site, tmp_path, monkeypatch):
    """Each has its own version of a plug-in; the record stays that of the first."""
    other = tmp_path / "other" / "site-packages"
    other.mkdir(parents=True)
    install(other, "mine", "9.0", entry="mine")
    path = list(os.sys.path)
    for _ in range(2):
        monkeypatch.setattr("sys.path", [*path[:-1], str(other)])
        assert versions(load(catalog)) == [("mine", "9.0")]
        monkeypatch.setattr("sys.path", path)
        assert versions(load(catalog)) == [("mine", "1.0")]
    assert recorded(catalog).version == "1.0"
    monkeypatch.setattr("sys.path", path[:-1])
    (skipped,) = load(catalog).skipped
    assert skipped.reason == f"it is installed in another environment: {installed}"


def test_a_read_only_catalog_serves_a_reinstalled_distribution(
    catalog, installed, site, monkeypatch
):
    """What it cannot record is kept with the verdicts: only the first start looks."""
    shutil.rmtree(installed)
    install(site, "mine", "2.0", entry="mine")
    with Registry.open(catalog, read_only=True) as registry:
        assert versions(load(registry)) == [("mine", "2.0")]
        monkeypatch.setattr("importlib.metadata.distribution", None)
        assert versions(load(registry)) == [("mine", "2.0")]
        assert registry["mine"].version == "1.0"


def test_what_is_newly_installed_is_taken_up(catalog, site):
    """With installed=True, at the first start afterwards; what is gone is marked."""
    assert load(catalog, installed=True).loaded == []
    info = install(site, "mine", entry="mine")
    assert versions(load(catalog, installed=True)) == [("mine", "1.0")]
    shutil.rmtree(info)
    assert names(load(catalog, installed=True).failed) == ["mine"]
    assert state_of(recorded(catalog)) == "missing"
    install(site, "mine", "2.0", entry="mine")
    assert versions(load(catalog, installed=True)) == [("mine", "2.0")]


def test_what_is_newly_installed_into_any_folder_of_the_path_is_taken_up(
    catalog, tmp_path, monkeypatch
):
    """Such as one that `pip install --target` has made; a working folder is not watched."""
    folder = tmp_path / "plug-ins of all"
    for made in (folder, tmp_path / "work"):
        made.mkdir()
        monkeypatch.syspath_prepend(str(made))
    monkeypatch.chdir(tmp_path / "work")
    install(folder, "one", entry="one")
    assert names(load(catalog, installed=True).loaded) == ["one"]
    install(folder, "two", entry="two")
    assert names(load(catalog, installed=True).loaded) == ["one", "two"]
    monkeypatch.setattr("importlib.metadata.entry_points", None)
    (tmp_path / "work" / "notes").touch()
    assert names(load(catalog, installed=True).loaded) == ["one", "two"]


@pytest.mark.parametrize("ask", [plugins.load, plugins.discover])
def test_a_folder_of_the_working_directory_is_not_taken_for_what_is_installed(
    catalog, site, tmp_path, monkeypatch, ask
):
    """It has the distribution's name and metadata of a project, and nobody has added it."""
    info = install(site, "mine", entry="mine")
    (tmp_path / "work" / "mine").mkdir(parents=True)
    write_pyproject(tmp_path / "work" / "mine", "6.6", entry="evil")
    monkeypatch.chdir(tmp_path / "work")
    host = pluggy.PluginManager(GROUP) if ask is plugins.load else GROUP
    ask(host, catalog=catalog, installed=True)
    now = recorded(catalog)
    assert (now.source.kind, now.source.location) == ("distribution", str(info))
    assert code_state(now) != "changed"


def test_a_distribution_that_becomes_a_plug_in_is_taken_up(catalog, site):
    """It was known for another host, and its new version is for this one, too."""
    info = install(site, "mine", entry="mine")
    (info / "entry_points.txt").write_text("[otherhost]\nmine = mine\n")
    known = record(catalog, "mine")
    shutil.rmtree(info)
    install(site, "mine", "2.0", entry="mine")
    assert versions(load(catalog, installed=True)) == [("mine", "2.0")]
    assert recorded(catalog).digest == known.digest


def test_verify_refuses_what_changed_since_it_was_approved(catalog, folder):
    """The code is not imported; adding it again approves it."""
    assert versions(load(catalog, verify=True)) == [("mine", "1.0")]
    (folder / "mine.py").write_text("raise AssertionError('imported')")
    (skipped,) = load(catalog, verify=True).skipped
    assert skipped.reason == "its code is not what was approved: it changed since"
    assert skipped.fix == "look at it; plugreg refresh mine approves it"
    (folder / "mine.py").write_text("new = 1")
    record(catalog, folder)
    assert versions(load(catalog, verify=True)) == [("mine", "1.0")]


def test_a_load_without_verify_approves_nothing(catalog, folder):
    """A host that does not ask takes the changed project, and one that asks still refuses it."""
    write_pyproject(folder, "2.0")
    assert versions(load(catalog)) == [("mine", "2.0")]
    assert names(load(catalog, verify=True).skipped) == ["mine"]


def test_verify_covers_what_is_installed(catalog, installed, site):
    """A file of its RECORD that was changed, whatever its metadata say."""
    (installed / "RECORD").write_text("mine.py,,\n")
    record(catalog, "mine")
    assert names(load(catalog, verify=True).loaded) == ["mine"]
    (site / "mine.py").write_text("raise AssertionError('imported')")
    assert names(load(catalog, verify=True).skipped) == ["mine"]


def test_verify_refuses_what_has_no_digest(catalog, add_project):
    """What another program recorded, or what is too large for one."""
    add_project("one")
    (skipped,) = load(catalog, verify=True).skipped
    assert skipped.reason == "no digest of its code was recorded when it was added"


def test_without_verify_no_file_is_read(catalog, folder, monkeypatch):
    """A start pays for digests only where it asks for them."""
    monkeypatch.setattr("plugreg.code_digest.take_digest", None)
    assert versions(load(catalog)) == [("mine", "1.0")]


def test_an_unchanged_start_looks_at_each_metadata_file_and_at_little_else(
    catalog, tmp_path, monkeypatch
):
    """So its cost stays that of some stat calls a project, however many files a project has."""
    looked = []

    def counted(name):
        ordinary = getattr(os, name)

        def look(path, *rest, **named):
            looked.append(os.fspath(path))
            return ordinary(path, *rest, **named)

        monkeypatch.setattr(os, name, look)

    many = 30
    for number in range(many):
        place = tmp_path / f"p{number}"
        place.mkdir()
        text = PYPROJECT.format(version=1, entry="mine").replace("mine", f"mine_{number}")
        (place / "pyproject.toml").write_text(text)
        (place / f"mine_{number}.py").touch()
        for extra in range(20):
            (place / f"other_{extra}.py").touch()
        record(catalog, place)
    plugins.discover(GROUP, catalog)
    for name in ("stat", "access", "listdir", "scandir"):
        counted(name)
    plugins.discover(GROUP, catalog)
    inside = [path for path in looked if str(path).startswith(str(tmp_path / "p"))]
    assert many <= len(inside) <= 8 * many
    assert not any("other_" in str(path) for path in inside)
    assert len(looked) - len(inside) < 3 * many


def test_a_catalog_that_is_being_written_is_renewed_later(catalog, folder):
    """A start loads what is there now, and does not wait for the writer; the next one records."""
    holder = sqlite3.connect(catalog, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    try:
        write_pyproject(folder, "2.0", "second")
        pm = pluggy.PluginManager(GROUP)
        report = plugins.load(pm, catalog=catalog, timeout_s=0)
        assert [(each.plugin, each.version) for each in report.loaded] == [("second", "2.0")]
    finally:
        holder.close()
    assert recorded(catalog).version == "1.0"
    plugins.load(pluggy.PluginManager(GROUP), catalog=catalog)
    assert recorded(catalog).version == "2.0"
