"""What every store does, whatever its flavour."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from plugreg import backends
from tests.fresh_process import WRITE, run_fresh
from tests.other_user import in_child

if TYPE_CHECKING:
    from collections.abc import Callable

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


def reopened(store: backends.Store, mode: str = "w") -> backends.Store:
    """Close the store and open its file again, by its bytes."""
    store.close()
    return backends.open(store.path, mode=mode)


def test_a_new_store_is_empty(store: backends.Store) -> None:
    """Nothing is in it before something is put there."""
    assert (len(store), list(store), list(store.scan()), b"x" in store) == (0, [], [], False)


def test_it_maps(store: backends.Store) -> None:
    """Set, get, replace, delete, and all that a mapping derives from them."""
    store[b"a"] = b"1"
    store[b"b"] = b"2"
    store[b"a"] = b"3"
    assert dict(store) == {b"a": b"3", b"b": b"2"}
    assert (len(store), b"a" in store, b"c" in store, "a" in store) == (2, True, False, False)
    assert (store.get(b"c"), store.get(b"c", b"d")) == (None, b"d")
    assert store.pop(b"a") == b"3"
    assert store.setdefault(b"e", b"5") == b"5"
    store.update({b"f": b"6"})
    assert sorted(store.items()) == [(b"b", b"2"), (b"e", b"5"), (b"f", b"6")]


def test_a_missing_key_is_a_key_error(store: backends.Store) -> None:
    """Reading and deleting name the key that is not there."""
    with pytest.raises(KeyError, match="missing"):
        store[b"missing"]
    with pytest.raises(KeyError, match="missing"):
        del store[b"missing"]


@pytest.mark.parametrize("key", AWKWARD)
def test_any_bytes_are_a_key_and_a_value(store: backends.Store, key: bytes) -> None:
    """Keys and values come back byte for byte after the file was closed."""
    store[key] = key
    with reopened(store, "r") as again:
        assert dict(again) == {key: key}


def test_an_empty_value_is_a_value(store: backends.Store) -> None:
    """It is present, not missing."""
    store[b"empty"] = b""
    with reopened(store) as again:
        assert (again[b"empty"], b"empty" in again, again.add(b"empty", b"x")) == (b"", True, False)


def test_an_empty_key_is_kept_or_refused(store: backends.Store) -> None:
    """No flavour loses it in silence."""
    try:
        store[b""] = b"v"
    except backends.CatalogError as error:
        assert error.code == "records-do-not-fit"
        assert dict(store) == {}
    else:
        with reopened(store) as again:
            assert dict(again) == {b"": b"v"}


def test_a_store_works_after_a_refused_key(store: backends.Store) -> None:
    """An empty key that is refused spoils nothing that follows, in a transaction neither."""
    with store.transaction():
        store[b"a"] = b"1"
        try:
            store[b""] = b"v"
        except backends.CatalogError:
            store[b"b"] = b"2"
    with reopened(store) as again:
        assert again[b"a"] == b"1"


def test_a_big_value(store: backends.Store) -> None:
    """Five megabytes come back whole, beside a small one."""
    big = os.urandom(1 << 20) * 5
    store[b"big"] = big
    store[b"small"] = b"s"
    with reopened(store, "r") as again:
        assert (again[b"big"], again[b"small"]) == (big, b"s")


@pytest.mark.parametrize(
    ("key", "value"),
    [("text", b"v"), (b"k", "text"), (1, b"v"), (b"k", None), (b"k", bytearray(1))],
)
def test_only_bytes(store: backends.Store, key: object, value: object) -> None:
    """Anything but bytes is a TypeError that says so, and nothing is kept of it."""
    with pytest.raises(TypeError, match="bytes"):
        store[key] = value  # type: ignore[index,assignment]
    with pytest.raises(TypeError, match="bytes"):
        store.add(key, value)  # type: ignore[arg-type]
    assert len(store) == 0


def test_what_was_written_is_seen_by_another_process(store: backends.Store) -> None:
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
    with backends.open(os.path.join(copies, os.path.basename(path))) as copy:
        assert dict(copy) == {b"k": b"v"}


def test_add_sets_only_what_is_not_there(store: backends.Store) -> None:
    """The first one wins and says so."""
    assert store.add(b"k", b"first")
    assert not store.add(b"k", b"second")
    assert store[b"k"] == b"first"


def test_scan_is_sorted_and_filters(store: backends.Store) -> None:
    """Pairs come in the order of the keys' bytes; a filter looks into the values."""
    store.update({b"b": b"xx-1", b"a": b"yy-2", b"\xff": b"xx-3", b"B": b"", b"aa": b"\x00xx"})
    assert [key for key, _ in store.scan()] == [b"B", b"a", b"aa", b"b", b"\xff"]
    assert list(store.scan(b"xx")) == [(b"aa", b"\x00xx"), (b"b", b"xx-1"), (b"\xff", b"xx-3")]


def test_scan_sees_an_open_transaction(store: backends.Store) -> None:
    """Reads inside a transaction show its changes."""
    store.update({b"a": b"1", b"b": b"2"})
    with store.transaction():
        del store[b"a"]
        store[b"c"] = b"3"
        store[b"b"] = b"4"
        assert list(store.scan()) == [(b"b", b"4"), (b"c", b"3")]
        assert (sorted(store), len(store), b"a" in store) == ([b"b", b"c"], 2, False)


def test_changing_while_scanning(store: backends.Store) -> None:
    """A scan goes through each key once although the values are replaced meanwhile."""
    store.update({b"%d" % number: b"old" for number in range(50)})
    seen = []
    for key, _ in store.scan():
        store[key] = b"new" * 300
        seen.append(key)
    assert seen == sorted(b"%d" % number for number in range(50))
    assert set(store.values()) == {b"new" * 300}


def test_clear_removes_all(store: backends.Store) -> None:
    """An empty store is left, on disk as well."""
    store.update({b"%d" % number: b"v" for number in range(20)})
    store.clear()
    with reopened(store) as again:
        assert dict(again) == {}


def test_a_transaction_keeps_all(store: backends.Store) -> None:
    """Everything inside is there afterwards."""
    store[b"gone"] = b"x"
    with store.transaction():
        store[b"a"] = b"1"
        store[b"b"] = b""
        del store[b"gone"]
    with reopened(store) as again:
        assert dict(again) == {b"a": b"1", b"b": b""}


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, SystemExit, GeneratorExit])
def test_a_transaction_rolls_back(store: backends.Store, error: type[BaseException]) -> None:
    """After any exception nothing of it is left, and the exception goes on."""
    store.update({b"kept": b"1", b"changed": b"1"})
    with pytest.raises(error), store.transaction():
        store[b"changed"] = b"2"
        store[b"new"] = b"2"
        del store[b"kept"]
        raise error
    assert dict(store) == {b"kept": b"1", b"changed": b"1"}
    with reopened(store) as again:
        assert dict(again) == {b"kept": b"1", b"changed": b"1"}


def test_a_rolled_back_store_goes_on(store: backends.Store) -> None:
    """The next transaction is not affected by one that failed."""
    with pytest.raises(ValueError, match="first"), store.transaction():
        store[b"a"] = b"1"
        raise ValueError("first")
    with store.transaction():
        store[b"b"] = b"2"
    with reopened(store) as again:
        assert dict(again) == {b"b": b"2"}


def test_an_inner_transaction_joins(store: backends.Store) -> None:
    """Only the end of the outermost one keeps anything."""
    with pytest.raises(ValueError, match="late"), store.transaction():
        with store.transaction():
            store[b"inner"] = b"1"
        store[b"outer"] = b"2"
        raise ValueError("late")
    assert dict(store) == {}
    with store.transaction(), store.transaction():
        store[b"deep"] = b"3"
    with reopened(store) as again:
        assert dict(again) == {b"deep": b"3"}


def test_clear_joins_a_transaction(store: backends.Store) -> None:
    """A clear inside one that fails has cleared nothing."""
    store[b"a"] = b"1"
    with pytest.raises(ValueError, match="after"), store.transaction():
        store.clear()
        assert len(store) == 0
        raise ValueError("after")
    assert dict(store) == {b"a": b"1"}


def test_closing_inside_a_transaction_forgets_it(store: backends.Store) -> None:
    """What was not committed is not there."""
    with store.transaction():
        store[b"a"] = b"1"
        store.close()
    with backends.open(store.path) as again:
        assert dict(again) == {}


def test_read_only(store: backends.Store) -> None:
    """Every change is refused by an error that says how to open it; reading works."""
    store[b"a"] = b"1"
    with reopened(store, "r") as again:
        assert (again.read_only, dict(again)) == (True, {b"a": b"1"})
        for change in (
            lambda: again.__setitem__(b"a", b"2"),
            lambda: again.__delitem__(b"a"),
            lambda: again.add(b"n", b"2"),
            again.clear,
            again.transaction().__enter__,
        ):
            with pytest.raises(backends.CatalogReadOnly, match="for reading only") as caught:
                change()
            assert 'mode "w"' in caught.value.hint
        assert dict(again) == {b"a": b"1"}


def test_a_closed_store_says_so(store: backends.Store) -> None:
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
        with pytest.raises(backends.CatalogError) as caught:
            use()
        assert caught.value.code == "catalog-closed"


def test_sync_is_harmless(store: backends.Store) -> None:
    """`shelve` calls it; it changes nothing."""
    store[b"a"] = b"1"
    store.sync()
    assert dict(store) == {b"a": b"1"}


def test_a_second_writer_is_told_that_it_is_locked(store: backends.Store) -> None:
    """While one process is inside a transaction, another that does not wait gets CatalogLocked."""
    store[b"a"] = b"1"
    with store.transaction():
        store[b"a"] = b"2"
        said = run_fresh(WRITE, store.path, "a", "theirs")
    assert said.startswith(f"CatalogLocked {store.path} is locked by another process | wait")
    with reopened(store) as again:
        assert dict(again) == {b"a": b"2"}


def test_the_next_writer_finds_everything(store: backends.Store) -> None:
    """A writer that opens after the first one closed adds to what is there."""
    store[b"a"] = b"1"
    store.close()

    def add() -> None:
        with backends.open(store.path, mode="w") as other:
            other[b"b"] = b"2"

    in_child(add)
    with backends.open(store.path) as again:
        assert dict(again) == {b"a": b"1", b"b": b"2"}


def test_a_store_knows_itself(fresh: Callable[[], backends.Store]) -> None:
    """Flavour and absolute path fit what identify says of the files."""
    first, second = fresh(), fresh()
    first[b"a"] = b"1"
    first.close()
    found = backends.identify(first.path)
    assert (first.flavour, first.path) == (found.flavour, found.path)
    assert first.path != second.path
    assert os.path.isabs(first.path)
