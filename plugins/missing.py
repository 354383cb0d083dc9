"""What is missing of a recorded project on this machine, and what brings it back."""

from __future__ import annotations

import os
from typing import NamedTuple

from plugreg import SourceError, state_of

from .refreshing import can_bring_code

TYPE_CHECKING = False
if TYPE_CHECKING:
    from plugreg import Project


class Missing(NamedTuple):
    """What is missing of a project.

    Attributes:
        file: The path of it.
        reason: What is wrong, the part of a line.
        fix: What to do about it, likewise.
        can_be_unpacked: Whether `bring_code` brings back the very code that was recorded.
    """

    file: str
    reason: str
    fix: str
    can_be_unpacked: bool = False


def missing_of(project: Project) -> Missing | None:
    """Return what is missing of a project, None where its source and its code are there.

    Of an archive whose code is gone all bytes are read: code of another one is not promised as its.
    """
    if state_of(project) != "missing":
        return None
    location, root = project.source.location, project.root
    refresh = f"`plugreg refresh {project.name}`"
    if not os.path.exists(location):
        fix = f"bring it back, and {refresh}, or `plugreg remove {project.name}`"
        return Missing(location, f"{location} is gone", fix)
    if not os.path.isfile(location):
        return Missing(root, f"its code is gone from {root}", f"{refresh} looks for it")
    try:
        if can_bring_code(project):
            return Missing(root, "its code is gone", f"{refresh} unpacks it again", True)
    except SourceError as error:
        return Missing(root, f"its code is gone, and {error.message}", f"{error.hint}; {refresh}")
    other = f"its code is gone, and {location} is not the archive that it was"
    return Missing(root, other, f"{refresh} takes what is there now")
