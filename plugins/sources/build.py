"""The metadata that a build backend makes (PEP 517): the only place that runs a project's code."""

from __future__ import annotations

import os
import subprocess
import tempfile

from plugreg import SourceError

from .folder import ProjectFolder
from .metadata.found_metadata import read_metadata
from .metadata.text import cleaned

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .metadata.facts import Facts

_SHOWN_OUTPUT = 600


def build_metadata(path: str) -> tuple[Facts, list[str]]:
    """Return what the built metadata says, and the top-level names it lists, if it lists any.

    The backend runs in an isolated environment, for which its requirements are downloaded.

    Args:
        path: The project's folder.

    Raises:
        SourceError: The library `build` is missing (code "build-missing"), or the backend failed
            (code "build-failed").
    """
    with tempfile.TemporaryDirectory(prefix="plugreg-build-") as output:
        # what it says it made: setuptools leaves an egg-info beside it
        place = os.path.basename(_prepare(path, output))
        folder = ProjectFolder(output)
        facts = read_metadata(folder, place)
        return facts, (folder.text(f"{place}/top_level.txt") or "").split()


def _prepare(path: str, output: str) -> str:
    try:
        import build
        import pyproject_hooks
        from build.env import DefaultIsolatedEnv
    except ImportError as error:
        raise SourceError(
            f"{path} cannot be built: the library `build` is not installed",
            hint="`pip install 'plugreg[build]'`",
            code="build-missing",
            path=path,
        ) from error
    try:
        with DefaultIsolatedEnv() as environment:
            builder = build.ProjectBuilder.from_isolated_env(
                environment, path, runner=pyproject_hooks.quiet_subprocess_runner
            )
            environment.install(builder.build_system_requires)
            environment.install(builder.get_requires_for_build("wheel"))
            return builder.metadata_path(output)
    except subprocess.CalledProcessError as error:
        raise _failed(path, _output_of(error)) from error
    except build.BuildBackendException as error:
        cause = error.exception
        said = _output_of(cause) if isinstance(cause, subprocess.CalledProcessError) else str(error)
        raise _failed(path, said) from error
    except build.BuildException as error:
        raise _failed(path, str(error)) from error


def _output_of(error: subprocess.CalledProcessError) -> str:
    """Return the end of what a failed command wrote: there the reason stands."""
    output = error.output or error.stderr or str(error)
    text = output.decode(errors="replace") if isinstance(output, bytes) else str(output)
    return cleaned(text)[-_SHOWN_OUTPUT:]


def _failed(path: str, reason: str) -> SourceError:
    return SourceError(
        f"the build backend of {path} failed: {cleaned(reason)}",
        hint="build it by itself to see all of its output: `python -m build --wheel`",
        code="build-failed",
        path=path,
    )
