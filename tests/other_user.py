"""Running a part of a test as another user, who may only read."""

from __future__ import annotations

import os
import pickle
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

NOBODY = 65534


def open_to_others(folder: Path) -> None:
    """Let other users read and enter a folder of a test's, and those that it lies in."""
    for each in (folder, *folder.parents[:-2]):
        os.chmod(each, os.stat(each).st_mode | 0o055)


def in_child(task: Callable[[], Any], *, drop_rights: bool = False) -> Any:
    """Return what `task` returns in a forked child, or raise what it raises there.

    Where the tests run as root, whom no mode stops, the child gives its rights away first. What the
    task imports must have been imported before: the child may not be allowed to read it.
    """
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        os.close(reading)
        _answer(task, writing, drop_rights=drop_rights)
    os.close(writing)
    with open(reading, "rb") as pipe:
        answer = pipe.read()
    os.waitpid(child, 0)
    if not answer:
        pytest.fail("the child died without an answer")
    succeeded, result = pickle.loads(answer)
    if not succeeded:
        raise result
    return result


def _answer(task: Callable[[], Any], writing: int, *, drop_rights: bool) -> None:
    """Run the task and end this process: pytest's own end must not run twice."""
    try:
        if drop_rights and os.geteuid() == 0:
            os.setgroups([])
            os.setgid(NOBODY)
            os.setuid(NOBODY)
        answer = (True, task())
    except BaseException as error:
        answer = (False, error)
    with open(writing, "wb") as pipe:
        pipe.write(pickle.dumps(answer))
    os._exit(0)
