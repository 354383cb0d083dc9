"""Small pickles that are made to hang, to crash or to eat memory: each refused, or harmless."""

from __future__ import annotations

import faulthandler
import os
import pickle
import random
import subprocess
import sys
import threading
from typing import TYPE_CHECKING

import pytest

from plugreg.backends import RecordUnreadable
from plugreg.plain import dumps, loads
from plugreg.printable import safe
from plugreg.record_pickle import load_record
from plugreg.sharing import MOST_DEEP
from tests.hostile.pickles import ENDLESS, EVIL, NESTED, doubled

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.mark.parametrize("name", ENDLESS)
@pytest.mark.parametrize("read", [loads, lambda data: load_record(data)[0]])
def test_it_is_refused(read: Callable[[bytes], object], name: str) -> None:
    """Before the unpickler sees it, which would hang, crash, or take gigabytes."""
    with pytest.raises(RecordUnreadable):
        read(ENDLESS[name])


def test_honest_sharing_is_read() -> None:
    """Tuples that are shared, and keys of tuples, as programs have them."""
    point = (1, 2.5)
    value = {point: [point] * 100, (point, point): {(n, point) for n in range(100)}, (): ((),)}
    assert loads(dumps(value)) == value


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_a_tuple_that_holds_itself(protocol: int) -> None:
    """By way of a list, which picklers write with POP and POP_MARK."""
    for size in (1, 5):
        own: list[object] = []
        tuple_ = (*range(size - 1), own)
        own.append(tuple_)
        found = loads(pickle.dumps(tuple_, protocol))
        assert isinstance(found, tuple)
        assert found[-1][0] is found


@pytest.mark.parametrize("make", ["t", "\x91", "mixed"])
def test_the_deepest_that_is_allowed_fits_a_small_stack(make: str) -> None:
    """As a key, in a thread of 128 KiB; and one level more is refused."""
    opcodes = {"t": b"t", "\x91": b"\x91", "mixed": b"t\x91"}[make]
    levels = (opcodes * MOST_DEEP)[: MOST_DEEP - 1]
    data = b"\x80\x04}" + b"(" * len(levels) + b")" + levels + b"Ns."
    before = threading.stack_size(128 * 1024)
    found: list[object] = []
    try:
        thread = threading.Thread(target=lambda: found.append(loads(data)))
        thread.start()
        thread.join()
    finally:
        threading.stack_size(before)
    assert isinstance(found[0], dict)
    with pytest.raises(RecordUnreadable, match=f"more than {MOST_DEEP}"):
        loads(data.replace(b"}", b"}(").replace(b"Ns.", b"tNs."))


@pytest.mark.parametrize("kind", NESTED)
def test_deep_lists_come_and_go(kind: str) -> None:
    """A million lists in one another are made and let go; who walks them has a RecursionError."""
    found = loads(NESTED[kind])
    with pytest.raises(RecursionError):
        repr(found)
    del found
    with pytest.raises(RecordUnreadable):
        load_record(NESTED[kind])


FUZZ = """
import faulthandler, resource, sys
faulthandler.enable()
from tests.registry.test_hostile_pickles import fuzz
resource.setrlimit(resource.RLIMIT_AS, (400 * 1024**2,) * 2)
fuzz(int(sys.argv[1]), int(sys.argv[2]))
"""


def test_mutants(request: pytest.FixtureRequest) -> None:
    """Some thousand mutated pickles in a child with little memory: no crash, nothing imported."""
    done = subprocess.run(
        [sys.executable, "-c", FUZZ, "1", os.environ.get("PLUGREG_FUZZ", "4000")],
        capture_output=True, text=True, cwd=request.config.rootpath, timeout=3000,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    assert "outcomes" in done.stdout


def fuzz(seed: int, count: int) -> None:
    """Read so many mutants; anything but a value or a RecordUnreadable ends the process."""
    import json  # noqa: F401 - what telling JSON from pickles imports
    import pickletools  # noqa: F401 - what naming an unsafe opcode imports

    from plugreg import record_pattern  # noqa: F401 - what reading many records imports

    from .conftest import a_project

    for kind in ("8-sig", "16", "16-le", "16-be", "32", "32-le", "32-be"):
        f"utf-{kind}".encode(f"utf-{kind}")  # of which JSON can be any
    random_ = random.Random(seed)
    seeds = [*EVIL.values(), *(data for data in ENDLESS.values() if len(data) < 5000)]
    seeds += [dumps(a_project(tags=["a"]).to_record()), doubled(b"t", 9) + b"}h\x09Ns."]
    seeds += [pickle.dumps([{(1, "a"): {2.5, b"x"}}, 2**80], protocol) for protocol in range(6)]
    faulthandler.dump_traceback_later(600, exit=True)
    for data in seeds:  # whatever they import, they import now
        outcome(loads, data)
        outcome(load_record, data)
    safe("\x00")  # what showing a name that is not printable imports: a codec
    before = set(sys.modules)
    outcomes = [
        outcome(read, mutant(random_, seeds))
        for _ in range(count // 2)
        for read in (loads, load_record)
    ]
    assert sorted(set(sys.modules) - before) == []
    print("outcomes", {kind: outcomes.count(kind) for kind in sorted(set(outcomes))})


def outcome(read: Callable[[bytes], object], data: bytes) -> str:
    """Return what became of a pickle."""
    try:
        read(data)
    except RecordUnreadable as error:
        return type(error).__name__
    return "read"


def mutant(random_: random.Random, seeds: list[bytes]) -> bytes:
    """Return a pickle with some bytes changed, dropped, repeated, or taken from another."""
    data = bytearray(random_.choice(seeds))
    for _ in range(random_.randrange(1, 6)):
        at = random_.randrange(len(data) + 1)
        kind = random_.randrange(4)
        if kind == 0 and at < len(data):
            data[at] = random_.randrange(256)
        elif kind == 1:
            del data[at : at + random_.randrange(1, 5)]
        elif kind == 2:
            other = random_.choice(seeds)
            begin = random_.randrange(len(other))
            data[at:at] = other[begin : begin + random_.randrange(1, 40)]
        else:
            begin = random_.randrange(len(data) + 1)
            data[at:at] = data[begin : begin + 8] * random_.choice([1, 2, 50])
    return bytes(data)
