"""Finding the projects that make a command fail, by running it with fewer and fewer of them."""

from __future__ import annotations

import os
import subprocess
from itertools import pairwise

from plugreg.plugins.children import end_group, environment_set
from plugreg.plugins.hosts.renewal import renewed
from plugreg.plugins.hosts.selection import SWITCH_OFF, is_gone, select
from plugreg.starts import UNRECORDED, VARIABLE

from .ignoring import prefix_of_python, python_of_program
from .preparation import prepare_run

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence


def find_culprits(names: Sequence[str], fails: Callable[[Collection[str]], bool]) -> list[str]:
    """Return the fewest names found that fail together: each of them is needed for it.

    This is delta debugging: A. Zeller and R. Hildebrandt, "Simplifying and Isolating
    Failure-Inducing Input", IEEE TSE 28(2), 2002, the algorithm ddmin. One culprit among n takes
    about 2 log2 n trials.

    Args:
        names: They fail together; without any of them nothing fails.
        fails: Tells whether some of them do.
    """
    left, parts = list(names), 2
    while len(left) > 1:
        chunks = _chunks(left, parts)
        failing = next((chunk for chunk in chunks if fails(chunk)), None)
        if failing is not None:
            left, parts = failing, 2
            continue
        rests = [[name for name in left if name not in chunk] for chunk in chunks]
        failing = next((rest for rest in rests if fails(rest)), None) if parts > 2 else None  # noqa: PLR2004 - a rest of two is the other half
        if failing is not None:
            left, parts = failing, max(parts - 1, 2)
        elif parts < len(left):
            parts = min(len(left), 2 * parts)
        else:
            break
    return left


def _chunks(names: list[str], parts: int) -> list[list[str]]:
    """Return the names in so many parts, of nearly the same size, none of them empty."""
    bounds = [len(names) * number // parts for number in range(parts + 1)]
    return [names[low:high] for low, high in pairwise(bounds) if low < high]


class Trials:
    """Runs of one command under `plugreg run`, each with some of the projects switched off.

    No switch in the catalog is changed, and what the command does in its imports is held against
    nobody.

    Attributes:
        names: The projects that are on, whose code is there, and that PLUGREG_DISABLE leaves on.
        count: How many runs there were.
    """

    def __init__(
        self,
        command: Sequence[str],
        path: str,
        catalog: str | None = None,
        *,
        timeout_s: float | None = None,
    ) -> None:
        """Look which projects there are.

        Args:
            command: The command line.
            path: The path of the program that it runs.
            catalog: The catalog's path; None takes PLUGREG_CATALOG, else all layers.
            timeout_s: A run that takes longer has failed; None waits for ever.

        Raises:
            CatalogError: The catalog cannot be read.
            FlavourError: It is no DBM database.
        """
        self._python = python_of_program(path)  # as `plugreg run`, it leaves out what cannot work
        self._prefix = prefix_of_python(self._python)
        selection = select("", catalog, prefix=self._prefix)
        if selection.error is not None:
            raise selection.error
        on = renewed(selection.on, selection.homes or selection.path, [])
        self.names = [project.name for project in on if not is_gone(project)]
        self.count = 0
        self._command, self._path, self._catalog = list(command), path, catalog
        self._timeout_s = timeout_s
        self._known: dict[frozenset[str], bool] = {}

    def fails(self, on: Collection[str]) -> bool:
        """Tell whether the command fails with only these projects on; each set is run once.

        Raises:
            PlugregError: The run cannot be prepared; see `prepare_run`.
            OSError: The program cannot be started.
        """
        key = frozenset(on)
        if key not in self._known:
            self.count += 1
            self._known[key] = self._run([name for name in self.names if name not in key]) != 0
        return self._known[key]

    def _run(self, off: list[str]) -> int:
        """Return the exit status of one run, without a terminal and in silence."""
        with environment_set({SWITCH_OFF: _joined(off), VARIABLE: UNRECORDED}):
            run = prepare_run(self._catalog, prefix=self._prefix, python=self._python)
        process = subprocess.Popen(  # noqa: S603 - that is what was asked for
            self._command,
            executable=self._path,
            env=run.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            return process.wait(self._timeout_s)
        except subprocess.TimeoutExpired:
            return 1
        finally:
            end_group(process)


def _joined(off: list[str]) -> str:
    """Return the value of PLUGREG_DISABLE that also has what was in it."""
    return ",".join(filter(None, [os.environ.get(SWITCH_OFF, ""), *off]))
