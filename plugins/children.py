"""Child processes: the environment variables that they get, and ending all that they started."""

from __future__ import annotations

import os
import signal
from contextlib import contextmanager, suppress

TYPE_CHECKING = False
if TYPE_CHECKING:
    import subprocess
    from collections.abc import Iterator, Mapping


@contextmanager
def environment_set(changes: Mapping[str, str]) -> Iterator[None]:
    """Set environment variables of this process for a while."""
    former = {name: os.environ.get(name) for name in changes}
    os.environ.update(changes)
    try:
        yield
    finally:
        for name, value in former.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def end_group(process: subprocess.Popen[bytes]) -> None:
    """Kill what is left of a child that was started with `start_new_session`, and of its own."""
    with suppress(ProcessLookupError, PermissionError):  # nothing is left
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
