"""Gates for a host of another environment: which projects can work where a command is run.

An environment is asked once, by its own Python; what was found is kept as verdicts are, until a
folder on that Python's path changes. Projects none of whose hosts is installed there, and that none
of the others requires, are let be: nobody asks for them there. What is installed is the business of
whoever installed it.
"""

from __future__ import annotations

import os

from plugreg import SourceError
from plugreg.names import normalize_name
from plugreg.plain import dumps, loads
from plugreg.plugins.hosts.links.folder import Notes
from plugreg.plugins.hosts.overlay import find_overlay
from plugreg.plugins.hosts.verdicts import requirement_lines
from plugreg.plugins.sources.environment import search_path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Any

    from plugreg import Project
    from plugreg.plugins.environments import Environment

# Name to reason and fix.
Refused = dict[str, tuple[str, str]]
# Groups whose first word is not the name of the host's distribution.
_HOSTS = {"pytest11": "pytest"}


def refused_there(
    projects: Sequence[Project], python: str, catalog: str, search: Sequence[str] | None = None
) -> Refused:
    """Return name to reason and fix of the projects that cannot work with a Python.

    One that cannot be asked, such as one before 3.8, refuses nothing; it is not asked again before
    it changes, or what is installed there.

    Args:
        projects: The projects that are on.
        python: The path of the interpreter.
        catalog: The catalog's path, beside which the verdicts are kept.
        search: The folders that PYTHONPATH names there; None leaves it as it is here.
    """
    found: list[Refused] = []

    def lay_out(_building: str) -> Notes:
        refused, watched = _judged(projects, python, search)
        found.append(refused)
        notes = Notes()
        notes.memo = dumps({name: list(why) for name, why in refused.items()}).hex()
        notes.watched = _mtimes(watched)
        return notes

    try:
        kept = find_overlay(_manifest(projects, python, search or ()), "there", catalog, lay_out)
        return found[0] if found else _unpacked(kept.memo)
    except OSError:  # nowhere to keep it
        return found[0] if found else _judged(projects, python, search)[0]


def _judged(
    projects: Sequence[Project], python: str, search: Sequence[str] | None
) -> tuple[Refused, list[str]]:
    """Return what is refused, and the folders whose change makes that out of date."""
    try:
        there = _asked(projects, python, search)
    except SourceError:
        return {}, [*(search or ()), *_installed_places(python)]
    return _refused(projects, there), there.path


def _installed_places(python: str) -> list[str]:
    """Return where a Python that does not answer has its distributions, if that is known."""
    try:
        return search_path(python)
    except SourceError:
        return []


def _asked(projects: Iterable[Project], python: str, search: Sequence[str] | None) -> Environment:
    """Ask a Python what is installed there, and which modules of what is required."""
    from plugreg.plugins.environments import environment_of

    from .rules import module_named_as, requirement_names

    names = {name for project in projects for name in requirement_names(project)}
    return environment_of(python, map(module_named_as, names), search)


def _manifest(projects: Sequence[Project], python: str, search: Sequence[str]) -> str:
    """Return all that the verdicts depend on, but for the folders on the interpreter's path."""
    where = [python, str(os.stat(python).st_mtime_ns), *search]
    groups = ["\0".join(project.groups) for project in projects]
    return "\n".join([*where, *requirement_lines(projects), *groups])


def _refused(projects: Sequence[Project], there: Environment) -> Refused:
    """Refuse what cannot work, and then what needs that, until all that is left can.

    Judged is what some host there asks for, and all that this requires: it is imported with it.
    """
    from .rules import Gates, required_by

    refused = Refused()
    while True:
        left = {one.name: one for one in projects if one.root and one.name not in refused}
        hosts = {name: hosts_of(one, there) for name, one in left.items()}
        asked_for = {name: one for name, one in left.items() if hosts[name]}
        required = {one.name: one for one in required_by(asked_for.values(), left)}
        judged = {**required, **asked_for}
        found = {
            name: Gates(hosts[name], left.keys(), there, refused).obstacle(one)
            for name, one in judged.items()
        }
        new = {name: obstacle for name, obstacle in found.items() if obstacle is not None}
        if not new:
            return refused
        refused.update(new)


def hosts_of(project: Project, there: Environment) -> set[str]:
    """Return the normalised names of a project's hosts, of those that are installed there."""
    groups = {_HOSTS.get(group, group) for group in project.groups}
    parts = {group.partition(".")[0] for group in groups}
    names = {normalize_name(name) for name in groups | parts} | set(project.hosts)
    return {name for name in names if there.version(name) is not None}


def _mtimes(path: list[str]) -> dict[str, str]:
    found = {}
    for folder in filter(None, path):
        try:
            found[folder] = str(os.stat(folder).st_mtime_ns)
        except OSError:  # a zip file that is not there, on every Python's path
            continue
    return found


def _unpacked(memo: str) -> Refused:
    kept: Any = loads(bytes.fromhex(memo)) if memo else {}
    return {name: (reason, fix) for name, (reason, fix) in kept.items()}
