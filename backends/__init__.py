"""Stores: bytes in, bytes out. One DBM file each, whatever its flavour."""

from __future__ import annotations

from importlib import import_module

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .durable import durable_file
    from .errors import (
        CatalogCorrupt,
        CatalogError,
        CatalogLocked,
        CatalogNotFound,
        CatalogReadOnly,
        FlavourError,
        FlavourUnavailable,
        FlavourUnknown,
        FlavourWarning,
        NotADatabase,
        PlugregError,
        ProjectNotFound,
        RecordUnreadable,
        SchemaTooNew,
        SourceError,
        UnsafeRecord,
    )
    from .flavour import Flavour
    from .footprint import Footprint
    from .identification import Identification, identify
    from .known import PINNED, flavours, require_flavour
    from .locking import WriterLock
    from .memory import MemoryStore
    from .opening import open  # noqa: A004 - the name that the contract fixes
    from .reader import Reader
    from .store import Store

_ROOMS = {
    "CatalogCorrupt": "errors",
    "CatalogError": "errors",
    "CatalogLocked": "errors",
    "CatalogNotFound": "errors",
    "CatalogReadOnly": "errors",
    "Flavour": "flavour",
    "FlavourError": "errors",
    "FlavourUnavailable": "errors",
    "FlavourUnknown": "errors",
    "FlavourWarning": "errors",
    "Footprint": "footprint",
    "Identification": "identification",
    "MemoryStore": "memory",
    "NotADatabase": "errors",
    "PINNED": "known",
    "PlugregError": "errors",
    "ProjectNotFound": "errors",
    "Reader": "reader",
    "RecordUnreadable": "errors",
    "SchemaTooNew": "errors",
    "SourceError": "errors",
    "Store": "store",
    "UnsafeRecord": "errors",
    "WriterLock": "locking",
    "durable_file": "durable",
    "flavours": "known",
    "identify": "identification",
    "open": "opening",
    "require_flavour": "known",
}

__all__ = [
    "PINNED",
    "CatalogCorrupt",
    "CatalogError",
    "CatalogLocked",
    "CatalogNotFound",
    "CatalogReadOnly",
    "Flavour",
    "FlavourError",
    "FlavourUnavailable",
    "FlavourUnknown",
    "FlavourWarning",
    "Footprint",
    "Identification",
    "MemoryStore",
    "NotADatabase",
    "PlugregError",
    "ProjectNotFound",
    "Reader",
    "RecordUnreadable",
    "SchemaTooNew",
    "SourceError",
    "Store",
    "UnsafeRecord",
    "WriterLock",
    "durable_file",
    "flavours",
    "identify",
    "open",
    "require_flavour",
]


def __getattr__(name: str) -> object:
    if name not in _ROOMS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f".{_ROOMS[name]}", __name__), name)
