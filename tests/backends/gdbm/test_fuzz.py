"""Mutated GDBM files and dumps: our own errors or records, soon, and in little memory."""

from __future__ import annotations

import random
import time
import tracemalloc
from typing import TYPE_CHECKING

import pytest

from plugreg import backends
from plugreg.backends.reader import Reader
from tests.corpus_cases import copied_case

if TYPE_CHECKING:
    from pathlib import Path

CASES = (
    "gdbm-default",
    "gdbm-arch-i386-lfs-numsync",
    "gdbm-arch-ppc-nolfs-numsync",
    "gdbm-arch-aarch64",
    "gdbmdump-ascii-v1.2",
    "gdbmdump-binary-empties",
    "gdbmdump-binary-i386-nolfs",
)
MUTATIONS = 60  # of each case
MOST_BYTES = 16 << 20
MOST_S = 10
WORDS = (
    b"\0" * 4,
    b"\xff" * 4,
    b"\xff\xff\xff\x7f",
    b"\x7f\xff\xff\xff",
    b"\0\0\0\x80",
    b"\1\0\0\0",
)


def mutated(content: bytes, chance: random.Random) -> bytes:
    """Change a few bytes of the content, more often near its start, or cut or stretch it."""
    data = bytearray(content)
    for _ in range(chance.choice((1, 1, 1, 2, 5))):
        reach = chance.choice((64, 1024, len(data), len(data)))
        at = chance.randrange(max(1, min(reach, len(data))))
        kind = chance.randrange(8)
        if kind < 3:
            data[at] ^= 1 << chance.randrange(8)
        elif kind == 3:
            data[at] = chance.randrange(256)
        elif kind < 6:
            data[at : at + 4] = chance.choice(WORDS)
        elif kind == 6:
            other = chance.randrange(len(data))
            data[at : at + 64] = data[other : other + 64]
        else:
            del data[max(1, at) :]
    return bytes(data)


def read_every_way(path: Path, keys: list[bytes]) -> None:
    """Identify, read, look up and salvage; only our own errors pass."""
    try:
        with backends.open(path) as store:
            assert isinstance(store, Reader)
            for look in (store.records, store.salvage, lambda: map(store.get, keys)):
                try:
                    for _ in look():
                        pass
                except backends.PlugregError:
                    continue
    except backends.PlugregError:
        return


def run(folder: Path, case: str, seed: int, mutations: int) -> None:
    """Read mutations of a case; which one failed is in its file."""
    path = copied_case(case, folder)
    content, chance = path.read_bytes(), random.Random(f"{case} {seed}")
    with backends.open(path) as store:
        keys = list(store)[:5]
    for _ in range(mutations):
        path.write_bytes(mutated(content, chance))
        started = time.process_time()
        read_every_way(path, keys)
        assert time.process_time() - started < MOST_S


@pytest.mark.parametrize("case", CASES)
def test_mutations(tmp_path: Path, case: str) -> None:
    """No other error, no hang, and never more memory than a few files of that size take."""
    run(tmp_path, case, 1, 5)  # what is loaded once
    tracemalloc.start()
    try:
        run(tmp_path, case, 2, MUTATIONS)
        assert tracemalloc.get_traced_memory()[1] < MOST_BYTES
    finally:
        tracemalloc.stop()
