"""`plugreg bisect`: which plug-in makes a command fail."""

from __future__ import annotations

import shlex

import typer

from plugreg import PlugregError
from plugreg.backends import DEFAULT_TIMEOUT_S
from plugreg.trust import doubts_about

from .catalogs import chosen
from .hosting import find_program
from .options import CATALOG, LAYER
from .progress import Progress
from .result import Result, UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from typing import Any

    from plugreg.plugins.hosts.run.bisection import Trials

    from .result import Item
    from .screen import Screen

_COMMAND: Any = typer.Argument(
    metavar="COMMAND...", help="A command line that fails, best after `--`."
)
_TIMEOUT: Any = typer.Option(
    None, "--timeout", metavar="SECONDS", help="A run that takes longer has failed, too."
)


def bisect_projects(
    command: list[str] = _COMMAND,
    *,
    timeout: float | None = _TIMEOUT,
    catalog: str | None = CATALOG,
    layer: str = LAYER,
) -> Result:
    """Find the plug-in that makes a command fail, or those that do so together.

    The command is run, silently, with fewer and fewer of the projects that are on; the catalog is
    not changed. A command has failed when its exit status is not 0. Projects that are quarantined
    are tried as well. The layer of the environment is that of the command's own Python.

    Example: plugreg bisect -- datasette serve --get /
    """
    import os

    from plugreg.plugins.hosts.run.bisection import Trials, find_culprits
    from plugreg.plugins.hosts.run.ignoring import prefix_of_python, python_of_program

    if not command[0]:
        raise UsageError("the command is empty", hint="see `plugreg bisect --help`")
    path = find_program(command[0], os.environ.get("PATH"))
    prefix = prefix_of_python(python_of_program(path))
    catalogs = chosen(catalog, layer, DEFAULT_TIMEOUT_S, prefix=prefix)
    trials = Trials(command, path, catalogs.one, timeout_s=timeout)
    with Progress("trials") as progress:
        said = _Told(trials, progress)
        _require_sense(said, shlex.join(command))
        culprits = find_culprits(trials.names, said.fails)
        rest = [one for one in trials.names if one not in culprits]
        item = {
            "command": command,
            "culprits": culprits,
            "projects": trials.names,
            "fails_without_them": said.fails(rest),
            "trials": trials.count,
        }
    doubts = [doubt for path in catalogs.paths() for doubt in doubts_about(path)]
    return Result("bisect", "bisection", item, _text, warnings=doubts)


class _Told:
    """Trials, of which a person is told: they can take long."""

    def __init__(self, trials: Trials, progress: Progress) -> None:
        self._trials = trials
        self._progress = progress
        self.names = trials.names

    def fails(self, on: Collection[str]) -> bool:
        """Tell whether the command fails with only these projects on."""
        self._progress(f"{len(on)} of {len(self.names)} projects on", self._trials.count, None)
        return self._trials.fails(on)


def _require_sense(said: _Told, command: str) -> None:
    """Raise where there is nothing to find."""
    if not said.names:
        raise PlugregError(
            "no project is on: there is nothing to find",
            hint="`plugreg list` shows what there is",
            code="nothing-on",
        )
    if not said.fails(said.names):
        raise PlugregError(
            f"`{command}` succeeds with all projects: there is nothing to find",
            hint="see that it fails with `plugreg run`, in this folder and without input",
            code="succeeds-with-all",
        )
    if said.fails(()):
        raise PlugregError(
            f"`{command}` fails without any project, too: it is no plug-in of the catalog",
            hint="mend the command first",
            code="fails-without-any",
        )


def _text(bisection: Item, screen: Screen) -> Iterator[str]:
    culprits = bisection["culprits"]
    names = " ".join(culprits)
    what = "makes it fail" if len(culprits) == 1 else "make it fail together"
    fix = f"`plugreg disable {culprits[0] if len(culprits) == 1 else 'NAME'}`"
    yield f"{screen.paint(names, 'bad')} {what}; {fix} (found in {bisection['trials']} trials)"
    if bisection["fails_without_them"]:
        yield "it fails without, too: there are more; disable and bisect again"
