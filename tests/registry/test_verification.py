"""`Registry.open(verify=True)` reads everything, so that damage shows now."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from plugreg import Registry, backends
from plugreg.plain import dumps

from .conftest import a_project

if TYPE_CHECKING:
    from pathlib import Path


def fill(path: Path, flavour: str = "sqlite3") -> None:
    """Make a catalog of some hundred projects."""
    with Registry.open(path, flavour=flavour) as registry, registry.batch():
        for number in range(300):
            registry.add(a_project(f"project-{number}", summary="x" * 300))


def spoil(path: Path, names: list[str], data: bytes = b"rubbish") -> None:
    """Put records into a catalog that cannot be read."""
    with backends.open(path, mode="w") as store:
        for name in names:
            store[name.encode()] = data


@pytest.mark.parametrize("flavour", ["sqlite3", "dumb"])
@pytest.mark.parametrize("read_only", [False, True])
def test_a_whole_catalog(path: Path, flavour: str, read_only: bool) -> None:
    """It opens, and is as it was."""
    fill(path, flavour)
    with Registry.open(path, read_only=read_only, verify=True) as registry:
        assert len(registry) == 300


def test_a_catalog_that_is_not_there_is_whole(path: Path) -> None:
    """As it is for reading without."""
    with Registry.open(path, read_only=True, verify=True) as registry:
        assert list(registry) == []


def test_one_record(path: Path) -> None:
    """The error is the record's own, with its name; without verify the catalog opens."""
    fill(path)
    spoil(path, ["project-7"])
    with pytest.raises(backends.RecordUnreadable, match=r"^project-7: ") as caught:
        Registry.open(path, verify=True)
    assert caught.value.details["name"] == "project-7"
    Registry.open(path).close()


def test_many_records(path: Path) -> None:
    """The message names the first of them, the details all."""
    fill(path)
    names = sorted(f"project-{number}" for number in range(100, 115))
    spoil(path, names)
    with pytest.raises(backends.RecordUnreadable, match="project-100, .* and 5 more") as caught:
        Registry.open(path, read_only=True, verify=True)
    assert caught.value.details["names"] == names
    assert "plugreg remove" in caught.value.hint


def test_a_record_of_a_later_plugreg(path: Path) -> None:
    """It is no damage, but nothing that this plugreg can vouch for."""
    fill(path)
    spoil(path, ["later"], dumps({"schema": 99}))
    with pytest.raises(backends.SchemaTooNew, match="later"):
        Registry.open(path, verify=True)


def test_a_damaged_page(path: Path) -> None:
    """What no look-up has met yet is found, and named by SQLite's words."""
    fill(path)
    data = bytearray(path.read_bytes())
    middle = len(data) // 2 // 4096 * 4096
    data[middle : middle + 4096] = b"\xa5" * 4096
    path.write_bytes(data)
    with pytest.raises(backends.CatalogCorrupt, match="SQLite says") as caught:
        Registry.open(path, verify=True)
    assert str(path) in caught.value.message


def test_an_index_that_misses_a_record(path: Path) -> None:
    """Each record alone can be read; only the check of the whole file sees it."""
    import sqlite3

    fill(path)
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA writable_schema = ON")
    root = connection.execute("SELECT rootpage FROM sqlite_master WHERE type = 'index'").fetchone()
    connection.execute("CREATE TABLE other (x)")
    leaf = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'other'").fetchone()
    connection.execute("UPDATE sqlite_master SET rootpage = ? WHERE rootpage = ?", (*leaf, *root))
    connection.execute("DELETE FROM sqlite_master WHERE name = 'other'")
    connection.commit()
    connection.close()
    with pytest.raises(backends.CatalogCorrupt):
        Registry.open(path, read_only=True, verify=True)


def test_a_damaged_dumb_catalog(path: Path) -> None:
    """Whatever the flavour: all of it is read."""
    fill(path, "dumb")
    data = path.with_name(path.name + ".dat")
    data.write_bytes(data.read_bytes()[:20_000])
    with pytest.raises(backends.CatalogError):
        Registry.open(path, verify=True)
