"""The shim between a program and the C library: compiled here, loaded into programs of ours."""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

TOP = Path(__file__).parents[2]
SOURCE = Path(__file__).with_name("shim.c")
# The kinds of calls that can be made to fail.
KINDS = {"write": 1, "fsync": 2, "rename": 4, "open": 8, "unlink": 16, "ftruncate": 32}


def compiled(folder: Path) -> Path:
    """Return the shared object, made in `folder`; skip the test where nothing can compile it."""
    compiler = shutil.which("gcc") or shutil.which("cc")
    if compiler is None or not sys.platform.startswith("linux"):
        # Imported here only: pytest is not to be in the programs under test, which fork.
        from tests.conditions import skip_or_fail

        skip_or_fail("the shim needs Linux and a C compiler")
    made = folder / "shim.so"
    flags = ("-shared", "-fPIC", "-O1", "-Wall", "-Werror")
    subprocess.run([str(compiler), *flags, "-o", made, SOURCE, "-ldl"], check=True)
    return made


def run_under(
    shim: Path, folder: Path, module: str, *arguments: str, log: Path | None = None
) -> str:
    """Return what `python -m module` prints, with all that it does below `folder` watched."""
    environment = {**os.environ, "LD_PRELOAD": str(shim), "SHIM_FOLDER": str(folder)}
    if log is not None:
        environment["SHIM_LOG"] = str(log)
    done = subprocess.run(
        [sys.executable, "-m", module, str(folder), *arguments],
        env=environment,
        cwd=TOP,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(done.stderr[-4000:])
    return done.stdout


class Shim:
    """The loaded shim's controls, in the program under test."""

    def __init__(self) -> None:
        self._library = ctypes.CDLL(None)
        self._library.shim_seen.restype = ctypes.c_long
        self._library.shim_fail.argtypes = [ctypes.c_int, ctypes.c_long, ctypes.c_int, ctypes.c_int]

    def fail(self, kinds: Iterable[str], at: int, error: int, *, on: bool) -> None:
        """Make the call number `at` of these kinds fail from now on, or with `on` all from then."""
        mask = sum(KINDS[kind] for kind in kinds)
        self._library.shim_fail(mask, at, on, error)

    def stop(self) -> int:
        """Let every call succeed again; how many were counted."""
        seen: int = self._library.shim_seen()
        self._library.shim_fail(0, 0, 0, 0)
        return seen

    def mark(self, text: str) -> None:
        """Put a mark into the log."""
        self._library.shim_mark(text.encode())
