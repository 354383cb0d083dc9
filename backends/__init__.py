"""Stores: bytes in, bytes out. One DBM file each, whatever its flavour."""

from __future__ import annotations

from importlib import import_module

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .errors import (
        CatalogCorrupt,
        CatalogError,
        CatalogLocked,
        CatalogNotFound,
        CatalogReadOnly,
        FlavourError,
        FlavourUnavailable,
        FlavourUnknown,
        NotADatabase,
        PlugregError,
        ProjectNotFound,
        RecordUnreadable,
        SchemaTooNew,
        SourceError,
        UnsafeRecord,
    )
    from .flavour import Flavour
    from .identification import Identification, identify
    from .known import PINNED, flavours, require_flavour
    from .locking import WriterLock
    from .memory import MemoryStore
    from .opening import open  # noqa: A004 - the name that the contract fixes
    from .paths import absolute
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
    "Identification": "identification",
    "MemoryStore": "memory",
    "NotADatabase": "errors",
    "PINNED": "known",
    "PlugregError": "errors",
    "ProjectNotFound": "errors",
    "RecordUnreadable": "errors",
    "SchemaTooNew": "errors",
    "SourceError": "errors",
    "Store": "store",
    "UnsafeRecord": "errors",
    "WriterLock": "locking",
    "absolute": "paths",
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
    "Identification",
    "MemoryStore",
    "NotADatabase",
    "PlugregError",
    "ProjectNotFound",
    "RecordUnreadable",
    "SchemaTooNew",
    "SourceError",
    "Store",
    "UnsafeRecord",
    "WriterLock",
    "absolute",
    "flavours",
    "identify",
    "open",
    "require_flavour",
]


def __getattr__(name: str) -> object:
    if name not in _ROOMS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f".{_ROOMS[name]}", __name__), name)
