"""The power is cut after each call of a writer, with what was not synced lost or torn."""

from __future__ import annotations

import random
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from plugreg import backends
from tests.in_memory import folder_in_memory
from tests.torture.length import LONG, ONCE
from tests.torture.medium import Call, Medium, calls_in
from tests.torture.recorded import steps_of
from tests.torture.shim import run_under
from tests.torture.subjects import SUBJECTS

if TYPE_CHECKING:
    from tests.torture.steps import State

pytestmark = ONCE
STEPS = 30 if LONG else 10
CUTS = 12 if LONG else 2


@pytest.mark.parametrize("subject", SUBJECTS if LONG else ["store"])
def test_a_whole_database_each_time(memory: Path, shim: Path, flavour: str, subject: str) -> None:
    """Every change that had returned is there, the one under way whole or not at all."""
    assert cuts_of(memory, shim, flavour, subject) > 5 * STEPS * CUTS


@pytest.mark.parametrize("careless", ["sqlite3", "dumb", "gnu"])
def test_a_missing_sync_is_found(memory: Path, shim: Path, careless: str) -> None:
    """Without the syncs of plugreg's files, or with SQLite's FULL for EXTRA, changes are lost."""
    with pytest.raises((AssertionError, backends.PlugregError)):
        cuts_of(memory, shim, careless, "store", "careless")


def cuts_of(folder: Path, shim: Path, flavour: str, subject: str, *careless: str) -> int:
    """Record a writer and cut the power after each of its calls; how often that was."""
    (folder / "recorded").mkdir()
    log = folder / "log"
    arguments = (flavour, subject, str(STEPS), *careless)
    run_under(shim, folder / "recorded", "tests.torture.recorded", *arguments, log=log)
    states = [{}, *(after for _, after in steps_of(subject, STEPS))]
    medium, returned, cuts = Medium(), 0, 0
    for number, call in enumerate(calls_in(log.read_bytes())):
        medium.do(call)
        returned += call.kind == "M"
        for cut in range(CUTS if call.kind in "WSTRLUM" or call.at else 0):
            chance = random.Random(f"{flavour} {number} {cut}")
            with folder_in_memory() as after:
                medium.cut(Path(after), chance)
                allowed = states[returned : returned + 2]
                require_whole(Path(after) / "db", subject, flavour, allowed, chance)
            cuts += 1
    assert returned == STEPS
    return cuts


def require_whole(
    path: Path, subject: str, flavour: str, allowed: list[State], chance: random.Random
) -> None:
    """Look at what the cut has left as a reader does, then as a writer who goes on."""
    kind = SUBJECTS[subject]
    seen = kind.look(path) or {}
    assert seen in allowed
    with kind(path, flavour) as opened:
        assert opened.state() == seen
        step, after = next(kind.steps(seen, chance))
        opened.apply(step)
        assert opened.state() == after


def test_the_medium_forgets_what_was_not_synced(tmp_path: Path) -> None:
    """Cuts of a file that was written and never synced give it lost, whole and torn."""
    found = set()
    for seed in range(200):
        medium = Medium()
        for call in (
            Call("O", 3, 0, "/f", "", b""),
            Call("W", 3, 0, "", "", b"a" * 512),
            Call("S", 3, 0, "", "", b""),
            Call("D", 4, 0, "/", "", b""),
            Call("S", 4, 0, "", "", b""),
            Call("W", 3, 0, "", "", b"b" * 1024),
        ):
            medium.do(call)
        medium.cut(tmp_path, random.Random(seed))
        found.add((tmp_path / "f").read_bytes())
    old, new, zero = b"a" * 512, b"b" * 512, b"\0" * 512
    assert found == {old, new, old + zero, old + new, new + new, new + zero}
