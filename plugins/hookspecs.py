"""The hooks by which sources plug into plugreg, the built-in ones and outsiders' alike."""

from __future__ import annotations

import pluggy

TYPE_CHECKING = False
if TYPE_CHECKING:
    from plugreg import Project

    from .request import ReadRequest

GROUP = "plugreg"
hookspec = pluggy.HookspecMarker(GROUP)
hookimpl = pluggy.HookimplMarker(GROUP)


@hookspec(firstresult=True)
def plugreg_read_project(request: ReadRequest) -> Project | None:
    """Read a source as a project, or return None where it is not of this kind.

    A source that is of this kind but cannot be read raises SourceError: no other is asked then.
    Nothing of the project may be imported or run, unless `request.build` is true.
    """
