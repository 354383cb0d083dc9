"""Each call of an operation made to fail, one after another: runs under the shim, prints JSON.

`python -m tests.torture.faulty FOLDER FLAVOUR SUBJECT [lasting]`, which `test_faults.py` starts.
"""

from __future__ import annotations

import errno
import json
import os
import random
import shutil
import sys
import traceback
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from plugreg import PlugregError
from tests.torture.shim import KINDS, Shim
from tests.torture.steps import changed
from tests.torture.subjects import SUBJECTS

if TYPE_CHECKING:
    from tests.torture.steps import State, Step
    from tests.torture.subjects import Subject

# What each kind of call fails with; a disk that is full stays so.
ERRORS = {
    "write": errno.ENOSPC,
    "fsync": errno.EIO,
    "rename": errno.EIO,
    "open": errno.ENOSPC,
    "unlink": errno.EIO,
    "ftruncate": errno.EIO,
}
_MOST_CALLS = 200
_SHIM = Shim()


class Operation:
    """One operation on a database that a few steps have filled, or on none."""

    def __init__(self, subject: type[Subject], flavour: str, name: str) -> None:
        self._subject = subject
        self._flavour = flavour
        self.name = name
        self.before: State = {}
        self._filling: list[Step] = []
        if name != "create":
            for step, after in islice(subject.steps({}, random.Random("faults")), 12):
                self._filling.append(step)
                self.before = after
        self._step = self._chosen()
        self.after = changed(self.before, self._step)

    def _chosen(self) -> Step:
        """Return the first random step that is what the operation is called."""
        for seed in range(1000):
            step, _ = next(self._subject.steps(self.before, random.Random(seed)))
            new = [key not in self.before for key, _ in step]
            gone = [value is None for _, value in step]
            kind = "remove" if gone[0] else "add" if new[0] else "update"
            found = "batch" if len(step) > 1 and any(gone) and any(new) else kind
            if found == self.name and (len(step) == 1) == (self.name != "batch"):
                return step
            if self.name == "create":
                return step[:1]
        raise AssertionError(self.name)

    def fill(self, path: Path) -> None:
        """Make what the operation begins with."""
        if self._filling:
            with self._subject(path, self._flavour) as opened:
                for step in self._filling:
                    opened.apply(step)

    def run(self, path: Path, kind: str, at: int, *, on: bool) -> dict[str, object]:
        """Do it with a failing call; what came of it, and how many calls there were."""
        answer: dict[str, object] = {"error": "", "expected": ""}
        opened = None
        if self.name != "create":
            opened = self._subject(path, self._flavour)
        _SHIM.fail([kind], at, ERRORS[kind], on=on)
        try:
            opened = opened or self._subject(path, self._flavour)
            opened.apply(self._step)
        except PlugregError as error:
            answer["expected"] = str(error)
        except BaseException:  # reported as what must not be
            answer["error"] = traceback.format_exc()
        answer["calls"] = _SHIM.stop()
        if opened is not None and not answer["error"]:
            with opened:
                answer["held"] = self._name_of(opened.state())
                if not on and self.name != "create":  # still usable
                    opened.apply([self._last()])
        return answer

    def look(self, path: Path) -> str:
        """Return what the database holds afterwards, and write to it once more."""
        with self._subject(path, self._flavour) as opened:
            state = opened.state()
            key, value = self._last()
            state.pop(key, None)
            opened.apply([(key, None if key in opened.state() else value)])
            return self._name_of(state)

    def _last(self) -> tuple[object, object]:
        """Return the change of a database that is still usable; no step makes it."""
        return (b"last", b"1") if self._subject.name == "store" else ("last", (1, True, 0))

    def _name_of(self, state: State) -> str:
        if state == self.before:
            return "before"
        return "after" if state == self.after else f"neither: {state.keys() ^ self.before.keys()}"


def _attempt(
    operation: Operation, ready: Path, kind: str, at: int, *, on: bool
) -> dict[str, object]:
    """Do the operation on a copy of what is ready, in a forked child, and look at what is left."""
    folder = ready.with_name("attempt")
    shutil.copytree(ready, folder)

    def attempt() -> dict[str, object]:
        answer = operation.run(folder / "db", kind, at, on=on)
        return {**answer, "found": operation.look(folder / "db")} if not answer["error"] else answer

    answer = {"calls": at, **_forked(attempt)}
    answer["left"] = [name for name in os.listdir(folder) if name.endswith((".tmp", ".new"))]
    shutil.rmtree(folder)
    return {"operation": operation.name, "kind": kind, "at": at, "on": on, **answer}


def _forked(task) -> dict[str, object]:  # type: ignore[no-untyped-def]
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        try:
            answer = task()
        except BaseException:  # reported as what must not be
            answer = {"error": traceback.format_exc()}
        os.write(writing, json.dumps(answer).encode())
        os._exit(0)
    os.close(writing)
    with open(reading, "rb") as pipe:
        answer = json.loads(pipe.read())
    os.waitpid(child, 0)
    return answer


def _rehearse(folder: Path, flavour: str, subject: str) -> None:
    """Do one operation where no call fails: what it imports, the forked children need not."""
    operation = Operation(SUBJECTS[subject], flavour, "update")
    path = folder / "rehearsal" / "db"
    path.parent.mkdir()
    operation.fill(path)
    operation.run(path, "write", sys.maxsize, on=False)
    operation.look(path)


def main(folder: Path, flavour: str, subject: str, *lasting: str) -> None:
    """Print a list of what came of each failing call, and with an argument more of lasting ones."""
    _rehearse(folder, flavour, subject)
    answers = []
    for name in ("create", "add", "update", "remove", "batch"):
        operation = Operation(SUBJECTS[subject], flavour, name)
        ready = folder / name / "ready"
        ready.mkdir(parents=True)
        operation.fill(ready / "db")
        for kind in KINDS:
            for on in (False, True) if lasting else (False,):
                for at in range(1, _MOST_CALLS):
                    answer = _attempt(operation, ready, kind, at, on=on)
                    if answer["calls"] < at:  # type: ignore[operator]
                        break
                    answers.append(answer)
    json.dump(answers, sys.stdout)


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:])
