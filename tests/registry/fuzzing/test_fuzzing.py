"""What the fuzzer found once stays mended, and what judges the readers can fail."""

from __future__ import annotations

import json
import pickle
import random
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from plugreg.plain import loads
from tests.backends.fuzzing.bounds import TooLong
from tests.hostile.pickles import EVIL
from tests.hostile.witness import RAN

from . import oracle
from .mutation import mutated, pieces_of
from .seeds import seeds

if TYPE_CHECKING:
    from collections.abc import Callable

MUTANTS = "1500"


@pytest.mark.parametrize("reader", oracle.READERS)
def test_no_pickle_does_more_than_be_read(request: pytest.FixtureRequest, reader: str) -> None:
    """What was found once, the hostile pickles, and some made of them, in a watched process."""
    done = subprocess.run(
        [sys.executable, "-m", __package__, reader, "--replay", MUTANTS],
        capture_output=True,
        text=True,
        cwd=request.config.rootpath,
    )
    assert (done.returncode, done.stderr) == (0, "")
    outcomes = json.loads(done.stdout)
    assert len(outcomes) >= 3
    assert all(outcomes.values())


def slow(_: bytes) -> object:
    """Take longer than any reader may."""
    end = time.process_time() + 5
    while time.process_time() < end:
        pass
    return None


WRONG: dict[str, tuple[Callable[[bytes], object], bytes, type[BaseException]]] = {
    "it runs code": (pickle.loads, EVIL["GLOBAL and REDUCE"], oracle.Found),
    "it gives something else": (lambda data: [loads(data)], b"N.", oracle.Found),
    "it gives more than plain data": (lambda _: 1j, b"N.", oracle.Found),
    "it raises an error of its own": (lambda data: data[99], b"N.", IndexError),
    "it takes too long": (slow, b"N.", TooLong),
    "it takes too much memory": (lambda data: loads(data + b"x" * 2**28), b"N.", oracle.Found),
}


@pytest.mark.parametrize("fault", WRONG)
def test_a_reader_at_fault_is_found(monkeypatch: pytest.MonkeyPatch, fault: str) -> None:
    """Each thing that is looked for is seen in a reader that does it."""
    read, data, error = WRONG[fault]
    monkeypatch.setattr(oracle, "loads", read)
    if error is TooLong:
        monkeypatch.setattr(oracle, "SECONDS", 1.0)
    try:
        with pytest.raises(error):
            oracle.read_shelf(data)
    finally:
        RAN.clear()


def test_pickles_are_cut_into_their_opcodes() -> None:
    """Nothing is lost, and what is made of them by one number is the same again."""
    known = [data for data in seeds() if len(data) < 4096]
    for data in known:
        assert b"".join(pieces_of(data)) == data
    one, two = (
        [mutated(known[n], known, random.Random(n), 4096) for n in range(20)] for _ in range(2)
    )
    assert one == two
    assert set(one).isdisjoint(known)
