"""What a command that is called `python` and is none becomes: pyenv, asdf and mise have such."""

from __future__ import annotations

import os
import subprocess

_TIMEOUT_S = 60.0
_ASKING = "import sys; sys.stdout.write(sys.executable)"


def interpreter_behind(shim: str) -> str:
    """Return the interpreter that a shim chooses now, here; itself, where it does not tell.

    It is asked each time: what it goes by may be another the next time, and leaves no trace.
    """
    try:
        done = subprocess.run(  # noqa: S603 - it is what the user runs
            [shim, "-E", "-S", "-c", _ASKING],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=_TIMEOUT_S,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return shim
    found = os.fsdecode(done.stdout)
    return found if os.path.isabs(found) and os.path.isfile(found) else shim
