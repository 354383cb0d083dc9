"""One damaged database, read every way: what may not happen is a finding."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections import Counter
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from plugreg import backends
from plugreg.backends.reader import Reader

from .bounds import TooLong, cpu_limit, peak_bytes
from .comparison import brings_records, strange
from .edits import edited
from .finding import Finding, OnlyOurs, innermost
from .reading import every_record, opened
from .sources import source_named

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from .edits import Edit, Files
    from .sources import Records, Source

SECONDS = 2.0
GROWTH_BYTES = 32 << 20
_KEYS = 4
_DESCRIPTORS = "/dev/fd"  # of this process, one name for each
# The index of a write-ahead log, which SQLite makes anew for whoever reads in place.
_INDEX_OF_LOG = "-shm"
_ABSENT = (b"no such key \xff", b"")


class Trials:
    """A folder in which one damaged database after the other is made and read."""

    def __init__(self, folder: str) -> None:
        """Use `folder`, which is empty; temporary files of this process go there, too."""
        self._folder = os.path.join(folder, "files")
        self._temporary = os.path.join(folder, "temporary")
        os.mkdir(self._folder)
        os.mkdir(self._temporary)
        self._standing: Files = {}
        self.findings: list[Finding] = []
        self.read = 0  # records of all trials, to tell that something is still read at all

    def run(self, source: Source, edits: Sequence[Edit]) -> list[Finding]:
        """Return what went wrong with the source, damaged so; the files stand until the next."""
        files = edited(source.files, edits, _files_of)
        strict = bool(source.records) and not brings_records(source, files, edits)
        self._place(files)
        self.findings = []
        descriptors, peak = len(os.listdir(_DESCRIPTORS)), peak_bytes()
        try:
            with self._own_temporary_files(), cpu_limit(SECONDS):
                self._read(source, strict=strict)
        except TooLong as error:
            self._found("too-long", innermost(error))
        if peak_bytes() - peak > GROWTH_BYTES:
            self._found("memory", "the process grew")
        self._check_traces(descriptors, files)
        return self.findings

    def _place(self, files: Files) -> None:
        for name in self._standing.keys() - files.keys():
            with suppress(FileNotFoundError):
                os.unlink(os.path.join(self._folder, name))
        for name, data in files.items():
            if self._standing.get(name) is not data:
                with open(os.path.join(self._folder, name), "wb") as file:
                    file.write(data)
        self._standing = dict(files)

    @contextmanager
    def _own_temporary_files(self) -> Iterator[None]:
        before, tempfile.tempdir = tempfile.tempdir, self._temporary
        try:
            yield
        finally:
            tempfile.tempdir = before

    def _check_traces(self, descriptors: int, files: Files) -> None:
        if len(os.listdir(_DESCRIPTORS)) != descriptors:
            self._found("leak", "a descriptor stays open")
        if os.listdir(self._temporary):
            self._found("leak", "a temporary file stays behind")
            shutil.rmtree(self._temporary)
            os.mkdir(self._temporary)
        for name in set(os.listdir(self._folder)) - files.keys():
            # SQLite begins a log beside a file in that mode, even for a reader.
            if not name.endswith(_INDEX_OF_LOG) and self._content(name):
                self._found("leak", f"a file stays behind: {name}")
            os.unlink(os.path.join(self._folder, name))
        for name, data in files.items():
            if name.endswith(_INDEX_OF_LOG):
                self._standing.pop(name)  # written again for the next
            elif self._content(name) != data:
                self._found("changed", f"a file was written to, or is gone: {name}")
                self._standing.pop(name)

    def _content(self, name: str) -> bytes | None:
        try:
            with open(os.path.join(self._folder, name), "rb") as file:
                return file.read()
        except FileNotFoundError:
            return None

    def _found(self, kind: str, detail: str) -> None:
        self.findings.append(Finding(kind, detail))

    def _read(self, source: Source, *, strict: bool) -> None:
        typed = os.path.join(self._folder, source.path)
        path, flavour = typed, ""
        try:
            with self._only_ours("identify"):
                found = backends.identify(typed)
                path, flavour = found.path, found.flavour
        except backends.PlugregError:
            path = _name_of(typed, source.flavour)
        if flavour not in ("", source.flavour):
            self._read_as(flavour, path, {}, strict=False)
        # By its old flavour, too: salvage is for what identifies no more.
        known = strict and flavour == source.flavour
        self._read_as(source.flavour, path, source.records, strict=known)

    def _only_ours(self, doing: str) -> OnlyOurs:
        return OnlyOurs(doing, self._found)

    def _read_as(self, flavour: str, path: str, told: dict[str, Records], *, strict: bool) -> None:
        openers: list[tuple[str, Callable[[], backends.Store]]] = []
        try:
            with self._only_ours("open"):
                openers = opened(flavour, path)
        except backends.PlugregError:
            return
        for database, opener in openers:
            records = told.get(database, Counter())
            sure = strict and database in told
            self._read_store(opener, records, strict=sure)
            damaged = opener if len(openers) > 1 else _damaged(flavour, path)
            self._salvage(damaged, records, strict=sure)

    def _read_store(
        self, opener: Callable[[], backends.Store], records: Records, *, strict: bool
    ) -> None:
        try:
            with self._only_ours("open"), opener() as store:
                self._read_records(store, records, strict=strict)
                self._look_up(store, records, strict=strict)
                self._quietly("len", lambda: len(store))
        except backends.PlugregError:
            return

    def _quietly(self, doing: str, act: Callable[[], object]) -> object:
        """Return what it gives, or None where it raises an error of ours."""
        try:
            with self._only_ours(doing):
                return act()
        except backends.PlugregError:
            return None

    def _read_records(self, store: backends.Store, records: Records, *, strict: bool) -> None:
        got: Records = Counter()
        try:
            with self._only_ours("read"):
                for record in every_record(store):
                    got[record] += 1
        except backends.PlugregError:
            return
        finally:
            self.read += got.total()
        if strict and got != records and not (isinstance(store, Reader) and store.warnings):
            if strange(got, records):
                self._found("wrong-record", f"{store.flavour}: reading gave others")
            elif len(records) > len(got):
                self._found("lost-records", f"{store.flavour}: reading gave fewer")
            elif got.total() != records.total():
                self._found("doubled-records", f"{store.flavour}: reading gave another number")

    def _look_up(self, store: backends.Store, records: Records, *, strict: bool) -> None:
        values: dict[bytes, set[bytes]] = {}
        for key, value in records:
            if len(values) < _KEYS or key in values:
                values.setdefault(key, set()).add(value)
        for key in (*values, *_ABSENT):
            value = self._quietly("look-up", lambda key=key: store.get(key))  # type: ignore[misc]
            expected = values.get(key)
            known = {(key, each) for each in expected or ()}
            if strict and known and value is not None and strange([(key, value)], known):
                self._found("looked-up-wrong-record", f"{store.flavour}: a look-up")

    def _salvage(
        self, opener: Callable[[], backends.Store], records: Records, *, strict: bool
    ) -> None:
        got: Records = Counter()
        try:
            with self._only_ours("salvage"), opener() as store:
                if not isinstance(store, Reader):
                    return
                for record in store.salvage():
                    got[record] += 1
                if strict and strange(got, records):
                    told = "with" if store.losses else "without"
                    self._found("invented-record", f"{store.flavour}: salvage, {told} losses")
                elif strict and len(records) > len(got) and not store.losses:
                    self._found("salvage-lost-records", f"{store.flavour}: salvage told no loss")
        except backends.PlugregError:
            return
        finally:
            self.read += got.total()


def _files_of(name: str) -> Files:
    source = source_named(name)
    return source.files if source is not None else {}


def _damaged(flavour: str, path: str) -> Callable[[], backends.Store]:
    return lambda: backends.require_flavour(flavour).open_damaged(path)


_PAIRS = ("gnu-ndbm", "sdbm", "ndbm-classic", "dumb")


def _name_of(typed: str, flavour: str) -> str:
    """Return the name to open, where the bytes do not tell any more."""
    stem, suffix = os.path.splitext(typed)
    return stem if flavour in _PAIRS and suffix in (".pag", ".dir", ".dat") else typed
