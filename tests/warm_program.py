"""A Python that has imported plugreg and forks: each child is as a Python that has just started.

It is run with the number of a socket. A request is a JSON object that says what to run, with the
descriptors of stdin, stdout and stderr; the answer is how the child ended. No thread is started
here and nothing called of what is imported, so that a child lacks only the time of the imports.
"""

from __future__ import annotations

import atexit
import gc
import io
import json
import os
import pkgutil
import runpy
import signal
import socket
import sys
import threading
import time
from importlib import import_module, invalidate_caches
from types import ModuleType
from typing import NoReturn

LARGEST_REQUEST_BYTES = 1 << 20
# What is for the tests of others, and imports pytest.
NOT_OF_COMMANDS = {"__main__", "testing"}
STATUS_OF_LOST_OUTPUT = 120
STDERR = 2
STREAMS = (("stdin", "r"), ("stdout", "w"), ("stderr", "w"))


def warm_up() -> None:
    """Import what commands import."""
    import plugreg

    for module in pkgutil.walk_packages(plugreg.__path__, "plugreg."):
        if module.name.rpartition(".")[2] not in NOT_OF_COMMANDS:
            import_module(module.name)
    import_module("importlib.metadata")
    gc.collect()
    gc.freeze()  # or the first collection in each child would copy every page


def serve(requests: socket.socket) -> dict:
    """Return each request in a child of its own; the parent ends when nobody asks any more."""
    requests.send(b"ready")
    while True:
        data, descriptors, _, _ = socket.recv_fds(requests, LARGEST_REQUEST_BYTES, len(STREAMS))
        if not data:
            os._exit(0)
        child = os.fork()
        if not child:
            requests.close()
            for number, descriptor in enumerate(descriptors):
                os.dup2(descriptor, number)
                os.close(descriptor)
            return json.loads(data)
        for descriptor in descriptors:
            os.close(descriptor)
        status = os.waitpid(child, 0)[1]
        requests.send(str(os.waitstatus_to_exitcode(status)).encode())


def become(request: dict) -> None:
    """Have the arguments, the folder, the environment and the streams that the request says."""
    os.chdir(request["folder"])
    os.environ.clear()
    os.environ.update(request["environment"])
    time.tzset()
    for number, (name, mode) in enumerate(STREAMS):
        stream = _stream_like(getattr(sys, name), number, mode)
        setattr(sys, name, stream)
        setattr(sys, f"__{name}__", stream)
    folders = os.environ.get("PYTHONPATH", "")
    sys.path[:0] = [os.getcwd(), *(folders.split(os.pathsep) if folders else ())]
    sys.argv = ["-c", *request["arguments"]]
    invalidate_caches()
    signal.signal(signal.SIGINT, signal.default_int_handler)


def _stream_like(old: io.TextIOWrapper, number: int, mode: str) -> io.TextIOWrapper:
    """Return a standard stream that is made as Python makes it when it starts."""
    unbuffered = old.write_through
    raw = io.FileIO(number, mode, closefd=False)
    buffered = io.BufferedWriter if mode == "w" else io.BufferedReader
    stream = io.TextIOWrapper(
        raw if unbuffered and mode == "w" else buffered(raw),
        encoding=old.encoding,
        errors=old.errors,
        newline="\n" if mode == "w" else None,
        line_buffering=not unbuffered and (number == STDERR or raw.isatty()),
        write_through=unbuffered,
    )
    stream.mode = mode
    return stream


def run(program: str) -> NoReturn:
    """Run a program's text, or plugreg's command line where there is none, and end as Python does.

    But for taking each module apart, which takes longer than most commands.
    """
    status = 0
    try:
        if program:
            main = sys.modules["__main__"] = ModuleType("__main__")
            exec(compile(program, "<string>", "exec"), main.__dict__)
        else:
            runpy.run_module("plugreg", run_name="__main__", alter_sys=True)
    except SystemExit as stop:
        status = _status_of(stop.code)
    except BaseException:
        sys.excepthook(*sys.exc_info())
        status = 1
    threading._shutdown()
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        try:
            if stream is not None and not stream.closed:
                stream.flush()
        except OSError:
            status = STATUS_OF_LOST_OUTPUT
    os._exit(status)


def _status_of(code: object) -> int:
    if code is None or isinstance(code, int):
        return (code or 0) & 0xFF
    print(code, file=sys.stderr)
    return 1


if __name__ == "__main__":
    del sys.path[0]  # the tests' folder
    asked = socket.socket(fileno=int(sys.argv[1]))
    warm_up()
    become(wanted := serve(asked))
    run(wanted["program"])
