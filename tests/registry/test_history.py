"""The history of a catalog: what it keeps, what it costs, and what damage does to it."""

from __future__ import annotations

import os
import pickle
import pwd
import time
from typing import TYPE_CHECKING

import pytest

from plugreg import Project, Registry, backends
from plugreg.backends import RecordUnreadable
from plugreg.change import Change, Difference
from plugreg.journal import user_name
from plugreg.migrated import fit_history
from tests.backends.conftest import CREATABLE, require_writable_here
from tests.registry.conftest import a_project

if TYPE_CHECKING:
    from pathlib import Path


def told(registry: Registry, name: str = "") -> list[tuple[int, str, list[tuple[str, str]]]]:
    """Return number, command, and (project, what was done) of each change, the first one first."""
    changes = [change for change in registry.history(name) if isinstance(change, Change)]
    return [
        (change.number, change.command, [(each.name, each.kind) for each in change.differences])
        for change in reversed(changes)
    ]


def test_every_verb_is_a_change(registry: Registry) -> None:
    """With its number, the method, and what it did; verbs that change nothing are none."""
    registry.add(a_project("a"))
    registry.add(a_project("a", version="2"))
    registry.add(a_project("a", version="2"))
    registry.disable("a")
    registry.disable("a")
    registry.enable("a")
    registry.set("a", priority=3, tags=["t"])
    registry.set("a", priority=3)
    registry.remove("a")
    assert told(registry) == [
        (1, "add", [("a", "added")]),
        (2, "add", [("a", "updated")]),
        (3, "disable", [("a", "disabled")]),
        (4, "enable", [("a", "enabled")]),
        (5, "set", [("a", "set")]),
        (6, "remove", [("a", "removed")]),
    ]


def test_a_change_says_when_who_and_what(registry: Registry) -> None:
    """The moment in UTC, the user, and the records before and after."""
    began = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    first = registry.add(a_project())
    second = registry.set("my-plugin", tags=["x"])
    change = next(registry.history())
    assert isinstance(change, Change)
    assert began <= change.at <= time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    assert change.by == pwd.getpwuid(os.geteuid()).pw_name
    assert change.differences == (Difference("my-plugin", first, second),)
    assert change.differences[0].fields == {"tags": ([], ["x"])}


def test_changes_within_a_second(registry: Registry) -> None:
    """Have moments of their own, in their order; what is shown is the second."""
    for name in "abcde":
        registry.add(a_project(name))
    changes = [change for change in registry.history() if isinstance(change, Change)]
    moments = [change.moment for change in changes]
    assert sorted(moments, reverse=True) == moments
    assert len(set(moments)) == len(moments)
    assert all(0 <= change.microseconds < 1_000_000 for change in changes)
    assert {len(change.at) for change in changes} == {len("2026-01-31T12:00:00Z")}


def test_a_change_of_before_moments_were_finer(registry: Registry, path: Path) -> None:
    """Is at the beginning of its second."""
    registry.add(a_project())
    with backends.open(path, mode="w") as store:
        entry = pickle.loads(store[b"@history/0000000001"])
        assert entry.pop("microseconds") in range(1_000_000)
        store[b"@history/0000000001"] = pickle.dumps(entry, 4)
    change = next(registry.history())
    assert isinstance(change, Change)
    assert change.moment == (entry["at"], 0)


def test_a_user_without_a_name(monkeypatch: pytest.MonkeyPatch) -> None:
    """Is told by number, as in a container."""
    monkeypatch.setattr(os, "geteuid", lambda: 4_000_123)
    user_name.cache_clear()
    try:
        assert user_name() == "4000123"
    finally:
        user_name.cache_clear()


def test_a_batch_is_one_change(registry: Registry) -> None:
    """Called as its caller says; of each project, what was before it and what is after it."""
    registry.add(a_project("a"))
    with registry.batch("many things"):
        registry.add(a_project("b"))
        registry.disable("b")
        registry.disable("a")
        with registry.batch("inner"):
            registry.set("a", priority=1)
        registry.add(a_project("c"))
        registry.remove("c")
    assert told(registry)[1] == (2, "many things", [("b", "added"), ("a", "set")])


def test_a_batch_that_fails_is_no_change(registry: Registry) -> None:
    """Its number is the next one's."""
    registry.add(a_project("a"))
    with pytest.raises(ZeroDivisionError), registry.batch():
        registry.add(a_project("b"))
        raise ZeroDivisionError
    registry.disable("a")
    assert [number for number, _, _ in told(registry)] == [1, 2]


@pytest.mark.parametrize("count", [249, 250, 251, 1200])
def test_a_large_batch_is_still_one_change(registry: Registry, count: int) -> None:
    """However many entries it takes; a project that is changed again later counts once."""
    with registry.batch():
        for number in range(count):
            registry.add(a_project(f"p{number}"))
        registry.disable("p0")
    (change,) = registry.history()
    assert isinstance(change, Change)
    assert sorted(change.names) == sorted(f"p{number}" for number in range(count))
    whole = {each.name: (each.before, each.after) for each in change.differences}
    assert whole == {project.name: (None, project) for project in registry}
    registry.undo()
    assert len(registry) == 0


def test_the_history_of_one_project(registry: Registry) -> None:
    """Only its changes, in any spelling of its name, and only what was done to it."""
    with registry.batch("both"):
        registry.add(a_project("My_Plugin"))
        registry.add(a_project("my-plugin-two"))
    registry.disable("my-plugin-two")
    registry.disable("my-plugin")
    expected = [(1, "both", [("my-plugin", "added")]), (3, "disable", [("my-plugin", "disabled")])]
    assert told(registry, "My.Plugin") == expected


def test_since(registry: Registry, path: Path) -> None:
    """A day or a moment; what is as old as that is shown."""
    registry.add(a_project())
    with backends.open(path, mode="w") as store:
        entry = pickle.loads(store[b"@history/0000000001"])
        store[b"@history/0000000001"] = pickle.dumps({**entry, "at": "2020-01-02T03:04:05Z"}, 4)
    registry.disable("my-plugin")
    for since, expected in {
        "2020-01-02": 2, "2020-01-02T03:04:05Z": 2, "2020-01-02T03:04:06Z": 1, "2999-01-01": 0,
    }.items():  # fmt: skip
        assert len(list(registry.history(since=since))) == expected


def test_what_was_then(registry: Registry) -> None:
    """A project after any change, be it a change of its own or not."""
    first = registry.add(a_project("a"))
    registry.add(a_project("b"))
    third = registry.disable("a")
    registry.remove("a")
    then = [registry.at("A", number) for number in range(5)]
    assert then == [None, first, first, third, None]
    assert registry.at("b", 1) is None
    assert registry.at("b", 4) == registry["b"]
    for name, number in (("a", 5), ("a", -1)):
        with pytest.raises(backends.CatalogError, match="goes from 1 to 4") as caught:
            registry.at(name, number)
        assert caught.value.code == "revision-not-found"
    with pytest.raises(backends.ProjectNotFound):
        registry.at("nobody", 2)


def test_what_was_before_the_history_began(registry: Registry, path: Path) -> None:
    """The first change that tells of a project also tells what was before it."""
    old = registry.add(a_project("old"))
    with backends.open(path, mode="w") as store:
        del store[b"@history/0000000001"]
    registry.add(a_project("other"))
    registry.disable("old")
    assert (registry.at("old", 0), registry.at("old", 1)) == (old, old)


def test_trimming(registry: Registry) -> None:
    """The last ones stay, with their numbers; what was before them is not guessed."""
    for name in "abcde":
        registry.add(a_project(name))
    assert registry.trim_history(2) == 3
    assert [number for number, _, _ in told(registry)] == [4, 5]
    assert registry.trim_history(2) == 0
    registry.disable("a")
    assert told(registry)[-1][0] == 6
    with pytest.raises(backends.CatalogError, match="goes from 4 to 6"):
        registry.at("a", 2)


def test_trimming_takes_all_entries_of_a_change(registry: Registry, path: Path) -> None:
    """A large change has several, and none of them is left."""
    with registry.batch():
        for number in range(600):
            registry.add(a_project(f"p{number}"))
    registry.disable("p1")
    assert registry.trim_history(1) == 1
    with backends.open(path) as store:
        assert [key for key in store if key.startswith(b"@h")] == [b"@history/0000000002"]


@pytest.mark.parametrize("flavour", [name for name in CREATABLE if name != "sqlite3"])
def test_other_flavours_keep_a_thousand(path: Path, flavour: str) -> None:
    """Their every change costs more the more there is, so the oldest ones are forgotten."""
    require_writable_here(flavour)
    with Registry.open(path, flavour=flavour) as registry:
        registry.add(a_project())
        with registry._catalog.store.transaction():
            first = registry._history().change(1)
            assert first is not None
            for number in range(2, 1101):
                entry = {"at": "", "by": "", "command": "", "projects": {}}
                registry._history().append(number, 0, entry)
        registry.disable("my-plugin")
        numbers = [change.number for change in registry.history() if isinstance(change, Change)]
        assert numbers == list(range(1101, 101, -1))
        registry.undo()
        assert registry["my-plugin"].enabled


@pytest.mark.parametrize("flavour", [name for name in CREATABLE if name != "sqlite3"])
def test_it_survives_migration(registry: Registry, path: Path, flavour: str) -> None:
    """Into another flavour and back the history is the same, and so is what undo does."""
    require_writable_here(flavour)
    added = registry.add(a_project())
    registry.disable("my-plugin")
    before = list(registry.history())
    registry.close()
    there, back = path.with_name("there"), path.with_name("back")
    backends.migrate(path, there, to=flavour)
    backends.migrate(there, back, to="sqlite3")
    with Registry.open(there) as moved:
        assert list(moved.history()) == before
        assert moved.undo().undoes == 2
        assert moved["my-plugin"] == added
    with Registry.open(back) as again:
        assert list(again.history()) == before


def append_changes(path: Path, last: int) -> None:
    """Let a catalog of one change remember changes up to a number."""
    with Registry.open(path) as registry, registry._catalog.store.transaction():
        for number in range(2, last + 1):
            entry = {"at": "", "by": "", "command": "", "projects": {}}
            registry._history().append(number, 0, entry)


@pytest.mark.parametrize(
    ("flavour", "last", "forgotten"), [("gnu", 1100, 100), ("dumb", 1000, 0), ("sqlite3", 1100, 0)]
)
def test_a_catalog_that_was_migrated(
    registry: Registry, path: Path, flavour: str, last: int, forgotten: int
) -> None:
    """It keeps what its new flavour does; a second time there is nothing to forget."""
    require_writable_here(flavour)
    registry.add(a_project())
    registry.close()
    append_changes(path, last)
    there = path.with_name("there")
    backends.migrate(path, there, to=flavour)
    assert [fit_history(there), fit_history(there)] == [forgotten, 0]
    with Registry.open(there, read_only=True) as moved:
        assert [change.number for change in moved.history()] == list(range(last, forgotten, -1))
        assert moved["my-plugin"].enabled


def test_a_database_that_is_no_catalog_forgets_nothing(tmp_path: Path) -> None:
    """Whatever its keys look like."""
    with backends.open(tmp_path / "other", "gnu", "c") as store, store.transaction():
        for number in range(1, 1200):
            store[b"@history/%010d" % number] = b""
    assert fit_history(tmp_path / "other") == 0
    with backends.open(tmp_path / "other") as store:
        assert len(store) == 1199


DAMAGED = {
    "rubbish": b"rubbish",
    "unsafe": b"cos\nsystem\n(S'exit 7'\ntR.",
    "no entry": pickle.dumps([1], 4),
    "of a later plugreg": pickle.dumps({"schema": 2, "projects": {}}, 4),
    "of no project": pickle.dumps(
        {"schema": 1, "at": "", "by": "", "command": "", "projects": {"a": [None, 5]}}, 4
    ),
    "half a change": pickle.dumps({"schema": 1, "at": "", "projects": {"a": [None, None]}}, 4),
    "half a character": pickle.dumps(
        {"schema": 1, "at": "", "by": "", "command": "", "projects": {"\ud800": [None, None]}}, 4
    ),
}


@pytest.mark.parametrize("kind", DAMAGED)
def test_a_damaged_entry_is_one_entry(registry: Registry, path: Path, kind: str) -> None:
    """It is told by its number; the other changes, the projects and new changes are as ever."""
    for name in "abc":
        registry.add(a_project(name))
    with backends.open(path, mode="w") as store:
        store[b"@history/0000000002"] = DAMAGED[kind]
    third, second, first = registry.history()
    assert isinstance(second, RecordUnreadable)
    assert second.message.startswith("change 2 of the history cannot be read")
    assert isinstance(first, Change)
    assert isinstance(third, Change)
    registry.undo()
    with pytest.raises(RecordUnreadable, match="change 2 of the history") as caught:
        registry.undo()
    assert "`plugreg undo N`" in caught.value.hint
    assert [project.name for project in registry] == ["a", "b"]
    registry.undo(1)
    assert [project.name for project in registry] == ["b"]


@pytest.mark.parametrize("flavour", CREATABLE)
@pytest.mark.parametrize("lost", [b"rubbish", None], ids=["damaged", "gone"])
def test_what_was_behind_a_damaged_entry_is_not_guessed(
    path: Path, flavour: str, lost: bytes | None
) -> None:
    """Whether it told of the project nobody knows; what whole entries tell is told as ever."""
    require_writable_here(flavour)
    with Registry.open(path, flavour=flavour) as registry:
        for name in ("one", "two"):
            registry.add(a_project(name))  # changes 1 and 2
        registry.set("one", priority=2)
        registry.disable("two")
        fifth = registry.set("one", priority=5)
        registry._catalog.put(b"@history/0000000003", lost)
        for look in (registry.at, registry.restore):
            for name, number in (("one", 3), ("one", 4), ("two", 3)):
                with pytest.raises(RecordUnreadable, match="change 3 of the history") as caught:
                    look(name, number)
                assert f"it may have changed {name}" in caught.value.hint
        assert registry["one"] == registry.at("one", 5) == fifth
        assert registry.at("two", 4) == registry["two"]
        then = registry.at("one", 2)
        assert then is not None
        assert then.priority == 0


@pytest.mark.parametrize("number", [2, 4])
def test_what_was_before_a_damaged_entry_is_not_guessed(
    registry: Registry, path: Path, number: int
) -> None:
    """Where no earlier one tells of the project, nor an undamaged later one, be it the newest."""
    for name in ("one", "two", "three", "four"):
        registry.add(a_project(name))
    registry.trim_history(3)
    with backends.open(path, mode="w") as store:
        store[b"@history/%010d" % number] = b"rubbish"
    with pytest.raises(RecordUnreadable, match=f"change {number} of the history"):
        registry.at("one", 1)


def test_damage_is_told_in_the_history_of_every_project(registry: Registry, path: Path) -> None:
    """It may be a change of any of them."""
    for name in ("one", "two"):
        registry.add(a_project(name))
    with backends.open(path, mode="w") as store:
        store[b"@history/0000000002"] = b"rubbish"
    error, change = registry.history("one")
    assert isinstance(error, RecordUnreadable)
    assert isinstance(change, Change)


def test_forgetting_what_cannot_be_read(registry: Registry, path: Path) -> None:
    """The damaged changes go, whole; the others stay, with those of a later plugreg."""
    with registry.batch():
        for number in range(600):
            registry.add(a_project(f"p{number}"))
    for name in "bcd":
        registry.add(a_project(name))
    with backends.open(path, mode="w") as store:
        store[b"@history/0000000001/000001"] = DAMAGED["rubbish"]
        store[b"@history/0000000002"] = DAMAGED["of a later plugreg"]
        store[b"@history/0000000004"] = DAMAGED["no entry"]
        store[b"@history/zz"] = b"theirs"
    assert [registry.forget_unreadable(), registry.forget_unreadable()] == [2, 0]
    with backends.open(path) as store:
        assert sorted(key for key in store if key.startswith(b"@h")) == [
            b"@history/0000000002", b"@history/0000000003", b"@history/zz",
        ]  # fmt: skip
    assert registry.undo().undoes == 3
    assert "c" not in registry


@pytest.mark.parametrize(
    "key", [b"@history/", b"@history/zz", b"@history/99999999x9", b"@hi", b"@i"]
)
def test_keys_of_other_programs_are_no_entries(registry: Registry, path: Path, key: bytes) -> None:
    """Whatever lies among the entries is passed over, and stays."""
    registry.add(a_project())
    with backends.open(path, mode="w") as store:
        store[key] = b"theirs"
    registry.disable("my-plugin")
    assert [number for number, _, _ in told(registry)] == [1, 2]
    registry.undo()
    registry.trim_history(1)
    assert [number for number, _, _ in told(registry)] == [3]
    with backends.open(path) as store:
        assert store[key] == b"theirs"


def test_an_unreadable_record_comes_back_as_it_was(registry: Registry, path: Path) -> None:
    """Removed or overwritten, undo returns the very bytes, under the very key."""
    registry.add(a_project("good"))
    for key in (b"bad", b"caf\xe9", b"Odd Key!"):
        with backends.open(path, mode="w") as store:
            store[key] = b"rubbish"
        error = next(found for found in registry.scan() if not isinstance(found, Project))
        registry.remove(str(error.details["name"]))
        registry.undo()
        with backends.open(path) as store:
            assert store[key] == b"rubbish"
    registry.add(a_project("bad"))
    registry.undo()
    with backends.open(path) as store:
        assert store[b"bad"] == b"rubbish"


def test_reading_leaves_no_history(registry: Registry, path: Path) -> None:
    """Neither does a missing catalog have one."""
    registry.add(a_project())
    with Registry.open(path, read_only=True) as reader:
        assert len(list(reader.history())) == 1
        with pytest.raises(backends.CatalogReadOnly):
            reader.undo()
    with Registry.open(path.with_name("none"), read_only=True) as nothing:
        assert list(nothing.history()) == []
