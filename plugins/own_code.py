"""Code of its own for a record that is copied from a farther layer into a nearer one.

What is unpacked beside a site's catalog goes when the site updates or removes the project. A record
that a user makes of it stands by itself: the code is unpacked for the user, too.
"""

from __future__ import annotations

import os
from contextlib import suppress

from plugreg import SourceError, code_state
from plugreg.unpacked import drop_unused, home_for, home_of, is_borrowed, unpacked_folder

from .refreshing import bring_code
from .sources.unpacking import copy_code

TYPE_CHECKING = False
if TYPE_CHECKING:
    from plugreg import Project


def with_own_code(project: Project, catalog: str) -> Project:
    """Return a project of another catalog with its unpacked code where `catalog` can keep it.

    The same code: from the archive that was recorded, or, where that is gone, cannot be read or is
    another one now, what the other catalog has, if that is still what was added. Any other project
    is returned as it is.

    Args:
        project: The project, as the other catalog has it.
        catalog: The path of the catalog that it is to be recorded in. Until it is, nobody uses what
            is unpacked here.

    Raises:
        SourceError: The code is nowhere what was added (code "code-changed"), or could not be
            unpacked.
    """
    if not is_borrowed(project.root, catalog):
        return project
    own = project._with(root=_place(project.root, catalog))
    if _is_as_added(own):
        return own
    with suppress(SourceError):  # the other catalog's code serves as well
        bring_code(own)
    if not _is_as_added(own):
        _copy(project, own)
    return own


def _place(root: str, catalog: str) -> str:
    """Return where the code at `root` is when it is unpacked for a catalog."""
    below = os.path.relpath(root, unpacked_folder(home_of(root)))
    return os.path.join(unpacked_folder(home_for(catalog)), below)


def _is_as_added(project: Project) -> bool:
    """Tell whether the code is there; of more than a digest is taken of, nothing else is known."""
    return os.path.isdir(project.root) and code_state(project) != "changed"


def _copy(project: Project, own: Project) -> None:
    if code_state(project) != "ok":
        raise _nowhere(project)
    home = home_of(own.root)
    below = os.path.relpath(own.root, unpacked_folder(home)).split(os.sep)[:2]
    copy_code(os.path.join(unpacked_folder(home_of(project.root)), *below), home)
    if not _is_as_added(own):  # changed meanwhile
        drop_unused(own.root)
        raise _nowhere(project)


def _nowhere(project: Project) -> SourceError:
    return SourceError(
        f"neither {project.source.location} nor {project.root} is what was added",
        hint="`plugreg add` its archive, which gives it code of its own",
        code="code-changed",
        name=project.name,
    )
