"""A command of a warm Python is as one of a Python that has just started."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from .pages import Terminal
from .warm import PIPE, WarmPython

# What a program may notice of its process.
FACTS = """
import atexit, json, os, resource, signal, sys, threading, warnings
def of(stream):
    return [stream.encoding, stream.errors, stream.line_buffering, stream.write_through,
            stream.mode, stream.fileno(), stream.isatty(), type(stream.buffer).__name__]
print(json.dumps({
    "arguments": sys.argv,
    "environment": dict(os.environ),
    "folder": os.getcwd(),
    "path": [os.path.abspath(folder) for folder in sys.path],
    "streams": [of(stream) for stream in (sys.stdin, sys.stdout, sys.stderr)],
    "originals": [sys.__stdout__ is sys.stdout, sys.__stderr__ is sys.stderr],
    "flags": str(sys.flags),
    "signals": [str(signal.getsignal(number)).partition(" at ")[0] for number in range(1, 32)],
    "mask": [str(number) for number in signal.pthread_sigmask(signal.SIG_BLOCK, [])],
    "threads": threading.active_count(),
    "open": sorted(int(number) for number in os.listdir("/proc/self/fd"))[:4],
    "files": resource.getrlimit(resource.RLIMIT_NOFILE),
    "umask": os.umask(0),
    "session": [os.getsid(0), os.getpgid(0)],

    "filters": [str(one) for one in warnings.filters],
    "prefix": [sys.prefix, sys.executable],
    "stdin": sys.stdin.read(),
}, sort_keys=True))
"""


@pytest.fixture(scope="module")
def warm():
    """A Python that has imported plugreg."""
    with WarmPython() as python:
        yield python


@pytest.fixture
def both(warm, tmp_path):
    """Run the same in a warm Python and in one that starts, with the same text on stdin."""

    def run(*arguments, program="", text="", **extra):
        catalog = str(tmp_path / "catalog.sqlite3")
        how = {"env": {**os.environ, "PLUGREG_CATALOG": catalog, **extra}, "cwd": tmp_path}
        one = warm.run(arguments, program=program, stdin=PIPE, text=text.encode(), **how)
        command = [sys.executable, *(["-c", program] if program else ["-m", "plugreg"])]
        other = subprocess.run(
            [*command, *arguments], input=text.encode(), capture_output=True, check=False, **how
        )
        return [(done.returncode, done.stdout, done.stderr) for done in (one, other)]

    return run


@pytest.mark.parametrize("path", ["", "/nowhere:/neither"])
def test_all_that_a_program_may_notice_is_the_same(both, path):
    """Arguments, environment, streams, signals, limits and the rest."""
    extra = {"PYTHONPATH": path, "OF_THE_TEST": "ä \udcff"}
    warm, cold = both("one", "", "-x", program=FACTS, text="what is read", **extra)
    assert (warm[2], cold[2]) == (b"", b"")
    assert json.loads(warm[1]) == json.loads(cold[1])
    assert warm == cold


@pytest.mark.parametrize(
    "words",
    [
        "list",
        "list --json",
        "list --nonsense",
        "nonsense",
        "show nobody",
        "show nobody --json",
        "--help",
        "migrate --help",
        "--version",
        "flavours --json",
        "import -",
        "load there -",
        "dump",
        "run -- sh -c 'exit 7'",
    ],
)
def test_commands_print_and_end_alike(both, words):
    """Those that work, those that fail, and those that nobody can understand."""
    warm, cold = both(*words.replace("'", "").split(maxsplit=4), text="{}")
    assert warm == cold


@pytest.mark.parametrize(
    "program",
    [
        "raise SystemExit",
        "raise SystemExit(3)",
        "raise SystemExit(-1)",
        "raise SystemExit(257)",
        "raise SystemExit('said')",
        "import os, signal; os.kill(os.getpid(), signal.SIGKILL)",
        "import os, signal; os.kill(os.getpid(), signal.SIGTERM)",
        "import os; os._exit(4)",
        "import atexit; atexit.register(print, 'last'); print('first')",
        "import threading; threading.Timer(0.05, print, ['late']).start()",
        "import sys; sys.stdout.close()",
        "import tempfile; print(len(tempfile.mkdtemp()))",
        "print(__name__, __doc__, __package__)",
    ],
)
def test_programs_end_alike(both, program):
    """Each way to end, and what is still to be done at the end."""
    warm, cold = both(program=program)
    assert warm == cold


def test_an_error_is_shown(both):
    """Its traceback ends as Python's own does; that begins in this folder."""
    (*warm, err), (*cold, expected) = both(program="1 / 0")
    assert warm == cold == [1, b""]
    assert err.splitlines()[-1] == expected.splitlines()[-1]
    assert err.startswith(b"Traceback (most recent call last):\n")


def test_at_a_terminal(warm, tmp_path):
    """The command sees it."""
    shown = []
    for start in (warm.run, _started):
        with Terminal(71) as screen:
            streams = {"stdin": screen.inside, "stdout": screen.inside}
            start(["--help"], env=dict(os.environ), cwd=tmp_path, **streams)
            shown.append(screen.shown())
    assert shown[0] == shown[1]
    assert 60 < max(map(len, shown[0].splitlines())) <= 71


def _started(arguments, **options):
    command = [sys.executable, "-m", "plugreg", *arguments]
    return subprocess.run(command, stderr=PIPE, check=True, **options)


def test_what_is_asked_for_at_a_start_is_a_process_like_any_other(warm, tmp_path):
    """Such as the encoding of the streams."""
    env = {**os.environ, "PYTHONIOENCODING": "latin-1"}
    done = warm.run([], program="print('ä')", env=env, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (0, b"\xe4\n")


def test_a_command_while_another_runs(warm, tmp_path):
    """Neither waits for the other."""
    env, pipe = dict(os.environ), tmp_path / "pipe"
    os.mkfifo(pipe)
    write = f"open({str(pipe)!r}, 'w').write('written')"
    read = f"print(open({str(pipe)!r}).read())"
    with ThreadPoolExecutor() as pool:
        both = [
            pool.submit(warm.run, [], program=one, env=env, cwd=tmp_path) for one in (read, write)
        ]
    assert [one.result().stdout for one in both] == [b"written\n", b""]
