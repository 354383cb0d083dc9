"""Where an environment keeps its installed distributions, found without starting its Python."""

from __future__ import annotations

import glob
import os
import sys

from plugreg import SourceError
from plugreg.locations import SETTINGS, is_environment

# Relative to an environment's folder; the second line is Debian's, the last one is Windows'.
_PLACES = (
    "lib/python3*/site-packages",
    "lib64/python3*/site-packages",
    "local/lib/python3*/dist-packages",
    "lib/python3/dist-packages",
    "Lib/site-packages",
)


def search_path(python: str) -> list[str]:
    """Return the folders in which an environment's distributions lie, the first wins.

    Args:
        python: The environment's folder, its interpreter, or a `site-packages` folder itself; ""
            is the environment that plugreg runs in.

    Raises:
        SourceError: There is no environment (code "environment-not-found").
    """
    if not python:
        return sys.path
    folder = environment_folder(os.path.abspath(python))
    found = [folder] if os.path.basename(folder) in ("site-packages", "dist-packages") else []
    found = found or _places(folder)
    if not found:
        raise SourceError(
            f"{python} is no Python environment: no site-packages below {folder}",
            hint="pass the folder of a virtual environment, or the path of its python",
            code="environment-not-found",
            path=python,
        )
    return found


def environment_folder(path: str) -> str:
    """Return an environment's folder, given that or the path of an interpreter in it.

    The interpreter of a virtual environment is often a link to another one: it is followed only
    where no such environment is around it.
    """
    if os.path.isdir(path):
        return path
    near = os.path.dirname(os.path.dirname(path))
    if is_environment(near) or not os.path.exists(path):
        return near
    return os.path.dirname(os.path.dirname(os.path.realpath(path)))


def _places(folder: str) -> list[str]:
    found: list[str] = []
    for pattern in _PLACES:
        place = os.path.join(glob.escape(folder), *pattern.split("/"))
        found += [path for path in sorted(glob.glob(place)) if os.path.isdir(path)]
    settings = _settings(folder)
    if settings.get("include-system-site-packages", "").lower() == "true":
        found += _places(os.path.dirname(settings.get("home", "")))
    # lib64 is often a link to lib: one folder under two names is searched once, under the first
    return list({os.path.realpath(path): path for path in reversed(found)}.values())[::-1]


def _settings(folder: str) -> dict[str, str]:
    """Return what a virtual environment's `pyvenv.cfg` says, nothing where there is none."""
    try:
        with open(os.path.join(folder, SETTINGS), encoding="utf-8", errors="replace") as stream:
            pairs = [line.partition("=") for line in stream]
    except OSError:
        return {}
    return {key.strip().lower(): value.strip() for key, _, value in pairs}
