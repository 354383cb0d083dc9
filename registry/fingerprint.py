"""Telling whether a project's source is still what its record says."""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from .project import Project

_ABSENT = "absent -"


def take_fingerprint(location: str, files: Iterable[str] = ("",)) -> str:
    """Return how the files that a project's metadata came from look: size, mtime in ns, path each.

    Args:
        location: The source.
        files: Paths relative to it; "" is the source itself. One that is not there counts, too:
            it would change the metadata by appearing. Of a folder, what comes and goes in it does.
    """
    return "\t".join(f"{_look_of(location, file)} {file}" for file in files)


def state_of(project: Project) -> str:
    """Return "ok", "changed" or "missing": the source against the record, by a few stat calls."""
    location = project.source.location
    if not os.path.exists(location) or (project.root and not os.path.isdir(project.root)):
        return "missing"
    return "ok" if looks_as_recorded(project) else "changed"


def looks_as_recorded(project: Project) -> bool:
    """Tell whether no file that a project's metadata came from has changed, come or gone.

    And whether its modules are where they were. Takes 2 us and 1 us a file or module: a host's
    start asks it for each project.
    """
    record = project._record
    try:
        location = record["source"].partition(":")[2]
        for line in record["fingerprint"].split("\t"):
            look, file = _split(line)
            path = f"{location}/{file}" if file else location
            if look == _ABSENT:
                if os.access(path, os.F_OK):
                    return False
            elif look and _look_of(path) != look:
                return False
        root = record["root"]
        for path in record["modules"].values():  # `all` takes twice as long
            if not os.access(f"{root}/{path}", os.F_OK):
                return False
    except ValueError:  # a NUL, which no path can hold
        return False
    return True


def files_of_metadata(project: Project) -> list[str]:
    """Return the files that a project's metadata came from, or would come from.

    Relative to its source, which is "" itself; without folders that were looked into.
    """
    location, looks = project.source.location, project.fingerprint
    files = [_split(line)[1] for line in looks.split("\t")] if looks else []
    return [file for file in files if not file or not os.path.isdir(os.path.join(location, file))]


def _split(line: str) -> tuple[str, str]:
    """Return a look and the file that it is of; another's own word of a fingerprint is no look."""
    size, _, rest = line.partition(" ")
    mtime, blank, file = rest.partition(" ")
    return (f"{size} {mtime}" if blank else ""), file


def _look_of(location: str, file: str = "") -> str:
    try:
        status = os.stat(os.path.join(location, file) if file else location)
    except OSError:
        return _ABSENT
    return f"{status.st_size} {status.st_mtime_ns}"
