"""`python -m tests.torture --kills 300`: every flavour and the standard library, as a table."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from plugreg import backends
from tests.torture.kills import kill_writers
from tests.torture.peers import FORMATS, tally_of
from tests.torture.subjects import CATALOG_FLAVOURS, SUBJECTS

if TYPE_CHECKING:
    from tests.torture.kills import Tally

_HEAD = (
    "| | kills | changes acknowledged | kills that lost or tore some | values lost"
    " | not opened again |\n| --- | --- | --- | --- | --- | --- |"
)


def main() -> int:
    """Print the table; 1 where plugreg lost anything."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--kills", type=int, default=300, help="for each row of the table")
    kills = options.parse_args().kills
    print(_HEAD, flush=True)
    failed = [
        fault
        for flavour in CATALOG_FLAVOURS
        if not backends.require_flavour(flavour).unwritable_here()
        for subject in SUBJECTS.values()
        for fault in _row(
            f"plugreg {flavour}, {subject.name}", kill_writers(subject, flavour, kills, "long")
        )
    ]
    for flavour in FORMATS:
        _row(f"shelve, dbm.{flavour}", tally_of(flavour, kills))
    print(*failed, sep="\n", file=sys.stderr)
    return bool(failed)


def _row(name: str, tally: Tally | None) -> list[str]:
    if tally is None:
        print(f"| {name} | this Python has none | | | | |", flush=True)
        return []
    harmed = len(tally.faults) - tally.unopenable
    print(
        f"| {name} | {tally.kills:,} | {tally.acknowledged:,} | {harmed:,} | {tally.lost:,}"
        f" | {tally.unopenable:,} |",
        flush=True,
    )
    return [f"{name}: {fault}" for fault in tally.faults]


if __name__ == "__main__":
    sys.exit(main())
