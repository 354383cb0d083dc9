"""An entry of the history takes bounded time and memory, whoever wrote it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from plugreg import Registry, backends
from plugreg.backends import RecordUnreadable, UnsafeRecord
from plugreg.change import Change
from plugreg.entry_pickle import MOST_BYTES, MOST_CONTAINERS, MOST_VALUES, load_entry
from plugreg.plain import dumps
from tests.registry.conftest import a_project

if TYPE_CHECKING:
    from pathlib import Path


def entry(**fields: object) -> bytes:
    """Return an entry of one project, whose record before has these fields, many times."""
    record = {**a_project()._record, **fields}
    return dumps({
        "schema": 1, "change": 1, "at": "", "by": "", "command": "",
        "projects": {str(number): [record, dict(record)] for number in range(600)},
    })  # fmt: skip


HOSTILE = {
    "too many bytes": dumps({"projects": b"x" * MOST_BYTES}),
    "empty dicts": b"\x80\x04](" + b"}" * MOST_CONTAINERS * 2 + b"e.",
    "tuples": b"\x80\x04](" + b")" * MOST_CONTAINERS * 2 + b"e.",
    "values": b"\x80\x04](" + b"N" * (MOST_VALUES + 1) + b"e.",
    "a list in very many places": b"\x80\x04](]\x94" + b"h\x00" * MOST_CONTAINERS + b"e.",
    "a long list in all records": entry(tags=["x"] * 2_000),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_what_is_too_large_is_refused(name: str) -> None:
    """Before it is made, or before it is multiplied."""
    with pytest.raises(RecordUnreadable, match="too large"):
        load_entry(HOSTILE[name])


def test_what_it_asks_for_is_named() -> None:
    """An entry that would run code says so, whatever its size."""
    with pytest.raises(UnsafeRecord, match=r"os\.system"):
        load_entry(b"]" + b"N0" * 100_000 + b"cos\nsystem\n(S'x'\ntR.")


def test_it_is_one_entry(tmp_path: Path) -> None:
    """The history goes on with the others."""
    path = tmp_path / "catalog"
    with Registry.open(path) as registry:
        for version in "12":
            registry.add(a_project(version=version))
    with backends.open(path, mode="w") as store:
        store[b"@history/0000000001"] = HOSTILE["empty dicts"]
    with Registry.open(path) as registry:
        second, first = registry.history()
        assert isinstance(second, Change)
        assert isinstance(first, RecordUnreadable)
        assert "change 1 of the history cannot be read: too large" in str(first)


def test_a_large_change_is_read(tmp_path: Path) -> None:
    """Of hundreds of projects with long texts, and of a record that is too large itself."""
    path = tmp_path / "catalog"
    with Registry.open(path) as registry, registry.batch():
        for number in range(300):
            registry.add(a_project(f"a{number}", summary="x" * 1000, tags=list("abc")))
    with backends.open(path, mode="w") as store:
        store[b"large"] = b"x" * (17 * 1024**2)
    with Registry.open(path) as registry:
        registry.remove("large")
        with registry.batch():
            for number in range(300):
                registry.disable(f"a{number}")
        assert [len(change.names) for change in registry.history()] == [300, 1, 300]  # type: ignore[union-attr]
