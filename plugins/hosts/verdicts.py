"""What an earlier start found out of this environment, kept: an unchanged one pays for one read.

Verdicts lie where overlays do, in a folder of their own, for one host, one Python with its
`sys.path`, and a set of projects. They hold while the folders of installed distributions are as
they were; where a project was refused, so must be every folder on `sys.path` and the working
directory: what it lacks may come to any of them. It may also come to the catalog, or be taken from
there, so that must then be as it was, too.
"""

from __future__ import annotations

import os
import sys

from plugreg import PlugregError, Project

from .overlay import SITE_FOLDERS, find_overlay, lasting_folders, path_folders

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
    from typing import Any

    from .links.folder import Notes
    from .renewal import Place

_KIND = "gates"


class Verdicts:
    """What is known of a catalog's projects in one environment.

    Attributes:
        refused: Name to why it is not to be imported, and the fix.
        gone: Names, among those, of projects that are nowhere any more.
        here: Name to the project as this environment has it, where its record is another's.
        libraries: Projects of the catalog that are not this host's, and that others need.
        required: Those and the ones that cannot work: what changes there changes the verdicts. It
            is known only to who has made them.
    """

    def __init__(self) -> None:
        self.refused: dict[str, tuple[str, str]] = {}
        self.gone: set[str] = set()
        self.here: dict[str, Project] = {}
        self.libraries: list[Project] = []
        self.required: list[Project] = []


class _Renewed(Exception):
    def __init__(self, projects: list[Project]) -> None:
        super().__init__()
        self.projects = projects


def judge(
    projects: Sequence[Project],
    hosts: Collection[str],
    catalogs: Sequence[str],
    catalog: Place,
    libraries: Callable[[], Sequence[Project]],
    *,
    record: bool = True,
) -> tuple[Sequence[Project], Verdicts]:
    """Return the projects, installed ones as they are now, and the verdicts on them.

    Args:
        projects: What the catalog says, in load order.
        hosts: Names that the host's distribution may have.
        catalogs: The catalog's path, or those of all layers, the nearest one first.
        catalog: Where to record what changed: see `record_again`.
        libraries: Returns the other projects of the catalog that can be linked.
        record: Whether to record it at all.
    """
    if not projects:
        return projects, Verdicts()
    found_out: list[Verdicts] = []

    def lay_out(_building: str) -> Notes:
        from .gates.examination import examine

        verdicts = Verdicts()
        known = examine(projects, hosts, catalog if record else None, verdicts, libraries)
        if known != projects:
            raise _Renewed(known)
        found_out.append(verdicts)
        return _noted(projects, verdicts, catalogs)

    try:
        kept = find_overlay(_manifest(projects, hosts), _KIND, catalogs[0], lay_out)
        return projects, found_out[-1] if found_out else _unpacked(kept.memo)
    except _Renewed as renewed:
        return judge(renewed.projects, hosts, catalogs, catalog, libraries, record=False)
    except (OSError, ValueError, TypeError, PlugregError):  # nowhere to keep it, or it is damaged
        from .gates.examination import examine

        verdicts = Verdicts()
        place = catalog if record else None
        return examine(projects, hosts, place, verdicts, libraries), verdicts


def _manifest(projects: Sequence[Project], hosts: Collection[str]) -> str:
    """Return all that verdicts depend on, but for what changes the watched folders."""
    where = [sys.version, sys.prefix, *sorted(hosts), *lasting_folders()]
    return "\n".join([*where, *requirement_lines(projects)])


def requirement_lines(projects: Iterable[Project]) -> list[str]:
    """Return what verdicts on projects depend on, of their records."""
    records = [project._record for project in projects]
    return [
        "\0".join(
            (
                record["name"],
                record["version"],
                record["source"],
                record["root"] or record["fingerprint"],  # what is linked is looked at by itself
                record["requires_python"] or "",
                *record["dependencies"],
                *record["hosts"],
                *record["hosts"].values(),
            )
        )
        for record in records
    ]


def _noted(projects: Sequence[Project], verdicts: Verdicts, catalogs: Sequence[str]) -> Notes:
    from .links.folder import Notes

    notes = Notes()
    if verdicts.refused or verdicts.here or verdicts.libraries:
        notes.memo = _packed(verdicts)
    watched = {*_site_folders(projects), *(path_folders() if verdicts.refused else ())}
    if verdicts.refused or verdicts.libraries:
        watched.update(map(_sign_of, [*catalogs, *_files_of(verdicts.required)]))
    for folder in watched:
        try:
            notes.watched[folder] = str(os.stat(folder).st_mtime_ns)
        except OSError:  # a zip file that is not there, on every Python's path
            continue
    return notes


def _sign_of(path: str) -> str:
    """Return what changes with a file: where it is not there, the nearest folder that is."""
    while path and not os.path.exists(path):
        path = os.path.dirname(path)
    return path


def _files_of(projects: Iterable[Project]) -> Iterator[str]:
    """Yield the files of metadata, and the modules, of projects that are not installed."""
    from plugreg.fingerprint import files_of_metadata

    for project in projects:
        for file in files_of_metadata(project):
            yield os.path.join(project.source.location, *filter(None, [file]))
        for path in project.modules.values():
            yield os.path.join(project.root, path)


def _site_folders(projects: Sequence[Project]) -> Iterator[str]:
    """Yield the folders in which installing or removing a distribution shows."""
    yield from (entry for entry in path_folders() if os.path.basename(entry) in SITE_FOLDERS)
    for project in projects:
        if project.source.kind == "distribution":
            yield os.path.dirname(project.source.location)


def _packed(verdicts: Verdicts) -> str:
    from plugreg.plain import dumps

    here = {name: project.to_record() for name, project in verdicts.here.items()}
    refused = {name: list(why) for name, why in verdicts.refused.items()}
    libraries = [project.to_record() for project in verdicts.libraries]
    return dumps([refused, sorted(verdicts.gone), here, libraries]).hex()


def _unpacked(memo: str) -> Verdicts:
    verdicts = Verdicts()
    if not memo:
        return verdicts
    from plugreg.plain import loads

    kept: Any = loads(bytes.fromhex(memo))
    refused, gone, here, libraries = kept
    verdicts.refused = {name: (reason, fix) for name, (reason, fix) in refused.items()}
    verdicts.gone = set(gone)
    verdicts.here = {name: Project.from_record(record) for name, record in here.items()}
    verdicts.libraries = [Project.from_record(record) for record in libraries]
    return verdicts
