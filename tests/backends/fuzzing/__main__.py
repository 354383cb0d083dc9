"""`python -m tests.backends.fuzzing --seconds 600 --seed 1 --family gdbm`: damage, read, report.

Prints a line for each family and each cause; `--json` keeps the first inputs of each, which
`--replay` tries again. What no reader could notice (see `limits`) is counted, too; the exit status
is 1 where anything else was found, which a "!" marks.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path

from .limits import is_expected
from .sources import FAMILIES, source_named
from .trial import Trials
from .worker import fuzz


def main() -> int:
    """Run what the command line asks for."""
    asked = _arguments()
    if asked.replay:
        return _replay(asked.replay)
    found = []
    failed = False
    for family in asked.family or FAMILIES:
        outcome = fuzz(
            family, seed=asked.seed, first=asked.first, inputs=asked.inputs, seconds=asked.seconds
        )
        print(
            f"{family}: {outcome.tried} inputs, {outcome.records} records read,"
            f" {outcome.seconds:.0f} s",
            flush=True,
        )
        for (kind, detail), times in sorted(outcome.causes.items()):
            expected = is_expected(kind, detail)
            failed = failed or not expected
            mark = " " if expected else "!"
            print(f"{mark} {kind} ({times} times): {detail}", flush=True)
        found += outcome.inputs
        if asked.json:
            asked.json.write_text("".join(json.dumps(each) + "\n" for each in found))
    return int(failed)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.backends.fuzzing")
    parser.add_argument("--family", action="append", choices=sorted(FAMILIES))
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--first", type=int, default=0, help="number of the first input")
    parser.add_argument("--inputs", type=int, default=1 << 40, help="of each family")
    parser.add_argument("--seconds", type=float, default=60.0, help="for each family")
    parser.add_argument("--json", type=Path, help="where to keep inputs of each cause")
    parser.add_argument("--replay", type=Path, help="inputs that --json kept")
    return parser.parse_args()


def _replay(file: Path) -> int:
    failed = False
    for line in file.read_text().splitlines():
        told = json.loads(line)
        source = source_named(told["source"])
        assert source is not None
        with tempfile.TemporaryDirectory() as folder:
            findings = Trials(folder).run(source, told["edits"])
        print(told["source"], told["edits"], findings or "nothing")
        failed = failed or any(not is_expected(each.kind, each.detail) for each in findings)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
