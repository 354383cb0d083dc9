"""Source archives: unpacked once, then read by the same ladder as any project's directory."""

from __future__ import annotations

import os

from plugreg import Source, SourceError, take_fingerprint
from plugreg.plugins.hookspecs import hookimpl

from .archive import open_archive
from .directory import read_folder
from .unpacking import unpacked

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from plugreg import Project
    from plugreg.plugins.request import ReadRequest

SUFFIXES = (".tar.gz", ".tgz", ".zip")


@hookimpl
def plugreg_read_project(request: ReadRequest) -> Project | None:
    """Read a source archive as a project; None where the source is not one."""
    path = request.path
    if not (path.lower().endswith(SUFFIXES) and os.path.isfile(path)):
        return None
    fingerprint = take_fingerprint(path)  # taken first: a change meanwhile is noticed later
    with open_archive(path) as members:
        top = top_folder(path, members)
        with unpacked(path, members, request.home) as code:
            root = os.path.join(code, top)
            source = Source("sdist", path)
            return read_folder(root, source, build=request.build, fingerprint=fingerprint)


def top_folder(path: str, names: Iterable[str]) -> str:
    """Return the one folder that everything in a source archive lies in.

    Raises:
        SourceError: There is not exactly one (code "source-no-metadata").
    """
    tops = {name.partition("/")[0] if "/" in name else "" for name in names}
    if len(tops) == 1 and "" not in tops:
        return tops.pop()
    raise SourceError(
        f"{path} is no source archive: its files do not lie in one folder",
        hint="unpack it and add the project's directory",
        code="source-no-metadata",
        path=path,
    )
