"""Projects: immutable, compared by what they hold, and the same after a trip through a record."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugreg import EntryPoint, PlugregError, Project, Source
from plugreg.backends import RecordUnreadable, SchemaTooNew
from plugreg.plain import dumps, loads
from plugreg.record import SCHEMA, read_forward
from plugreg.record_pickle import load_record
from tests.registry.conftest import a_project

TEXT = st.text(max_size=20)
WORD = TEXT.filter(lambda word: ":" not in word)
NAME = st.from_regex(r"[A-Za-z0-9]([A-Za-z0-9._-]{0,12}[A-Za-z0-9])?", fullmatch=True)
PROJECTS = st.builds(
    Project,
    name=NAME,
    version=TEXT,
    source=st.builds(Source, WORD, TEXT),
    entry_points=st.lists(
        st.builds(EntryPoint, WORD, TEXT, TEXT), unique_by=lambda entry: (entry.group, entry.name)
    ),
    display_name=TEXT,
    summary=TEXT,
    requires_python=st.none() | TEXT,
    dependencies=st.lists(TEXT),
    hosts=st.dictionaries(TEXT, TEXT),
    root=TEXT,
    modules=st.dictionaries(
        st.from_regex(r"[a-z_]+(\.[a-z_]+)?", fullmatch=True), st.just("src/a")
    ),
    fingerprint=TEXT,
    digest=TEXT,
    enabled=st.booleans(),
    priority=st.integers(),
    tags=st.lists(TEXT),
    before=st.lists(NAME),
    after=st.lists(NAME),
    added_at=TEXT,
    updated_at=TEXT,
)


@given(PROJECTS)
def test_a_project_survives_its_record(project: Project) -> None:
    """Pickled as plain data and read back by either reader, it is equal in every field."""
    data = dumps(project.to_record())
    for record in (loads(data), load_record(data)[0]):
        again = Project.from_record(record)
        assert again == project
        assert again.to_record() == project.to_record()
        assert (again.source, again.entry_points) == (project.source, project.entry_points)


@given(PROJECTS)
def test_a_project_survives_pickling_and_copying(project: Project) -> None:
    """By any way that Python makes copies."""
    assert pickle.loads(pickle.dumps(project)) == project
    assert copy.deepcopy(project) == copy.copy(project) == project
    assert hash(copy.deepcopy(project)) == hash(project)


@given(PROJECTS)
def test_replace_of_nothing_is_equal(project: Project) -> None:
    """Every field goes through the constructor unchanged."""
    assert project.replace() == project


def test_replace_changes_a_copy() -> None:
    """The copy has the change, the original has not."""
    project = a_project()
    changed = project.replace(priority=5, tags=["b", "a", "b"], enabled=False)
    assert (changed.priority, changed.tags, changed.enabled) == (5, ("a", "b"), False)
    assert (project.priority, project.tags, project.enabled) == (0, (), True)
    assert changed != project
    assert changed.entry_points == project.entry_points


def test_replace_of_the_name_spells_it_anew() -> None:
    """A new name is also the one shown, unless that is given."""
    assert a_project().replace(name="Other_One").display_name == "Other_One"
    assert a_project().replace(name="Other_One").name == "other-one"
    assert a_project().replace(name="other", display_name="OTHER").display_name == "OTHER"


def test_replace_of_an_unknown_field() -> None:
    """A TypeError names it."""
    with pytest.raises(TypeError, match="no field colour"):
        a_project().replace(colour="red")


def test_a_project_is_immutable() -> None:
    """Nothing of it can be set, deleted, or changed through what it gives out."""
    project = a_project()
    whole = project.to_record()
    for field in ("name", "enabled", "_record", "anything"):
        with pytest.raises(AttributeError, match="immutable"):
            setattr(project, field, "x")
        with pytest.raises(AttributeError, match="immutable"):
            delattr(project, field)
    project.modules["evil"] = "x"
    record = project.to_record()
    record["tags"].append("x")
    record["entry_points"].clear()
    record["name"] = "x"
    assert project.to_record() == whole


@pytest.mark.parametrize("value", [EntryPoint("g", "n", "v"), Source("directory", "/x")])
def test_values_are_immutable(value: Any) -> None:
    """Entry points and sources as well; they hash, show, and pickle."""
    for field in type(value).__slots__:
        with pytest.raises(AttributeError, match=f"{field} cannot be set"):
            setattr(value, field, "x")
        with pytest.raises(AttributeError, match=f"{field} cannot be deleted"):
            delattr(value, field)
    assert pickle.loads(pickle.dumps(value)) == value
    assert {value: 1}[copy.deepcopy(value)] == 1
    assert eval(repr(value)) == value
    assert value != "x"


def test_values_of_two_kinds_differ() -> None:
    """An entry point and a source are never equal."""
    assert Source("a", "b") != EntryPoint("a", "b", "c")


def test_names() -> None:
    """Normalised for the catalog, as spelt for people."""
    project = a_project("Datasette_Cluster.-Map")
    assert (project.name, project.display_name) == (
        "datasette-cluster-map",
        "Datasette_Cluster.-Map",
    )


@pytest.mark.parametrize(
    "name",
    ["", " ", "-x", "x-", ".", "a b", "a/b", "../a", "ä", "a\n", "@catalog", "a\x00b", "\u212a"],
)
def test_names_that_are_none(name: str) -> None:
    """The error shows the name and says what one is made of."""
    with pytest.raises(PlugregError, match="not a valid project name") as caught:
        a_project(name)
    assert caught.value.code == "name-invalid"


@pytest.mark.parametrize(
    "parts",
    [
        {"entry_points": [EntryPoint("a:b", "c", "d")]},
        {"source": Source("kind:of", "/x")},
    ],
)
def test_words_that_a_record_could_not_keep(parts: dict[str, object]) -> None:
    """A colon would be read back as the end of the word: refused when it is made."""
    with pytest.raises(PlugregError, match="has a colon in it") as caught:
        a_project(**parts)
    assert caught.value.code == "word-invalid"


@pytest.mark.parametrize(
    "parts",
    [
        {"version": 1},
        {"version": None},
        {"summary": b"x"},
        {"enabled": 1},
        {"enabled": None},
        {"priority": True},
        {"priority": "1"},
        {"priority": 1.5},
        {"requires_python": 3},
        {"dependencies": [1]},
        {"tags": [1]},
        {"tags": ["a", 1]},
        {"before": [None]},
        {"hosts": {"a": 1}},
        {"digest": None},
        {"modules": {"a": 1}},
        {"modules": {1: "a"}},
        {"entry_points": [EntryPoint("g", "n", 1)]},  # type: ignore[arg-type]
        {"root": None},
        {"added_at": 0},
    ],
    ids=str,
)
def test_wrong_types(parts: dict[str, object]) -> None:
    """A part of another type than its field's is a TypeError."""
    with pytest.raises(TypeError):
        a_project(**parts)


GOOD = a_project().to_record()


@pytest.mark.parametrize(
    "record",
    [
        None,
        [],
        "text",
        {},
        {"schema": "1"},
        {"schema": True},
        {"schema": 0},
        {"schema": -1},
        {"schema": SCHEMA},
        {**GOOD, "extra": 1},
        {**GOOD, "name": 5},
        {**GOOD, "tags": "ab"},
        {**GOOD, "tags": [["x"]]},
        {**GOOD, "enabled": 1},
        {**GOOD, "entry_points": {"a:b": None}},
        {**GOOD, "modules": {"a": b"b"}},
        {**GOOD, "requires_python": []},
        {**GOOD, 5: 5},
        {key: value for key, value in GOOD.items() if key != "root"},
        dict(reversed(GOOD.items())),
    ],
    ids=lambda record: str(record)[:60],
)
def test_records_that_are_no_project(record: object) -> None:
    """Any other shape is an error that says what is wrong, never a half project."""
    with pytest.raises(RecordUnreadable, match="not a project"):
        Project.from_record(record)


def test_a_record_of_a_later_schema() -> None:
    """The error names the version and what to do."""
    with pytest.raises(SchemaTooNew, match=rf"version is {SCHEMA + 7}") as caught:
        Project.from_record({**GOOD, "schema": SCHEMA + 7, "new": 1})
    assert (caught.value.hint, caught.value.details) == ("upgrade plugreg", {"schema": SCHEMA + 7})


def test_records_are_read_forward() -> None:
    """Each step makes the next schema of a record, and the record itself stays."""
    steps = {1: lambda old: {**old, "two": 2}, 2: lambda old: {**old, "three": old["two"] + 1}}
    old = {"schema": 1, "name": "x"}
    assert read_forward(old, steps, 3) == {"schema": 3, "name": "x", "two": 2, "three": 3}
    assert old == {"schema": 1, "name": "x"}
    with pytest.raises(RecordUnreadable, match="unknown schema version 0"):
        read_forward({"schema": 0}, steps, 3)


def test_a_record_of_the_first_schema_is_read() -> None:
    """Nothing is known of what was not recorded then, and a defect is still one."""
    old = {field: value for field, value in GOOD.items() if field not in ("hosts", "digest")}
    assert Project.from_record({**old, "schema": 1}).replace(digest="x") == a_project(digest="x")
    assert load_record(dumps({**old, "schema": 1}))[0] == {**old, "schema": 1}
    with pytest.raises(RecordUnreadable, match="root is missing"):
        Project.from_record({f: v for f, v in old.items() if f != "root"} | {"schema": 1})


def test_what_a_project_shows() -> None:
    """Name, version and switch; groups are sorted and single."""
    project = a_project(
        entry_points=[EntryPoint(g, n, "m") for g, n in (("b", "1"), ("a", "x:y"), ("b", "2"))]
    )
    assert repr(project) == "<Project my-plugin 1.2.post3 (enabled)>"
    assert repr(project.replace(enabled=False)) == "<Project my-plugin 1.2.post3 (disabled)>"
    assert project.groups == ("a", "b")
    assert project.entry_points[1] == EntryPoint("a", "x:y", "m")
    assert project != "my-plugin"


@pytest.mark.parametrize(
    ("module", "path"), [("../x", "x"), ("a b", "x"), ("x", "../x"), ("x", "/x"), ("", "x")]
)
def test_modules_lie_in_their_project(module, path):
    """A name that is no module's, or a path that climbs out, is refused when it is made."""
    with pytest.raises(PlugregError, match="is no module of a project") as caught:
        a_project(modules={module: path})
    assert caught.value.code == "word-invalid"
