"""`python -m tests.registry.fuzzing record --seconds 600`: pickles led by coverage, with Atheris.

Readers are `record` (a catalog's), `shelf` (`open_shelf`'s) and `upgrade` (`--upgrade-pickles`).
The corpus grows in build/fuzz-records, from the hostile pickles on; what breaks a reader is kept
there as `found-*`. `--replay N` needs no Atheris: it tells what becomes of what was found once
(and of other `--files`), of the small hostile pickles, and of N that are made of them by chance.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from collections import Counter
from hashlib import sha256
from pathlib import Path

BUILD = Path("build", "fuzz-records")
FOUND = Path(__file__).with_name("found")
MOST_BYTES = 4096
MEMORY_MB = 1024


def main() -> int:
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(prog="python -m tests.registry.fuzzing")
    parser.add_argument("reader", choices=["record", "shelf", "upgrade"])
    parser.add_argument("--seconds", type=int, default=600)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--replay", type=int, metavar="N")
    parser.add_argument("--files", type=Path, nargs="*", default=[])
    asked = parser.parse_args()
    if asked.replay is not None:
        return _replay(asked.reader, asked.files, asked.replay, asked.seed)
    return _fuzz(asked.reader, asked.seconds, asked.seed)


def _replay(reader: str, files: list[Path], count: int, seed: int) -> int:
    from . import oracle
    from .mutation import mutated
    from .seeds import seeds

    oracle.prepare()
    found = [file.read_bytes() for file in sorted(FOUND.glob(f"{reader}-*"))]
    known = [data for data in (*found, *seeds()) if len(data) <= MOST_BYTES]
    random_ = random.Random(seed)
    made = (mutated(random_.choice(known), known, random_, MOST_BYTES) for _ in range(count))
    outcomes: Counter[str] = Counter()
    for data in (*(file.read_bytes() for file in files), *known, *made):
        outcomes[oracle.READERS[reader](data)] += 1
    print(json.dumps(outcomes))
    return 0


def _fuzz(reader: str, seconds: int, seed: int) -> int:
    import atheris

    with atheris.instrument_imports(include=["plugreg"]):
        from . import oracle
        from .mutation import mutated
        from .seeds import seeds

        oracle.prepare()  # within: what is imported late is led by coverage, too
    folder = BUILD / reader
    folder.mkdir(parents=True, exist_ok=True)
    known = [data for data in seeds() if len(data) <= MOST_BYTES]
    for data in known:
        (folder / sha256(data).hexdigest()[:16]).write_bytes(data)

    def mutate(data: bytes, most: int, seed: int) -> bytes:
        random_ = random.Random(seed)
        if random_.random() < 0.5:
            return bytes(atheris.Mutate(data, most))
        return mutated(data, known, random_, most)

    arguments = [
        *(sys.argv[0], f"-max_total_time={seconds}", f"-seed={seed}", f"-max_len={MOST_BYTES}"),
        *(f"-rss_limit_mb={MEMORY_MB}", "-timeout=60", "-print_final_stats=1"),
        *(f"-artifact_prefix={BUILD}/found-{reader}-", str(folder)),
    ]
    atheris.Setup(arguments, oracle.READERS[reader], custom_mutator=mutate)
    atheris.Fuzz()
    return 0


if __name__ == "__main__":
    sys.exit(main())
