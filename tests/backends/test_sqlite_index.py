"""A SQLite file whose index of keys is damaged: an error, and never another record's value."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from plugreg import Project, Registry, Source, backends
from plugreg.backends import CatalogCorrupt
from plugreg.backends.driver import sqlite3
from plugreg.backends.sqlite.store import _CONTAINING, _SCAN, _SCAN_ALL, _SPAN

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

RECORDS = {b"key-%c" % letter: b"value of %c" % letter for letter in b"abcdefgh"}
# In the index a key is followed by the number of its row, in the table by its value.
C, D = b"key-c\x03", b"key-d\x04"
DAMAGE: dict[str, Callable[[bytes], bytes]] = {
    "two are swapped": lambda data: (
        data.replace(C, b"key-c\x04").replace(D, b"key-d\x03")
    ),
    "two lead to one": lambda data: data.replace(D, b"key-d\x03"),
    "one leads nowhere": lambda data: data.replace(C, b"key-c\x63"),
}  # fmt: skip
LOOKS: dict[str, Callable[[backends.Store], list[tuple[bytes, bytes]]]] = {
    "scan": lambda store: list(store.scan()),
    "scan without": lambda store: list(store.scan(without=b"@")),
    "scan containing": lambda store: list(store.scan(b"value")),
    "span": lambda store: list(store.span(b"key-b", b"key-f")),
    "span, descending": lambda store: list(store.span(b"key-b", b"key-f", descending=True)),
    "look-up": lambda store: [(key, store[key]) for key in RECORDS],
    "get": lambda store: [(key, value) for key in RECORDS if (value := store.get(key))],
}


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("damage", DAMAGE)
def test_no_key_is_given_with_another_value(tmp_path: Path, damage: str, look: str) -> None:
    """Whatever way a record is looked for."""
    path = tmp_path / "file.db"
    with backends.open(path, mode="c") as store:
        store.update(RECORDS)
    data = path.read_bytes()
    assert (data.count(C), data.count(D)) == (1, 1)
    path.write_bytes(DAMAGE[damage](data))
    with backends.open(path) as store:
        with pytest.raises(CatalogCorrupt, match="index of keys") as caught:
            LOOKS[look](store)
        assert "salvage" in caught.value.hint
        assert dict(store.records()) == RECORDS
        with pytest.raises(CatalogCorrupt):
            store.verify()


def test_a_catalog_says_so(tmp_path: Path) -> None:
    """A list ends in the error, and no project is another one."""
    path = tmp_path / "catalog"
    with Registry.open(path) as registry:
        for name in ("aa", "bb"):
            registry.add(Project(name=name, version="1", source=Source("directory", "/x")))
    connection = sqlite3.connect(path)
    rows = dict(connection.execute("SELECT key, rowid FROM Dict"))
    connection.close()
    aa, bb = (bytes([rows[name]]) for name in (b"aa", b"bb"))
    data = path.read_bytes()
    assert data.count(b"aa" + aa) == data.count(b"bb" + bb) == 1
    path.write_bytes(data.replace(b"aa" + aa, b"aa" + bb).replace(b"bb" + bb, b"bb" + aa))
    with Registry.open(path, read_only=True) as registry:
        with pytest.raises(CatalogCorrupt, match="index of keys"):
            list(registry)
        with pytest.raises(CatalogCorrupt, match="index of keys"):
            registry["aa"]


@pytest.mark.parametrize("containing", ["", _CONTAINING])
def test_rows_are_found_by_the_index(containing: str) -> None:
    """Each look-up goes along it once, in its order, and sorts nothing."""
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE TABLE Dict (key BLOB UNIQUE NOT NULL, value BLOB NOT NULL)")
    given = dict.fromkeys(("start", "stop", "containing"), b"")
    for statement in (_SCAN, _SCAN_ALL, _SPAN):
        plan = connection.execute(f"EXPLAIN QUERY PLAN {statement.format(containing)}", given)
        steps = [row[-1] for row in plan]
        assert not any("TEMP B-TREE" in step for step in steps)
        assert all("COVERING INDEX" in step for step in steps if " i " in step)
        assert any("d USING INTEGER PRIMARY KEY" in step for step in steps)
    connection.close()
