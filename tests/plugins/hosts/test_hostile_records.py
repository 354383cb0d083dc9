"""Records that somebody else wrote: a host says which one it leaves out, and loads the others."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing

import pluggy
import pytest

from plugreg import plugins
from plugreg.plain import dumps, loads
from plugreg.plugins.doctoring.examining import examine

from .conftest import GROUP


@pytest.fixture
def change(catalog, add_project):
    """Return a function that changes the record of one of two projects."""
    good, bad = add_project("good"), add_project("bad")
    assert (good.name, bad.name) == ("good", "bad")

    def change(**fields):
        with closing(sqlite3.connect(catalog)) as connection, connection:
            select = "SELECT value FROM Dict WHERE key = ?"
            record = loads(connection.execute(select, (b"bad",)).fetchone()[0])
            data = dumps({**record, **fields})
            connection.execute("REPLACE INTO Dict VALUES (?, ?)", (b"bad", data))

    return change


def loaded(catalog):
    """Load a catalog; return the names of what is loaded and of what failed."""
    report = plugins.load(pluggy.PluginManager(GROUP), catalog=catalog)
    assert str(report).encode()
    return [one.plugin for one in report.loaded], [one.project for one in report.failed]


def files(folder):
    """Return all that lies in a folder."""
    return {
        os.path.join(top, name) for top, *both in os.walk(folder) for each in both for name in each
    }


def test_a_name_leads_nowhere_else(tmp_path, catalog, change):
    """Nothing is written where it points to."""
    victim = tmp_path / "victim"
    victim.mkdir()
    change(name=f"{'../' * 20}{victim}/x")
    assert loaded(catalog) == (["good"], ["bad"])
    assert files(victim) == set()


@pytest.mark.parametrize("version", ["../../x", "1/2", "1\0", "1\n2", "", "1" * 5000], ids=len)
def test_a_version_is_no_path(tmp_path, catalog, change, version):
    """It stands in the name of a folder, as much of it as can; what is inside says all of it."""
    before = files(tmp_path)
    change(version=version)
    assert loaded(catalog) == (["bad", "good"], [])
    made = files(tmp_path) - before
    assert {path for path in made if not path.startswith(f"{catalog}.")} == set()
    infos = [path for path in made if path.endswith(".dist-info")]
    assert {os.path.basename(os.path.dirname(path)) for path in infos} == {"back"}
    assert len(infos) == 2


@pytest.mark.parametrize("field", ["version", "display_name", "summary", "requires_python"])
def test_half_a_character(catalog, change, field):
    """It is one unreadable record, for `discover` as well."""
    change(**{field: "\ud800"})
    assert loaded(catalog) == (["good"], ["bad"])
    with pytest.warns(RuntimeWarning, match="half a character"):
        assert [entry.name for entry in plugins.discover(GROUP, catalog)] == ["good"]


ENDLESS = {
    "a Python": {"requires_python": f">={'9' * 5000}"},
    "a version": {"dependencies": [f"pluggy>={'9' * 5000}"]},
    "a marker": {"dependencies": [f"nothing; python_version>'{'9' * 5000}'"]},
    "parentheses": {"dependencies": [f"nothing; {'(' * 3000}os_name=='x'{')' * 3000}"]},
    "no comparison": {"dependencies": ["nothing; os_name ~= 'x'"]},
    "a host": {"hosts": {"pluggy": f">={'9' * 5000}"}},
}


@pytest.mark.parametrize("kind", ENDLESS)
def test_a_requirement_without_end_hinders_nothing(catalog, change, kind):
    """As one that is none by the standards; its project is loaded, and so are the others."""
    change(**ENDLESS[kind])
    report = plugins.load(pluggy.PluginManager(GROUP), catalog=catalog)
    assert [one.plugin for one in report.loaded] == ["bad", "good"]
    assert (report.failed, report.skipped) == ([], [])


@pytest.mark.parametrize("module", ["a." * 30_000 + "b", "a." * 400 + "b", "a" * 201])
def test_a_module_that_no_file_can_be_called(catalog, change, module):
    """Only its own project is left out."""
    change(modules={module: "bad.py"})
    assert loaded(catalog) == (["good"], ["bad"])


@pytest.mark.parametrize("value", ["a" + "." * 60_000, "a." * 30_000 + "b", "good" + "." * 3000])
def test_an_entry_point_that_leads_nowhere(catalog, change, value):
    """Looking for it takes neither long nor Python's whole stack; hosts and doctor say so."""
    change(entry_points={f"{GROUP}:bad": value})
    assert loaded(catalog) == (["good"], ["bad"])
    problems = {each.code: each.project for each in examine(catalog)}
    assert problems["entry-point-unresolved"] == "bad"


def test_what_discover_warns_of_steers_no_terminal(catalog, change):
    """Python prints a warning as it is."""
    change(root="/gone/\x1b[2J\u202e")
    with pytest.warns(RuntimeWarning) as caught:
        assert [entry.name for entry in plugins.discover(GROUP, catalog)] == ["good"]
    (warning,) = caught
    assert str(warning.message).isprintable()
    assert r"/gone/\x1b[2J\u202e" in str(warning.message)


NUL = {
    "source": {"source": "directory:/a\0b"},
    "root": {"root": "/a\0b"},
    "modules": {"modules": {"bad": "a\0b"}},
    "fingerprint": {"fingerprint": "1 2 a\0b"},
    "absent": {"fingerprint": "absent - a\0b"},
}


@pytest.mark.parametrize("field", NUL)
def test_a_path_that_no_system_takes(catalog, change, field):
    """It is one that nothing is at; the others are loaded."""
    change(**NUL[field])
    report = plugins.load(pluggy.PluginManager(GROUP), catalog=catalog)
    assert "good" in [one.plugin for one in report.loaded]
    assert str(report).isascii()
