"""Any sequence of operations leaves a store with what a dict would hold."""

from __future__ import annotations

import os
import signal
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from plugreg import backends

KEYS = st.one_of(st.sampled_from([b"a", b"b", b"\x00", b"\n'"]), st.binary(min_size=1, max_size=40))
VALUES = st.one_of(st.binary(max_size=60), st.sampled_from([b"", b"v" * 600, b"w" * 9000]))
Change = tuple[bytes, bytes | None]
CHANGES = st.lists(st.tuples(KEYS, st.one_of(st.none(), VALUES)), max_size=8)


class StoreMachine(RuleBasedStateMachine):
    """A store and a dict, changed alike."""

    flavour_name = ""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.path = Path(self.folder.name) / "store"
        self.store = backends.open(self.path, self.flavour_name, "c")
        self.model: dict[bytes, bytes] = {}

    @rule(key=KEYS, value=VALUES)
    def put(self, key: bytes, value: bytes) -> None:
        """Set one value."""
        self.store[key] = value
        self.model[key] = value

    @rule(key=KEYS, value=VALUES)
    def add(self, key: bytes, value: bytes) -> None:
        """Set one value if its key is new."""
        assert self.store.add(key, value) == (key not in self.model)
        self.model.setdefault(key, value)

    @rule(key=KEYS)
    def remove(self, key: bytes) -> None:
        """Remove one key, there or not."""
        assert self.store.pop(key, None) == self.model.pop(key, None)

    @rule(key=KEYS)
    def look_up(self, key: bytes) -> None:
        """Read one key in each way."""
        assert self.store.get(key) == self.model.get(key)
        assert (key in self.store) == (key in self.model)

    @rule(changes=CHANGES, fails=st.booleans())
    def transact(self, changes: list[tuple[bytes, bytes | None]], fails: bool) -> None:
        """Make several changes at once, kept or forgotten."""
        after = dict(self.model)
        try:
            with self.store.transaction():
                for key, value in changes:
                    _change(self.store, key, value)
                    _change(after, key, value)
                assert dict(self.store) == after
                if fails:
                    raise InterruptedError
        except InterruptedError:
            return
        self.model = after

    @rule()
    def clear(self) -> None:
        """Remove everything."""
        self.store.clear()
        self.model.clear()

    @rule(mode=st.sampled_from(["w", "c"]))
    def reopen(self, mode: str) -> None:
        """Close the file and open it by its bytes."""
        self.store.close()
        self.store = backends.open(self.path, mode=mode)

    @rule(done=CHANGES, half=CHANGES)
    def crash(self, done: list[Change], half: list[Change]) -> None:
        """Another process keeps some changes and is killed amid others; only those are there."""
        self.store.close()
        child = os.fork()
        if not child:
            _change_and_die(self.path, done, half)
        os.waitpid(child, 0)
        for key, value in done:
            _change(self.model, key, value)
        self.store = backends.open(self.path, mode="w")

    @invariant()
    def same(self) -> None:
        """Both hold the same, in the same order where there is one."""
        assert dict(self.store) == self.model
        assert len(self.store) == len(self.model)
        assert list(self.store.scan()) == sorted(self.model.items())
        others = {key for key in self.model if not key.startswith(b"a")}
        assert sorted(self.store.keys_without(b"a")) == sorted(others)
        between = [pair for pair in sorted(self.model.items()) if b"a" <= pair[0] < b"b"]
        assert list(self.store.span(b"a", b"b")) == between
        assert self.store.last_key(b"a", b"b") == (between[-1][0] if between else None)

    def teardown(self) -> None:
        """Close and remove the file."""
        self.store.close()
        self.folder.cleanup()


def _change(mapping: dict[bytes, bytes] | backends.Store, key: bytes, value: bytes | None) -> None:
    if value is None:
        mapping.pop(key, None)
    else:
        mapping[key] = value


def _change_and_die(path: Path, done: list[Change], half: list[Change]) -> None:
    try:
        store = backends.open(path, mode="w")
        with store.transaction():
            for key, value in done:
                _change(store, key, value)
        store.transaction().__enter__()
        for key, value in half:
            _change(store, key, value)
    finally:
        os.kill(os.getpid(), signal.SIGKILL)


@pytest.mark.parametrize("examples", [20])
def test_every_flavour_behaves_as_a_dict(flavour: str, examples: int) -> None:
    """Random operations, crashes, reopening and transactions included, never tell the two apart."""
    machine = type("Machine", (StoreMachine,), {"flavour_name": flavour})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=20,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
