"""Reading a recorded project again from where it came from."""

from __future__ import annotations

import os
import sys

from plugreg import SourceError
from plugreg.printable import as_argument
from plugreg.unpacked import home_for, home_of, is_borrowed

from .reading import read_project, with_digest

TYPE_CHECKING = False
if TYPE_CHECKING:
    from plugreg import Project, Registry


def read_again(project: Project, *, build: bool = False, catalog: str = "") -> Project:
    """Return a project as its source says it now; nothing of it is run, unless `build`.

    A distribution is looked for in the environment that it was found in, whichever its version is
    now. A bare module that does not say its host keeps the one that it was added with.

    Args:
        project: The project as it is recorded.
        build: Allow its build backend to make the metadata; see `read_project`.
        catalog: The path of the catalog that it is recorded in. Code of an archive that is kept for
            another one is unpacked for this one; "" leaves it where it is.

    Raises:
        SourceError: The source is gone (code "source-not-found"), is another project now (code
            "source-renamed"), or cannot be read.
    """
    location = project.source.location
    if project.source.kind == "distribution":
        now = with_digest(_read_distribution(project))
    elif not os.path.exists(location):
        raise _gone(project, f"{location} does not exist")
    elif project.source.kind == "module":
        now = _read_module(project)
    else:
        now = read_project(location, build=build, home=_home(project.root, catalog))
    if now.name != project.name:
        raise SourceError(
            f"{location} is no longer {project.name} but {now.name}",
            hint=f"`plugreg add {as_argument(location)}`, and `plugreg remove {project.name}`",
            code="source-renamed",
            name=project.name,
        )
    return now


def _home(root: str, catalog: str) -> str:
    """Return the folder of the layer that code is to be unpacked for."""
    return home_for(catalog) if catalog and is_borrowed(root, catalog) else home_of(root)


def bring_code(project: Project) -> bool:
    """Unpack the code of a wheel or sdist where it is not here; tell whether that was done.

    Only from the very archive that was recorded, so that the project stays as it is; what another
    archive of that name holds is for `read_again`.

    Raises:
        SourceError: The archive cannot be read, or not be unpacked.
    """
    if not can_bring_code(project):
        return False
    read_project(project.source.location, home=home_of(project.root))
    return os.path.isdir(project.root)


def can_bring_code(project: Project) -> bool:
    """Tell whether code is not here, and the archive is, by its digest, that it was unpacked from.

    Raises:
        SourceError: The archive cannot be read (code "source-unreadable").
    """
    from plugreg.unpacked import unpacked_folder

    from .sources.unpacking import digest_of

    location = project.source.location
    home = home_of(project.root)
    below = os.path.relpath(project.root or os.sep, unpacked_folder(home))
    if below.startswith(os.pardir) or os.path.isdir(project.root) or not os.path.isfile(location):
        return False
    try:
        return digest_of(location) == below.partition(os.sep)[0]
    except OSError as error:
        raise SourceError(
            f"{location} cannot be read: {error.strerror or error}",
            hint="check its permissions",
            code="source-unreadable",
            path=location,
        ) from error


def bring_code_back(registry: Registry, project: Project) -> bool:
    """Do what `bring_code` does for a project that a catalog has again, and claim the code for it.

    Raises:
        SourceError: The archive cannot be read, or not be unpacked.
    """
    brought = bring_code(project)
    if brought:
        registry._claim_if_there(project)
    return brought


def _read_distribution(project: Project) -> Project:
    from .sources.distribution import find_distribution, read_distribution

    folder = os.path.dirname(project.source.location)
    found = find_distribution(project.display_name, "" if folder in sys.path else folder)
    if found is None:
        raise _gone(project, f"it is no longer installed in {folder}")
    return read_distribution(found)


def _read_module(project: Project) -> Project:
    try:
        return read_project(project.source.location)
    except SourceError as error:
        if error.code != "source-no-host" or not project.entry_points:
            raise
    known = project.entry_points[0]
    return read_project(project.source.location, group=known.group, name=known.name)


def _gone(project: Project, why: str) -> SourceError:
    return SourceError(
        f"the source of {project.name} is gone: {why}",
        hint=f"bring it back, or `plugreg remove {project.name}`",
        code="source-not-found",
        name=project.name,
        source=project.source.location,
    )
