"""`plugreg run`: a host that nobody changed, with the plug-ins of the catalog."""

from __future__ import annotations

import os
import shutil
import sys

import typer

from plugreg import PlugregError

from .catalogs import chosen
from .options import CATALOG, LAYER, TIMEOUT
from .printing import print_note
from .result import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_COMMAND: Any = typer.Argument(
    metavar="COMMAND...", help="The host's own command line, best after `--`."
)


def run_host(
    command: list[str] = _COMMAND,
    *,
    catalog: str | None = CATALOG,
    layer: str = LAYER,
    timeout: float = TIMEOUT,
) -> int:
    """Run a host as it is; it sees the projects that are on as installed.

    Those that are off and not installed are not seen at all; installed ones that are off lose
    their entry points. The host takes the place of plugreg: signals, the terminal and the exit
    status are its own. The layer of the environment is that of the host's.

    Example: plugreg run -- datasette serve --get /-/plugins.json
    """
    from plugreg.plugins.hosts.run.ignoring import (
        prefix_of_python,
        python_of_program,
        warning_of,
    )
    from plugreg.plugins.hosts.run.preparation import prepare_run

    if not command[0]:
        raise UsageError("the command is empty", hint="see `plugreg run --help`")
    path = find_program(command[0], os.environ.get("PATH"))
    python = python_of_program(path)
    prefix = prefix_of_python(python)
    one = chosen(catalog, layer, timeout, prefix=prefix).one
    run = prepare_run(one, timeout_s=timeout, prefix=prefix, python=python)
    for warning in [*run.warnings, *filter(None, [warning_of(command, path)])]:
        print_note("warning", warning)
    return _become(path, command, run.environment)


def find_program(name: str, search: str | None) -> str:
    """Return the path of the program that a command names, looked for in the folders of `search`.

    Raises:
        PlugregError: There is none (code "command-not-found").
    """
    found = shutil.which(name, path=search)
    if found is not None:
        return found
    exists = os.path.dirname(name) and os.path.isfile(name)
    raise PlugregError(
        f"{name} is no program: it may not be executed" if exists else f"no command `{name}`",
        hint=f"run it by its interpreter: `plugreg run -- python {name}`"
        if exists
        else "check its spelling and PATH, or give its path",
        code="command-not-found",
        command=name,
    )


def _become(path: str, command: list[str], environment: dict[str, str]) -> int:
    """Put the host in this process's place; where that cannot be, wait for it and its status."""
    for stream in filter(None, (sys.stdout, sys.stderr)):
        stream.flush()
    try:
        if os.name == "nt":  # exec would return to the shell at once
            return wait_for(path, command, environment)
        _give_signals_back()
        os.execve(path, command, environment)  # noqa: S606 - that is what was asked for
    except OSError as error:
        raise PlugregError(
            f"{path} cannot be run: {error.strerror or error}",
            hint="a script needs a first line such as `#!/bin/sh`, or its interpreter before it",
            code="command-failed",
            command=path,
        ) from error


def _give_signals_back() -> None:
    """Undo what Python ignores at its start: it would be ignored by the host, too."""
    import signal

    for name in ("SIGPIPE", "SIGXFZ", "SIGXFSZ"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_DFL)


def wait_for(path: str, command: list[str], environment: dict[str, str]) -> int:
    """Run the host as a child and return its exit status; Ctrl-C is the child's to answer."""
    import signal
    import subprocess

    former = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        return subprocess.call(command, executable=path, env=environment)  # noqa: S603 - likewise
    finally:
        signal.signal(signal.SIGINT, former)
