"""Telling whether a project's source is still what its record says."""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from .project import Project

_ABSENT = "absent"


def take_fingerprint(location: str, files: Iterable[str] = ("",)) -> str:
    """Return how the files that a project's metadata came from look: size, mtime in ns, path each.

    Args:
        location: The source.
        files: Paths relative to it; "" is the source itself. One that is not there counts, too:
            it would change the metadata by appearing.
    """
    return "\t".join(f"{_look_of(location, file)} {file}" for file in files)


def state_of(project: Project) -> str:
    """Return "ok", "changed" or "missing": the source against the record, by a few stat calls."""
    location = project.source.location
    if not os.path.exists(location) or (project.root and not os.path.isdir(project.root)):
        return "missing"
    fingerprint = project.fingerprint
    files = [line.split(" ", 2)[2] for line in fingerprint.split("\t") if line.count(" ") > 1]
    return "ok" if take_fingerprint(location, files) == fingerprint else "changed"


def _look_of(location: str, file: str) -> str:
    try:
        status = os.stat(os.path.join(location, file) if file else location)
    except OSError:
        return "absent -"
    return f"{status.st_size} {status.st_mtime_ns}"
