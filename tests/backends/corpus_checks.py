"""What every reader is asked of a corpus case, and damage done to its files."""

from __future__ import annotations

import resource
import signal
from contextlib import contextmanager
from typing import TYPE_CHECKING

from plugreg import backends
from plugreg.backends.reader import Reader
from tests.corpus_cases import copied_case, expected_records

if TYPE_CHECKING:
    import random
    from collections.abc import Iterator
    from pathlib import Path

# One reading of a small file; hundreds of times what it takes.
SECONDS = 10
GROWTH_BYTES = 64 << 20


def check_read(case: str, folder: Path, flavour: str) -> None:
    """Identify, stream, look up every key and salvage a whole case."""
    path = copied_case(case, folder)
    expected = expected_records(case)
    found = backends.identify(path)
    assert (found.flavour, bool(found.evidence)) == (flavour, True)
    with backends.open(path) as store:
        assert isinstance(store, Reader)
        assert sorted(store.records()) == sorted(expected.items())
        assert store.warnings == []
        assert {key: store[key] for key in expected} == expected
        assert (len(store), set(store)) == (len(expected), set(expected))
        assert b"not a key \xff" not in store
        assert sorted(store.salvage()) == sorted(expected.items())
        assert list(store.losses) == []


def check_mutations(case: str, folder: Path, random_: random.Random, count: int) -> None:
    """Read damaged copies of a case: only errors of ours, in bounded time and memory."""
    path = copied_case(case, folder)
    files = [file for file in folder.iterdir() if file.is_file()]
    originals = {file: file.read_bytes() for file in files}
    before = _peak_bytes()
    for _ in range(count):
        damaged = random_.choice([file for file in files if originals[file]] or files)
        damaged.write_bytes(mutated(originals[damaged], random_))
        with time_limit():
            read_what_is_there(path)
        damaged.write_bytes(originals[damaged])
    assert _peak_bytes() - before < GROWTH_BYTES


def read_what_is_there(path: Path) -> None:
    """Identify, read and salvage; an error of ours is fine, any other is not."""
    try:
        found = backends.identify(path)
    except backends.PlugregError:
        return
    flavour = backends.require_flavour(found.flavour)
    try:
        with flavour.open(found.path, read_only=True, timeout_s=0.0) as store:
            list(store.scan())
            if isinstance(store, Reader):
                items = list(store.items())
                assert [(key, store[key]) for key, _ in items] == items
    except backends.PlugregError:
        pass
    try:
        with flavour.open_damaged(found.path) as store:
            if isinstance(store, Reader):
                list(store.salvage())
    except backends.PlugregError:
        pass


def mutated(data: bytes, random_: random.Random) -> bytes:
    """Return the bytes with a few flips, runs, cuts, or pieces moved or doubled."""
    changed = bytearray(data)
    for _ in range(random_.choice((1, 1, 1, 2, 5))):
        if not changed:
            break
        at = random_.randrange(len(changed))
        match random_.randrange(7):
            case 0:
                changed[at] ^= 1 << random_.randrange(8)
            case 1:
                changed[at] = random_.choice((0, 1, 0x7F, 0x80, 0xFF))
            case 2:
                word = random_.choice((0, 1, 0xFFFF, 0x7FFFFFFF, 0xFFFFFFFF, len(data), at))
                changed[at : at + 4] = word.to_bytes(4, random_.choice(("little", "big")))
            case 3:
                del changed[at:]
            case 4:
                changed[at : at + random_.randrange(1, 64)] = random_.randbytes(16)
            case 5:
                piece = changed[at : at + random_.choice((4, 16, 512))]
                to = random_.randrange(len(changed))
                changed[to : to + len(piece)] = piece
            case _:
                del changed[at : at + random_.choice((1, 4, 512))]
    return bytes(changed)


@contextmanager
def time_limit() -> Iterator[None]:
    """Raise where the block takes longer than any reading should."""

    def late(*_: object) -> None:
        raise AssertionError(f"not done after {SECONDS} s")

    before = signal.signal(signal.SIGALRM, late)
    signal.alarm(SECONDS)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def _peak_bytes() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss << 10
