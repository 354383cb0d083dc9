"""The database that is being read: held against other writers, whole or salvaged."""

from __future__ import annotations

import os
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from typing import NamedTuple

from plugreg.backends.errors import (
    CatalogCorrupt,
    CatalogNotFound,
    FlavourError,
    FlavourUnavailable,
    NotADatabase,
    PlugregError,
)
from plugreg.backends.footprint import footprints
from plugreg.backends.identification import Identification, identify
from plugreg.backends.known import require_flavour
from plugreg.backends.reader import Reader

from .duplicates import any_repeated, kept
from .holding import held, writers_out

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from plugreg.backends.flavour import Flavour
    from plugreg.backends.store import Store

    Record = tuple[bytes, bytes]


def require_source(path: str, flavour: str | None, *, salvage: bool = False) -> Identification:
    """Return what the database at `path` is.

    Where its bytes do not say, it is taken to be what `flavour` says; to `salvage`, also where
    they say that it is damaged.

    Raises:
        CatalogNotFound: Nothing stands there.
        CatalogCorrupt: It is too damaged to be opened, and not to be salvaged.
        FlavourError: It is no database, or has another flavour than said.
    """
    said = require_flavour(flavour).name if flavour is not None else None
    try:
        found = identify(path)
    except NotADatabase:
        if said is None or os.path.isdir(path):
            raise
        return Identification(said, _path_of(path, said), "as the caller says")
    except CatalogCorrupt as error:
        damaged = error.details.get("flavour")
        if not salvage or damaged is None or said not in (None, damaged):
            raise
        return Identification(damaged, _path_of(path, damaged), error.message)
    if said not in (None, found.flavour):
        raise FlavourError(
            f"{found.path} is {found.flavour}, not {said}: {found.evidence}",
            hint="leave the flavour out",
            code="flavour-differs",
            path=found.path,
            flavour=found.flavour,
        )
    if os.path.islink(found.path):  # of a name without its suffix, which is no link itself
        return replace(found, path=os.path.realpath(found.path))
    return found


def _path_of(path: str, flavour: str) -> str:
    """Return by which path a flavour opens what a user names; its files say."""
    resolved = os.path.realpath(path)
    meant = [footprint.file or footprint.name for footprint in footprints(resolved)]
    for candidate in meant:
        if any(map(os.path.exists, require_flavour(flavour).files(candidate))):
            return candidate
    raise CatalogNotFound(
        f"{resolved} has no file of a {flavour} database", hint="check the name", path=resolved
    )


class Opening(NamedTuple):
    """How a source is to be read.

    Attributes:
        timeout_s: How long to wait for other processes.
        salvage: Take what is whole of a damaged one.
        duplicates: "first" or "last", the value to keep of a key that has several; or None.
        convert: Gets key and value, returns the value to write; or None.
        database: Which one to take, of a file of several; or None.
    """

    timeout_s: float
    salvage: bool = False
    duplicates: str | None = None
    convert: Callable[[bytes, bytes], bytes] | None = None
    database: str | None = None


class Source:
    """An open database whose records are to be copied.

    Attributes:
        path: The name by which it was opened.
        chosen: Whether each key comes once, by choice.
    """

    def __init__(self, store: Store, how: Opening) -> None:
        self.path = store.path
        self.chosen = how.duplicates is not None
        self._store = store
        self._how = how
        self._read = 0
        self._defect = ""

    def records(self) -> Iterator[Record]:
        """Yield the records to write."""
        choice, convert = self._how.duplicates, self._how.convert
        records = kept(self._counted, choice) if choice else self.all_records()
        if convert is None:
            return records
        return ((key, convert(key, value)) for key, value in records)

    def all_records(self) -> Iterator[Record]:
        """Return the records as they are, keys with several values included."""
        if self._how.salvage and isinstance(self._store, Reader):
            return self._salvaged(self._store)
        return self._store.records()

    def _salvaged(self, store: Reader) -> Iterator[Record]:
        """Yield what is whole; where nothing is missed, see what a plain reading finds wrong."""
        yield from store.salvage()
        if not store.losses:
            self._defect = _defect_of(store)

    def _counted(self) -> Iterator[Record]:
        self._read = 0
        for record in self.all_records():
            self._read += 1
            yield record

    def skipped(self, written: int) -> list[str]:
        """Say what was left out of the records, when all of them have been read."""
        lost = list(self._store.losses) if isinstance(self._store, Reader) else []
        if self._defect:
            lost.append(f"no record as far as can be told, but {self._defect}")
        if self.chosen and self._read > written:
            lost.append(
                f"{self._read - written:,} further values of keys that have several; the"
                f" {self._how.duplicates} of each was kept"
            )
        return lost

    @property
    def may_repeat(self) -> bool:
        """Whether a key may have several values."""
        return isinstance(self._store, Reader) and self._store.may_repeat

    @property
    def method(self) -> str:
        """What Berkeley DB calls the way its records are found."""
        return self._store.method if isinstance(self._store, Reader) else "btree"

    @property
    def sorts_repeated(self) -> bool:
        """Whether it keeps the values of a key sorted."""
        return isinstance(self._store, Reader) and self._store.sorts_repeated

    def repeats(self) -> bool:
        """Tell whether keys with several values are to be expected, where all are taken.

        What the file says counts; of a format that cannot say, all records are read, with about 100
        bytes of memory for each key.
        """
        if self.chosen or not (isinstance(self._store, Reader) and self._store.may_repeat):
            return False
        return self._store.says_repeats or any_repeated(self.all_records())

    @property
    def warnings(self) -> list[str]:
        """What the reader has to say of the records that it read."""
        return list(self._store.warnings) if isinstance(self._store, Reader) else []


def _defect_of(store: Reader) -> str:
    """Return what ends a plain reading, or ""."""
    try:
        for _ in store.records():
            pass
    except PlugregError as error:
        return error.message
    return ""


@contextmanager
def opened(found: Identification, how: Opening, *, alone: bool) -> Iterator[Source]:
    """Open what was identified; `alone`: with other writers kept out, as far as can be.

    Raises:
        CatalogError: It is locked, damaged, or may not be read.
        FlavourUnavailable: It cannot be read here.
    """
    flavour = require_flavour(found.flavour)
    reason = flavour.unreadable_here()
    if reason:
        raise FlavourUnavailable(f"{found.path} is {flavour.name}: {reason}", path=found.path)
    path, timeout_s = found.path, how.timeout_s
    if alone and not how.salvage:
        with held(flavour, path, timeout_s=timeout_s) as store:
            yield Source(store, how)
        return
    out = writers_out(flavour, path, timeout_s=timeout_s) if alone else nullcontext()
    with out, _store(flavour, path, how) as store:
        yield Source(store, how)


def _store(flavour: Flavour, path: str, how: Opening) -> Store:
    if how.database is not None:
        return flavour.open_one(path, how.database)
    if how.salvage:
        return flavour.open_damaged(path)
    return flavour.open(path, read_only=True, timeout_s=how.timeout_s)
