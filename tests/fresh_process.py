"""Running a program in a process that shares nothing with this one.

A forked child inherits SQLite's own memory of our locks, and so would find the file locked
even where the system's lock is gone.
"""

from __future__ import annotations

import os
import subprocess
import sys

WRITE = """
import sys
from plugreg import backends
try:
    with backends.open(sys.argv[1], mode="w", timeout_s=0.05) as store:
        store[sys.argv[2].encode()] = sys.argv[3].encode()
except backends.PlugregError as error:
    print(type(error).__name__, error.message, "|", error.hint)
else:
    print("written")
"""


def run_fresh(program: str, *arguments: str | os.PathLike[str]) -> str:
    """Return what a Python program prints, without the last newline."""
    done = subprocess.run(
        [sys.executable, "-c", program, *map(os.fspath, arguments)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.rstrip("\n")
