"""What is told, and done, when an interrupted migration or load is started again."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest

from plugreg import backends

from .databases import listing, made, names, read, some
from .interruption import die, stopped

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def upgraded(key: bytes, value: bytes) -> bytes:
    """Return another value, as an upgrade of pickles does."""
    del key
    return value + b"!"


def killed_in_swap(place: Path, task: Callable[[], Any]) -> None:
    """Kill the task at its first call after which its plan stands written, and is not carried out.

    Each try begins with the same files.
    """
    before = {file: content for file, (_, _, _, content) in listing(place).items()}
    for number in range(1, 200):
        stopped(task, number, die)
        if any(place.glob(".*.migration/journal.json")):
            return
        for path in sorted(place.rglob("*"), reverse=True):
            path.rmdir() if path.is_dir() else path.unlink()
        for name, content in before.items():
            (place / name).write_bytes(content)
    pytest.fail("no plan was written")


OTHER_WISHES: tuple[dict[str, Any], ...] = (
    {"convert": upgraded},
    {"backup": False},
    {"duplicates": "first"},
    {"salvage": True},
)


@pytest.mark.parametrize("wish", OTHER_WISHES, ids=lambda wish: next(iter(wish)))
@pytest.mark.parametrize("which", ["the earlier", "the later"])
def test_another_wish_is_not_taken_for_done(
    tmp_path: Path, wish: dict[str, Any], which: str
) -> None:
    """The earlier call is finished and told of; the later one is refused, and can be repeated."""
    path = made(tmp_path, "gnu")
    earlier, later = (wish, {}) if which == "the earlier" else ({}, wish)
    killed_in_swap(tmp_path, lambda: backends.migrate(path, **earlier))
    with pytest.raises(backends.CatalogError, match="was finished, which had been") as caught:
        backends.migrate(path, **later)
    assert caught.value.code == "migration-finished"
    assert "gnu to sqlite3, 60 records" in str(caught.value)
    assert "run this again" in caught.value.hint
    assert backends.identify(path).flavour == "sqlite3"
    backends.migrate(path, **later)
    wanted = [upgraded(b"", value) for _, value in some()]
    assert [value for _, value in read(path)] == (
        wanted if "convert" in wish else [value for _, value in some()]
    )


@pytest.mark.parametrize("dest", [None, "new"])
def test_the_same_wish_is_told_as_finished(tmp_path: Path, dest: str | None) -> None:
    """With what the earlier call had done, and that it was an earlier one."""
    path = made(tmp_path, "gnu")

    def task() -> backends.Migration:
        return backends.migrate(path, dest and tmp_path / dest, convert=upgraded)

    killed_in_swap(tmp_path, task)
    done = task()
    assert (done.resumed, done.records, done.to_flavour) == (True, 60, "sqlite3")
    assert read(done.dest) == sorted((key, value + b"!") for key, value in some())


def test_another_flavour_says_what_was_finished(tmp_path: Path) -> None:
    """The swap is finished, then the wanted one is made; a warning says both."""
    path = made(tmp_path, "gnu")
    killed_in_swap(tmp_path, lambda: backends.migrate(path))
    done = backends.migrate(path, to="dumb")
    assert not done.resumed
    assert (done.from_flavour, done.to_flavour) == ("sqlite3", "dumb")
    (said,) = done.warnings
    assert said.startswith("an interrupted migration was finished first: gnu to sqlite3")


@pytest.mark.parametrize("target", ["sqlite3", "dumb"])
@pytest.mark.parametrize("verb", ["migrate", "load"])
def test_started_again_wherever_it_was_killed(tmp_path: Path, target: str, verb: str) -> None:
    """A new database beside: the same call succeeds, and nothing but the database is left."""
    path = made(tmp_path, "gnu")
    place = tmp_path / "place"

    def task() -> backends.Migration:
        if verb == "load":
            return backends.load(place / "new", some(), target)
        return backends.migrate(path, place / "new", target)

    resumed, number, reached = 0, 0, True
    while reached:
        number += 1
        place.mkdir()
        _, reached = stopped(task, number, die)
        if reached:
            done = task()
            resumed += done.resumed
            assert (done.records, done.verified) == (60, True)
            assert read(place / "new") == some()
            assert not [name for name in names(place) if name.startswith(".")]
        for file in place.iterdir():
            file.unlink()
        place.rmdir()
    assert resumed > 2


def test_other_records_are_not_taken_for_loaded(tmp_path: Path) -> None:
    """What stands there by an interrupted load is finished, and not overwritten."""
    path = tmp_path / "new"
    killed_in_swap(tmp_path, lambda: backends.load(path, some()))
    with pytest.raises(backends.CatalogError, match="exists already"):
        backends.load(path, some(61))
    assert read(path) == some()


def test_no_lock_is_left(tmp_path: Path) -> None:
    """That of a pair which has become another database is removed by who finishes the swap."""
    path = made(tmp_path, "dumb")
    killed_in_swap(tmp_path, lambda: backends.migrate(path))
    assert os.path.exists(tmp_path / ".db.lock")
    backends.migrate(path)
    assert not [name for name in names(tmp_path) if name.startswith(".")]


@pytest.mark.parametrize("flavour", ["sqlite3", "dumb", "gnu"])
@pytest.mark.parametrize("dry_run", [True, False])
def test_what_is_of_that_flavour_already(tmp_path: Path, flavour: str, dry_run: bool) -> None:
    """Nothing is written and no backup made; it is done where more is asked for."""
    path = made(tmp_path, flavour)
    before = listing(tmp_path)
    done = backends.migrate(path, to=flavour, dry_run=dry_run)
    assert (done.unchanged, done.records, done.backup) == (True, 60, None)
    assert listing(tmp_path) == before
    done = backends.migrate(path, to=flavour, convert=upgraded)
    assert not done.unchanged
    assert done.backup
    assert read(path) == sorted((key, value + b"!") for key, value in some())
