"""The standard library's own shelve, killed alike: `python -m tests.torture.peers gnu 300`."""

from __future__ import annotations

import importlib
import importlib.util
import json
import os
import shelve
import subprocess
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from tests.torture.kills import Tally, kill_writers
from tests.torture.steps import some_steps

if TYPE_CHECKING:
    import random
    from collections.abc import Iterator
    from pathlib import Path
    from typing import Self

    from tests.torture.steps import State, Step

# A format, and the C module that it needs.
FORMATS = {"dumb": "dbm.dumb", "gnu": "_gdbm", "ndbm": "_dbm", "sqlite3": "dbm.sqlite3"}


class StandardShelf:
    """A `shelve.Shelf` over one of the standard library's formats, used as its manual shows."""

    name = "shelve"

    def __init__(self, path: Path, flavour: str) -> None:
        """Open it, and make it where it is missing."""
        self._shelf: shelve.Shelf[Any] = shelve.Shelf(
            importlib.import_module(f"dbm.{flavour}").open(os.fspath(path), "c")
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._shelf.close()

    def apply(self, step: Step) -> None:
        """Make the changes of one step; there are no transactions."""
        for key, value in step:
            if value is None:
                del self._shelf[key]
            else:
                self._shelf[key] = value

    def state(self) -> State:
        """Return what it holds."""
        return dict(self._shelf)

    @staticmethod
    def look(_path: Path) -> State | None:
        """Return None: not every format lets a reader in while somebody writes."""
        return None

    @staticmethod
    def steps(state: State, chance: random.Random) -> Iterator[tuple[Step, State]]:
        """Yield steps without an end, each of one change, with what it leads to."""

        def value(_: object) -> bytes:
            return chance.randbytes(chance.choice((0, 1, 40, 700, 2500)))

        yield from some_steps(state, chance, [f"key {n}" for n in range(40)], value, largest=1)


def tally_of(flavour: str, kills: int) -> Tally | None:
    """Return what the kills came to, in this Python or in 3.13; None where it has none such."""
    if _is_here(flavour):
        return kill_writers(StandardShelf, flavour, kills, "peers")  # type: ignore[arg-type]
    other = os.environ.get("PLUGREG_PYTHON_313")
    if flavour != "sqlite3" or not other:
        return None
    command = [other, "-m", "tests.torture.peers", flavour, str(kills)]
    done = subprocess.run(command, capture_output=True, check=True)
    return Tally(**json.loads(done.stdout))


def _is_here(flavour: str) -> bool:
    try:
        return importlib.util.find_spec(FORMATS[flavour]) is not None
    except ModuleNotFoundError:
        return False


if __name__ == "__main__":
    tally = tally_of(sys.argv[1], int(sys.argv[2]))
    json.dump(asdict(tally) if tally else None, sys.stdout)
