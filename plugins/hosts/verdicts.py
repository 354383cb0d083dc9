"""What an earlier start found out of this environment, kept: an unchanged one pays for one read.

Verdicts lie where overlays do, in a folder of their own, for one host, one Python with its
`sys.path`, and a set of projects. They hold while the folders of installed distributions are as
they were; where a project was refused, so must be every folder on `sys.path` and the working
directory: what it lacks may come to any of them.
"""

from __future__ import annotations

import os
import sys

from plugreg import Project
from plugreg.record_pickle import load_record

from .overlay import BACK, FRONT, SITE_FOLDERS, Overlay, find_overlay

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from plugreg import Registry

    from .link_folder import Notes

_KIND = "gates"
_PART_END = "\x1f"
# Entries of `sys.path` that earlier loads of this process have made.
_OVERLAYS = (os.sep + FRONT, os.sep + BACK)


class Verdicts:
    """What is known of a catalog's projects in one environment.

    Attributes:
        refused: Name to why it is not to be imported, and the fix.
        gone: Names, among those, of projects that are nowhere any more.
        here: Name to the project as this environment has it, where its record is another's.
    """

    def __init__(self) -> None:
        self.refused: dict[str, tuple[str, str]] = {}
        self.gone: set[str] = set()
        self.here: dict[str, Project] = {}


class _Renewed(Exception):
    def __init__(self, projects: list[Project]) -> None:
        super().__init__()
        self.projects = projects


def judge(
    projects: Sequence[Project],
    hosts: Collection[str],
    path: str,
    catalog: str | Registry,
    *,
    record: bool = True,
) -> tuple[Sequence[Project], Verdicts]:
    """Return the projects, installed ones as they are now, and the verdicts on them.

    Args:
        projects: What the catalog says, in load order.
        hosts: Names that the host's distribution may have.
        path: The catalog's path.
        catalog: Where to record what changed: the same path, or the open registry.
        record: Whether to record it at all.
    """
    if not projects:
        return projects, Verdicts()

    def lay_out(_building: str) -> Notes:
        from .examination import examine

        known, verdicts = examine(projects, hosts, catalog if record else None)
        if known != projects:
            raise _Renewed(known)
        return _noted(projects, verdicts)

    try:
        kept = find_overlay(_manifest(projects, hosts), _KIND, path, lay_out)
    except _Renewed as renewed:
        return judge(renewed.projects, hosts, path, catalog, record=False)
    except OSError:  # neither place can be written: every start looks for itself
        from .examination import examine

        return examine(projects, hosts, catalog)
    return projects, _read(kept)


def _manifest(projects: Sequence[Project], hosts: Collection[str]) -> str:
    """Return all that verdicts depend on, but for what changes the watched folders."""
    here = os.getcwd()
    path = [entry for entry in _path_folders() if entry != here and not entry.endswith(_OVERLAYS)]
    records = [project._record for project in projects]
    lines = [
        "\0".join(
            (
                record["name"],
                record["version"],
                record["source"],
                record["fingerprint"],
                record["requires_python"] or "",
                *record["dependencies"],
                *record["hosts"],
                *record["hosts"].values(),
            )
        )
        for record in records
    ]
    return "\n".join([sys.version, sys.prefix, *sorted(hosts), *path, *lines])


def _noted(projects: Sequence[Project], verdicts: Verdicts) -> Notes:
    from .link_folder import Notes

    notes = Notes()
    for name, (reason, fix) in verdicts.refused.items():
        parts = "gone" if name in verdicts.gone else "", reason, fix
        notes.conflicts[name] = _PART_END.join(parts)
    notes.here = {name: _packed(project) for name, project in verdicts.here.items()}
    for folder in {*_site_folders(projects), *(_path_folders() if verdicts.refused else ())}:
        try:
            notes.watched[folder] = str(os.stat(folder).st_mtime_ns)
        except OSError:  # a zip file that is not there, on every Python's path
            continue
    return notes


def _read(kept: Overlay) -> Verdicts:
    verdicts = Verdicts()
    for name, text in kept.conflicts.items():
        gone, reason, fix = text.split(_PART_END)
        verdicts.refused[name] = reason, fix
        if gone:
            verdicts.gone.add(name)
    verdicts.here = {name: _unpacked(text) for name, text in kept.here.items()}
    return verdicts


def _site_folders(projects: Sequence[Project]) -> Iterator[str]:
    """Yield the folders in which installing or removing a distribution shows."""
    yield from (entry for entry in _path_folders() if os.path.basename(entry) in SITE_FOLDERS)
    for project in projects:
        if project.source.kind == "distribution":
            yield os.path.dirname(project.source.location)


def _path_folders() -> list[str]:
    return [entry or os.getcwd() for entry in sys.path if isinstance(entry, str)]


def _packed(project: Project) -> str:
    from plugreg.plain import dumps

    return dumps(project.to_record()).hex()


def _unpacked(text: str) -> Project:
    return Project.from_record(load_record(bytes.fromhex(text))[0])
