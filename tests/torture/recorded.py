"""A writer whose calls are recorded.

`python -m tests.torture.recorded FOLDER FLAVOUR SUBJECT STEPS [careless]`, by `test_power_cut.py`.
Runs under the shim, with its log; a mark in that follows each step that returned.
"""

from __future__ import annotations

import random
import sys
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from tests.torture.shim import Shim
from tests.torture.subjects import SUBJECTS

if TYPE_CHECKING:
    from sqlite3 import Connection

    from tests.torture.steps import State, Step

SEED = "recorded"
# Writers follow one another: each makes so many steps.
_TURN = 5


def steps_of(subject: str, number: int) -> list[tuple[Step, State]]:
    """Return the steps that are recorded, each with what it leads to."""
    return list(islice(SUBJECTS[subject].steps({}, random.Random(SEED)), number))


def be_careless() -> None:
    """Leave out one kind of sync: of the files that plugreg writes, and of SQLite's folder."""
    from plugreg.backends import durable, sqlite3

    def settle(connection: Connection, path: str) -> None:
        settle_journal(connection, path)
        connection.execute("PRAGMA synchronous = FULL")

    settle_journal = sqlite3.settle_journal
    sqlite3.settle_journal = settle  # type: ignore[assignment]
    durable.sync_file = lambda _: None  # type: ignore[assignment]


def main(folder: Path, flavour: str, subject: str, number: int, *careless: str) -> None:
    """Make the steps."""
    if careless:
        be_careless()
    shim = Shim()
    steps = steps_of(subject, number)
    for start in range(0, number, _TURN):
        with SUBJECTS[subject](folder / "db", flavour) as opened:
            for step, _ in steps[start : start + _TURN]:
                opened.apply(step)
                shim.mark("returned")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], sys.argv[3], int(sys.argv[4]), *sys.argv[5:])
