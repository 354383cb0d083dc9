"""Stores: bytes in, bytes out. One DBM file each, whatever its flavour."""

from __future__ import annotations

from importlib import import_module

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .dumping import FORMS, Dump
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
    from .fresh import fresh_files, replacement
    from .identification import Identification, identify
    from .known import PINNED, flavours, require_flavour
    from .loading import records_of
    from .locking import WriterLock
    from .memory import MemoryStore
    from .migration.duplicates import DuplicateKeys
    from .migration.migrating import load, migrate
    from .migration.outcome import Migration
    from .opening import (
        DEFAULT_TIMEOUT_S,
        open,  # noqa: A004 - the name that the contract fixes
    )
    from .paths import absolute
    from .reader import Reader
    from .store import Store

_ROOMS = {
    "CatalogCorrupt": "errors",
    "CatalogError": "errors",
    "CatalogLocked": "errors",
    "CatalogNotFound": "errors",
    "CatalogReadOnly": "errors",
    "DEFAULT_TIMEOUT_S": "opening",
    "Dump": "dumping",
    "DuplicateKeys": "migration.duplicates",
    "FORMS": "dumping",
    "Flavour": "flavour",
    "FlavourError": "errors",
    "FlavourUnavailable": "errors",
    "FlavourUnknown": "errors",
    "FlavourWarning": "errors",
    "Footprint": "footprint",
    "Identification": "identification",
    "MemoryStore": "memory",
    "Migration": "migration.outcome",
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
    "fresh_files": "fresh",
    "absolute": "paths",
    "flavours": "known",
    "identify": "identification",
    "load": "migration.migrating",
    "migrate": "migration.migrating",
    "open": "opening",
    "records_of": "loading",
    "replacement": "fresh",
    "require_flavour": "known",
}

__all__ = [
    "DEFAULT_TIMEOUT_S",
    "FORMS",
    "PINNED",
    "CatalogCorrupt",
    "CatalogError",
    "CatalogLocked",
    "CatalogNotFound",
    "CatalogReadOnly",
    "Dump",
    "DuplicateKeys",
    "Flavour",
    "FlavourError",
    "FlavourUnavailable",
    "FlavourUnknown",
    "FlavourWarning",
    "Footprint",
    "Identification",
    "MemoryStore",
    "Migration",
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
    "absolute",
    "flavours",
    "fresh_files",
    "identify",
    "load",
    "migrate",
    "open",
    "records_of",
    "replacement",
    "require_flavour",
]


def __getattr__(name: str) -> object:
    if name not in _ROOMS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = globals()[name] = getattr(import_module(f".{_ROOMS[name]}", __name__), name)
    return found
