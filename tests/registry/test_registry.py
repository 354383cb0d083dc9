"""The verbs of the registry, and what one bad record may not do to the others."""

from __future__ import annotations

import hashlib
import os
import pickle
import shelve
import sqlite3
import subprocess
from typing import TYPE_CHECKING

import pytest

from plugreg import CatalogError, EntryPoint, Project, ProjectNotFound, Registry, Source, backends
from plugreg.plain import dumps
from plugreg.record import SCHEMA
from tests.interpreters import python_with_dbm_sqlite3
from tests.other_user import in_child
from tests.registry.conftest import a_project

if TYPE_CHECKING:
    from pathlib import Path

DAMAGED = {
    "no pickle": b"\xffgarbage",
    "empty": b"",
    "cut": pickle.dumps(a_project("x").to_record(), 4)[:-9],
    "unsafe": b"cos\nsystem\n(S'exit 7'\ntR.",
    "not a project": pickle.dumps([1, 2], 4),
    "another shape": pickle.dumps({"schema": SCHEMA, "name": "x"}, 4),
    "unhashable inside": b"\x80\x04}]K\x01s.",
}


def put_raw(path: Path, key: bytes, value: bytes) -> None:
    """Write into the catalog's file as another program would."""
    with backends.open(path, mode="w") as store:
        store[key] = value


def digest(path: Path) -> str:
    """Return the SHA-256 of the file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_what_was_added_is_there(registry: Registry, path: Path) -> None:
    """Under any spelling, here and after reopening."""
    added = registry.add(a_project("My_Plugin"))
    assert added.added_at == added.updated_at != ""
    with Registry.open(path) as again:
        for spelling in ("my-plugin", "My_Plugin", "MY.PLUGIN", "my__plugin"):
            assert again[spelling] == again.get(spelling) == added
            assert spelling in again
        assert (len(again), list(again)) == (1, [added])


def test_a_missing_name(registry: Registry) -> None:
    """Every verb names it and the likeliest that was meant; an error is a KeyError as well."""
    registry.add(a_project("datasette-cluster-map"))
    for verb in (
        registry.__getitem__, registry.find, registry.remove, registry.enable, registry.disable,
        lambda name: registry.set(name, priority=1),
    ):  # fmt: skip
        with pytest.raises(ProjectNotFound, match="no project `datasete-cluster-map`") as caught:
            verb("datasete-cluster-map")
        assert caught.value.hint == "did you mean `datasette-cluster-map`?"
        assert isinstance(caught.value, KeyError)
    assert registry.get("nothing") is None
    with pytest.raises(ProjectNotFound, match="`plugreg list` shows"):
        registry["zzzzzzzz"]
    assert 5 not in registry


def test_adding_again_keeps_the_switches(registry: Registry) -> None:
    """The metadata are new; what the operator said stays."""
    first = registry.add(a_project(version="1"))
    registry.disable("my-plugin")
    registry.set("my-plugin", priority=7, tags=["t"], before=["A_b"], after=["c"])
    again = registry.add(a_project(version="2", summary="New"))
    assert (again.version, again.summary) == ("2", "New")
    assert (again.enabled, again.priority, again.tags) == (False, 7, ("t",))
    assert (again.before, again.after, again.added_at) == (("a-b",), ("c",), first.added_at)
    assert registry["my-plugin"] == again


def test_switching(registry: Registry) -> None:
    """Enable and disable return the project as it is now; twice is no harm."""
    registry.add(a_project())
    assert not registry.disable("My.Plugin").enabled
    assert not registry.disable("my-plugin").enabled
    assert not registry["my-plugin"].enabled
    assert registry.enable("my-plugin").enabled


def test_set_changes_what_is_given(registry: Registry) -> None:
    """None leaves a thing as it is; an empty list empties it."""
    registry.add(a_project())
    registry.set("my-plugin", tags=["b", "a"], priority=3)
    assert registry.set("my-plugin", priority=0).tags == ("a", "b")
    assert registry.set("my-plugin", tags=[]).tags == ()


def test_remove_returns_what_was_there(registry: Registry) -> None:
    """And then it is gone."""
    added = registry.add(a_project())
    assert registry.remove("MY_PLUGIN") == added
    assert (len(registry), "my-plugin" in registry) == (0, False)


def test_projects_come_sorted_and_by_group(registry: Registry) -> None:
    """By name; of a group, only those that have an entry point in it, not just the word."""
    registry.add(a_project("b", entry_points=[EntryPoint("llm", "b", "b")]))
    registry.add(a_project("a", entry_points=[], summary="not for llm"))
    registry.add(a_project("c", entry_points=[EntryPoint("llm-more", "c", "c")]))
    assert [project.name for project in registry] == ["a", "b", "c"]
    assert [p.name for p in registry.scan("llm") if isinstance(p, Project)] == ["b"]


def test_find(registry: Registry) -> None:
    """By its own name, an entry point's or a module's; an ambiguous one names both."""
    one = registry.add(a_project("one", entry_points=[EntryPoint("g", "hook", "one_mod.x:y")]))
    registry.add(a_project("two", entry_points=[EntryPoint("g", "hook", "two_mod")], modules={}))
    assert registry.find("ONE") == registry.find("one_mod.x") == registry.find("my_plugin") == one
    assert registry.find("two_mod").name == "two"
    with pytest.raises(ProjectNotFound, match="`hook` can mean one, two") as caught:
        registry.find("hook")
    assert caught.value.code == "ambiguous"


def test_two_projects_of_one_name(registry: Registry) -> None:
    """The second one, spelt otherwise and from elsewhere, is refused; the first one stays."""
    first = registry.add(a_project("My_Plugin"))
    other = a_project("my.plugin", source=Source("directory", "/elsewhere"))
    with pytest.raises(backends.CatalogError, match="same normalised name") as caught:
        registry.add(other)
    assert (caught.value.code, "/elsewhere" in str(caught.value)) == ("name-taken", True)
    assert registry["my-plugin"] == first
    moved = a_project("My_Plugin", source=Source("wheel", "/moved.whl"))
    assert registry.add(moved).source == moved.source


def test_a_batch_is_all_or_nothing(registry: Registry, path: Path) -> None:
    """After an error inside nothing of it is there, and the next change works."""
    registry.add(a_project("kept"))
    with pytest.raises(ZeroDivisionError), registry.batch():
        registry.add(a_project("new"))
        registry.remove("kept")
        raise ZeroDivisionError
    assert [project.name for project in registry] == ["kept"]
    with registry.batch():
        registry.add(a_project("a"))
        with registry.batch():
            registry.add(a_project("b"))
            registry.disable("a")
    with Registry.open(path) as again:
        assert [(p.name, p.enabled) for p in again] == [("a", False), ("b", True), ("kept", True)]


def test_a_nested_batch_joins(registry: Registry) -> None:
    """An error after an inner one has ended takes that back as well."""
    with pytest.raises(ZeroDivisionError), registry.batch():
        with registry.batch():
            registry.add(a_project("inner"))
        raise ZeroDivisionError
    assert len(registry) == 0


def test_the_first_batch_fails(registry: Registry, path: Path) -> None:
    """The catalog's header is rolled back with it, and written again with the next record."""
    with pytest.raises(ZeroDivisionError), registry.batch():
        registry.add(a_project("new"))
        raise ZeroDivisionError
    registry.add(a_project("second"))
    with Registry.open(path) as again:
        assert [project.name for project in again] == ["second"]


def test_a_bad_part_of_a_batch_that_goes_on(registry: Registry) -> None:
    """Who catches a part's error keeps the good parts."""
    with registry.batch():
        registry.add(a_project("a"))
        with pytest.raises(ProjectNotFound):
            registry.enable("missing")
        registry.add(a_project("b"))
    assert [project.name for project in registry] == ["a", "b"]


@pytest.mark.parametrize("kind", DAMAGED)
def test_a_damaged_record_is_one_record(registry: Registry, path: Path, kind: str) -> None:
    """It is listed as its error, the others go on, and it can be removed or added anew."""
    good = registry.add(a_project("good"))
    put_raw(path, b"bad", DAMAGED[kind])
    bad, found = registry.scan()
    assert isinstance(bad, backends.RecordUnreadable)
    assert (found, bad.details["name"], list(registry)) == (good, "bad", [good])
    assert ("bad" in registry, len(registry)) == (True, 2)
    with pytest.raises(backends.RecordUnreadable, match=r"^bad: ") as caught:
        registry["bad"]
    assert caught.value.hint
    with pytest.raises(backends.RecordUnreadable):
        registry.enable("bad")
    assert registry.remove("bad") is None
    put_raw(path, b"bad", DAMAGED[kind])
    assert registry.add(a_project("bad")).name == "bad"
    assert [project.name for project in registry] == ["bad", "good"]


@pytest.mark.parametrize("key", [b"My_Plugin", b"caf\xe9", b"a b", b"\x00", b"\xff\xfe"])
def test_a_record_under_a_strange_key_is_removable(
    registry: Registry, path: Path, key: bytes
) -> None:
    """Other programs can use any key: it is listed under a name that prints, and goes by it."""
    good = registry.add(a_project("good"))
    put_raw(path, key, b"garbage")
    errors = [found for found in registry.scan() if not isinstance(found, Project)]
    name = errors[0].details["name"]
    assert isinstance(name, str)
    name.encode()
    assert registry.remove(name) is None
    assert list(registry.scan()) == [good]


def test_a_record_of_a_later_plugreg(registry: Registry, path: Path) -> None:
    """Listed as such, never overwritten, and removable."""
    good = registry.add(a_project("good"))
    record = {**a_project("newer").to_record(), "schema": SCHEMA + 1, "more": [1]}
    data = pickle.dumps(record, 4)
    put_raw(path, b"newer", data)
    for use in (
        lambda: registry["newer"],
        lambda: registry.add(a_project("newer")),
        lambda: registry.disable("newer"),
        lambda: registry.set("newer", priority=1),
    ):
        with pytest.raises(
            backends.SchemaTooNew, match=f"newer: its schema version is {SCHEMA + 1}"
        ):
            use()
    assert [type(found) for found in registry.scan()] == [Project, backends.SchemaTooNew]
    with backends.open(path) as store:
        assert store[b"newer"] == data
    registry.remove("newer")
    assert list(registry.scan()) == [good]


def test_a_catalog_of_a_later_plugreg(registry: Registry, path: Path) -> None:
    """Refused in both modes with its version in the message; not a byte is changed."""
    registry.add(a_project())
    put_raw(path, b"@catalog", pickle.dumps({"schema": SCHEMA + 5}, 4))
    registry.close()
    before = digest(path)
    for read_only in (True, False):
        with pytest.raises(backends.SchemaTooNew, match=rf"version {SCHEMA + 5}") as caught:
            Registry.open(path, read_only=read_only)
        assert "upgrade plugreg" in caught.value.hint
    assert digest(path) == before


@pytest.mark.parametrize("flavour", ["sqlite3", "dumb"])
def test_a_database_that_is_no_catalog(path: Path, flavour: str) -> None:
    """Somebody's shelf of other things is refused and left as it is."""
    with backends.open(path, flavour, "c") as store:
        store[b"their key"] = pickle.dumps("their value")
    for read_only in (True, False):
        with pytest.raises(backends.CatalogError, match="no catalog of plugreg's") as caught:
            Registry.open(path, read_only=read_only)
        assert caught.value.code == "not-a-catalog"
    with backends.open(path) as store:
        assert dict(store) == {b"their key": pickle.dumps("their value")}


@pytest.mark.parametrize("key", [b"copy", b"One", b"caf\xe9"])
def test_a_record_under_another_name(registry: Registry, path: Path, key: bytes) -> None:
    """Is no project: listed under its key as unreadable, and removed by that."""
    one = registry.add(a_project("one"))
    data = registry._catalog.store[b"one"]
    put_raw(path, key, data)
    name = key.decode(errors="backslashreplace")
    projects = [found for found in registry.scan() if isinstance(found, Project)]
    [error] = [found for found in registry.scan() if not isinstance(found, Project)]
    assert projects == list(registry) == [one]
    assert isinstance(error, backends.RecordUnreadable)
    assert error.message == f"{name}: it is the record of another project, one"
    assert error.details["name"] == name
    assert [found.name for found in registry.scan("datasette") if isinstance(found, Project)]
    registry.disable("one")
    assert not any(project.enabled for project in registry)
    assert registry.remove(name) is None
    assert registry.names() == ["one"]
    registry.undo()
    assert registry._catalog.store[key] == data


def test_a_record_under_another_name_is_not_read(registry: Registry, path: Path) -> None:
    """By that name, nor switched, nor kept when a catalog is made to match; it can be replaced."""
    registry.add(a_project("one"))
    put_raw(path, b"copy", registry._catalog.store[b"one"])
    for look in (registry.__getitem__, registry.get, registry.disable):
        with pytest.raises(backends.RecordUnreadable, match="copy: it is the record of another"):
            look("copy")
    assert registry.match([registry["one"]])[0].name == "copy"
    assert registry.names() == ["one"]
    put_raw(path, b"copy", registry._catalog.store[b"one"])
    assert registry.add(a_project("copy")) == registry["copy"]


@pytest.mark.parametrize("flavour", ["sqlite3", "dumb"])
def test_a_catalog_that_is_known_by_its_history(path: Path, flavour: str) -> None:
    """Header and projects are lost: what it remembers brings them back."""
    with Registry.open(path, flavour=flavour) as registry:
        for name in ("one", "two"):
            registry.add(a_project(name))
    with backends.open(path, mode="w") as store:
        for key in (b"@catalog", b"one", b"two"):
            del store[key]
        store[b"@history/0000000002"] = b"rubbish"
    with Registry.open(path, read_only=True) as registry:
        assert [len(registry), len(list(registry.history()))] == [0, 2]
    with Registry.open(path) as registry:
        assert registry.restore("one", 1).name == "one"
    with backends.open(path) as store:
        assert b"@catalog" in store


def test_a_database_whose_keys_look_like_a_history(path: Path) -> None:
    """Is no catalog for that: a change of it has to be one."""
    with backends.open(path, mode="c") as store:
        store[b"@history/0000000001"] = pickle.dumps("theirs")
    with pytest.raises(backends.CatalogError, match="no catalog of plugreg's"):
        Registry.open(path)


@pytest.mark.parametrize("flavour", ["sqlite3", "dumb"])
def test_a_catalog_whose_header_is_lost(path: Path, flavour: str) -> None:
    """Damage can take any record: the projects are still there, and a change makes it anew."""
    with Registry.open(path, flavour=flavour) as registry:
        registry.add(a_project("one"))
    with backends.open(path, mode="w") as store:
        del store[b"@catalog"]
    with Registry.open(path, read_only=True) as registry:
        assert [project.name for project in registry] == ["one"]
    with Registry.open(path) as registry:
        registry.disable("one")
    with backends.open(path) as store:
        assert b"@catalog" in store


HEADERS = {
    "text": b"garbage",
    "nothing": b"",
    "cut": dumps({"schema": 2, "made_by": "plugreg"})[:-3],
    "without a schema": dumps({"schemb": 2, "made_by": "plugreg"}),
    "no number": dumps({"schema": None}),
    "unsafe": b"cos\nsystem\n(S'x'\ntR.",
}


@pytest.mark.parametrize("kind", HEADERS)
def test_a_catalog_whose_header_is_damaged(path: Path, kind: str) -> None:
    """It is read and changed as before; the header is left to who mends it."""
    with Registry.open(path) as registry:
        registry.add(a_project("one"))
    with backends.open(path, mode="w") as store:
        store[b"@catalog"] = HEADERS[kind]
    with Registry.open(path) as registry:
        registry.disable("one")
        registry.add(a_project("two"))
        assert [project.name for project in registry] == ["one", "two"]
    with backends.open(path) as store:
        assert store[b"@catalog"] == HEADERS[kind]


def test_a_damaged_header_alone(path: Path) -> None:
    """Nothing tells that it is a catalog: the error names the file, the record and what to do."""
    with backends.open(path, mode="c") as store:
        store[b"@catalog"] = b"garbage"
    with pytest.raises(backends.CatalogError, match="`@catalog`, is damaged.*backup") as caught:
        Registry.open(path)
    assert caught.value.code == "header-damaged"
    assert str(path) in str(caught.value)


def test_a_header_of_a_later_plugreg(path: Path) -> None:
    """Says so, whatever else can be read."""
    with Registry.open(path) as registry:
        registry.add(a_project("one"))
    with backends.open(path, mode="w") as store:
        store[b"@catalog"] = dumps({"schema": 99, "more": True})
    with pytest.raises(backends.SchemaTooNew, match="version 99"):
        Registry.open(path)


def test_the_catalogs_own_keys_are_no_projects(registry: Registry, path: Path) -> None:
    """They cannot be seen, read or removed as one."""
    registry.add(a_project())
    assert "@catalog" not in registry
    assert (registry.get("@catalog"), len(registry)) == (None, 1)
    for verb in (registry.__getitem__, registry.remove, registry.disable, registry.find):
        with pytest.raises(ProjectNotFound):
            verb("@catalog")
    with backends.open(path) as store:
        assert b"@catalog" in store


@pytest.mark.parametrize("name", ["", "\udcff", "a\x00b", "../x", "x" * 100_000])
def test_names_that_nobody_has(registry: Registry, name: str) -> None:
    """Whatever is typed, the answer is that there is no such project."""
    registry.add(a_project())
    assert name not in registry
    assert registry.get(name) is None
    for verb in (registry.__getitem__, registry.find, registry.remove, registry.enable):
        with pytest.raises(ProjectNotFound):
            verb(name)


def test_a_missing_catalog_reads_as_empty(path: Path) -> None:
    """Nothing is made by reading, and every change is refused."""
    with Registry.open(path, read_only=True) as registry:
        assert (len(registry), list(registry), "x" in registry) == (0, [], False)
        assert (registry.read_only, registry.flavour) == (True, "memory")
        with pytest.raises(backends.CatalogReadOnly):
            registry.add(a_project())
    assert not path.exists()


def test_a_read_only_registry(registry: Registry, path: Path) -> None:
    """It reads; every verb that changes is refused, and nothing changed."""
    added = registry.add(a_project())
    before = digest(path)
    with Registry.open(path, read_only=True) as reader:
        assert reader["my-plugin"] == added
        for change in (
            lambda: reader.add(a_project()),
            lambda: reader.remove("my-plugin"),
            lambda: reader.disable("my-plugin"),
            lambda: reader.set("my-plugin", priority=1),
            reader.batch().__enter__,
        ):
            with pytest.raises(backends.CatalogReadOnly, match="for reading only"):
                change()
        assert list(reader) == [added]
    assert digest(path) == before


def test_two_processes_add_at_once(path: Path) -> None:
    """Fifty projects each, and all hundred are there."""
    children = []
    for who in ("a", "b"):
        child = os.fork()
        if not child:
            with Registry.open(path) as registry:
                for number in range(50):
                    registry.add(a_project(f"{who}{number}"))
            os._exit(0)
        children.append(child)
    assert [os.waitpid(child, 0)[1] for child in children] == [0, 0]
    with Registry.open(path) as registry:
        assert len(list(registry)) == len(registry) == 100


def test_another_process_is_seen(registry: Registry, path: Path) -> None:
    """An open registry shows what another one has just done."""
    registry.add(a_project("a"))

    def change() -> None:
        with Registry.open(path) as other:
            other.disable("a")
            other.add(a_project("b"))

    in_child(change)
    assert [(p.name, p.enabled) for p in registry] == [("a", False), ("b", True)]


@pytest.mark.parametrize("flavour", ["sqlite3", "dumb"])
def test_every_flavour_can_hold_a_catalog(path: Path, flavour: str) -> None:
    """The flavour is chosen when it is made, and detected from then on."""
    with Registry.open(path, flavour=flavour) as registry:
        added = registry.add(a_project())
        assert registry.flavour == flavour
    with Registry.open(path) as registry:
        assert (registry.flavour, registry["my-plugin"]) == (flavour, added)


def test_the_file_is_a_shelve_of_plain_dicts(registry: Registry, path: Path) -> None:
    """CPython's `shelve.open`, without plugreg, shows the projects as dicts."""
    project = registry.add(a_project())
    registry.close()
    program = "import shelve,sys\nwith shelve.open(sys.argv[1],'r') as s: print(dict(s))"
    done = subprocess.run(
        [python_with_dbm_sqlite3(), "-I", "-S", "-c", program, os.fspath(path)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    shown = eval(done.stdout)
    assert shown.pop("@catalog")["schema"] == SCHEMA
    assert shown.pop("@history/0000000001")["projects"]["my-plugin"] == [None, project.to_record()]
    assert shown == {"my-plugin": project.to_record()}


def test_a_shelf_in_memory_shows_the_same(registry: Registry, path: Path) -> None:
    """On any Python: the rows of the table are what `shelve.Shelf` reads."""
    project = registry.add(a_project())
    with sqlite3.connect(path) as connection:
        rows = dict(connection.execute("SELECT key, value FROM Dict"))
    connection.close()
    assert dict(shelve.Shelf(rows))["my-plugin"] == project.to_record()


def test_where_the_catalog_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, path: Path) -> None:
    """What is named, else the variable, else the user's own, whose folder is made private."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("PLUGREG_CATALOG", str(tmp_path / "by-variable"))
    with Registry.open(path) as registry:
        assert (registry.path, registry.reason) == (str(path), "it was named")
    with Registry.open() as registry:
        assert registry.path == str(tmp_path / "by-variable")
        assert "PLUGREG_CATALOG" in registry.reason
    monkeypatch.delenv("PLUGREG_CATALOG")
    with Registry.open() as registry:
        registry.add(a_project())
        assert registry.path == str(tmp_path / "data" / "plugreg" / "catalog.sqlite3")
    assert (tmp_path / "data" / "plugreg").stat().st_mode & 0o777 == 0o700


def test_unpacked_code_goes_with_its_last_user(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two catalogs use one folder: the first to remove leaves it, the last one takes it away."""
    from plugreg.unpacked import unpacked_folder

    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    root = f"{unpacked_folder()}/0123abcd/src"
    os.makedirs(root)
    with Registry.open(tmp_path / "one") as one, Registry.open(tmp_path / "two") as two:
        for registry in (one, two):
            registry.add(a_project("p", root=root))
        one.add(a_project("q", root=root))
        one.remove("p")
        one.remove("q")
        assert os.path.isdir(root)
        with pytest.raises(ZeroDivisionError), two.batch():
            two.remove("p")
            raise ZeroDivisionError
        assert os.path.isdir(root)
        two.remove("p")
    assert not os.path.exists(os.path.dirname(root))


@pytest.mark.parametrize("outer", [True, False])
def test_a_batch_that_fails_gives_its_code_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, outer: bool
) -> None:
    """Unpacked code that a record was to use goes when the record does not come to be."""
    from plugreg.unpacked import unpacked_folder

    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    kept, lost = (f"{unpacked_folder()}/{name}/src" for name in ("0123abcd", "4567cdef"))
    for root in (kept, lost):
        os.makedirs(root)
    with Registry.open(tmp_path / "one") as registry:
        registry.add(a_project("p", root=kept))
        if outer:
            with pytest.raises(ZeroDivisionError), registry.batch():
                registry.add(a_project("q", root=lost))
                registry.add(a_project("r", root=kept))
                raise ZeroDivisionError
        else:  # one of a batch's parts is refused, and the others are kept
            other = a_project("P", root=lost, source=Source("directory", "/elsewhere"))
            with registry.batch():
                registry.add(a_project("s", root=kept))
                with pytest.raises(CatalogError, match="same normalised name"):
                    registry.add(other)
        assert (os.path.isdir(kept), os.path.exists(os.path.dirname(lost))) == (True, False)
        registry.remove("p")
        assert os.path.isdir(kept) == ("s" in registry)


@pytest.mark.parametrize("above", ["unpacked/v", "plugreg/unpacked/v"])
@pytest.mark.parametrize("inside", ["code", "code/plugreg/unpacked/x"])
def test_code_below_a_folder_of_that_name_goes_with_its_last_user(
    tmp_path: Path, above: str, inside: str
) -> None:
    """An environment may lie in a folder called `unpacked`, and an archive may hold one."""
    home = tmp_path / above / "share" / "plugreg"
    folder = home / "unpacked" / ("0123abcd" * 4)
    root = folder / inside
    root.mkdir(parents=True)
    with Registry.open(home / "catalog.sqlite3") as registry:
        registry.add(a_project("p", root=str(root)))
        assert (folder / ".claims").is_dir()
        registry.remove("p")
    assert not folder.exists()


def test_code_that_is_not_ours_is_never_removed(registry: Registry, tmp_path: Path) -> None:
    """A project directory stays when its project is removed."""
    root = tmp_path / "unpacked" / "project"
    root.mkdir(parents=True)
    (root / "module.py").touch()
    registry.add(a_project("p", root=str(root)))
    registry.remove("p")
    assert [file.name for file in root.iterdir()] == ["module.py"]
