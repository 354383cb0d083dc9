"""Which projects cannot be linked beside each other, found out as a start does: by linking them."""

from __future__ import annotations

from tempfile import TemporaryDirectory

from .folder import LinkFolder, Notes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from plugreg import Project


def conflicts_among(projects: Iterable[Project]) -> dict[str, str]:
    """Return project name to the reason why its code is not linked; nothing is left on disk.

    Args:
        projects: In load order: of two with one module, the first has it.

    Raises:
        OSError: There is no folder for the links, or code cannot be read.
    """
    notes = Notes()
    with TemporaryDirectory(prefix="plugreg-") as folder:
        for project in projects:
            LinkFolder(folder, notes).add(project)
    return notes.conflicts
