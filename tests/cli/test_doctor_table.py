"""Every problem that `doctor` knows, made for real: found by its code, and mended where it says."""

from __future__ import annotations

import ast
import os
import re
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from plugreg import EntryPoint, Project, Registry, Source, backends
from plugreg.backends.migration.stage import left_over
from plugreg.plain import dumps
from plugreg.unpacked import CLAIMS
from tests.backends.migration.interruption import die, stopped

TOP = Path(__file__).parents[2]
PYPROJECT = """[project]
name = "my-plugin"
version = "{version}"
[project.entry-points.group]
my_plugin = "my_plugin"
"""
CHANGE = """
import os, signal, sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("PRAGMA cache_size = 1")
connection.execute("BEGIN IMMEDIATE")
for number in range(200):
    connection.execute("INSERT INTO Dict VALUES (?, ?)", (b"x%d" % number, bytes(2000)))
os.kill(os.getpid(), signal.SIGKILL)
"""
HOST = "import pluggy; from plugreg import plugins; plugins.load(pluggy.PluginManager('group'))"


class Place:
    """A catalog of one good project, and what is done to it.

    Attributes:
        catalog: Its path.
        project: The project's directory.
        plugreg: Runs a command.
    """

    def __init__(self, folder, catalog, plugreg, environment):
        self.folder = folder
        self.catalog = catalog
        self.plugreg = plugreg
        self.project = folder / "my-plugin"
        self._environment = environment
        self.project.mkdir()
        self.write(PYPROJECT.format(version="1.0"))
        (self.project / "my_plugin.py").write_text("")
        assert plugreg("add", str(self.project)).status == 0

    def write(self, text):
        """Write the project's metadata."""
        (self.project / "pyproject.toml").write_text(text)

    def put(self, key, value):
        """Put bytes into the catalog's file, as another program may."""
        with backends.open(self.catalog, mode="w") as store:
            store[key] = value

    def record(self, **parts):
        """Record a project of no code."""
        given = {"name": "other", "version": "1", "source": Source("odd", "/"), **parts}
        with Registry.open(self.catalog) as registry:
            registry.add(Project(**given))

    def migrate(self, to, *, begun):
        """Kill a migration in place, after its swap has begun or before."""
        for number in range(1, 60):
            died, _ = stopped(lambda: backends.migrate(self.catalog, to=to), number, die)
            stage = left_over(self.catalog)
            if died == "died" and stage and os.path.exists(stage.journal) == begun:
                return
            if stage:
                shutil.rmtree(stage.folder)
        pytest.fail("no such moment")

    def run(self, code, *arguments):
        """Run a program in another process, whatever becomes of it."""
        command = [sys.executable, "-c", code, *arguments]
        subprocess.run(command, env=self._environment, capture_output=True, check=False)


def changeable_by_others(place):
    """Every user may write the file."""
    os.chmod(place.catalog, 0o666)


def leftover(place):
    """A maker of the file was killed."""
    Path(place.folder, ".catalog.sqlite3.abcd1234.tmp").touch()


def migration_interrupted(place):
    """A migration back into the pinned flavour was killed in its swap."""
    backends.migrate(place.catalog, to="gnu", backup=False)
    place.migrate("sqlite3", begun=True)


def migration_abandoned(place):
    """A migration was killed while it copied."""
    place.migrate("gnu", begun=False)


def lock_unused(place):
    """It was GDBM once."""
    Path(place.folder, ".catalog.sqlite3.lock").touch()


def wal_mode(place):
    """Python 3.13's own module wrote to it."""
    connection = sqlite3.connect(place.catalog)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.close()


def hot_journal(place):
    """A writer was killed in a change."""
    place.run(CHANGE, place.catalog)


def code_unused(place):
    """Only a catalog that is gone had a claim on it."""
    claims = place.folder / "data" / "plugreg" / "unpacked" / "digest" / CLAIMS
    claims.mkdir(parents=True)
    (claims / "one").write_text(str(place.folder / "gone"))


def flavour_not_pinned(place):
    """It was migrated out of the pinned flavour."""
    backends.migrate(place.catalog, to="gnu", backup=False)


def shadowed(place):
    """Another database has the name with a suffix."""
    shutil.copy(place.catalog, f"{place.catalog}.db")


def catalog_corrupt(place):
    """A page of the file was overwritten."""
    with Registry.open(place.catalog) as registry, registry.batch():
        for number in range(300):
            registry.add(Project(name=f"p{number}", version="1", source=Source("odd", "/")))
    with open(place.catalog, "r+b") as file:
        file.seek(os.path.getsize(place.catalog) // 2 // 4096 * 4096)
        file.write(b"\xa5" * 4096)


def not_a_database(place):
    """It was overwritten with words."""
    Path(place.catalog).write_text("words\n")


def not_a_catalog(place):
    """Another program's database has its name."""
    os.unlink(place.catalog)
    with backends.open(place.catalog, mode="c") as store:
        store[b"key"] = b"value"


def schema_too_new(place):
    """A later plugreg wrote a record."""
    with Registry.open(place.catalog) as registry:
        record = registry["my-plugin"].to_record()
    place.put(b"newer", dumps({**record, "name": "newer", "schema": 99}))


def record_unreadable(place):
    """It is no pickle."""
    place.put(b"broken", b"rubbish")


def record_unsafe(place):
    """It would run a program."""
    place.put(b"broken", b"cos\nsystem\n(S'true'\ntR.")


def history_unreadable(place):
    """An entry is no pickle."""
    place.plugreg("set", "my-plugin", "--priority", "3")
    place.put(b"@history/0000000001", b"rubbish")


def source_missing(place):
    """Its directory was removed."""
    shutil.rmtree(place.project)


def source_changed(place):
    """Its metadata were edited."""
    place.write(PYPROJECT.format(version="1.0") + "# edited\n")


def code_changed(place):
    """A module was edited."""
    (place.project / "my_plugin.py").write_text("changed = 1\n")


def header_damaged(place):
    """What says of which version the catalog is was overwritten."""
    place.put(b"@catalog", b"rubbish")


def code_of_another_layer(place):
    """The record was copied from a catalog that keeps unpacked code beside it."""
    root = place.folder / "site" / "plugreg" / "unpacked" / ("0" * 32) / "code"
    root.mkdir(parents=True)
    place.record(root=str(root), source=Source("directory", str(place.project)))


def entry_point_unresolved(place):
    """It names a module that does not exist."""
    place.write(PYPROJECT.format(version="1.0").replace('"my_plugin"', '"no_such"'))
    place.plugreg("refresh")


def requirement_unmet(place):
    """It needs what nobody has."""
    place.write(
        PYPROJECT.format(version="1.0").replace(
            "[project.e", 'dependencies = ["no-such"]\n[project.e'
        )
    )
    place.plugreg("refresh")


def entry_point_twice(place):
    """Another project has the same name in the same group."""
    root = str(place.project)
    points = [EntryPoint("group", "my_plugin", "my_plugin")]
    modules = {"my_plugin": "my_plugin.py"}
    place.record(source=Source("odd", root), entry_points=points, root=root, modules=modules)


def module_conflict(place):
    """Another project has a module of the same name."""
    other = place.folder / "other"
    other.mkdir()
    (other / "my_plugin.py").write_text("")
    place.record(
        source=Source("odd", str(other)), root=str(other), modules={"my_plugin": "my_plugin.py"}
    )


def order_circle(place):
    """It is to load before another one, and after it."""
    place.record(before=["my-plugin"], after=["my-plugin"])


def quarantined(place):
    """It ended two starts of a host."""
    (place.project / "my_plugin.py").write_text("import os; os._exit(1)\n")
    place.plugreg("refresh")
    for _ in range(2):
        place.run(HOST)


# Code -> what makes it, and whether `--fix` mends all that is wrong then.
MENDED = (
    leftover, migration_interrupted, migration_abandoned, lock_unused, wal_mode, hot_journal,
    code_unused, header_damaged,
)  # fmt: skip
OPEN = (
    changeable_by_others, flavour_not_pinned, shadowed, catalog_corrupt,
    not_a_database, not_a_catalog, schema_too_new, record_unreadable, record_unsafe,
    history_unreadable, source_missing, code_changed, code_of_another_layer,
    entry_point_unresolved, requirement_unmet, entry_point_twice, module_conflict,
    order_circle, quarantined,
)  # fmt: skip


def code_of(make):
    """Return the code of the problem that a function makes."""
    return make.__name__.replace("_", "-")


@pytest.fixture
def place(plugreg, catalog, tmp_path, environment):
    """A place where nothing is wrong."""
    tmp_path.chmod(0o700)
    environment["PLUGREG_START"] = ""
    made = Place(tmp_path, catalog, plugreg, environment)
    assert plugreg("doctor").status == 0
    return made


def problems(outcome):
    """Return each problem by its code."""
    return {each["code"]: each for each in outcome.object["data"]["problems"]}


@pytest.mark.parametrize("make", MENDED, ids=code_of)
def test_what_is_mended(place, make):
    """It is found, with exit status 1; mended, with 0; and then all is well and still there."""
    make(place)
    found = place.plugreg("doctor", "--json")
    assert found.status == 1
    assert problems(found)[code_of(make)]["fixable"]
    fixed = place.plugreg("doctor", "--fix", "--json")
    assert (fixed.status, problems(fixed)[code_of(make)]["fixed"]) == (0, True), fixed.out
    assert (place.plugreg("doctor").status, place.plugreg("doctor").out) == (0, "")
    assert place.plugreg("list").out.startswith("my-plugin\t1.0\ton\t")
    assert place.plugreg("where", "--json").object["data"]["catalog"]["flavour"] == "sqlite3"


def test_what_is_mended_in_part(place):
    """Metadata are read again as one change; the code that changed with them stays undecided."""
    source_changed(place)
    assert problems(place.plugreg("doctor", "--json"))["source-changed"]["fixable"]
    fixed = place.plugreg("doctor", "--fix", "--json")
    assert fixed.status == 1
    assert {code: each["fixed"] for code, each in problems(fixed).items()} == {
        "source-changed": True,
        "code-changed": False,
    }
    assert place.plugreg("undo").status == 0
    assert "source-changed" in problems(place.plugreg("doctor", "--json"))
    assert place.plugreg("refresh").status == place.plugreg("doctor").status == 0


@pytest.mark.parametrize("make", OPEN, ids=code_of)
def test_what_needs_a_decision(place, make):
    """It is found with its cause and its fix, and is still told after `--fix`."""
    make(place)
    for options in ((), ("--fix",)):
        found = place.plugreg("doctor", "--json", *options)
        assert found.status == 1
        problem = problems(found)[code_of(make)]
        assert (problem["fixed"], bool(problem["message"]), bool(problem["hint"])) == (
            False,
            True,
            True,
        )


def test_the_table_is_whole():
    """Each code that the sources name is in it, and the page for people has just these codes."""
    named = set()
    for path in (TOP / "plugins" / "doctoring").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Problem":
                named |= {each.value for each in node.args[:1] if isinstance(each, ast.Constant)}
    assert len(named) > 10
    known = {code_of(make) for make in (*MENDED, *OPEN, source_changed)}
    known |= {"installed-elsewhere", "catalog-foreign-file"}  # test_layers, backends/test_owners
    assert named <= known
    page = (TOP / "docs" / "how-to" / "mend-a-catalog.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^\| `([a-z-]+)` \|", page, re.MULTILINE)) == known
