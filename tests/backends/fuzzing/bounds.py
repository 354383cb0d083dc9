"""Time and memory of one input, and of the process that tries many."""

from __future__ import annotations

import os
import resource
import signal
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


_SIZES = "/proc/self/statm"


class TooLong(BaseException):
    """The time is over; no handler of ordinary errors may swallow it."""


@contextmanager
def cpu_limit(seconds: float) -> Iterator[None]:
    """Raise TooLong where the block takes more of the processor's time."""

    def late(*_: object) -> None:
        raise TooLong

    before = signal.signal(signal.SIGPROF, late)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def limit_memory(more_bytes: int) -> None:
    """Let this process have no more than what it has and `more_bytes` of addresses."""
    if not os.path.exists(_SIZES):  # not Linux: the growth of each trial is looked at anyhow
        return
    with open(_SIZES) as file:
        pages = int(file.read().split()[0])
    limit = pages * resource.getpagesize() + more_bytes
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))


def peak_bytes() -> int:
    """Return the most memory that this process ever had resident."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss << 10
