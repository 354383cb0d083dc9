"""Trying many inputs of a family in a forked process, watched from outside.

An input is (family, seed, number): the same three give the same damage again. What kills or hangs
the process is found by its watcher, which goes on behind that input in a new one.
"""

from __future__ import annotations

import json
import mmap
import os
import random
import shutil
import signal
import struct
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.in_memory import MEMORY

from .bounds import limit_memory
from .chance import chosen
from .finding import Finding
from .sources import sources_of
from .trial import Trials

if TYPE_CHECKING:
    from .edits import Edit
    from .sources import Source

MEMORY_BYTES = 300 << 20
_SILENT_S = 30.0  # for one input, by the clock; its own limit is in processor time
_KEPT = 5  # inputs of one cause
_STATE = struct.Struct("3Q")  # number of the input, how many were tried, records read


@dataclass
class Outcome:
    """What came of the inputs of a family.

    Attributes:
        tried: How many inputs.
        records: How many records were read from them.
        causes: (kind, detail) to how often.
        inputs: The first few of each cause, as JSON-like dicts.
    """

    family: str
    tried: int = 0
    records: int = 0
    seconds: float = 0.0
    causes: Counter[tuple[str, str]] = field(default_factory=Counter)
    inputs: list[dict[str, object]] = field(default_factory=list)


def input_of(family: str, seed: int, number: int) -> tuple[Source, list[Edit]]:
    """Return the source and the damage of an input."""
    return chosen(family, random.Random(f"{family} {seed} {number}"))


def fuzz(family: str, *, seed: int, first: int, inputs: int, seconds: float) -> Outcome:
    """Try inputs from number `first` on, until there are enough or the time is over."""
    sources_of(family)  # read once, before the forks
    outcome = Outcome(family)
    started = time.monotonic()
    number, end = first, first + inputs
    while number < end and (left := seconds - (time.monotonic() - started)) > 0:
        number = _Process(outcome, seed, number, end, left).watch()
    outcome.seconds = time.monotonic() - started
    return outcome


class _Process:
    """One forked process, from its first input to its end."""

    def __init__(self, outcome: Outcome, seed: int, first: int, end: int, seconds: float) -> None:
        self._outcome, self._seed = outcome, seed
        self._first, self._end = first, end
        self._deadline = time.monotonic() + seconds
        self._state = mmap.mmap(-1, _STATE.size)
        self._state[:] = _STATE.pack(first, 0, 0)
        self._report = tempfile.TemporaryFile("w+")  # noqa: SIM115 - closed by `watch`
        self._folder = tempfile.mkdtemp(prefix="plugreg-fuzz-", dir=MEMORY)  # a million files a run

    def watch(self) -> int:
        """Run the process to its end; the number of the next input to try."""
        sys.stdout.flush()
        child = os.fork()
        if not child:
            self._run_and_exit()
        try:
            return self._watch(child)
        finally:
            self._collect()
            shutil.rmtree(self._folder, ignore_errors=True)

    def _watch(self, child: int) -> int:
        last, since = -1, time.monotonic()
        while True:
            done, status = os.waitpid(child, os.WNOHANG)
            number = _STATE.unpack(self._state[:])[0]
            if done:
                if os.WIFSIGNALED(status):
                    self._died(number, "crash", f"signal {os.WTERMSIG(status)}")
                elif os.WEXITSTATUS(status):
                    self._died(number, "crash", f"exit status {os.WEXITSTATUS(status)}")
                else:
                    return int(number)
                return int(number) + 1
            if number != last:
                last, since = number, time.monotonic()
            elif time.monotonic() - since > _SILENT_S:
                os.kill(child, signal.SIGKILL)
                os.waitpid(child, 0)
                self._died(number, "hang", "does not answer")
                return int(number) + 1
            time.sleep(0.05)

    def _died(self, number: int, kind: str, detail: str) -> None:
        source, edits = input_of(self._outcome.family, self._seed, number)
        self._outcome.causes[kind, detail] += 1
        self._outcome.inputs.append(
            _as_json(self._outcome.family, source, edits, Finding(kind, detail))
        )

    def _collect(self) -> None:
        _, tried, records = _STATE.unpack(self._state[:])
        self._outcome.tried += tried
        self._outcome.records += records
        self._report.seek(0)
        for line in self._report:
            told = json.loads(line)
            if "times" in told:
                self._outcome.causes[told["kind"], told["detail"]] += told["times"]
            else:
                self._outcome.inputs.append(told)
        self._report.close()

    # In the forked process.

    def _run_and_exit(self) -> None:
        status = 3
        try:
            limit_memory(MEMORY_BYTES)
            self._run()
            status = 0
        except BaseException:  # the watcher is told by the status, people by the traceback
            import traceback

            traceback.print_exc()
        finally:
            os._exit(status)

    def _run(self) -> None:
        trials, causes = Trials(self._folder), Counter[tuple[str, str]]()
        number = self._first
        while number < self._end and time.monotonic() < self._deadline:
            source, edits = input_of(self._outcome.family, self._seed, number)
            for finding in trials.run(source, edits):
                cause = (finding.kind, finding.detail)
                causes[cause] += 1
                if causes[cause] <= _KEPT:
                    shown = edits if finding.is_slow else _shortest(trials, source, edits, finding)
                    self._write(_as_json(self._outcome.family, source, shown, finding))
            number += 1
            self._state[:] = _STATE.pack(number, number - self._first, trials.read)
        for (kind, detail), times in causes.items():
            self._write({"kind": kind, "detail": detail, "times": times})

    def _write(self, told: dict[str, object]) -> None:
        self._report.write(json.dumps(told) + "\n")
        self._report.flush()


def _shortest(trials: Trials, source: Source, edits: list[Edit], finding: Finding) -> list[Edit]:
    """Leave out each edit without which the same is found."""
    for edit in list(edits):
        fewer = [other for other in edits if other is not edit]
        if fewer and finding in trials.run(source, fewer):
            edits = fewer
    return edits


def _as_json(family: str, source: Source, edits: list[Edit], finding: Finding) -> dict[str, object]:
    return {
        "kind": finding.kind, "detail": finding.detail, "family": family,
        "source": source.name, "edits": edits,
    }  # fmt: skip
