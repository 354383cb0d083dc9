"""`plugins.load`: what a pluggy host gets, and what it is told."""

from __future__ import annotations

import sqlite3
import sys
from pathlib import Path

import pluggy
import pytest

from plugreg import EntryPoint, PlugregError, Registry, plugins
from plugreg.backends import RecordUnreadable

from .conftest import GREETER, GROUP, Spec


def names(outcomes) -> list[str]:
    """Return the plug-ins' names."""
    return [outcome.plugin for outcome in outcomes]


def test_enabled_projects_are_registered_under_their_entry_point_names(pm, catalog, add_project):
    """A project that is not installed is imported, registered and called."""
    add_project("one")
    report = plugins.load(pm, catalog=catalog)
    assert names(report.loaded) == ["one"]
    assert pm.get_plugin("one") is not None
    assert pm.hook.greet(name="you") == ["one greets you"]
    assert report.loaded[0].project == "one"
    assert report.loaded[0].version == "1.0"
    assert report.loaded[0].milliseconds > 0


def test_the_group_defaults_to_the_managers_project_name(catalog, add_project):
    """Projects of another group are not looked at unless that group is named."""
    add_project("one")
    add_project("other", group="otherhost")
    manager = pluggy.PluginManager(GROUP)
    assert names(plugins.load(manager, catalog=catalog).loaded) == ["one"]
    assert names(plugins.load(manager, group="otherhost", catalog=catalog).loaded) == ["other"]


def test_a_group_that_begins_like_another_is_another(catalog, add_project):
    """`testhost.extra` is no part of `testhost`."""
    add_project("one", group="testhost.extra")
    report = plugins.load(pluggy.PluginManager(GROUP), catalog=catalog)
    assert (report.loaded, report.failed, report.skipped) == ([], [], [])


def test_disabled_projects_are_skipped_with_the_fix_and_not_imported(pm, catalog, add_project):
    """Known is not on: the code of a disabled project does not run."""
    add_project("off", "raise AssertionError('imported')", enabled=False)
    report = plugins.load(pm, catalog=catalog)
    assert [(o.plugin, o.reason, o.fix) for o in report.skipped] == [
        ("off", "disabled", "plugreg enable off")
    ]
    assert report.failed == []


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("1 / 0", "ZeroDivisionError: division by zero"),
        ("import sys; sys.exit(3)", "SystemExit: 3"),
        ("assert 2 < 1, 'no'", "AssertionError: no"),
        ("import nowhere_to_be_found", "ModuleNotFoundError: No module named"),
        ("raise BaseException", "BaseException"),
        ("raise GeneratorExit", "GeneratorExit"),
        ("def broken(:", "SyntaxError:"),
    ],
)
def test_a_broken_plug_in_is_reported_and_the_others_load(pm, catalog, add_project, code, reason):
    """Whatever a plug-in raises on import is one line in the report."""
    add_project("bad", code)
    add_project("good")
    report = plugins.load(pm, catalog=catalog)
    assert names(report.loaded) == ["good"]
    assert names(report.failed) == ["bad"]
    failed = report.failed[0]
    assert failed.reason.startswith(reason)
    assert "plugreg disable bad" in failed.fix
    assert failed.error is not None
    assert "bad" in str(report)


def test_a_missing_dependency_is_named_in_the_fix(pm, catalog, add_project):
    """What is missing is not the plug-in's own module: the fix is to install it."""
    add_project("bad", "import nowhere.to_be_found")
    fix = plugins.load(pm, catalog=catalog).failed[0].fix
    assert fix == "install what provides `nowhere`, or plugreg disable bad"


def test_a_module_that_a_project_has_not_is_its_own_fault(pm, catalog, add_project):
    """Nothing can be installed for that: the entry point is wrong."""
    add_project("bad", entry_points=[EntryPoint(GROUP, "bad", "nowhere")])
    fix = plugins.load(pm, catalog=catalog).failed[0].fix
    assert fix == (
        "correct its entry point: the project has no module `nowhere`, or plugreg disable bad"
    )


def test_an_attribute_that_is_not_there_is_reported(pm, catalog, add_project):
    """An entry point can name an attribute that the module has not."""
    add_project("bad", "", entry_points=[EntryPoint(GROUP, "bad", "bad:nothing")])
    report = plugins.load(pm, catalog=catalog)
    assert report.failed[0].reason == "AttributeError: module 'bad' has no attribute 'nothing'"


def test_a_hook_that_does_not_fit_is_reported_and_leaves_nothing_behind(pm, catalog, add_project):
    """Pluggy registers half of such a plug-in; none of it stays."""
    add_project("bad", GREETER.replace("greet(name)", "greet(nonsense)"))
    report = plugins.load(pm, catalog=catalog)
    assert "nonsense" in report.failed[0].reason
    assert not pm.has_plugin("bad")
    assert pm.hook.greet(name="you") == []


def test_keyboard_interrupt_passes(pm, catalog, add_project):
    """Ctrl-C is the user's, not a plug-in's fault."""
    add_project("slow", "raise KeyboardInterrupt")
    with pytest.raises(KeyboardInterrupt):
        plugins.load(pm, catalog=catalog)


def test_strict_raises_at_the_first_fault(pm, catalog, add_project):
    """With strict the host fails as it would have without plugreg, but with the name."""
    add_project("bad", "1 / 0")
    with pytest.raises(PlugregError, match="plug-in bad of bad 1.0: ZeroDivisionError") as caught:
        plugins.load(pm, catalog=catalog, strict=True)
    assert isinstance(caught.value.__cause__, ZeroDivisionError)


def test_order_is_priority_then_name_and_pluggy_calls_the_last_first(pm, catalog, add_project):
    """The highest priority is loaded last, so that pluggy calls its hooks first."""
    for name, priority in (("b", 0), ("a", 0), ("z", -5), ("c", 7)):
        add_project(name, priority=priority)
    report = plugins.load(pm, catalog=catalog)
    assert names(report.loaded) == ["z", "a", "b", "c"]
    assert [greeting[0] for greeting in pm.hook.greet(name="you")] == ["c", "b", "a", "z"]


def test_distinfo_names_the_projects_without_importlib_metadata(pm, catalog, add_project):
    """`list_plugin_distinfo` has name and version at once, and everything else on demand."""
    add_project("My_Plugin", summary="All it does")
    plugins.load(pm, catalog=catalog)
    [(plugin, dist)] = pm.list_plugin_distinfo()
    assert plugin is pm.get_plugin("My_Plugin")
    assert (dist.project_name, dist.version) == ("My_Plugin", "1.0")
    assert dist.metadata["Summary"] == "All it does"
    assert [entry.name for entry in dist.entry_points] == ["My_Plugin"]


def test_a_host_that_scans_afterwards_gets_nothing_twice_and_nothing_that_is_off(
    pm, catalog, add_project
):
    """Failed and disabled names are blocked, loaded ones are there already."""
    add_project("good")
    add_project("bad", "1 / 0")
    add_project("off", enabled=False)
    plugins.load(pm, catalog=catalog)
    assert pm.is_blocked("bad")
    assert pm.is_blocked("off")
    assert not pm.is_blocked("good")
    assert pm.load_setuptools_entrypoints(GROUP) == 0
    assert [name for name, plugin in pm.list_name_plugin() if plugin] == ["good"]


def test_a_name_that_a_loaded_project_provides_is_not_blocked(pm, catalog, add_project):
    """Two projects for one name, one of them off: the one that is on stays."""
    add_project("old", entry_points=[EntryPoint(GROUP, "shared", "old")], enabled=False)
    add_project("new", entry_points=[EntryPoint(GROUP, "shared", "new")])
    report = plugins.load(pm, catalog=catalog)
    assert names(report.loaded) == ["shared"]
    assert not pm.is_blocked("shared")


def test_a_name_that_the_host_has_blocked_or_taken_is_skipped(pm, catalog, add_project):
    """The host's own word counts, and its own plug-in stays."""
    pm.set_blocked("one")
    own = type("Own", (), {})()
    pm.register(own, name="two")
    add_project("one")
    add_project("two")
    report = plugins.load(pm, catalog=catalog)
    assert names(report.skipped) == ["one", "two"]
    assert pm.get_plugin("two") is own


@pytest.mark.parametrize("given", ["all", "one", "ONE, nothing", "one,two"])
def test_safe_mode_switches_off_for_one_run(pm, catalog, add_project, monkeypatch, given):
    """PLUGREG_DISABLE takes names or "all", and leaves the catalog as it is."""
    add_project("one")
    monkeypatch.setenv("PLUGREG_DISABLE", given)
    report = plugins.load(pm, catalog=catalog)
    assert names(report.skipped) == ["one"]
    assert "PLUGREG_DISABLE" in report.skipped[0].reason
    monkeypatch.delenv("PLUGREG_DISABLE")
    fresh = pluggy.PluginManager(GROUP)
    fresh.add_hookspecs(Spec)
    assert names(plugins.load(fresh, catalog=catalog).loaded) == ["one"]


@pytest.mark.parametrize("code", ["del sys.path[:]", "sys.path = []", "sys.path = None"])
def test_what_a_plugin_takes_from_the_path_comes_back(pm, catalog, add_project, code):
    """The plug-ins after it find their modules, and the host its own; what is new stays."""
    add_project("evil", f"import sys\n{code}\nsys.path = ['/new', *(sys.path or [])]")
    sys.modules.pop("colorsys", None)
    add_project("good", f"import colorsys\n{GREETER}")
    before = list(sys.path)
    report = plugins.load(pm, catalog=catalog)
    assert names(report.loaded) == ["evil", "good"]
    assert report.warnings == ["evil took from sys.path what others need: it is back"]
    assert [entry for entry in sys.path if "overlay" not in entry] == ["/new", *before]


def test_what_a_lazy_entry_takes_from_the_path_comes_back(catalog, add_project):
    """The entries after it find their modules."""
    add_project("evil", "import sys\ndel sys.path[:]")
    add_project("good")
    before = list(sys.path)
    for entry in plugins.discover(GROUP, catalog):
        assert entry.load().__name__ == entry.name
    assert [entry for entry in sys.path if "overlay" not in entry] == before


def test_a_module_below_one_that_another_hides_is_a_failure_of_that(pm, catalog, add_project):
    """The entry point is right: it is not the project's package that Python finds."""
    project = add_project(
        "mine", modules={"json": "json"}, entry_points=[EntryPoint(GROUP, "mine", "json.hooks")]
    )
    Path(project.root, "json").mkdir()
    Path(project.root, "json", "hooks.py").touch()
    (failed,) = plugins.load(pm, catalog=catalog).failed
    assert "its module is hidden by another of that name" in failed.reason
    assert failed.fix == "rename its module, or plugreg disable mine"


@pytest.mark.parametrize(
    ("value", "code", "fix"),
    [
        ("mine.sub", "", "correct its entry point: the project has no module `mine.sub`"),
        ("mine", "import mine.sub", "mend the plug-in"),
        ("mine", "raise ModuleNotFoundError('lost', name='mine')", "plugreg refresh mine"),
    ],
)
def test_a_module_that_a_package_lacks_is_told_as_what_it_is(
    catalog, add_project, value, code, fix
):
    """Wrong is the entry point, the package, or what is known of it."""
    pm = pluggy.PluginManager(GROUP)
    entry = EntryPoint(GROUP, "mine", value)
    project = add_project("mine", modules={"mine": "mine"}, entry_points=[entry])
    Path(project.root, "mine.py").unlink()
    Path(project.root, "mine").mkdir()
    Path(project.root, "mine", "__init__.py").write_text(code)
    (failed,) = plugins.load(pm, catalog=catalog).failed
    assert failed.fix == f"{fix}, or plugreg disable mine"


def test_a_module_beside_the_known_ones_is_told_as_one(pm, catalog, add_project):
    """Nobody has to install what lies there; the metadata have to name it."""
    project = add_project("mine", "import beside")
    Path(project.root, "beside.py").touch()
    (failed,) = plugins.load(pm, catalog=catalog).failed
    assert failed.fix == (
        "name `beside` among the project's modules in its metadata, and plugreg refresh mine,"
        " or plugreg disable mine"
    )


def test_a_project_whose_directory_is_gone_is_reported(pm, catalog, add_project):
    """The others load; the report says what to do."""
    import shutil

    project = add_project("gone")
    add_project("good")
    shutil.rmtree(project.root)
    report = plugins.load(pm, catalog=catalog)
    assert names(report.loaded) == ["good"]
    assert "does not exist" in report.failed[0].reason
    assert "plugreg remove gone" in report.failed[0].fix
    with pytest.raises(PlugregError, match="plug-in gone of gone") as caught:
        plugins.load(pm, catalog=catalog, strict=True)
    assert (caught.value.code, caught.value.hint) == ("plugin-failed", report.failed[0].fix)


@pytest.mark.parametrize("place", ["project", "elsewhere"])
def test_a_project_as_recorded_whose_code_is_gone_is_reported(pm, catalog, tmp_path, place):
    """Its code goes with its metadata, or from a folder of its own, where that is as it was."""
    for folder in ("project", "elsewhere"):
        (tmp_path / folder).mkdir()
    (tmp_path / "project" / "pyproject.toml").write_text(
        f'[project]\nname = "gone"\nversion = "1.0"\nentry-points.{GROUP}.gone = "gone"\n'
    )
    with Registry.open(catalog) as registry:
        project = plugins.read_project(tmp_path / "project")
        registry.add(project.replace(root=str(tmp_path / place)))
    (tmp_path / place).rename(tmp_path / "away")
    report = plugins.load(pm, catalog=catalog)
    assert f"{tmp_path / place} does not exist" in report.failed[0].reason


def test_a_damaged_record_is_reported_and_the_others_load(pm, catalog, add_project):
    """One bad record stays one bad record."""
    add_project("bad")
    add_project("good")
    with sqlite3.connect(catalog) as connection:
        connection.execute("UPDATE Dict SET value = ? WHERE key = ?", (b"\x80\x04testhost", b"bad"))
    connection.close()
    report = plugins.load(pm, catalog=catalog)
    assert names(report.loaded) == ["good"]
    assert report.failed[0].project == "bad"
    assert "plugreg remove bad" in report.failed[0].fix
    with pytest.raises(RecordUnreadable) as caught:
        plugins.load(pm, catalog=catalog, strict=True)
    assert caught.value.details["name"] == "bad"
    assert caught.value.__cause__ is None


def test_a_catalog_that_does_not_exist_is_empty(pm, catalog):
    """A host starts before anybody has added anything, and makes no file."""
    from pathlib import Path

    report = plugins.load(pm, catalog=catalog)
    assert str(report) == "testhost: 0 loaded, 0 failed, 0 skipped"
    assert not Path(catalog).exists()


def test_a_catalog_that_cannot_be_read_is_in_the_report(pm, tmp_path):
    """It does not take the host down; with strict it does."""
    path = tmp_path / "catalog"
    path.write_text("not a catalog\n")
    report = plugins.load(pm, catalog=path)
    assert "catalog" in str(report.catalog_error)
    with pytest.raises(PlugregError):
        plugins.load(pm, catalog=path, strict=True)


def test_an_open_registry_serves_as_the_catalog(pm, catalog, add_project):
    """A host that has the registry open need not open it again."""
    add_project("one")
    with Registry.open(catalog) as registry:
        assert names(plugins.load(pm, catalog=registry).loaded) == ["one"]
        assert len(registry) == 1


def test_a_report_can_be_pickled_without_its_exceptions(pm, catalog, add_project):
    """Reports travel between processes; exceptions may not."""
    import pickle

    add_project("bad", "class Odd(Exception):\n    pass\nraise Odd('x')")
    failed = plugins.load(pm, catalog=catalog).failed[0]
    again = pickle.loads(pickle.dumps(failed))
    assert (again.plugin, again.reason, again.error) == ("bad", "Odd: x", None)


def test_installed_distributions_are_taken_up_once_and_when_they_change(catalog, monkeypatch):
    """With installed=True nobody has to remember a scan; what is known keeps its switches."""
    manager = pluggy.PluginManager("pytest11")
    manager.set_blocked("hypothesispytest")
    plugins.load(manager, catalog=catalog, installed=True)
    with Registry.open(catalog) as registry:
        assert "hypothesis" in registry
        assert registry["hypothesis"].source.kind == "distribution"
        registry.disable("hypothesis")
    plugins.load(manager, catalog=catalog, installed=True)
    with Registry.open(catalog) as registry:
        assert not registry["hypothesis"].enabled


def test_an_error_that_cannot_be_shown_is_still_reported(pm, catalog, add_project):
    """Not even its message can take the host down, or steer the terminal."""
    broken = "class Odd(Exception):\n    def __str__(self): raise ValueError\nraise Odd"
    add_project("broken", broken)
    add_project("loud", "raise RuntimeError('\\x1b[31mred\\x07')")
    report = plugins.load(pm, catalog=catalog)
    assert [failed.reason for failed in report.failed] == ["Odd", "RuntimeError: ?[31mred?"]


def test_a_mended_plug_in_loads_at_the_next_load(pm, catalog, add_project):
    """A name that plugreg itself has blocked is no word of the host's."""
    from pathlib import Path

    project = add_project("mended", "1 / 0")
    assert names(plugins.load(pm, catalog=catalog).failed) == ["mended"]
    (Path(project.root) / "mended.py").write_text(GREETER + "\n# longer now\n")
    assert names(plugins.load(pm, catalog=catalog).loaded) == ["mended"]
