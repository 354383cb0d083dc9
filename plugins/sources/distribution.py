"""An installed distribution, of this environment or of another one."""

from __future__ import annotations

import os
from importlib.metadata import Distribution, distributions

from packaging.utils import canonicalize_name

from plugreg import Source, take_fingerprint
from plugreg.names import suggestion
from plugreg.plugins.hookspecs import hookimpl

from .directory import has_metadata
from .environment import search_path
from .metadata.core_metadata import parse_core_metadata
from .metadata.entry_points_txt import parse_entry_points
from .metadata.facts import Facts, make_project
from .metadata.requirements import own_requirements

TYPE_CHECKING = False
if TYPE_CHECKING:
    from plugreg import Project
    from plugreg.plugins.request import ReadRequest

_FILES = ("METADATA", "PKG-INFO", "entry_points.txt")
_SEPARATORS = ("/", os.sep, "\0")


@hookimpl
def plugreg_read_project(request: ReadRequest) -> Project | None:
    """Read an installed distribution by its name; None where none is called so.

    A folder of that name in the working directory wins only where it is a project.
    """
    if any(separator in request.source for separator in _SEPARATORS):
        return None
    is_project = os.path.isfile(request.path) or (request.path and has_metadata(request.path))
    if is_project and not request.python:
        return None
    found = find_distribution(request.source, request.python)
    return None if found is None else read_distribution(found)


def find_distribution(name: str, python: str = "") -> Distribution | None:
    """Return the installed distribution of that name in any spelling, or None.

    Args:
        name: The name.
        python: The environment; see `search_path`.

    Raises:
        SourceError: There is no such environment (code "environment-not-found").
    """
    path = search_path(python)
    return next(iter(Distribution.discover(name=name, path=path)), None) if name else None


def read_distribution(found: Distribution) -> Project:
    """Return an installed distribution as a project; its code stays where it is.

    Raises:
        SourceError: Its metadata is damaged (code "source-invalid" and the like).
    """
    location = _location(found)
    data = found.read_text("METADATA") or found.read_text("PKG-INFO") or found.read_text("")
    facts = parse_core_metadata((data or "").encode(errors="replace"), location, installed=True)
    entries = parse_entry_points(found.read_text("entry_points.txt") or "", location)
    requires = own_requirements(found.requires or ())  # an egg-info has them in a file of their own
    facts = Facts(location, entry_points=entries, dependencies=requires).completed_by(facts)
    fingerprint = take_fingerprint(location, _FILES)
    return make_project(facts, Source("distribution", location), fingerprint=fingerprint)


def similar_name(name: str, python: str = "") -> str:
    """Return "did you mean `x`?" for the installed name most like this one, or ""."""
    found = (each.metadata["Name"] for each in distributions(path=search_path(python)))
    return suggestion(name, sorted({canonicalize_name(each) for each in found if each}))


def _location(found: Distribution) -> str:
    """Return the metadata's folder; a finder that keeps no folders gives the place of the code."""
    own = getattr(found, "_path", None)  # there is no public name for it
    return os.path.abspath(str(found.locate_file("") if own is None else own))
