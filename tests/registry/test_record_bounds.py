"""A record of the right shape that holds what no project's does is one unreadable record."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING, Any

import pytest

from plugreg import PlugregError, Project, Registry
from plugreg.backends import RecordUnreadable
from plugreg.names import MAX_CHARS, is_normalized, normalize_name
from plugreg.plain import dumps
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
