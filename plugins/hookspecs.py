"""The hooks by which others extend plugreg: sources, and whoever wants to know of a load."""

from __future__ import annotations

import pluggy

TYPE_CHECKING = False
if TYPE_CHECKING:
    from plugreg import Project

    from .hosts.report import LoadReport
    from .request import ReadRequest

GROUP = "plugreg"
hookspec = pluggy.HookspecMarker(GROUP)
hookimpl = pluggy.HookimplMarker(GROUP)


@hookspec(firstresult=True)
def plugreg_read_project(request: ReadRequest) -> Project | None:
    """Read a source as a project, or return None where it is not of this kind.

    Implemented with `plugreg.plugins.hookimpl` by packages in the entry-point group "plugreg". They
    are asked before the built-in sources, and only where a source is read: no host's start pays for
    them but the first one after the source changed.

    Whether it changed is what the project's fingerprint says: `plugreg.take_fingerprint` of the
    files that were read. It is read again in the host's environment, so the package has to be
    there, too; without it the project stays as it was added, and the host's report says so. What
    `plugreg add` was told by options is not told again.

    A source that is of this kind but cannot be read raises SourceError: no other is asked then.
    Whatever else it raises becomes an error that names its package, as does a project without
    `source.location`. `request.path` is "" where what was typed is no path.
    Nothing of the project may be imported or run, unless `request.build` is true.
    """


@hookspec
def plugreg_load_reported(report: LoadReport) -> None:
    """Learn what a load did, once all plug-ins of the host are loaded.

    Implemented by plug-ins of the host that was loaded, or by the host itself, with the host's own
    marker and `optionalhook=True`. `plugreg.plugins.load` calls it on the host's plug-in manager:
    where nobody implements it, a start pays for one look-up, and nothing is scanned.

    What an implementation raises becomes a warning in the report, which names the plug-in. It is
    not called for a load with `strict` that raised.
    """
