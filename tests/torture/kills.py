"""Writers that are killed at random moments, and what is left of what they had acknowledged."""

from __future__ import annotations

import os
import random
import signal
import tempfile
import time
import traceback
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.torture.steps import State
    from tests.torture.subjects import Subject

# Steps of one writer, who then waits for the kill.
_MOST_STEPS = 1000
# A writer that is killed so long after its start was making the database, or had just made it.
_MAKING_S = 0.02
_LIFE_S = 0.06
# Each so manieth writer begins with no database.
_ANEW = 4


@dataclass
class Tally:
    """What the kills of one flavour came to.

    Attributes:
        kills: Writers killed.
        acknowledged: Changes that had returned in them.
        lost: Those that were not there afterwards.
        torn: Kills after which something stood there that nobody wrote, or half a transaction.
        unopenable: Kills after which the database did not open, or the next writer failed.
        looks: Times that another process read meanwhile; what it saw was never half of anything.
        faults: A line for each thing that must not be.
    """

    kills: int = 0
    acknowledged: int = 0
    lost: int = 0
    torn: int = 0
    unopenable: int = 0
    looks: int = 0
    faults: list[str] = field(default_factory=list)


def kill_writers(subject: type[Subject], flavour: str, kills: int, seed: str) -> Tally:
    """Kill so many writers of one database after another, and look at it after each."""
    tally = Tally()
    chance = random.Random(f"{seed} {flavour} {subject.name}")
    with tempfile.TemporaryDirectory(prefix="plugreg-kills-") as folder:
        state: State = {}
        path = Path(folder) / "0"
        for number in range(kills):
            if number % _ANEW == 0:
                path, state = Path(folder) / str(number), {}
            known = [state, *_states(subject, state, f"{seed} {number}")]
            told = _killed(subject, flavour, path, known, f"{seed} {number}", chance, tally)
            tally.kills += 1
            tally.acknowledged += told
            state = _found(subject, flavour, path, known[told : told + 2], number, tally)
    return tally


def _states(subject: type[Subject], state: State, seed: str) -> list[State]:
    """Return what each step of a writer leads to, as far as any writer gets."""
    steps = subject.steps(state, random.Random(seed))
    return [after for _, after in islice(steps, _MOST_STEPS)]


def _killed(
    subject: type[Subject],
    flavour: str,
    path: Path,
    known: list[State],
    seed: str,
    chance: random.Random,
    tally: Tally,
) -> int:
    """Start a writer and kill it; how many steps it had acknowledged."""
    making = not known[0] and chance.random() < 0.5
    life_s = chance.uniform(0, _MAKING_S if making else _LIFE_S)
    with Writer(lambda told: _write(subject, flavour, path, known[0], seed, told)) as writer:
        end = time.monotonic() + life_s
        if not making:
            writer.wait_for_first()
            end = time.monotonic() + life_s
            seen = subject.look(path)
            tally.looks += 1
            if seen is not None and seen not in known:
                tally.torn += 1
                tally.faults.append(f"kill {tally.kills}: a reader saw half of a change")
        time.sleep(max(0.0, end - time.monotonic()))
    if writer.failed:
        tally.unopenable += 1
        tally.faults.append(f"kill {tally.kills}: the writer failed, after {writer.told} steps")
    return writer.told


def _write(
    subject: type[Subject],
    flavour: str,
    path: Path,
    state: State,
    seed: str,
    told: Callable[[], None],
) -> None:
    with subject(path, flavour) as opened:
        for step, _ in islice(subject.steps(state, random.Random(seed)), _MOST_STEPS):
            opened.apply(step)
            told()
        signal.pause()


def _found(
    subject: type[Subject],
    flavour: str,
    path: Path,
    allowed: list[State],
    number: int,
    tally: Tally,
) -> State:
    """Open what the killed writer left; what it holds, which must be one of the allowed states."""
    try:
        with subject(path, flavour) as opened:
            found = opened.state()
    except Exception as error:  # noqa: BLE001 - whatever it is, it is counted
        tally.unopenable += 1
        tally.faults.append(f"kill {number}: {type(error).__name__}: {error}")
        return _anew(path)
    if found in allowed:
        return found
    last = allowed[0]
    lost = sum(found.get(key) != value for key, value in last.items())
    tally.lost += lost
    tally.torn += not lost
    tally.faults.append(f"kill {number}: {lost} acknowledged values are not there")
    return found


def _anew(path: Path) -> State:
    for file in path.parent.iterdir():
        file.unlink()
    return {}


class Writer:
    """A forked writer that tells of each step that returned; killed when the block ends.

    Attributes:
        told: How many steps it had told of when it died.
        failed: Whether it had ended by an error before.
    """

    def __init__(self, write: Callable[[Callable[[], None]], None]) -> None:
        self._reading, self._writing = os.pipe()
        self.told = 0
        self.failed = False
        self._child = os.fork()
        if not self._child:
            self._be(write)

    def _be(self, write: Callable[[Callable[[], None]], None]) -> None:
        try:
            os.close(self._reading)
            write(lambda: os.write(self._writing, b".") and None)
        except BaseException:  # noqa: BLE001 - the parent sees that it did not die of the kill
            traceback.print_exc()
        finally:
            os._exit(1)

    def __enter__(self) -> Writer:
        os.close(self._writing)
        return self

    def wait_for_first(self) -> None:
        """Wait until it has told of its first step, or has died."""
        self.told += len(os.read(self._reading, 1))

    def __exit__(self, *exc_info: object) -> None:
        os.kill(self._child, signal.SIGKILL)
        _, status = os.waitpid(self._child, 0)
        while more := len(os.read(self._reading, 65536)):
            self.told += more
        os.close(self._reading)
        self.failed = not os.WIFSIGNALED(status)
