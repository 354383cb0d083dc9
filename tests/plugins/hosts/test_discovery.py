"""`plugins.discover`: what a host without pluggy gets, and what it is told of the rest."""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
import warnings
from pathlib import Path

import pluggy
import pytest

from plugreg import EntryPoint, PlugregError, Registry, backends, plugins

from .conftest import GROUP, install
from .test_loading import names

NEVER = "raise AssertionError('imported')"


@pytest.fixture
def troubled(catalog, add_project, monkeypatch):
    """A catalog with two plug-ins that are well, and one of each that is left out."""
    add_project("a-first", entry_points=[EntryPoint(GROUP, "shared", "a_first")])
    add_project("good")
    add_project("b-second", NEVER, entry_points=[EntryPoint(GROUP, "shared", "b_second")])
    add_project("off", NEVER, enabled=False)
    add_project("safe", NEVER)
    monkeypatch.setenv("PLUGREG_DISABLE", "safe")
    add_project("needy", NEVER, dependencies=["nowhere-to-be-found"])
    add_project("newer", NEVER, requires_python=">=3.99")
    same = add_project("same", NEVER, modules={"good": "good"})
    Path(same.root, "good").mkdir()
    Path(same.root, "good", "__init__.py").touch()
    shutil.rmtree(add_project("gone").root)
    add_project("one", after=["two"])
    add_project("two", after=["one"])
    add_project("bad")
    with sqlite3.connect(catalog) as connection:
        connection.execute("UPDATE Dict SET value = ? WHERE key = ?", (b"\x80\x04testhost", b"bad"))
    connection.close()
    return catalog


def facts(outcomes) -> list[tuple[str, ...]]:
    """Return all that is said of plug-ins, in an order of its own."""
    return sorted((o.project, o.plugin, o.version, o.reason, o.fix) for o in outcomes)


def test_the_report_is_that_of_a_load(troubled):
    """Every plug-in that is left out, and every warning, as a host with pluggy is told them."""
    loaded = plugins.load(pluggy.PluginManager(GROUP), catalog=troubled)
    with pytest.warns(RuntimeWarning):
        found = plugins.discover(GROUP, troubled)
    assert (
        [entry.name for entry in found] == names(loaded.loaded) == ["shared", "good", "one", "two"]
    )
    assert facts(found.report.skipped) == facts(loaded.skipped)
    assert facts(found.report.failed) == facts(loaded.failed)
    assert found.report.warnings == loaded.warnings
    skipped = ["b-second", "needy", "newer", "off", "safe"]
    assert [each[0] for each in facts(found.report.skipped)] == skipped
    assert [each[0] for each in facts(found.report.failed)] == ["bad", "gone", "same"]


def test_all_but_the_switched_off_is_warned_of_by_name(troubled):
    """A line each, with the reason; nothing is imported."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        plugins.discover(GROUP, troubled)
    lines = [str(warning.message) for warning in caught]
    assert all(warning.filename == __file__ for warning in caught)
    for name in ("bad", "gone", "needy", "newer", "same", "b-second", "one, which waits for two"):
        assert sum(name in line for line in lines) == 1, (name, lines)
    assert len(lines) == 7
    taken = "shared of b-second: a-first provides a plug-in of that name; plugreg disable a-first,"
    assert any(line.startswith(taken) for line in lines)


def test_a_list_without_trouble_has_an_empty_report(catalog, add_project, recwarn):
    """It is a list like any other."""
    add_project("good")
    found = plugins.discover(GROUP, catalog)
    assert found == [found[0]]
    assert str(found.report) == f"{GROUP}: 0 loaded, 0 failed, 0 skipped"
    assert len(recwarn) == 0


def test_where_no_links_can_be_made_the_others_are_found(
    catalog, add_project, site, tmp_path, monkeypatch
):
    """A disk that nobody can write to: what is installed needs no links."""
    install(site, "mine", entry="mine")
    with Registry.open(catalog) as registry:
        registry.add(plugins.read_project("mine"))
    add_project("needy")
    for place in (f"{catalog}.overlay", tmp_path / "cache"):
        with open(place, "w", encoding="utf-8") as file:
            file.write("in the way")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "cache"))
    with pytest.warns(RuntimeWarning, match="needy: no folder for its links could be made"):
        found = plugins.discover(GROUP, catalog)
    assert [entry.name for entry in found] == ["mine"]
    assert names(found.report.failed) == ["needy"]


def test_what_is_newly_installed_is_taken_up(catalog, site):
    """With installed=True, at the first look after its installation."""
    assert plugins.discover(GROUP, catalog, installed=True) == []
    install(site, "mine", entry="mine")
    assert plugins.discover(GROUP, catalog) == []
    assert [entry.name for entry in plugins.discover(GROUP, catalog, installed=True)] == ["mine"]


def test_verify_leaves_out_what_was_not_approved(catalog, add_project):
    """Its code is not as it was when it was added, or nobody has ever looked at it."""
    add_project("one", NEVER)
    with pytest.warns(RuntimeWarning, match="one: no digest of its code was recorded"):
        found = plugins.discover(GROUP, catalog, verify=True)
    assert names(found.report.skipped) == ["one"]


DAMAGE = {
    "no catalog": lambda path: path.write_text("not a catalog\n"),
    "a cut one": lambda path: os.truncate(path, path.stat().st_size - 5000),
    "a damaged record": lambda path: overwrite(path, b"one"),
}


def overwrite(path, key):
    """Put something else in the place of a record."""
    with backends.open(path, mode="w") as store:
        store[key] = b"\x80\x04testhost"


@pytest.mark.parametrize("installed", [False, True])
@pytest.mark.parametrize("damage", DAMAGE)
def test_safe_mode_starts_a_host_whatever_the_catalog_is(
    catalog, add_project, monkeypatch, damage, installed
):
    """A host that is strict, or that has no pluggy, is told of it and gets no plug-in."""
    add_project("one", NEVER)
    pm = pluggy.PluginManager(GROUP)
    DAMAGE[damage](Path(catalog))
    with pytest.raises(PlugregError):
        plugins.load(pm, catalog=catalog, strict=True, installed=installed)
    monkeypatch.setenv("PLUGREG_DISABLE", "all")
    report = plugins.load(pm, catalog=catalog, strict=True, installed=installed)
    assert not report.loaded
    assert report.catalog_error or report.failed
    with pytest.warns(RuntimeWarning):
        found = plugins.discover(GROUP, catalog, installed=installed)
    assert not found
    assert str(found.report.catalog_error) == str(report.catalog_error)
    assert facts(found.report.failed) == facts(report.failed)
