"""Sources turn what a user names into a `Project`; hosts turn a `Project` into a live plug-in."""

from __future__ import annotations

from importlib import import_module

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .hookspecs import hookimpl
    from .hosts.discovery import LazyEntry, discover
    from .hosts.loading import load
    from .hosts.report import LoadReport, Outcome
    from .reading import read_project
    from .request import ReadRequest

_ROOMS = {
    "LazyEntry": "hosts.discovery",
    "LoadReport": "hosts.report",
    "Outcome": "hosts.report",
    "ReadRequest": "request",
    "discover": "hosts.discovery",
    "hookimpl": "hookspecs",
    "load": "hosts.loading",
    "read_project": "reading",
}

__all__ = [
    "LazyEntry",
    "LoadReport",
    "Outcome",
    "ReadRequest",
    "discover",
    "hookimpl",
    "load",
    "read_project",
]


def __getattr__(name: str) -> object:
    if name not in _ROOMS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f".{_ROOMS[name]}", __name__), name)
