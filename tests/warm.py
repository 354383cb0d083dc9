"""plugreg's commands in processes of their own that need not import anything first.

Most of a short command's time is that of its imports. One process, `warm_program`, does them once
and forks for each command.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from .warm_program import LARGEST_REQUEST_BYTES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Self

PIPE = subprocess.PIPE
_PROGRAM = Path(__file__).with_name("warm_program.py")
# What a Python, or the system's loader, asks for when it starts; and what is asked for later.
_ASKED_AT_START = ("PYTHON", "LC_", "LANG", "LD_", "GLIBC_", "MALLOC_")
_RUN_AT_START = "sitecustomize"
_OF_EACH = "PYTHONPATH"


class WarmPython:
    """A Python that runs plugreg's commands, one at a time; a context manager that ends it."""

    def __init__(self, python: str | os.PathLike[str] = sys.executable) -> None:
        """Start it in this environment."""
        self._python = os.fspath(python)
        self._at_start = _asked_at_start(os.environ)
        self._one_at_a_time = threading.Lock()
        self._requests, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        command = [self._python, _PROGRAM, str(theirs.fileno())]
        with theirs:
            env = {name: value for name, value in os.environ.items() if name != _OF_EACH}
            self._process = subprocess.Popen(command, env=env, pass_fds=[theirs.fileno()])
        if not self._requests.recv(64):
            pytest.fail(f"{self._python} cannot import plugreg")

    def run(
        self,
        arguments: Sequence[str | bytes],
        *,
        program: str = "",
        env: Mapping[str, str],
        cwd: str | os.PathLike[str],
        stdin: int = 0,
        stdout: int = PIPE,
        stderr: int = PIPE,
        text: bytes = b"",
    ) -> subprocess.CompletedProcess[bytes]:
        """Run `plugreg` with these arguments, or the text of a Python program.

        The streams are descriptors or PIPE; through a pipe to stdin comes `text`. The process is
        one like any other where it must be: while another runs, or where the environment has what
        is asked for at a start.
        """
        words = [os.fsdecode(word) for word in arguments]
        asked = {"program": program, "arguments": words, "folder": os.fspath(cwd)}
        request = json.dumps({**asked, "environment": dict(env)}).encode()
        warm = len(request) <= LARGEST_REQUEST_BYTES and _asked_at_start(env) == self._at_start
        if warm and self._one_at_a_time.acquire(blocking=False):
            try:
                status, out, err = self._ask(request, (stdin, stdout, stderr), text)
            finally:
                self._one_at_a_time.release()
            return subprocess.CompletedProcess(arguments, status, out, err)
        command = [self._python, *(["-c", program] if program else ["-m", "plugreg"]), *arguments]
        child = subprocess.Popen(
            command, env=env, cwd=cwd, stdin=stdin, stdout=stdout, stderr=stderr
        )
        out, err = child.communicate(text if stdin == PIPE else None)
        return subprocess.CompletedProcess(arguments, child.returncode, out, err)

    def _ask(
        self, request: bytes, streams: tuple[int, int, int], text: bytes
    ) -> tuple[int, bytes | None, bytes | None]:
        """Return how a child ended, and what came through the pipes from it."""
        theirs: list[int] = []
        printed: list[Future[bytes] | None] = []
        with ThreadPoolExecutor(max_workers=len(streams)) as ends:
            for number, stream in enumerate(streams):
                reading, writing = os.pipe() if stream == PIPE else (os.dup(stream), -1)
                theirs.append(writing if number and writing >= 0 else reading)
                if not number and writing >= 0:
                    ends.submit(_feed, writing, text)
                elif number:
                    printed.append(ends.submit(_read, reading) if writing >= 0 else None)
            try:
                socket.send_fds(self._requests, [request], theirs)
            finally:
                for descriptor in theirs:
                    os.close(descriptor)
            status = int(self._requests.recv(64))
            out, err = (one and one.result() for one in printed)
        return status, out, err

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """End the process."""
        self._requests.close()
        self._process.wait()


def _asked_at_start(environment: Mapping[str, str]) -> list[tuple[str, str]]:
    asked = sorted(
        (name, value)
        for name, value in environment.items()
        if name.startswith(_ASKED_AT_START) and name != _OF_EACH
    )
    folders = environment.get(_OF_EACH, "").split(os.pathsep)
    modules = (os.path.join(folder, f"{_RUN_AT_START}.py") for folder in filter(None, folders))
    return [*asked, *((_RUN_AT_START, module) for module in modules if os.path.exists(module))]


def _feed(descriptor: int, text: bytes) -> None:
    with suppress(BrokenPipeError), open(descriptor, "wb") as stream:
        stream.write(text)


def _read(descriptor: int) -> bytes:
    with open(descriptor, "rb") as stream:
        return stream.read()
