"""A record of the right shape that holds what no project's does is one unreadable record."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING, Any

import pytest

from plugreg import PlugregError, Project, Registry
from plugreg.backends import RecordUnreadable
from plugreg.names import MAX_CHARS, is_normalized, normalize_name
from plugreg.plain import dumps
from plugreg.record import MAX_TEXT_BYTES, MAX_TEXTS
from plugreg.record_pattern import compiled
from plugreg.record_pickle import load_record

from .conftest import a_project

if TYPE_CHECKING:
    from pathlib import Path

PATTERN = compiled()


def recorded(**fields: object) -> dict[str, Any]:
    """Return a project's record in which fields are replaced, unchecked."""
    return {**a_project("bad").to_record(), **fields}


def put(path: Path, record: dict[str, object]) -> None:
    """Write a record into a catalog as another program may, beside a project that is fine."""
    with Registry.open(path) as registry:
        registry.add(a_project("good"))
    connection = sqlite3.connect(path)
    with connection:
        connection.execute("REPLACE INTO Dict VALUES (?, ?)", (b"bad", dumps(record)))
    connection.close()


def require_unreadable(path: Path) -> None:
    """Fail where a catalog's one bad record is not told and removable, and the other one read."""
    with Registry.open(path) as registry:
        (found,) = [each for each in registry.scan() if not isinstance(each, Project)]
        assert str(found).startswith("bad: ")
        assert [each.name for each in registry] == ["good"]
        with pytest.raises(RecordUnreadable, match="bad: "):
            registry["bad"]
        registry.remove("bad")
        assert [each.name for each in registry.scan() if isinstance(each, Project)] == ["good"]


NO_NAMES = ["../x", "a/b", "A", "a_b", "a--b", "-a", "a-", "", "a b", "a\n", "caf\xe9", "a" * 201]


@pytest.mark.parametrize("name", NO_NAMES)
def test_a_name_that_is_none(path: Path, name: str) -> None:
    """It becomes part of paths and of commands, so it is a name in its one spelling or nothing."""
    with pytest.raises(RecordUnreadable, match="is no name of a project"):
        Project.from_record(recorded(name=name))
    put(path, recorded(name=name))
    require_unreadable(path)


@pytest.mark.parametrize("name", NO_NAMES)
def test_no_proof_takes_it(name: str) -> None:
    """However many records were read before."""
    data = dumps(recorded(name=name))
    for _ in range(2):
        assert not load_record(data)[1]


@pytest.mark.parametrize("name", ["a", "A.b__C-9", "0", "a" * MAX_CHARS])
def test_each_name_has_a_spelling_that_is_read(name: str) -> None:
    """What is added is read again."""
    assert is_normalized(normalize_name(name))
    assert load_record(dumps(a_project(name).to_record()))[1]


def test_a_name_too_long_for_a_folder_is_refused() -> None:
    """Before it is recorded: no host could link it."""
    with pytest.raises(PlugregError, match="is not a valid project name") as caught:
        a_project("a" * (MAX_CHARS + 1))
    assert caught.value.code == "name-invalid"
    assert "200" in str(caught.value.hint)


HALF, BYTE = "\ud800", "\udc80"
# Each field with a text put into it.
TEXTS = {
    "name": lambda text: text,
    "display_name": lambda text: text,
    "version": lambda text: text,
    "summary": lambda text: text,
    "source": lambda text: f"directory:/src/{text}",
    "entry_points": lambda text: {"group:name": text},
    "entry_points name": lambda text: {f"group:{text}": "module"},
    "requires_python": lambda text: text,
    "dependencies": lambda text: [text],
    "hosts": lambda text: {"host": text},
    "hosts name": lambda text: {text: ""},
    "root": lambda text: f"/src/{text}",
    "modules": lambda text: {"module": text},
    "modules name": lambda text: {text: "module"},
    "fingerprint": lambda text: f"1 2 {text}",
    "digest": lambda text: text,
    "tags": lambda text: [text],
    "before": lambda text: [text],
    "after": lambda text: [text],
    "added_at": lambda text: text,
    "updated_at": lambda text: text,
}
PATHS = {"source", "root", "modules", "fingerprint"}


def with_text(place: str, text: str) -> dict[str, Any]:
    """Return a record that holds a text in one of its fields."""
    return recorded(**{place.partition(" ")[0]: TEXTS[place](text)})


@pytest.mark.parametrize("place", TEXTS)
def test_half_a_character(path: Path, place: str) -> None:
    """No file takes it, so a host could not even write down what it imports."""
    record = with_text(place, HALF)
    with pytest.raises(RecordUnreadable, match="half a character|is no name of a project"):
        Project.from_record(record)
    assert not load_record(dumps(record))[1]
    put(path, record)
    require_unreadable(path)


@pytest.mark.parametrize("place", TEXTS)
def test_bytes_that_are_no_text_stand_in_paths_only(place: str) -> None:
    """A folder may be called so; nothing else."""
    record = with_text(place, BYTE)
    if place.partition(" ")[0] in PATHS:
        assert Project.from_record(record).to_record() == record
    else:
        with pytest.raises(RecordUnreadable):
            Project.from_record(record)


def test_characters_that_begin_like_halves(path: Path) -> None:
    """They are whole, and proved as quickly."""
    with Registry.open(path) as registry:
        added = registry.add(a_project("hangul", summary="\ud7a3 \U0001f40d"))
    with Registry.open(path) as registry:
        assert registry["hangul"] == added
    assert load_record(dumps(added.to_record()))[1]


@pytest.mark.parametrize(
    "parts", [{"version": HALF}, {"summary": BYTE}, {"tags": [HALF]}, {"root": f"/{HALF}"}]
)
def test_what_could_not_be_read_is_not_made(parts: dict[str, object]) -> None:
    """The error names the project and the field."""
    with pytest.raises(PlugregError, match=f"bad cannot be recorded: {min(parts)} holds half"):
        a_project("bad", **parts)


# More than any project needs; beside each, the most that a record may hold of it.
TOO_MUCH: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "a long text": ({"summary": "s" * (MAX_TEXT_BYTES + 1)}, {"summary": "s" * MAX_TEXT_BYTES}),
    "a long text in few characters": (
        {"version": "\U0001f40d" * (MAX_TEXT_BYTES // 4 + 1)},
        {"version": "\U0001f40d" * (MAX_TEXT_BYTES // 4)},
    ),
    "many texts": (
        {"dependencies": [str(number) for number in range(MAX_TEXTS + 100)]},
        {"dependencies": [str(number) for number in range(MAX_TEXTS - 50)]},
    ),
    "one text many times": (
        {"after": ["t"] * (MAX_TEXTS + 100)},
        {"before": ["t"] * (MAX_TEXTS - 50)},
    ),
    "many long texts": (
        {"dependencies": [f"{number}{'d' * 60_000}" for number in range(18)]},
        {"dependencies": [f"{number}{'d' * 60_000}" for number in range(17)]},
    ),
    "one long text many times": (
        {"before": ["b" * 60_000] * 18},
        {"before": ["b" * 60_000] * 17},
    ),
    "a short record of a text many times": (
        {"before": ["b" * 12_000] * 90},
        {"before": ["b" * 12_000] * 80},
    ),
}


@pytest.mark.parametrize("kind", TOO_MUCH)
def test_more_than_any_project_needs(path: Path, kind: str) -> None:
    """It is not read, and the other records are."""
    record = recorded(**TOO_MUCH[kind][0])
    with pytest.raises(RecordUnreadable):
        Project.from_record(record)
    with pytest.raises(RecordUnreadable, match="too large|its pickle counts"):
        load_record(dumps(record))
    put(path, record)
    require_unreadable(path)


@pytest.mark.parametrize("kind", TOO_MUCH)
def test_what_can_be_added_can_be_read(path: Path, kind: str) -> None:
    """What is too much is refused before it is written; the most that is not is read, and set."""
    much, most = TOO_MUCH[kind]
    with pytest.raises(PlugregError, match="bad cannot be recorded: .* more than") as caught:
        a_project("bad", **much)
    assert caught.value.code == "word-invalid"
    with Registry.open(path) as registry:
        registry.add(a_project("most", **most))
        registry.disable("most")
    with Registry.open(path) as registry:
        assert registry["most"].to_record().items() >= most.items()
