"""Sources turn what a user names into a `Project`; hosts turn a `Project` into a live plug-in."""

from __future__ import annotations

from importlib import import_module

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .hookspecs import hookimpl
    from .hosts.discovery import Discovery, LazyEntry, discover
    from .hosts.loading import load
    from .hosts.report import LoadReport, Outcome
    from .reading import read_project
    from .refreshing import read_again
    from .request import ReadRequest
    from .syncing import Synced, sync

_ROOMS = {
    "Discovery": "hosts.discovery",
    "LazyEntry": "hosts.discovery",
    "LoadReport": "hosts.report",
    "Outcome": "hosts.report",
    "ReadRequest": "request",
    "Synced": "syncing",
    "discover": "hosts.discovery",
    "hookimpl": "hookspecs",
    "load": "hosts.loading",
    "read_again": "refreshing",
    "read_project": "reading",
    "sync": "syncing",
}

__all__ = [
    "Discovery",
    "LazyEntry",
    "LoadReport",
    "Outcome",
    "ReadRequest",
    "Synced",
    "discover",
    "hookimpl",
    "load",
    "read_again",
    "read_project",
    "sync",
]


def __getattr__(name: str) -> object:
    if name not in _ROOMS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = globals()[name] = getattr(import_module(f".{_ROOMS[name]}", __name__), name)
    return found
