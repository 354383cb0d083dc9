"""What is skipped before its code is imported, with the reason and the fix."""

from __future__ import annotations

import builtins
import importlib.metadata
import importlib.util
import os
import platform
import sys
from pathlib import Path

import pluggy
import pytest

from plugreg import EntryPoint, Project, Registry, Source, SourceError, plugins, take_digest
from plugreg.plain import dumps
from tests.plugins.hosts.conftest import GROUP, install
from tests.plugins.hosts.test_loading import names

NEVER = "raise AssertionError('imported')"
HERE = platform.python_version()


OBSTACLES = {
    "a later Python": (
        {"requires_python": ">=3.99"},
        f"it needs Python >=3.99, and this is {HERE}",
        "run the host with such a Python, or plugreg disable bad",
    ),
    "another version of the host, in a requirement": (
        {"dependencies": ["TestHost>=2,<3"]},
        "it needs testhost <3,>=2, and this is 1.0",
        "install such a version of testhost, or plugreg disable bad",
    ),
    "another version of the host, in its own table": (
        {"hosts": {"testhost": ">=2"}, "dependencies": ["testhost>=1"]},
        "it needs testhost >=2, and this is 1.0",
        "install such a version of testhost, or plugreg disable bad",
    ),
    "a missing dependency of a version that is a command": (
        {"dependencies": ["nowhere===1'`id`"]},
        "it needs nowhere===1'`id`, which is not installed here",
        "pip install 'nowhere===1'\"'\"'`id`' or plugreg add it, or plugreg disable bad",
    ),
    "a missing dependency": (
        {"dependencies": ["nowhere-to-be-found>=2"]},
        "it needs nowhere-to-be-found>=2, which is not installed here",
        "pip install 'nowhere-to-be-found>=2' or plugreg add it, or plugreg disable bad",
    ),
    "two missing dependencies": (
        {"dependencies": ["nowhere", "pluggy", "nothing[extra]"]},
        "it needs nowhere and nothing, which are not installed here",
        "pip install nowhere nothing or plugreg add it, or plugreg disable bad",
    ),
}


@pytest.mark.parametrize("case", OBSTACLES)
def test_what_cannot_work_is_skipped_and_not_imported(pm, catalog, add_project, site, case):
    """The report says why and what to do; the others load, now and at the next start."""
    fields, reason, fix = OBSTACLES[case]
    install(site, "testhost")
    add_project("bad", NEVER, **fields)
    add_project("good")
    for _ in range(2):
        manager = pluggy.PluginManager(GROUP)
        report = plugins.load(manager, catalog=catalog)
        assert names(report.loaded) == ["good"]
        assert [(o.plugin, o.reason, o.fix) for o in report.skipped] == [("bad", reason, fix)]
        assert report.failed == []
        assert manager.is_blocked("bad")
    with pytest.warns(RuntimeWarning, match="bad: it needs"):
        assert [entry.project for entry in plugins.discover(GROUP, catalog)] == ["good"]


@pytest.mark.parametrize(
    "fields",
    [
        {"requires_python": f">=3.11,<={HERE}"},
        {"requires_python": "any Python you like"},
        {"hosts": {"testhost": ">=1", "otherhost": ">=9"}},
        {"hosts": {"testhost": ""}, "dependencies": ["testhost>=9"]},
        {"dependencies": ["testhost==1.*", "pluggy", "not a requirement at all"]},
        {"dependencies": ["nowhere; python_version < '3'", "nowhere; extra == 'more'"]},
        {"dependencies": ["json", "Other_One"]},
    ],
    ids=str,
)
def test_what_hinders_nothing(pm, catalog, add_project, site, fields):
    """What fits; what is of another host, system or Python; what is no requirement; a module, or a
    project of the catalog.
    """
    install(site, "testhost")
    add_project("one", **fields)
    add_project("other-one")
    assert names(plugins.load(pm, catalog=catalog).loaded) == ["one", "other_one"]


def test_a_host_that_is_not_installed_is_not_missing(pm, catalog, add_project):
    """It is running, so it is there; its version is not known."""
    add_project("one", dependencies=["testhost>=9"])
    assert names(plugins.load(pm, catalog=catalog).loaded) == ["one"]


def test_the_hosts_name_is_that_of_its_group_or_of_its_manager(catalog, add_project, site):
    """Pytest's group is pytest11, and its manager is called pytest."""
    install(site, "myhost")
    add_project("one", NEVER, hosts={"myhost": ">=2"}, group="myhost11")
    assert plugins.load(pluggy.PluginManager("myhost"), "myhost11", catalog=catalog).skipped


def test_what_was_missing_is_noticed_when_it_comes(pm, catalog, add_project, site):
    """As a distribution, and as a module in a folder that is no site-packages."""
    other = site.parent / "other"
    other.mkdir()
    sys.path.append(str(other))
    add_project("one", dependencies=["late-comer"])
    add_project("two", dependencies=["late-module"])
    assert names(plugins.load(pm, catalog=catalog).skipped) == ["one", "two"]
    install(site, "late_comer")
    assert names(plugins.load(pm, catalog=catalog).loaded) == ["one"]
    (other / "late_module.py").write_text("")
    assert names(plugins.load(pm, catalog=catalog).loaded) == ["two"]


def test_what_is_uninstalled_is_noticed(catalog, add_project, site):
    """The verdict of yesterday does not stand when the environment changed."""
    info = install(site, "needed")
    add_project("one", dependencies=["needed"])
    assert names(plugins.load(pluggy.PluginManager(GROUP), catalog=catalog).loaded) == ["one"]
    (info / "METADATA").unlink()
    info.rmdir()
    assert names(plugins.load(pluggy.PluginManager(GROUP), catalog=catalog).skipped) == ["one"]


def test_what_needs_a_refused_project_is_refused(pm, catalog, add_project):
    """A project of the catalog counts as there only where it is loaded itself."""
    add_project("one", NEVER, dependencies=["two"])
    add_project("two", NEVER, dependencies=["three"])
    add_project("three", NEVER, requires_python="<3")
    report = plugins.load(pm, catalog=catalog)
    assert names(report.skipped) == ["one", "three", "two"]
    assert report.failed == []
    reason = f"it needs three, which cannot work here: it needs Python <3, and this is {HERE}"
    [two] = [outcome for outcome in report.skipped if outcome.plugin == "two"]
    assert (two.reason, two.fix) == (reason, "see to three first, or plugreg disable two")


@pytest.fixture
def library(tmp_path, catalog):
    """Return a function that records a project of one module without any entry point."""

    def add(name: str, dependencies: str = "[]", code: str = "") -> Path:
        folder = tmp_path / "libraries" / name
        folder.mkdir(parents=True)
        (folder / f"{name}.py").write_text(code or "origin = __name__")
        (folder / "pyproject.toml").write_text(
            f'[project]\nname = "{name}"\nversion = "1.0"\ndependencies = {dependencies}\n'
        )
        with Registry.open(catalog) as registry:
            registry.add(plugins.read_project(folder))
        return folder

    return add


def load(catalog, **how):
    """Load into a fresh host; returns the report."""
    sys.modules.pop("one", None)
    return plugins.load(pluggy.PluginManager(GROUP), catalog=catalog, **how)


def test_a_library_of_the_catalog_is_there_for_what_needs_it(catalog, add_project, library):
    """As the fix says; with what it needs itself, in this start and in the next ones."""
    add_project("one", "import lib, lower", dependencies=["lib>=1"])
    assert load(catalog).skipped[0].fix.startswith("pip install 'lib>=1' or plugreg add it, ")
    library("lower")
    library("lib", '["lower"]', "import lower")
    library("unasked")
    for _ in range(2):
        assert names(load(catalog).loaded) == ["one"]
    assert [entry.load().lib.__name__ for entry in plugins.discover(GROUP, catalog)] == ["lib"]
    assert importlib.util.find_spec("unasked") is None


def test_a_library_is_there_as_long_as_it_is_on(catalog, add_project, library):
    """Every switch of it is seen, and so is every change and its end."""
    add_project("one", dependencies=["lib"])
    folder = library("lib")
    assert names(load(catalog).loaded) == ["one"]
    with Registry.open(catalog) as registry:
        registry.disable("lib")
    assert names(load(catalog).skipped) == ["one"]
    with Registry.open(catalog) as registry:
        registry.enable("lib")
    assert names(load(catalog).loaded) == ["one"]
    text = (folder / "pyproject.toml").read_text()
    (folder / "pyproject.toml").write_text(text + 'requires-python = "<3"\n')
    [skipped] = load(catalog).skipped
    assert skipped.reason.startswith("it needs lib, which cannot work here: it needs Python <3")
    (folder / "pyproject.toml").write_text(text)
    assert names(load(catalog).loaded) == ["one"]
    folder.rename(folder.parent / "away")
    assert "lib, which cannot work here: its code is gone" in load(catalog).skipped[0].reason
    (folder.parent / "away").rename(folder)
    assert names(load(catalog).loaded) == ["one"]
    (folder / "lib.py").rename(folder / "elsewhere.py")
    load(catalog)
    (folder / "elsewhere.py").rename(folder / "lib.py")
    load(catalog)
    with Registry.open(catalog) as registry:
        assert registry["lib"].modules == {"lib": "lib.py"}


def test_what_needs_a_library_that_is_not_as_approved_is_refused(catalog, add_project, library):
    """By a load that asks for that; the plug-in itself is as it was."""
    folder = library("lib")
    with Registry.open(catalog) as registry:
        plugin = add_project("one", "import lib", dependencies=["lib"])
        registry.add(registry["one"].replace(digest=take_digest(plugin)))
    assert names(load(catalog, verify=True).loaded) == ["one"]
    (folder / "lib.py").write_text("raise AssertionError('imported')")
    sys.modules.pop("lib", None)
    [skipped] = load(catalog, verify=True).skipped
    assert skipped.reason == "it needs lib: its code is not what was approved: it changed since"
    assert skipped.fix == "look at it; plugreg refresh lib approves it"


def test_broken_metadata_are_there_all_the_same(pm, catalog, add_project, site):
    """Of what is installed without a version, or without metadata, nobody says it is missing."""
    (install(site, "needed") / "METADATA").write_text("Name: needed\n")
    (install(site, "other") / "METADATA").unlink()
    (install(site, "testhost") / "METADATA").write_text("Version: no version\n")
    add_project("one", dependencies=["needed>=1", "other"], hosts={"testhost": ">=1"})
    assert names(plugins.load(pm, catalog=catalog).loaded) == ["one"]


def test_a_working_directory_that_is_gone_hinders_nothing(pm, catalog, add_project, tmp_path):
    """Neither in an environment that changed, nor in one that did not."""
    add_project("bad", NEVER, dependencies=["nowhere"])
    add_project("good")
    (tmp_path / "gone").mkdir()
    before = os.getcwd()
    os.chdir(tmp_path / "gone")
    try:
        (tmp_path / "gone").rmdir()
        for _ in range(2):
            report = plugins.load(pluggy.PluginManager(GROUP), catalog=catalog)
            assert (names(report.loaded), names(report.skipped)) == (["good"], ["bad"])
    finally:
        os.chdir(before)


def test_odd_characters_in_a_place_are_kept(catalog, tmp_path):
    """A path with a tab, a newline and a blank is told as it is, at the second start, too."""
    place = tmp_path / "a b\tc\nd" / "mine-1.0.dist-info"
    place.mkdir(parents=True)
    with Registry.open(catalog) as registry:
        entries = [EntryPoint(GROUP, "mine", "mine")]
        source = Source("distribution", str(place))
        registry.add(Project(name="mine", version="1.0", source=source, entry_points=entries))
    for _ in range(2):
        report = plugins.load(pluggy.PluginManager(GROUP), catalog=catalog)
        assert str(place) in report.skipped[0].reason


def test_an_unchanged_environment_asks_nobody(pm, catalog, add_project, monkeypatch):
    """The second start imports no library of packaging's, and looks nothing up."""
    add_project("bad", NEVER, dependencies=["nowhere-to-be-found"])
    add_project("good", requires_python=">=3.11")
    asked = []
    ordinary = builtins.__import__

    def watched(name, *rest):
        asked.append(name)
        return ordinary(name, *rest)

    monkeypatch.setattr(builtins, "__import__", watched)
    plugins.load(pm, catalog=catalog)
    assert "gates.examination" in asked
    asked.clear()
    monkeypatch.setattr(importlib.metadata, "version", asked.append)
    report = plugins.load(pluggy.PluginManager(GROUP), catalog=catalog)
    assert (names(report.loaded), names(report.skipped)) == (["good"], ["bad"])
    assert not {"gates.examination", "packaging.requirements", "platformdirs"} & set(asked)


def test_where_nothing_can_be_kept_every_start_looks(
    pm, catalog, add_project, tmp_path, monkeypatch
):
    """Neither beside the catalog nor in the cache: the verdict is the same."""
    add_project("bad", NEVER, dependencies=["nowhere-to-be-found"])
    Path(f"{catalog}.overlay").write_text("in the way")
    (tmp_path / "blocked").write_text("in the way")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "blocked"))
    assert names(plugins.load(pm, catalog=catalog).skipped) == ["bad"]


def test_verdicts_that_others_could_have_written_are_not_believed(
    pm, catalog, add_project, tmp_path, monkeypatch
):
    """They are made again, in the user's cache."""
    add_project("one")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    plugins.load(pm, catalog=catalog)
    kept = [e for e in os.scandir(f"{catalog}.overlay") if e.name.endswith("gates")]
    os.chmod(f"{catalog}.overlay", 0o777)
    manifest = Path(kept[0].path, "manifest")
    forged = dumps([{"one": ["forged", "fix"]}, [], {}, []]).hex()
    manifest.write_text(manifest.read_text() + f"\0\nmemo\t\t{forged}")
    report = plugins.load(pluggy.PluginManager(GROUP), catalog=catalog)
    assert names(report.loaded) == ["one"]
    os.chmod(f"{catalog}.overlay", 0o700)
    report = plugins.load(pluggy.PluginManager(GROUP), catalog=catalog)
    assert report.skipped[0].reason == "forged"  # the file was believed where it is ours


@pytest.mark.parametrize(
    "damage", ["zz", "80", dumps([1]).hex(), dumps([{"one": 1}, [], {}]).hex()]
)
def test_damaged_verdicts_are_found_out_again(pm, catalog, add_project, damage):
    """A host does not go down with a file that can be made again."""
    add_project("one", NEVER, dependencies=["nowhere-to-be-found"])
    plugins.load(pm, catalog=catalog)
    [kept] = [e.path for e in os.scandir(f"{catalog}.overlay") if e.name.endswith("gates")]
    manifest = Path(kept, "manifest")
    manifest.write_text(manifest.read_text() + f"\0\nmemo\t\t{damage}")
    assert names(plugins.load(pluggy.PluginManager(GROUP), catalog=catalog).skipped) == ["one"]


def test_a_name_twice_is_told_with_both_projects(pm, catalog, add_project):
    """The first in load order has it; the other is not imported, and its fix names both."""
    add_project("first", entry_points=[EntryPoint(GROUP, "same", "first")])
    add_project("second", NEVER, entry_points=[EntryPoint(GROUP, "same", "second")])
    report = plugins.load(pm, catalog=catalog)
    assert [(o.project, o.plugin) for o in report.loaded] == [("first", "same")]
    (skipped,) = report.skipped
    assert skipped.reason == "first provides a plug-in of that name"
    assert skipped.fix == "plugreg disable first, or plugreg disable second"
    assert not pm.is_blocked("same")


def test_another_has_the_name_where_the_first_fails(pm, catalog, add_project):
    """A broken plug-in does not keep its name from the next."""
    add_project("first", "1 / 0", entry_points=[EntryPoint(GROUP, "same", "first")])
    add_project("second", entry_points=[EntryPoint(GROUP, "same", "second")])
    report = plugins.load(pm, catalog=catalog)
    assert [outcome.project for outcome in report.loaded] == ["second"]
    assert [outcome.project for outcome in report.failed] == ["first"]


def test_a_blocked_name_is_not_imported(pm, catalog, add_project):
    """The host's own word stands before the import."""
    add_project("bad", NEVER)
    pm.set_blocked("bad")
    report = plugins.load(pm, catalog=catalog)
    assert [outcome.reason for outcome in report.skipped] == ["the host has blocked the name"]


@pytest.mark.parametrize("kind", ["directory", "module"])
def test_the_hosts_table_is_read(tmp_path, kind):
    """From pyproject.toml, and from a module's own block."""
    table = '[tool.plugreg]\nhosts = {Data_Sette = ">=0.60"}\n'
    if kind == "directory":
        (tmp_path / "pyproject.toml").write_text(
            '[project]\nname = "mine"\nversion = "1"\n' + table
        )
        source = tmp_path
    else:
        source = tmp_path / "mine.py"
        lines = (table + 'group = "datasette"').splitlines()
        source.write_text("\n".join(["# /// script", *(f"# {line}" for line in lines), "# ///"]))
    assert plugins.read_project(source).hosts == {"data-sette": ">=0.60"}


def test_a_hosts_table_that_says_no_versions_is_refused(tmp_path):
    """The error names the key and the file."""
    text = '[project]\nname = "mine"\nversion = "1"\n[tool.plugreg]\nhosts = {x = "new ones"}\n'
    (tmp_path / "pyproject.toml").write_text(text)
    with pytest.raises(SourceError, match=r"`tool\.plugreg\.hosts`.*new ones"):
        plugins.read_project(tmp_path)
