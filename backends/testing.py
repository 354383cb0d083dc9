"""The contract of every store, as a test class for pytest; for flavours of other packages, too.

A package that brings a flavour subclasses it in its tests, and is installed when they run:

    from plugreg.backends.testing import StoreContract

    class TestNetstrings(StoreContract):
        flavour_name = "netstrings"

`pytest.register_assert_rewrite("plugreg.backends.testing")`, in its conftest.py, has pytest show
the values of an assertion that fails.
"""

from __future__ import annotations

import itertools
import os
import subprocess
import sys

import pytest

from .errors import CatalogError, CatalogReadOnly
from .identification import identify
from .opening import open as open_store

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from .store import Store

__all__ = ["AWKWARD", "StoreContract"]

# Keys and values that a careless format would confuse with its own signs.
AWKWARD = (
    b"plain",
    b"with space",
    b"nul\x00inside",
    b"\x00",
    b"new\nline\r\n",
    b'it\'s "quoted" \\ back',
    b"\xff\xfe not utf-8 \x80",
    "schlüssel".encode(),
    bytes(range(256)),
    b"', (0, 0)\n'x",
)
_WRITE = """
import os, sys
from plugreg import backends
path, key, value = map(os.fsencode, sys.argv[1:])
try:
    with backends.open(path, mode="w", timeout_s=0.05) as store:
        store[key] = value
except backends.PlugregError as error:
    print(type(error).__name__, error.message, "|", error.hint)
else:
    print("written")
"""


class StoreContract:
    """What every store does, whatever its flavour: tests to inherit.

    The flavour must be one that can be made and changed. A subclass that has several overrides the
    fixture `flavour` with a parametrized one.

    Attributes:
        flavour_name: The name of the flavour to test.
    """

    flavour_name = ""

    @pytest.fixture
    def flavour(self) -> str:
        """The name of the flavour to test."""
        return self.flavour_name

    @pytest.fixture
    def fresh(self, tmp_path: Path, flavour: str) -> Iterator[Callable[[], Store]]:
        """A maker of empty stores of the flavour; all of them are closed at the end."""
        made: list[Store] = []
        numbers = itertools.count()

        def make() -> Store:
            made.append(open_store(tmp_path / f"store{next(numbers)}", flavour, "c"))
            return made[-1]

        yield make
        for store in made:
            store.close()

    @pytest.fixture
    def store(self, fresh: Callable[[], Store]) -> Store:
        """One empty store of the flavour."""
        return fresh()

    def test_a_new_store_is_empty(self, store: Store) -> None:
        """Nothing is in it before something is put there."""
        assert (len(store), list(store), list(store.scan()), b"x" in store) == (0, [], [], False)

    def test_it_maps(self, store: Store) -> None:
        """Set, get, replace, delete, and all that a mapping derives from them."""
        store[b"a"] = b"1"
        store[b"b"] = b"2"
        store[b"a"] = b"3"
        assert dict(store) == {b"a": b"3", b"b": b"2"}
        assert (len(store), b"a" in store, b"c" in store) == (2, True, False)
        assert "a" not in store  # type: ignore[comparison-overlap]
        assert (store.get(b"c"), store.get(b"c", b"d")) == (None, b"d")
        assert store.pop(b"a") == b"3"
        assert store.setdefault(b"e", b"5") == b"5"
        store.update({b"f": b"6"})
        assert sorted(store.items()) == [(b"b", b"2"), (b"e", b"5"), (b"f", b"6")]

    def test_a_missing_key_is_a_key_error(self, store: Store) -> None:
        """Reading and deleting name the key that is not there."""
        with pytest.raises(KeyError, match="missing"):
            store[b"missing"]
        with pytest.raises(KeyError, match="missing"):
            del store[b"missing"]

    @pytest.mark.parametrize("key", AWKWARD)
    def test_any_bytes_are_a_key_and_a_value(self, store: Store, key: bytes) -> None:
        """Keys and values come back byte for byte after the file was closed."""
        store[key] = key
        with _reopened(store, "r") as again:
            assert dict(again) == {key: key}

    def test_an_empty_value_is_a_value(self, store: Store) -> None:
        """It is present, not missing."""
        store[b"empty"] = b""
        with _reopened(store) as again:
            assert (again[b"empty"], b"empty" in again, again.add(b"empty", b"x")) == (
                b"",
                True,
                False,
            )

    def test_an_empty_key_is_kept_or_refused(self, store: Store) -> None:
        """No flavour loses it in silence."""
        try:
            store[b""] = b"v"
        except CatalogError as error:
            assert error.code == "records-do-not-fit"
            assert dict(store) == {}
        else:
            with _reopened(store) as again:
                assert dict(again) == {b"": b"v"}

    def test_a_store_works_after_a_refused_key(self, store: Store) -> None:
        """An empty key that is refused spoils nothing that follows, in a transaction neither."""
        with store.transaction():
            store[b"a"] = b"1"
            try:
                store[b""] = b"v"
            except CatalogError:
                store[b"b"] = b"2"
        with _reopened(store) as again:
            assert again[b"a"] == b"1"

    def test_a_big_value(self, store: Store) -> None:
        """Five megabytes come back whole, beside a small one."""
        big = os.urandom(1 << 20) * 5
        store[b"big"] = big
        store[b"small"] = b"s"
        with _reopened(store, "r") as again:
            assert (again[b"big"], again[b"small"]) == (big, b"s")

    @pytest.mark.parametrize(
        ("key", "value"),
        [("text", b"v"), (b"k", "text"), (1, b"v"), (b"k", None), (b"k", bytearray(1))],
    )
    def test_only_bytes(self, store: Store, key: object, value: object) -> None:
        """Anything but bytes is a TypeError that says so, and nothing is kept of it."""
        with pytest.raises(TypeError, match="bytes"):
            store[key] = value  # type: ignore[index,assignment]
        with pytest.raises(TypeError, match="bytes"):
            store.add(key, value)  # type: ignore[arg-type]
        assert len(store) == 0

    def test_what_was_written_is_seen_by_another_process(self, store: Store) -> None:
        """A change is on disk when the call returns: a copy of the files made then has it."""
        store[b"k"] = b"v"
        path, folder = store.path, os.path.dirname(store.path)
        copies = os.path.join(folder, "copies")
        os.mkdir(copies)
        for name in os.listdir(folder):
            if os.path.isfile(os.path.join(folder, name)) and not name.startswith("."):
                with open(os.path.join(folder, name), "rb") as file:
                    data = file.read()
                with open(os.path.join(copies, name), "wb") as file:
                    file.write(data)
        with open_store(os.path.join(copies, os.path.basename(path))) as copy:
            assert dict(copy) == {b"k": b"v"}

    def test_add_sets_only_what_is_not_there(self, store: Store) -> None:
        """The first one wins and says so."""
        assert store.add(b"k", b"first")
        assert not store.add(b"k", b"second")
        assert store[b"k"] == b"first"

    def test_scan_is_sorted_and_filters(self, store: Store) -> None:
        """Pairs come in the order of the keys' bytes; a filter looks into the values."""
        store.update({b"b": b"xx-1", b"a": b"yy-2", b"\xff": b"xx-3", b"B": b"", b"aa": b"\x00xx"})
        assert [key for key, _ in store.scan()] == [b"B", b"a", b"aa", b"b", b"\xff"]
        assert list(store.scan(b"xx")) == [(b"aa", b"\x00xx"), (b"b", b"xx-1"), (b"\xff", b"xx-3")]

    def test_spans_of_keys(self, store: Store) -> None:
        """A span is ordered, either way; its last key is found; keys that begin so are left out."""
        store.update({b"a": b"1", b"@1": b"2", b"@": b"3", b"@2": b"4", b"A": b"5"})
        assert [key for key, _ in store.scan(without=b"@")] == [b"A", b"a"]
        assert sorted(store.keys_without(b"@")) == [b"A", b"a"]
        assert list(store.span(b"@1", b"A", descending=True)) == [(b"@2", b"4"), (b"@1", b"2")]
        assert (store.last_key(b"", b"@2"), store.last_key(b"b", b"c")) == (b"@1", None)

    def test_scan_sees_an_open_transaction(self, store: Store) -> None:
        """Reads inside a transaction show its changes."""
        store.update({b"a": b"1", b"b": b"2"})
        with store.transaction():
            del store[b"a"]
            store[b"c"] = b"3"
            store[b"b"] = b"4"
            assert list(store.scan()) == [(b"b", b"4"), (b"c", b"3")]
            assert (sorted(store), len(store), b"a" in store) == ([b"b", b"c"], 2, False)

    def test_changing_while_scanning(self, store: Store) -> None:
        """A scan goes through each key once although the values are replaced meanwhile."""
        store.update({b"%d" % number: b"old" for number in range(50)})
        seen = []
        for key, _ in store.scan():
            store[key] = b"new" * 300
            seen.append(key)
        assert seen == sorted(b"%d" % number for number in range(50))
        assert set(store.values()) == {b"new" * 300}

    def test_clear_removes_all(self, store: Store) -> None:
        """An empty store is left, on disk as well."""
        store.update({b"%d" % number: b"v" for number in range(20)})
        store.clear()
        with _reopened(store) as again:
            assert dict(again) == {}

    def test_a_transaction_keeps_all(self, store: Store) -> None:
        """Everything inside is there afterwards."""
        store[b"gone"] = b"x"
        with store.transaction():
            store[b"a"] = b"1"
            store[b"b"] = b""
            del store[b"gone"]
        with _reopened(store) as again:
            assert dict(again) == {b"a": b"1", b"b": b""}

    @pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, SystemExit, GeneratorExit])
    def test_a_transaction_rolls_back(self, store: Store, error: type[BaseException]) -> None:
        """After any exception nothing of it is left, and the exception goes on."""
        store.update({b"kept": b"1", b"changed": b"1"})
        with pytest.raises(error), store.transaction():
            store[b"changed"] = b"2"
            store[b"new"] = b"2"
            del store[b"kept"]
            raise error
        assert dict(store) == {b"kept": b"1", b"changed": b"1"}
        with _reopened(store) as again:
            assert dict(again) == {b"kept": b"1", b"changed": b"1"}

    def test_a_rolled_back_store_goes_on(self, store: Store) -> None:
        """The next transaction is not affected by one that failed."""
        with pytest.raises(ValueError, match="first"), store.transaction():
            store[b"a"] = b"1"
            raise ValueError("first")
        with store.transaction():
            store[b"b"] = b"2"
        with _reopened(store) as again:
            assert dict(again) == {b"b": b"2"}

    def test_an_inner_transaction_joins(self, store: Store) -> None:
        """Only the end of the outermost one keeps anything."""
        with pytest.raises(ValueError, match="late"), store.transaction():
            with store.transaction():
                store[b"inner"] = b"1"
            store[b"outer"] = b"2"
            raise ValueError("late")
        assert dict(store) == {}
        with store.transaction(), store.transaction():
            store[b"deep"] = b"3"
        with _reopened(store) as again:
            assert dict(again) == {b"deep": b"3"}

    def test_clear_joins_a_transaction(self, store: Store) -> None:
        """A clear inside one that fails has cleared nothing."""
        store[b"a"] = b"1"
        with pytest.raises(ValueError, match="after"), store.transaction():
            store.clear()
            assert len(store) == 0
            raise ValueError("after")
        assert dict(store) == {b"a": b"1"}

    def test_closing_inside_a_transaction_forgets_it(self, store: Store) -> None:
        """What was not committed is not there."""
        with store.transaction():
            store[b"a"] = b"1"
            store.close()
        with open_store(store.path) as again:
            assert dict(again) == {}

    def test_read_only(self, store: Store) -> None:
        """Every change is refused by an error that says how to open it; reading works."""
        store[b"a"] = b"1"
        with _reopened(store, "r") as again:
            assert (again.read_only, dict(again)) == (True, {b"a": b"1"})
            for change in (
                lambda: again.__setitem__(b"a", b"2"),
                lambda: again.__delitem__(b"a"),
                lambda: again.add(b"n", b"2"),
                again.clear,
                again.transaction().__enter__,
            ):
                with pytest.raises(CatalogReadOnly, match="for reading only") as caught:
                    change()
                assert 'mode "w"' in caught.value.hint
            assert dict(again) == {b"a": b"1"}

    def test_a_closed_store_says_so(self, store: Store) -> None:
        """Every use after closing is one clear error; closing again is none."""
        store[b"a"] = b"1"
        store.close()
        store.close()
        for use in (
            lambda: store[b"a"],
            lambda: store.get(b"a"),
            lambda: b"a" in store,
            lambda: len(store),
            lambda: list(store),
            lambda: list(store.scan()),
            lambda: store.__setitem__(b"a", b"2"),
            lambda: store.add(b"z", b"2"),
            lambda: store.__delitem__(b"a"),
            store.clear,
            store.transaction().__enter__,
        ):
            with pytest.raises(CatalogError) as caught:
                use()
            assert caught.value.code == "catalog-closed"

    def test_sync_is_harmless(self, store: Store) -> None:
        """`shelve` calls it; it changes nothing."""
        store[b"a"] = b"1"
        store.sync()
        assert dict(store) == {b"a": b"1"}

    def test_a_second_writer_is_told_that_it_is_locked(self, store: Store) -> None:
        """While one is inside a transaction, another that does not wait gets CatalogLocked."""
        store[b"a"] = b"1"
        with store.transaction():
            store[b"a"] = b"2"
            said = _written_elsewhere(store.path, b"a", b"theirs")
        assert said.startswith(f"CatalogLocked {store.path} is locked by ")
        assert " | wait" in said
        with _reopened(store) as again:
            assert dict(again) == {b"a": b"2"}

    def test_the_next_writer_finds_everything(self, store: Store) -> None:
        """A writer that opens after the first one closed adds to what is there."""
        store[b"a"] = b"1"
        store.close()

        assert _written_elsewhere(store.path, b"b", b"2") == "written"
        with open_store(store.path) as again:
            assert dict(again) == {b"a": b"1", b"b": b"2"}

    def test_a_store_knows_itself(self, fresh: Callable[[], Store]) -> None:
        """Flavour and absolute path fit what identify says of the files."""
        first, second = fresh(), fresh()
        first[b"a"] = b"1"
        first.close()
        found = identify(first.path)
        assert (first.flavour, first.path) == (found.flavour, found.path)
        assert first.path != second.path
        assert os.path.isabs(first.path)


def _reopened(store: Store, mode: str = "w") -> Store:
    """Close the store and open its file again, by its bytes."""
    store.close()
    return open_store(store.path, mode=mode)


def _written_elsewhere(path: str, key: bytes, value: bytes) -> str:
    """Return what a process of its own says after setting one value; it does not wait for a lock.

    A forked child would inherit SQLite's own memory of our locks.
    """
    done = subprocess.run(
        [sys.executable, "-c", _WRITE, path, key, value], capture_output=True, text=True, check=True
    )
    return done.stdout.rstrip("\n")
