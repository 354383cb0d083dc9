"""What an earlier start found out of this environment, kept: an unchanged one pays for one read.

Verdicts lie where overlays do, in a folder of their own, for one host, one Python with its
`sys.path`, and a set of projects. They hold while the folders of installed distributions are as
they were; where a project was refused, so must be every folder on `sys.path` and the working
directory: what it lacks may come to any of them.
"""

from __future__ import annotations

import os
import sys

from plugreg import PlugregError, Project

from .overlay import SITE_FOLDERS, find_overlay, lasting_folders, path_folders

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence
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
    catalog: Place,
    *,
    record: bool = True,
) -> tuple[Sequence[Project], Verdicts]:
    """Return the projects, installed ones as they are now, and the verdicts on them.

    Args:
        projects: What the catalog says, in load order.
        hosts: Names that the host's distribution may have.
        path: The catalog's path.
        catalog: Where to record what changed: see `record_again`.
        record: Whether to record it at all.
    """
    if not projects:
        return projects, Verdicts()
    found_out: list[Verdicts] = []

    def lay_out(_building: str) -> Notes:
        from .gates.examination import examine

        verdicts = Verdicts()
        known = examine(projects, hosts, catalog if record else None, verdicts)
        if known != projects:
            raise _Renewed(known)
        found_out.append(verdicts)
        return _noted(projects, verdicts)

    try:
        kept = find_overlay(_manifest(projects, hosts), _KIND, path, lay_out)
        return projects, found_out[-1] if found_out else _unpacked(kept.memo)
    except _Renewed as renewed:
        return judge(renewed.projects, hosts, path, catalog, record=False)
    except (OSError, ValueError, TypeError, PlugregError):  # nowhere to keep it, or it is damaged
        from .gates.examination import examine

        verdicts = Verdicts()
        return examine(projects, hosts, catalog if record else None, verdicts), verdicts


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


def _noted(projects: Sequence[Project], verdicts: Verdicts) -> Notes:
    from .links.folder import Notes

    notes = Notes()
    if verdicts.refused or verdicts.here:
        notes.memo = _packed(verdicts)
    for folder in {*_site_folders(projects), *(path_folders() if verdicts.refused else ())}:
        try:
            notes.watched[folder] = str(os.stat(folder).st_mtime_ns)
        except OSError:  # a zip file that is not there, on every Python's path
            continue
    return notes


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
    return dumps([refused, sorted(verdicts.gone), here]).hex()


def _unpacked(memo: str) -> Verdicts:
    verdicts = Verdicts()
    if not memo:
        return verdicts
    from plugreg.plain import loads

    kept: Any = loads(bytes.fromhex(memo))
    refused, gone, here = kept
    verdicts.refused = {name: (reason, fix) for name, (reason, fix) in refused.items()}
    verdicts.gone = set(gone)
    verdicts.here = {name: Project.from_record(record) for name, record in here.items()}
    return verdicts
