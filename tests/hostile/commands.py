"""Commands in processes of their own, each with its peak of memory: forked from one small process.

A process that has imported the command line forks for each command, so that a hundred of them take
seconds; and none has the test runner's memory counted as its own. What of plugreg a command had to
import, the process imports for the later ones.
"""

from __future__ import annotations

import io
import json
import os
import resource
import signal
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any, NoReturn

TOP = Path(__file__).parents[2]
# Of the processor: nothing that is tried here takes a tenth of that. And of the clock, against what
# waits without working.
CPU_SECONDS = 60
SECONDS = 300
MODULES = ("add", "listing", "show", "switching", "doctoring")
# What no command here may do: another program, another machine, a pickle's own wishes.
_FORBIDDEN = {"os.system", "os.exec", "os.posix_spawn", "subprocess.Popen", "pickle.find_class"}
_FORBIDDEN |= {"socket.connect", "ctypes.dlopen", "os.fork", "os.forkpty", "pty.spawn"}


@dataclass
class Done:
    """A command that ended.

    Attributes:
        status: Its exit status; below 0, the signal that ended it.
        out: What it printed.
        err: What it printed on stderr.
        peak_bytes: The most memory that it had resident.
        forbidden: What it did that none may do.
    """

    status: int
    out: str
    err: str
    peak_bytes: int
    forbidden: list[str]


class Commands:
    """The process that forks; close it at the end."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", __name__],
            cwd=TOP,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def run(self, folder: Path, *arguments: str) -> Done:
        """Run `plugreg` with these arguments in a folder, where its data and its home are, too."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps([str(folder), arguments]) + "\n")
        self._process.stdin.flush()
        return Done(**json.loads(self._process.stdout.readline()))

    def close(self) -> None:
        """End the process."""
        self._process.communicate()


def _serve() -> None:
    from importlib import import_module

    import plugreg.cli.running
    import plugreg.plugins.sources.sdist
    import plugreg.plugins.sources.wheel  # noqa: F401 - likewise
    from plugreg.plain import dumps, loads

    for module in MODULES:
        import_module(f"plugreg.cli.{module}")
    loads(dumps({(1, "tuple")}))  # its expressions are compiled here, once
    for line in sys.stdin:
        folder, arguments = json.loads(line)
        told = _forked(folder, arguments)
        for module in told.pop("imported"):
            import_module(module)
        print(json.dumps(told), flush=True)


def _forked(folder: str, arguments: list[str]) -> dict[str, Any]:
    report = os.memfd_create("report")
    child = os.fork()
    if not child:
        _run_and_exit(folder, arguments, report)
    _, status, used = os.wait4(child, 0)
    with os.fdopen(report, "rb") as file:
        file.seek(0)
        told = json.loads(file.read() or b'{"out": "", "err": "", "forbidden": [], "imported": []}')
    code = os.waitstatus_to_exitcode(status)
    return {"status": code, "peak_bytes": used.ru_maxrss << 10, **told}


def _run_and_exit(folder: str, arguments: list[str], report: int) -> NoReturn:
    from plugreg.cli.running import run

    known = set(sys.modules)
    os.chdir(folder)
    os.environ.update(HOME=folder, XDG_DATA_HOME=f"{folder}/data", NO_COLOR="1")
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    signal.alarm(SECONDS)
    forbidden: list[str] = []

    def note(event: str, details: tuple[object, ...]) -> None:
        if event in _FORBIDDEN:
            forbidden.append(f"{event} {details!r}"[:200])

    sys.addaudithook(note)
    out, err = io.StringIO(), io.StringIO()
    try:
        with redirect_stdout(out), redirect_stderr(err):
            status = run(arguments)
    except BaseException:  # what a user would see as a traceback
        import traceback

        err.write(traceback.format_exc())
        status = 70
    imported = [name for name in sys.modules if name not in known and _is_own(name)]
    told = {
        "out": out.getvalue(), "err": err.getvalue(), "forbidden": forbidden, "imported": imported,
    }  # fmt: skip
    with os.fdopen(report, "wb") as file:
        file.write(json.dumps(told).encode())
    os._exit(status)


def _is_own(module: str) -> bool:
    return module.partition(".")[0] in ("plugreg", *sys.stdlib_module_names)


if __name__ == "__main__":
    _serve()
