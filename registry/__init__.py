"""plugreg: a plug-in registry for Python applications, on a shelve whose DBM format is pinned."""

from __future__ import annotations

from importlib import import_module

TYPE_CHECKING = False
if TYPE_CHECKING:
    from plugreg.backends import (
        CatalogError,
        FlavourError,
        PlugregError,
        ProjectNotFound,
        SourceError,
    )

    from .change import Change, Difference
    from .code_digest import code_state, take_digest
    from .fingerprint import state_of, take_fingerprint
    from .old_pickles.upgrade import PickleUpgrade
    from .project import EntryPoint, Project, Source
    from .registry import Registry
    from .shelf import Shelf, open_shelf

    __version__: str

_ROOMS = {
    "CatalogError": "backends",
    "Change": "change",
    "Difference": "change",
    "EntryPoint": "project",
    "FlavourError": "backends",
    "PickleUpgrade": "old_pickles.upgrade",
    "PlugregError": "backends",
    "Project": "project",
    "ProjectNotFound": "backends",
    "Registry": "registry",
    "Shelf": "shelf",
    "Source": "project",
    "SourceError": "backends",
    "code_state": "code_digest",
    "open_shelf": "shelf",
    "state_of": "fingerprint",
    "take_digest": "code_digest",
    "take_fingerprint": "fingerprint",
}

__all__ = [
    "CatalogError",
    "Change",
    "Difference",
    "EntryPoint",
    "FlavourError",
    "PickleUpgrade",
    "PlugregError",
    "Project",
    "ProjectNotFound",
    "Registry",
    "Shelf",
    "Source",
    "SourceError",
    "code_state",
    "open_shelf",
    "state_of",
    "take_digest",
    "take_fingerprint",
]


def __getattr__(name: str) -> object:
    if name == "__version__":
        from importlib.metadata import version

        return version("plugreg")
    if name not in _ROOMS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = globals()[name] = getattr(import_module(f".{_ROOMS[name]}", __name__), name)
    return found
