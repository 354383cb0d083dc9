"""Undo, redo and restore: against a model, and what they refuse."""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from plugreg import CatalogError, PlugregError, Project, Registry, backends
from plugreg.change import Change
from plugreg.plain import dumps
from tests.backends.conftest import require_writable_here
from tests.registry.conftest import a_project

if TYPE_CHECKING:
    from pathlib import Path

NAMES = st.sampled_from(["a", "b", "c"])


class Undoing(RuleBasedStateMachine):
    """Random changes, undos and redos of a catalog, and a model that keeps every state whole."""

    flavour = "sqlite3"

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.path = os.path.join(self.folder.name, "catalog")
        self.registry = Registry.open(self.path, flavour=self.flavour)
        self.state: dict[str, Project] = {}
        self.states = [self.state]  # after each change, by its number
        self.to_undo: list[tuple[dict[str, Project], dict[str, Project]]] = []
        self.to_redo: list[tuple[dict[str, Project], dict[str, Project]]] = []
        self.version = 0

    def _became(self, state: dict[str, Project]) -> None:
        self.states.append(state)
        self.state = state

    def _changed(self) -> None:
        """Note an ordinary change: what the catalog says now, if that is new."""
        state = {project.name: project for project in self.registry}
        if state != self.state:
            self.to_undo.append((self.state, state))
            self.to_redo.clear()
            self._became(state)

    @rule(name=NAMES)
    def add(self, name: str) -> None:
        """Add a project, or update it."""
        self.version += 1
        self.registry.add(a_project(name, version=str(self.version)))
        assert self.registry[name].version == str(self.version)
        self._changed()

    @rule(name=NAMES)
    def remove(self, name: str) -> None:
        """Remove a project that is there."""
        if name in self.state:
            self.registry.remove(name)
            assert name not in self.registry
            self._changed()

    @rule(name=NAMES, priority=st.integers(0, 3), enabled=st.booleans())
    def switch(self, name: str, priority: int, enabled: bool) -> None:
        """Change how a project loads, in one batch."""
        if name in self.state:
            with self.registry.batch():
                self.registry.set(name, priority=priority)
                (self.registry.enable if enabled else self.registry.disable)(name)
            assert self.registry[name].priority == priority
            self._changed()

    @rule(names=st.lists(NAMES), fails=st.booleans())
    def batch(self, names: list[str], fails: bool) -> None:
        """Several changes, the last of which may fail."""
        try:
            with self.registry.batch():
                for name in names:
                    self.version += 1
                    self.registry.add(a_project(name, version=str(self.version)))
                if fails:
                    raise InterruptedError
        except InterruptedError:
            return
        self._changed()

    @rule()
    def undo(self) -> None:
        """Go one state back, or be told that there is none."""
        if not self.to_undo:
            with pytest.raises(CatalogError, match="nothing to undo"):
                self.registry.undo()
            return
        before, after = self.to_undo.pop()
        self.registry.undo()
        self.to_redo.append((before, after))
        self._became(before)

    @rule()
    def redo(self) -> None:
        """Go one state on again, or be told that there is none."""
        if not self.to_redo:
            with pytest.raises(CatalogError, match="nothing to redo"):
                self.registry.redo()
            return
        before, after = self.to_redo.pop()
        self.registry.redo()
        self.to_undo.append((before, after))
        self._became(after)

    @rule(name=NAMES, data=st.data())
    def restore(self, name: str, data: st.DataObject) -> None:
        """Make a project again what it was after some change."""
        number = data.draw(st.integers(0, len(self.states) - 1))
        then = self.states[number].get(name)
        if then is None:
            with pytest.raises(PlugregError):
                self.registry.restore(name, number)
            return
        restored = self.registry.restore(name, number)
        assert restored.replace(updated_at="") == then.replace(updated_at="")
        self._changed()

    @rule()
    def reopen(self) -> None:
        """What is remembered is on disk."""
        self.registry.close()
        self.registry = Registry.open(self.path)

    @invariant()
    def same(self) -> None:
        """The catalog is what the model says, and has as many changes."""
        assert {project.name: project for project in self.registry} == self.state
        assert len(list(self.registry.history())) == len(self.states) - 1
        for name in "abc":
            for number, state in enumerate(self.states[-3:], max(len(self.states) - 3, 0)):
                if any(name in each for each in self.states) and len(self.states) > 1:
                    assert self.registry.at(name, number) == state.get(name)

    def teardown(self) -> None:
        """Close and remove the file."""
        self.registry.close()
        self.folder.cleanup()


@pytest.mark.parametrize(("flavour", "examples"), [("sqlite3", 30), ("dumb", 8), ("gnu", 8)])
def test_any_changes_and_undos(flavour: str, examples: int) -> None:
    """Whatever is changed, taken back, done again or restored, the catalog equals the model."""
    require_writable_here(flavour)
    machine = type("Machine", (Undoing,), {"flavour": flavour})
    options = settings(max_examples=examples, stateful_step_count=25, deadline=None, database=None)
    run_state_machine_as_test(machine, settings=options)


@pytest.fixture
def changed(registry: Registry) -> Registry:
    """A registry of two projects, `a` added first, `b` second, then `a` disabled."""
    registry.add(a_project("a"))
    registry.add(a_project("b"))
    registry.disable("a")
    return registry


def test_undo_of_one_change(changed: Registry) -> None:
    """An older one alone is taken back where nothing came after it to its projects."""
    done = changed.undo(2)
    assert (done.number, done.undoes, done.command) == (4, 2, "undo 2")
    assert [project.name for project in changed] == ["a"]
    assert changed.undo().undoes == 3


def test_undo_that_would_lose_a_later_change(changed: Registry) -> None:
    """It is refused with the projects' names, and nothing is changed."""
    before, changes = list(changed), list(changed.history())
    with pytest.raises(CatalogError, match="another one came after it to a") as caught:
        changed.undo(1)
    assert (caught.value.code, caught.value.details["names"]) == ("undo-conflict", ["a"])
    assert (list(changed), list(changed.history())) == (before, changes)


def test_a_refused_undo_says_how_else_to_go_back(changed: Registry) -> None:
    """What the change added is removed; what was there before can be restored."""
    with pytest.raises(CatalogError) as caught:
        changed.undo(1)
    assert "or `plugreg remove a`" in caught.value.hint
    changed.set("a", priority=2)
    with pytest.raises(CatalogError) as caught:
        changed.undo(3)
    assert "or `plugreg restore a@2`" in caught.value.hint
    changed.restore("a", 2)


def test_a_refused_undo_names_no_command_that_fails(registry: Registry) -> None:
    """What the change added and is gone again is as it was before."""
    registry.add(a_project("a"))
    registry.remove("a")
    with pytest.raises(CatalogError, match="another one came after it to a") as caught:
        registry.undo(1)
    assert caught.value.hint == (
        "look at `plugreg history a`, and undo that first; nothing was changed"
    )


def test_undo_of_an_undo_that_is_done_again(registry: Registry) -> None:
    """The error says by which change, and the hint works."""
    registry.add(a_project("a"))
    undone = registry.undo()
    again = registry.undo(undone.number)
    with pytest.raises(
        CatalogError, match=f"change 2 is taken back already, by change {again.number}"
    ) as caught:
        registry.undo(undone.number)
    assert f"`plugreg undo {again.number}`" in caught.value.hint
    registry.undo(again.number)
    assert "a" not in registry


def test_undo_of_what_was_done_again_and_is_forgotten(registry: Registry) -> None:
    """The last redo of it tells what to take back; older ones are done after newer ones."""
    first = registry.add(a_project("a"))
    second = registry.disable("a")
    third = registry.set("a", priority=3)
    for verb in (registry.undo, registry.undo, registry.redo, registry.redo):
        verb()
    assert registry.trim_history(2) == 5
    assert registry["a"] == third
    assert registry.undo().undoes == 3
    assert registry["a"] == second
    assert registry.undo().undoes == 2
    assert registry["a"] == first
    with pytest.raises(CatalogError, match="nothing to undo"):
        registry.undo()
    assert (registry.redo().redoes, registry.redo().redoes) == (2, 3)
    assert registry["a"] == third
    registry.trim_history(1)
    assert registry.undo().undoes == 3
    assert registry["a"] == second


def test_undo_of_what_is_undone(changed: Registry) -> None:
    """The error says by which change it was taken back, unless it was done again since."""
    undone = changed.undo()
    with pytest.raises(
        CatalogError, match=f"change 3 is taken back already, by change {undone.number}"
    ):
        changed.undo(3)
    changed.redo()
    changed.enable("a")
    with pytest.raises(CatalogError, match="another one came after it to a"):
        changed.undo(3)


def test_undo_over_another_programs_change(changed: Registry, path: Path) -> None:
    """A record that was written behind the history's back is not lost either."""
    with Registry.open(path) as other:
        other._catalog["a"] = a_project("a", summary="theirs")
    with pytest.raises(CatalogError, match="came after it to a"):
        changed.undo()
    assert changed["a"].summary == "theirs"


def test_undo_over_a_record_that_cannot_be_read(changed: Registry, path: Path) -> None:
    """Nobody knows what it says: the way back is named, and goes."""
    changed._catalog.store[b"a"] = b"rubbish"
    with pytest.raises(CatalogError, match="the record of a cannot be read") as caught:
        changed.undo()
    assert caught.value.hint == "`plugreg restore a@2` goes back all the same; nothing was changed"
    assert changed.restore("a", 2).name == "a"


def test_a_batch_is_undone_whole_or_not_at_all(registry: Registry) -> None:
    """One project that was changed later keeps all the others as they are."""
    with registry.batch():
        registry.add(a_project("a"))
        registry.add(a_project("b"))
    registry.disable("b")
    with pytest.raises(CatalogError, match="to b"):
        registry.undo(1)
    assert len(registry) == 2
    registry.undo()
    registry.undo()
    assert len(registry) == 0


def test_undo_of_an_undo(changed: Registry) -> None:
    """By its number it is taken back itself, and can be again."""
    undone = changed.undo()
    again = changed.undo(undone.number)
    assert (again.redoes, changed["a"].enabled) == (3, False)
    assert (changed.undo(again.number).undoes, changed["a"].enabled) == (3, True)


def test_a_change_after_an_undo_ends_redo(changed: Registry) -> None:
    """There is nothing to do again once something else was done."""
    changed.undo()
    changed.enable("b")
    assert changed.redo().redoes == 3
    changed.undo()
    changed.disable("b")
    with pytest.raises(CatalogError, match="nothing to redo"):
        changed.redo()


def test_no_such_change(changed: Registry) -> None:
    """It is named, and so is a trimmed one."""
    changed.trim_history(1)
    for number in (0, 1, 99, -3):
        with pytest.raises(CatalogError, match=f"no change {number} in") as caught:
            changed.undo(number)
        assert caught.value.code == "revision-not-found"


def test_undo_inside_a_batch(changed: Registry) -> None:
    """It is a change of its own, so a batch cannot hold it."""
    for verb in (changed.undo, changed.redo):
        with pytest.raises(PlugregError, match="of their own"), changed.batch():
            verb()


def test_restore(changed: Registry) -> None:
    """A removed project comes back; it is a change like any other, and can be undone."""
    added = changed.at("a", 1)
    changed.remove("a")
    restored = changed.restore("A", 1)
    assert added is not None
    assert (
        restored.replace(updated_at=added.updated_at)
        == added
        == changed["a"].replace(updated_at=added.updated_at)
    )
    change = next(changed.history())
    assert isinstance(change, Change)
    assert change.command == "restore a@1"
    changed.undo()
    assert "a" not in changed
    with pytest.raises(CatalogError, match="was not in the catalog after change 4"):
        changed.restore("a", 4)


def test_restoring_what_is_so_already(changed: Registry) -> None:
    """Is no change."""
    before = list(changed.history())
    assert changed.restore("b", 2) == changed["b"]
    assert list(changed.history()) == before


@pytest.mark.parametrize("key", ["@catalog", "@history/0000000001", ""])
def test_an_entry_that_is_of_the_catalogs_own(path: Path, key: str) -> None:
    """It is no entry that plugreg wrote: undo writes projects, and nothing else."""
    with Registry.open(path) as registry:
        registry.add(a_project("one"))
    with backends.open(path, mode="w") as store:
        entry = {"schema": 1, "change": 2, "at": "", "by": "", "command": ""}
        store[b"@history/0000000002"] = dumps({**entry, "projects": {key: [b"evil", None]}})
        before = dict(store)
    with Registry.open(path) as registry:
        with suppress(backends.CatalogError):
            registry.undo()
        assert "no entry of a history" in str(next(registry.history()))
    with backends.open(path) as store:
        assert (store[b"@catalog"], store.get(b"")) == (before[b"@catalog"], None)
