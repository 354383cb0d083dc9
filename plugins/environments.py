"""Which environment is meant: a folder or an interpreter as a user names it, asked for its facts.

The one place for `--python ENV`. What lies in its folders is found without its Python; that is
started once where only it can tell: where it looks for modules, which of them are there, what is
installed, and what the markers of requirements stand for.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import sys
from functools import cache

from plugreg import SourceError
from plugreg.locations import is_environment

from .sources.environment import environment_folder

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

_TIMEOUT_S = 60.0
# An environment may be named by its lib/python3.x/site-packages.
_DEEPEST_SITE = 4
_NAMES = ("python", "python3")


class Environment:
    """The environment that this process runs in, as gates and checks ask for it.

    Attributes:
        prefix: Its folder.
        path: The folders in which it looks for modules.
        markers: What the markers of requirements stand for, None for those of this process.
        python_version: The version of its Python, "3.11.7".
    """

    markers: dict[str, str] | None = None

    def __init__(self) -> None:
        import platform

        self.prefix = sys.prefix
        self.path = [entry for entry in sys.path if isinstance(entry, str)]
        self.python_version = platform.python_version()

    def version(self, name: str) -> str | None:
        """Return the version that is installed, "" where its metadata are broken, or None."""
        found = self.find(name)
        if found is None:
            return None
        try:
            metadata: Any = found.metadata
            return str(metadata.get("Version") or "")
        except (AttributeError, OSError, TypeError, ValueError):  # each Python has its own
            return ""

    def find(self, name: str) -> importlib.metadata.Distribution | None:
        """Return the installed distribution of that name in any spelling, or None."""
        try:
            return importlib.metadata.distribution(name)
        except importlib.metadata.PackageNotFoundError:
            return None

    def has_module(self, name: str) -> bool:
        """Tell whether a top-level module of that name is there; it is not imported."""
        try:
            return name.isidentifier() and importlib.util.find_spec(name) is not None
        except ValueError:  # something is loaded under that name that is no module
            return True


class OtherEnvironment(Environment):
    """Another environment, as its Python told about it."""

    def __init__(self, facts: dict[str, Any]) -> None:
        self.prefix = facts["prefix"]
        self.path = facts["path"]
        self.markers = facts["markers"]
        self.python_version = facts["markers"]["python_full_version"]
        self._installed: dict[str, str] = facts["installed"]
        self._modules = set(facts["modules"])

    def version(self, name: str) -> str | None:
        """Return the version that is installed, "" where its metadata are broken, or None."""
        return self._installed.get(name)

    def has_module(self, name: str) -> bool:
        """Tell whether a top-level module is there, of those names that were asked for."""
        return name in self._modules


def environment_of(
    python: str, modules: Iterable[str] = (), search: Iterable[str] | None = None
) -> Environment:
    """Return the environment that is meant.

    Args:
        python: Its folder, or the path of its interpreter; "" is the one of this process.
        modules: The top-level names that `has_module` will be asked for.
        search: The folders that PYTHONPATH names there; None leaves it as it is here.

    Raises:
        SourceError: There is no such environment, or its Python does not work (code
            "environment-not-found").
    """
    if not python:
        return Environment()
    path = None if search is None else os.pathsep.join(search)
    return OtherEnvironment(_asked(interpreter_of(python), tuple(sorted(set(modules))), path))


def prefix_of(python: str) -> str:
    """Return the folder of the environment that is meant, "" where it has no layer of its own.

    Its Python is not started.

    Raises:
        SourceError: There is no such environment (code "environment-not-found").
    """
    path = os.path.abspath(python)
    if not os.path.exists(path):
        raise _unusable(python, "")
    folder = environment_folder(path)
    for _ in range(_DEEPEST_SITE):
        if is_environment(folder):
            return folder
        folder = os.path.dirname(folder)
    return ""


def require_python(python: str) -> str:
    """Return the path of the interpreter that is meant, once it has proved to be a Python.

    Raises:
        SourceError: There is no such environment (code "environment-not-found").
    """
    interpreter = interpreter_of(python)
    if python:
        _asked(interpreter, ())
    return interpreter


def interpreter_of(python: str) -> str:
    """Return the path of the interpreter that is meant: itself, or that of an environment's folder.

    Raises:
        SourceError: There is none (code "environment-not-found").
    """
    if not python:
        return sys.executable
    path = os.path.abspath(python)
    if os.path.isfile(path):
        return path
    for folder in ("bin", "Scripts"):
        for name in _NAMES:
            for end in ("", ".exe"):
                found = os.path.join(path, folder, name + end)
                if os.path.isfile(found):
                    return found
    raise _unusable(python, "there is no interpreter in it" if os.path.exists(path) else "")


@cache
def _asked(interpreter: str, modules: tuple[str, ...], path: str | None = None) -> dict[str, Any]:
    """Return what an interpreter says of its environment."""
    import json
    import subprocess

    from . import environment_program
    from .module_text import text_of

    command = [interpreter, "-c", text_of(environment_program), *modules]
    variables = os.environ if path is None else {**os.environ, "PYTHONPATH": path}
    try:
        done = subprocess.run(  # noqa: S603 - that is the environment that was named
            command,
            env=variables,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_TIMEOUT_S,
            check=True,
        )
        facts: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    except (OSError, ValueError, IndexError, subprocess.SubprocessError) as error:
        raise _unusable(interpreter, _why(error)) from error
    return facts


def _why(error: Exception) -> str:
    import subprocess

    if isinstance(error, subprocess.CalledProcessError):
        said = error.stderr.decode(errors="replace").strip().splitlines()
        return f"it ended with status {error.returncode}" + (f": {said[-1]}" if said else "")
    if isinstance(error, subprocess.TimeoutExpired):
        return f"it did not answer in {_TIMEOUT_S:g} s"
    if isinstance(error, OSError):
        return error.strerror or str(error)
    return "it is no Python"


def _unusable(python: str, why: str) -> SourceError:
    return SourceError(
        f"{python} is no Python environment: {why or 'it does not exist'}",
        hint="pass the folder of a virtual environment, or the path of its python",
        code="environment-not-found",
        path=python,
    )
