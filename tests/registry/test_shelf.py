"""`open_shelf` is `shelve.open` for plain data: CPython's own tests of it, and what differs."""

from __future__ import annotations

import datetime as dt
import gc
import pickle
import shelve
import threading
import unittest
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

from plugreg import backends, open_shelf
from plugreg.shelf import Shelf
from tests.backends.conftest import flavour as flavour  # noqa: PLC0414 - a fixture here, too
from tests.conditions import skip_or_fail
from tests.corpus_cases import case_names, copied_case, expected_records

if TYPE_CHECKING:
    from pathlib import Path
    from types import ModuleType

# What is left out of CPython's tests: its default protocol is the interpreter's, ours is always 4.
LEFT_OUT = {"test_default_protocol"}


@pytest.fixture
def cpythons(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> ModuleType:
    """The tests of `shelve` that came with this Python, in a folder of their own."""
    try:
        import test.test_shelve as found
    except ImportError:
        skip_or_fail("this Python came without its own tests")
    monkeypatch.chdir(tmp_path)
    return found


def run_cases(cases: type[unittest.TestCase]) -> int:
    """Run a class of unit tests and fail with what they say; how many there were."""
    names = [n for n in unittest.TestLoader().getTestCaseNames(cases) if n not in LEFT_OUT]
    result = unittest.TestResult()
    unittest.TestSuite(map(cases, names)).run(result)
    assert [f"{case}\n{text}" for case, text in (*result.failures, *result.errors)] == []
    assert result.skipped == []
    return result.testsRun


def test_cpythons_own_cases(
    cpythons: ModuleType, flavour: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every case about opening, writing back, closing, encodings and protocols passes."""

    def open_here(*arguments: Any, **named: Any) -> Shelf:
        return open_shelf(*arguments, **named, flavour=flavour)

    monkeypatch.setattr(shelve, "open", open_here)
    monkeypatch.setattr(shelve, "Shelf", Shelf)
    assert run_cases(cpythons.TestCase) > 9


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_cpythons_mapping_cases(
    cpythons: ModuleType, flavour: str, protocol: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A shelf is a mapping as CPython's tests define one, at every protocol."""
    from test import mapping_tests

    number = iter(range(10_000))

    class Cases(cpythons.TestShelveBase, mapping_tests.BasicTestMappingProtocol):  # type: ignore[misc,name-defined]
        """The shared cases over our shelf."""

        type2test = Shelf

        def _empty_mapping(self) -> Shelf:
            shelf = open_shelf(f"shelf{next(number)}", protocol=protocol, flavour=flavour)
            self.addCleanup(shelf.close)
            return shelf

    monkeypatch.setattr(shelve, "Shelf", Shelf)
    assert run_cases(Cases) > 9


def test_the_pinned_flavour(tmp_path: Path) -> None:
    """Nobody names one: the file is sqlite3, never what the interpreter prefers."""
    with open_shelf(tmp_path / "any.db") as shelf:
        shelf["a"] = {"list": [1, 2.5, None, True], "set": {1}, "bytes": b"x", "tuple": (1,)}
    assert backends.identify(tmp_path / "any.db").flavour == "sqlite3"
    with open_shelf(tmp_path / "any.db", "r") as shelf:
        assert dict(shelf) == {
            "a": {"list": [1, 2.5, None, True], "set": {1}, "bytes": b"x", "tuple": (1,)}
        }


def test_the_detected_flavour(tmp_path: Path, flavour: str) -> None:
    """What exists is opened as what it is."""
    with open_shelf(tmp_path / "db", flavour=flavour) as shelf:
        shelf["a"] = 1
    with open_shelf(tmp_path / "db") as shelf:
        shelf["b"] = 2
        assert dict(shelf) == {"a": 1, "b": 2}


@pytest.mark.parametrize("case", case_names("shelf-"))
def test_shelves_of_other_pythons(tmp_path: Path, case: str) -> None:
    """Records that other Pythons pickled come back as the plain data that they are, or by name."""
    path = copied_case(case, tmp_path)
    refused = read = 0
    with open_shelf(path, "r") as shelf:
        for key, data in expected_records(case).items():
            try:
                value = shelf[key.decode()]
            except backends.UnsafeRecord as error:
                assert error.details["asked"]
                refused += 1
            except backends.RecordUnreadable:  # text of Python 2 that is not ASCII
                with pytest.raises(UnicodeDecodeError):
                    pickle.loads(data)
                refused += 1
            else:
                assert value == pickle.loads(data)
                read += 1
    assert read + refused == len(expected_records(case)) == 40
    assert read > 0


class Stranger:
    """Something that is not plain data."""


@pytest.mark.parametrize("value", [Stranger(), Stranger, print, 1j, [Stranger()], bytearray(1)])
@pytest.mark.parametrize("writeback", [False, True])
def test_what_is_not_plain_is_not_written(tmp_path: Path, value: object, writeback: bool) -> None:
    """It could not be read back: refused by name, and the old record stays."""
    with open_shelf(tmp_path / "db", writeback=writeback) as shelf:
        shelf["a"] = "old"
        with pytest.raises(backends.UnsafeRecord, match="more than plain data"):
            shelf["a"] = value
    with open_shelf(tmp_path / "db", "r") as shelf:
        assert dict(shelf) == {"a": "old"}


def test_an_evil_record_is_one_record(tmp_path: Path) -> None:
    """Reading it is refused; the others are read, and it can be deleted."""
    with backends.open(tmp_path / "db", mode="c") as store:
        store[b"evil"] = b"cos\nsystem\n(S'exit 7'\ntR."
        store[b"good"] = pickle.dumps([1])
    with open_shelf(tmp_path / "db") as shelf:
        with pytest.raises(backends.UnsafeRecord, match=r"os\.system"):
            shelf["evil"]
        assert shelf["good"] == [1]
        del shelf["evil"]
        assert dict(shelf) == {"good": [1]}


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """The keys that are written to any SQLite store from now on."""
    from plugreg.backends.sqlite.store import SqliteStore

    keys: list[bytes] = []
    put = SqliteStore._put

    def note(store: SqliteStore, key: bytes, value: bytes) -> None:
        keys.append(key)
        put(store, key, value)

    monkeypatch.setattr(SqliteStore, "_put", note)
    return keys


def test_writeback_writes_what_changed(tmp_path: Path, written: list[bytes]) -> None:
    """Of what was read, only the changed records are written, at sync and at close."""
    with open_shelf(tmp_path / "db") as shelf:
        shelf.update({name: {"list": [1], "set": {1, "x"}} for name in "abcd"})
    written.clear()
    with open_shelf(tmp_path / "db", writeback=True) as shelf:
        for name in "abcd":
            assert shelf[name]["list"] == [1]
        shelf["b"]["list"].append(2)
        shelf.sync()
        assert written == [b"b"]
        shelf["c"]["list"].append(3)
    assert written == [b"b", b"c"]
    with open_shelf(tmp_path / "db", "r") as shelf:
        assert [shelf[name]["list"] for name in "abcd"] == [[1], [1, 2], [1, 3], [1]]


def test_writeback_of_reads_alone_needs_no_right_to_write(tmp_path: Path) -> None:
    """A shelf that is open for reading, with writeback, closes in peace where nothing changed."""
    with open_shelf(tmp_path / "db") as shelf:
        shelf["a"] = [1]
    with open_shelf(tmp_path / "db", "r", writeback=True) as shelf:
        assert shelf["a"] == [1]


def test_writeback_forgets_what_was_deleted(tmp_path: Path) -> None:
    """A record that was read and then deleted does not come back."""
    with open_shelf(tmp_path / "db", writeback=True) as shelf:
        shelf["a"] = [1]
        shelf["b"] = [1]
        shelf["a"].append(2)
        del shelf["a"]
        shelf.clear()
        shelf["c"] = 1
    with open_shelf(tmp_path / "db") as shelf:
        assert dict(shelf) == {"c": 1}


@pytest.mark.parametrize(
    ("before", "after"),
    [(1, True), (0.0, -0.0), (1, 1.0), ([{"a": (1,)}], [{"a": (True,)}]), ({1: "a"}, {True: "a"})],
)
def test_writeback_compares_pickles(
    tmp_path: Path, written: list[bytes], before: Any, after: Any
) -> None:
    """What is equal to Python, and is something else all the same, is written."""
    with open_shelf(tmp_path / "db") as shelf:
        shelf["a"] = [before]
    written.clear()
    with open_shelf(tmp_path / "db", writeback=True) as shelf:
        shelf["a"][0] = after
    assert written == [b"a"]
    with open_shelf(tmp_path / "db", "r") as shelf:
        assert repr(shelf["a"]) == repr([after])


def test_writeback_of_what_equals_nothing(tmp_path: Path, written: list[bytes]) -> None:
    """A NaN is unequal to itself, and not written for that."""
    with open_shelf(tmp_path / "db") as shelf:
        shelf["a"] = [float("nan")]
    written.clear()
    with open_shelf(tmp_path / "db", writeback=True) as shelf:
        assert shelf["a"] != [float("nan")]
    assert written == []


def unpicklable() -> list[object]:
    """Values that cannot be stored, each for another reason."""
    nested: object = ()
    for _ in range(300):
        nested = (nested,)
    return [dt.date(2020, 1, 1), threading.Lock(), {nested: 1}, lambda: None]


@pytest.mark.parametrize("value", unpicklable())
def test_writeback_writes_whatever_can_be_written(
    tmp_path: Path, flavour: str, value: object
) -> None:
    """The error names all that cannot; by the next time that is mended, or is named again."""
    with open_shelf(tmp_path / "db", flavour=flavour) as shelf:
        shelf.update({key: [] for key in "abcdef"})
    shelf = open_shelf(tmp_path / "db", writeback=True)
    for key in "abcdef":
        shelf[key].append(1)
    shelf["b"].append(value)
    shelf["d"].append(value)
    with pytest.raises(backends.CatalogError, match=r"the values of 'b', 'd' were not ") as caught:
        shelf.sync()
    assert caught.value.details["keys"] == ["b", "d"]
    shelf["a"].append(2)
    shelf["b"].pop()
    with pytest.raises(backends.CatalogError, match=r"the value of 'd' was not "):
        shelf.close()
    assert shelf.cache["d"] == [1, value]
    with open_shelf(tmp_path / "db") as again:  # it was closed, and its lock is free
        assert dict(again) == {"a": [1, 2], "d": [], **{key: [1] for key in "bcef"}}


def test_a_shelf_that_could_not_be_written_is_collected_in_peace(tmp_path: Path) -> None:
    """What close has said is not said again by a collector that nobody can catch."""
    shelf = open_shelf(tmp_path / "db", writeback=True)
    shelf["a"] = []
    shelf["a"].append(print)
    with pytest.raises(backends.UnsafeRecord):
        shelf.close()
    del shelf  # a warning is an error here
    gc.collect()


def test_writeback_into_a_format_with_limits(tmp_path: Path) -> None:
    """A value that is too large for it is one value; the others are written."""
    shelf = open_shelf(tmp_path / "db", flavour="gnu", writeback=True)
    shelf.update({key: [] for key in "abc"})
    for key in "abc":
        shelf[key].append(1)
    shelf.dict.misfit = lambda key, _: "too large" if key == b"b" else ""
    with pytest.raises(backends.CatalogError, match=r"the value of 'b' was not .* \(too large\)"):
        shelf.close()
    with open_shelf(tmp_path / "db") as again:
        assert dict(again) == {"a": [1], "b": [], "c": [1]}


def test_tuples_that_lie_too_deep(tmp_path: Path) -> None:
    """The error is one of writing, and says what to store instead."""
    with open_shelf(tmp_path / "db") as shelf:
        with pytest.raises(backends.RecordUnreadable, match="250 tuples") as caught:
            shelf["a"] = unpicklable()[2]
        assert "was not written; store lists" in str(caught.value)
        assert "read" not in str(caught.value)


def test_writeback_of_what_may_not_be_written(tmp_path: Path) -> None:
    """The store's own error comes at once, for all of them."""
    with open_shelf(tmp_path / "db") as shelf:
        shelf.update({"a": [], "b": []})
    shelf = open_shelf(tmp_path / "db", "r", writeback=True)
    shelf["a"].append(1)
    with pytest.raises(backends.CatalogReadOnly):
        shelf.close()


@pytest.mark.parametrize("writeback", [False, True])
def test_eight_threads_on_one_shelf(tmp_path: Path, flavour: str, writeback: bool) -> None:
    """Nothing is lost, no error, and what one of them may take only one of them gets."""
    rounds, crowd = 20, 8
    start = threading.Barrier(crowd)
    taken: list[str] = []

    def work(number: int) -> None:
        start.wait()
        for turn in range(rounds):
            shelf[f"{number}-{turn}"] = {"list": [number] * 50}
            assert shelf[f"{number}-{turn}"]["list"] == [number] * 50
            shelf.setdefault("first", number)
            assert len(list(shelf)) >= turn
            taken.extend(filter(None, [shelf.pop(f"shared-{turn}", None)]))
            assert "nobody" not in shelf

    with open_shelf(tmp_path / "db", flavour=flavour, writeback=writeback) as shelf:
        shelf.update({f"shared-{turn}": str(turn) for turn in range(rounds)})
        with ThreadPoolExecutor(crowd) as pool:
            list(pool.map(work, range(crowd)))
    assert sorted(taken, key=int) == [str(turn) for turn in range(rounds)]
    with open_shelf(tmp_path / "db", "r") as shelf:
        assert len(shelf) == crowd * rounds + 1
        assert all(
            shelf[f"{n}-{t}"]["list"] == [n] * 50 for n in range(crowd) for t in range(rounds)
        )


def test_a_store_is_one_threads(tmp_path: Path) -> None:
    """Another thread could write into its transaction, which may yet be undone."""
    with backends.open(tmp_path / "db", mode="c") as store, ThreadPoolExecutor(1) as pool:
        for act in (store.transaction().__enter__, lambda: store.add(b"a", b"b"), store.clear):
            with pytest.raises(backends.CatalogError, match="belongs to the thread") as caught:
                pool.submit(act).result()
            assert caught.value.code == "catalog-thread"
        assert len(store) == 0
