"""Each thing that can be wrong is found, by itself, and nothing else is."""

from __future__ import annotations

import os
import shutil
import sqlite3
import sys
import sysconfig

import pluggy
import pytest

from plugreg import EntryPoint, PlugregError, Project, Registry, Source, backends, plugins
from plugreg.backends import CatalogLocked
from plugreg.plugins.doctoring.examining import examine
from plugreg.unpacked import CLAIMS, unused_code
from tests.plugins.doctoring.conftest import write_version

pytestmark = pytest.mark.usefixtures("clean_imports")


def codes(catalog):
    """Return the code and the subject of each problem."""
    return [(one.code, one.project or os.path.basename(one.file)) for one in examine(catalog)]


def load(catalog):
    """Return what a host's load says of it."""
    return plugins.load(pluggy.PluginManager("datasette"), catalog=catalog)


def record(catalog, **parts):
    """Record a project without code of its own, in the environment of the tests."""
    site = sysconfig.get_path("purelib")
    parts = {"version": "1", "source": Source("distribution", f"{site}/pip"), **parts}
    with Registry.open(catalog) as registry:
        registry.add(Project(**parts))


def test_nothing_is_wrong(catalog, tmp_path):
    """Neither with a good catalog, whose plug-in's code is not run, nor with one yet to be made."""
    assert examine(catalog) == []
    assert examine(str(tmp_path / "none")) == []
    assert not (tmp_path / "none").exists()


def test_sources(catalog, directory):
    """What changed is told as metadata and as code; of what is gone, only that."""
    write_version(directory, "1.0.1")
    found = codes(catalog)
    assert found == [("source-changed", "my-plugin"), ("code-changed", "my-plugin")]
    shutil.rmtree(directory)
    (problem,) = examine(catalog)
    assert (problem.code, problem.file, problem.fixable) == (
        "source-missing",
        str(directory),
        False,
    )
    assert "plugreg remove my-plugin" in problem.hint


@pytest.mark.parametrize(
    ("metadata", "reason", "fix"),
    [
        ("[project", "is not valid TOML", "correct the line"),
        ('[project]\nname = "other"\nversion = "1"\n', "is no longer my-plugin", "plugreg add"),
        (None, "holds no metadata of a project", "pyproject.toml"),
    ],
)
def test_metadata_that_cannot_be_read_again(catalog, directory, metadata, reason, fix):
    """No refresh is promised to mend it: the reason is told, and what to do about that."""
    (directory / "pyproject.toml").unlink()
    if metadata is not None:
        (directory / "pyproject.toml").write_text(metadata)
    problem = examine(catalog)[0]
    assert (problem.code, problem.fixable) == ("source-changed", False)
    assert reason in problem.message
    assert fix in problem.hint


def test_code(catalog, directory):
    """A change of the code alone is no change of the metadata."""
    (directory / "my_plugin" / "more.py").write_text("")
    assert codes(catalog) == [("code-changed", "my-plugin")]


def test_a_module_that_is_gone(catalog, directory):
    """Its entry point does not resolve, and the problem names the module."""
    (directory / "my_plugin" / "hooks.py").unlink()
    found = {one.code: one for one in examine(catalog)}
    assert found.keys() == {"code-changed", "entry-point-unresolved"}
    assert "names my_plugin.hooks" in found["entry-point-unresolved"].message


@pytest.mark.parametrize(
    ("value", "there"),
    [
        ("pluggy", True),
        ("pluggy._hooks:HookspecMarker", True),
        ("os:path", True),
        ("os.path:join", True),
        ("os.walk", False),
        ("xml.dom.minidom", True),
        ("pluggy.no_such_module", False),
        ("keyword.inner", False),
        ("no_such_module_at_all:x", False),
    ],
)
def test_modules_of_the_environment(catalog, value, there):
    """They are found as Python finds them, in packages, single files and built-in modules."""
    record(catalog, name="other", entry_points=[EntryPoint("g", "other", value)])
    assert codes(catalog) == ([] if there else [("entry-point-unresolved", "other")])


def test_nothing_is_imported(catalog):
    """Not even a package of the standard library, to look for a module in it."""
    record(catalog, name="other", entry_points=[EntryPoint("g", "other", "wsgiref.handlers")])
    before = "wsgiref" in sys.modules
    assert examine(catalog) == []
    assert ("wsgiref" in sys.modules) == before


def test_requirements(catalog):
    """Another Python and a missing dependency are told of what is on."""
    record(catalog, name="old", requires_python="<3")
    record(catalog, name="poor", dependencies=["no-such-distribution>=2"])
    record(catalog, name="worst", requires_python="<3", dependencies=["no-such-distribution"])
    record(catalog, name="off", requires_python="<3", enabled=False)
    problems = examine(catalog)
    found = {one.project: one for one in problems}
    assert [one.project for one in problems] == ["old", "poor", "worst", "worst"]
    assert "no-such-distribution" in found["worst"].hint
    assert "needs Python <3" in found["old"].message
    assert "pip install 'no-such-distribution>=2'" in found["poor"].hint


def test_another_environment_is_not_judged(catalog, tmp_path):
    """Of a distribution elsewhere only its source is looked at."""
    place = tmp_path / "site" / "other-1.dist-info"
    place.mkdir(parents=True)
    points = [EntryPoint("g", "other", "no_such_module")]
    where = Source("distribution", str(place))
    record(catalog, name="other", source=where, entry_points=points, dependencies=["no-such-one"])
    assert examine(catalog) == []


def test_duplicates(catalog):
    """Two projects with the same entry point are told; once one is off, all is well."""
    points = [EntryPoint("datasette", "my_plugin", "pluggy")]
    record(catalog, name="other", entry_points=points)
    (problem,) = examine(catalog)
    assert (problem.code, problem.project) == ("entry-point-twice", "other")
    assert "my-plugin" in problem.message
    with Registry.open(catalog) as registry:
        registry.disable("other")
    assert examine(catalog) == []


def test_what_is_gone_takes_no_name_from_others(catalog, tmp_path):
    """Of three with one entry point, the two that a host can have are told of each other."""
    points = [EntryPoint("datasette", "my_plugin", "pluggy")]
    gone = Source("directory", str(tmp_path / "gone"))
    record(catalog, name="a-gone", source=gone, root=gone.location, entry_points=points)
    record(catalog, name="other", entry_points=points)
    found = {(problem.code, problem.project): problem.message for problem in examine(catalog)}
    assert found.keys() == {("source-missing", "a-gone"), ("entry-point-twice", "other")}
    assert "my-plugin" in found["entry-point-twice", "other"]


def add_twin(catalog, folder, **parts):
    """Add another project with the module that `my-plugin` has, of its own group."""
    (folder / "my_plugin").mkdir(parents=True)
    (folder / "my_plugin" / "__init__.py").write_text("")
    modules = {"my_plugin": "my_plugin"}
    source = Source("directory", str(folder))
    points = [EntryPoint("datasette", "twin", "my_plugin")]
    twin = {"root": str(folder), "modules": modules, "entry_points": points}
    record(catalog, name="twin", source=source, **{**twin, **parts})


def test_modules_that_two_projects_have(catalog, tmp_path):
    """A load leaves out the second in load order, and so it is told, while both are on."""
    add_twin(catalog, tmp_path / "twin")
    (reason,) = (one.reason for one in load(catalog).failed if one.project == "twin")
    (problem,) = (one for one in examine(catalog) if one.code == "module-conflict")
    assert (problem.project, problem.message) == ("twin", f"hosts leave it out: {reason}")
    with Registry.open(catalog) as registry:
        registry.set("my-plugin", priority=1)
    assert ("module-conflict", "my-plugin") in codes(catalog)
    with Registry.open(catalog) as registry:
        registry.disable("my-plugin")
    assert "module-conflict" not in dict(codes(catalog))


def test_what_cannot_work_takes_no_module_from_others(catalog, tmp_path):
    """A load passes it over before any code is linked."""
    add_twin(catalog, tmp_path / "twin", requires_python="<3", priority=-1)
    assert [code for code, _ in codes(catalog) if code != "source-changed"] == ["requirement-unmet"]


def test_circles(catalog):
    """Projects that wait for each other are told as a load tells them; a name nobody has, not."""
    points = [EntryPoint("datasette", "other", "pluggy")]
    after = ["my-plugin", "nobody"]
    record(catalog, name="other", before=["my-plugin"], after=after, entry_points=points)
    (warning,) = load(catalog).warnings
    (problem,) = examine(catalog)
    assert (problem.code, problem.project) == ("order-circle", "my-plugin")
    assert f"{problem.message}; {problem.hint}" == warning
    with Registry.open(catalog) as registry:
        registry.set("other", before=[])
    assert examine(catalog) == []


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"rubbish", "record-unreadable"),
        (b"cos\nsystem\n(S'true'\ntR.", "record-unsafe"),
    ],
)
def test_records(catalog, data, code):
    """A damaged or unsafe one is told by its name, and the others are looked at all the same."""
    with backends.open(catalog, mode="w") as store:
        store[b"broken"] = data
    (problem,) = examine(catalog)
    assert (problem.code, problem.project) == (code, "broken")
    assert problem.hint


def test_a_damaged_file(catalog):
    """What no look-up meets is found by the check of the whole file."""
    with Registry.open(catalog) as registry, registry.batch():
        for number in range(300):
            registry.add(Project(name=f"p{number}", version="1", source=Source("odd", "/")))
    with open(catalog, "r+b") as file:
        file.seek(os.path.getsize(catalog) // 2 // 4096 * 4096)
        file.write(b"\xa5" * 4096)
    assert "catalog-corrupt" in {one.code for one in examine(catalog)}


def test_no_database(tmp_path):
    """Another file under the catalog's name is the one problem."""
    (tmp_path / "text").write_text("words\n")
    (problem,) = examine(str(tmp_path / "text"))
    assert (problem.code, problem.file) == ("not-a-database", str(tmp_path / "text"))


def test_a_lock_is_no_problem_but_an_error(catalog):
    """Nothing is known of a catalog that somebody holds."""
    connection = sqlite3.connect(catalog)
    connection.execute("BEGIN EXCLUSIVE")
    with pytest.raises(CatalogLocked):
        examine(catalog, timeout_s=0)
    connection.close()


def test_wal(catalog):
    """Another program's WAL mode is told while it writes, and as long as the file stays in it."""
    connection = sqlite3.connect(catalog)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("CREATE INDEX extra ON Dict (value)")
    assert codes(catalog) == [("wal-mode", "catalog-wal")]
    connection.close()
    assert codes(catalog) == [("wal-mode", "catalog")]
    assert not os.path.exists(f"{catalog}-wal")


def test_a_change_in_progress(catalog):
    """The journal of a change that is not finished is told."""
    connection = sqlite3.connect(catalog, isolation_level=None)
    connection.execute("PRAGMA cache_size=1")
    connection.execute("BEGIN IMMEDIATE")
    connection.execute("INSERT INTO Dict VALUES (?, ?)", (b"x", b"y"))
    with open(f"{catalog}-journal", "ab") as journal:  # SQLite writes it later, or not at all
        journal.write(b"\0" * 512)
    assert codes(catalog) == [("hot-journal", "catalog-journal")]
    connection.rollback()
    connection.close()


@pytest.mark.parametrize("flavour", ["dumb", "gnu", "berkeley-hash", "sdbm"])
def test_flavours(catalog, tmp_path, flavour):
    """Any but the pinned one is told, with the way out; its own files shadow nothing."""
    other = str(tmp_path / "place" / "other")
    backends.migrate(catalog, other, to=flavour)
    found = {one.code: one for one in examine(other)}
    assert found.keys() == {"flavour-not-pinned"}
    assert f"it is {flavour}" in found["flavour-not-pinned"].message
    assert "plugreg migrate" in found["flavour-not-pinned"].hint


@pytest.mark.parametrize("first", ["catalog", "catalog.db"])
def test_shadows(catalog, first):
    """Two databases that answer to one name are told from either side, one that is none is not."""
    with open(f"{catalog}.db", "w", encoding="utf-8") as file:
        file.write("no database\n")
    assert examine(catalog) == []
    shutil.copy(catalog, f"{catalog}.db")
    other = ({"catalog", "catalog.db"} - {first}).pop()
    assert codes(os.path.join(os.path.dirname(catalog), first)) == [("shadowed", other)]


def test_a_pair_has_the_name_of_a_file(catalog):
    """It is told by its own file, also where others answer to the name; one's own pair is not."""
    pair = f"{catalog}-pair"
    backends.migrate(catalog, pair, to="dumb")
    assert "shadowed" not in dict(codes(pair))
    for suffix in (".dat", ".dir"):
        os.rename(pair + suffix, catalog + suffix)
    shutil.copy(catalog, f"{catalog}.db")
    names = ["catalog.db", "catalog.dir"]
    assert [name for code, name in codes(catalog) if code == "shadowed"] == names


def test_a_damaged_file_of_another_flavour(catalog, tmp_path):
    """The migration that is told first is one that works."""
    with Registry.open(catalog) as registry, registry.batch():
        for number in range(300):
            registry.add(Project(name=f"p{number}", version="1", source=Source("odd", "/")))
    other = str(tmp_path / "place" / "other")
    backends.migrate(catalog, other, to="gnu")
    with open(other, "r+b") as file:
        file.seek(os.path.getsize(other) // 2 // 4096 * 4096)
        file.write(b"\xa5" * 8192)
    found = {one.code: one.hint for one in examine(other)}
    assert next(iter(found)) == "catalog-corrupt"
    assert f"`plugreg migrate {other} --salvage`" in found["flavour-not-pinned"]
    with pytest.raises(PlugregError):
        backends.migrate(other)
    assert backends.migrate(other, salvage=True).records > 0


def test_permissions(catalog):
    """A catalog and a folder that others may write are two problems."""
    os.chmod(catalog, 0o666)
    os.chmod(os.path.dirname(catalog), 0o777)
    assert codes(catalog) == [
        ("changeable-by-others", "catalog"),
        ("changeable-by-others", "place"),
    ]


def test_unpacked_code(catalog, home, tmp_path):
    """Code that only a catalog which is gone has a claim on has no user."""
    claims = home / "unpacked" / "digest" / CLAIMS
    claims.mkdir(parents=True)
    (claims / "one").write_text(catalog)
    assert unused_code() == []
    (claims / "one").write_text(str(tmp_path / "gone"))
    assert codes(catalog) == [("code-unused", "digest")]
    assert (claims / "one").exists()
