"""Eight writers at once: nothing missing, nothing wrong, whichever the flavour."""

from __future__ import annotations

import pickle
from typing import TYPE_CHECKING

import pytest

from plugreg import open_shelf
from tests.torture import crowd
from tests.torture.length import LONG, ONCE

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = ONCE
WRITERS = 8
CHANGES = 500 if LONG else 40
SUBJECTS = {
    "store": (crowd.change_store, crowd.found_in_store),
    "registry": (crowd.change_registry, crowd.found_in_registry),
}


def all_of(folder: Path) -> dict[str, object]:
    """Return what all writers together expect."""
    expected: dict[str, object] = {}
    for file in folder.glob("*.expected"):
        expected |= pickle.loads(file.read_bytes())
    return expected


def noting(
    work: Callable[..., crowd.Expected], folder: Path, *arguments: object
) -> Callable[[int], None]:
    """Return what one writer does: its work, then a note of what must be there."""

    def run(number: int) -> None:
        expected = work(folder / "db", *arguments, number, CHANGES)
        (folder / f"{number}.expected").write_bytes(pickle.dumps(expected))

    return run


@pytest.mark.parametrize(
    ("subject", "together"),
    [
        ("store", crowd.in_processes),
        ("registry", crowd.in_threads),
        *([("store", crowd.in_threads), ("registry", crowd.in_processes)] if LONG else []),
    ],
)
def test_a_crowd(tmp_path: Path, flavour: str, subject: str, together: Callable[..., int]) -> None:
    """The first makes the database; in the end each finds its own changes, and only those."""
    work, found = SUBJECTS[subject]
    assert together(noting(work, tmp_path, flavour), WRITERS) == 0
    expected = all_of(tmp_path)
    assert found(tmp_path / "db") == expected
    assert len(expected) > WRITERS


def test_a_shared_shelf(tmp_path: Path, flavour: str) -> None:
    """Threads that share one shelf lose nothing either."""
    with open_shelf(tmp_path / "db", flavour=flavour) as shelf:

        def work(path: Path, number: int, changes: int) -> crowd.Expected:
            return crowd.change_shelf(path, number, changes, shelf)

        assert crowd.in_threads(noting(work, tmp_path), WRITERS) == 0
    assert crowd.found_in_shelf(tmp_path / "db") == all_of(tmp_path)
