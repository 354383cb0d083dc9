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
    from typing import Self

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
    with tempfile.TemporaryDirectory(prefix="plugreg-kills-") as folder:
        killing = _Killing(subject, flavour, seed)
        for number in range(kills):
            if number % _ANEW == 0:
                killing.begin(Path(folder) / str(number))
            killing.kill_one(f"{seed} {number}")
    return killing.tally


class _Killing:
    """One writer after another on one database, until another one is begun."""

    def __init__(self, subject: type[Subject], flavour: str, seed: str) -> None:
        self.tally = Tally()
        self._subject = subject
        self._flavour = flavour
        self._chance = random.Random(f"{seed} {flavour} {subject.name}")
        self._path = Path()
        self._state: State = {}

    def begin(self, path: Path) -> None:
        """Go on with a database that is not there yet."""
        self._path, self._state = path, {}

    def kill_one(self, seed: str) -> None:
        """Let one writer make the steps of this seed, kill it, and look at what it left."""
        steps = islice(self._subject.steps(self._state, random.Random(seed)), _MOST_STEPS)
        known = [self._state, *(after for _, after in steps)]
        told = self._killed(known, seed)
        self.tally.kills += 1
        self.tally.acknowledged += told
        self._state = self._found(known[told : told + 2])

    def _killed(self, known: list[State], seed: str) -> int:
        """Start a writer and kill it; how many steps it had acknowledged."""
        making = not self._state and self._chance.random() < 0.5
        life_s = self._chance.uniform(0, _MAKING_S if making else _LIFE_S)
        with Writer(lambda told: self._write(seed, told)) as writer:
            end = time.monotonic() + life_s
            if not making:
                writer.wait_for_first()
                end = time.monotonic() + life_s
                self._look(known)
            time.sleep(max(0.0, end - time.monotonic()))
        if writer.failed:
            self.tally.unopenable += 1
            self._note(f"the writer failed, after {writer.told} steps")
        return writer.told

    def _write(self, seed: str, told: Callable[[], None]) -> None:
        with self._subject(self._path, self._flavour) as opened:
            steps = self._subject.steps(self._state, random.Random(seed))
            for step, _ in islice(steps, _MOST_STEPS):
                opened.apply(step)
                told()
            signal.pause()

    def _look(self, known: list[State]) -> None:
        """Read as another process while the writer is at work."""
        seen = self._subject.look(self._path)
        self.tally.looks += 1
        if seen is not None and seen not in known:
            self.tally.torn += 1
            self._note("a reader saw half of a change")

    def _found(self, allowed: list[State]) -> State:
        """Open what the killed writer left; what it holds, which is to be one of these states."""
        try:
            with self._subject(self._path, self._flavour) as opened:
                found = opened.state()
        except Exception as error:
            self.tally.unopenable += 1
            self._note(f"{type(error).__name__}: {error}")
            return _anew(self._path)
        if found not in allowed:
            lost = sum(found.get(key) != value for key, value in allowed[0].items())
            self.tally.lost += lost
            self.tally.torn += not lost
            self._note(f"{lost} acknowledged values are not there")
        return found

    def _note(self, fault: str) -> None:
        self.tally.faults.append(f"kill {self.tally.kills}: {fault}")


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
        except BaseException:  # the parent sees that it did not die of the kill
            traceback.print_exc()
        finally:
            os._exit(1)

    def __enter__(self) -> Self:
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
