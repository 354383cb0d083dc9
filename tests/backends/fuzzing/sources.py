"""What is damaged: small files of every family, of other tools and of plugreg's own writers."""

from __future__ import annotations

import shutil
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from plugreg import backends
from tests.corpus_cases import about, case_names, copied_case

from .made import MADE, make
from .payload import payload_mask, text_mask
from .reading import every_record, opened

Records = Counter[tuple[bytes, bytes]]

# Family: how the names of its sources start, of the corpus and of `made`.
FAMILIES = {
    "gdbm": ("gdbm-", "shelf-py311-gnu", "damaged-gdbm-", "made-gdbm-few"),
    "gdbm-pair": ("gdbmcompat-", "damaged-gdbmcompat", "made-pair-few"),
    "gdbm-dump": ("gdbmdump-", "damaged-gdbmdump", "made-dump-"),
    "hash": ("bdb-hash-", "bdbold-2.7.7-hash", "bdbold-3.0.55-hash", "bdbold-3.1.17-hash",
             "bdbold-4.5.20-hash", "shelf-py27-dbhash", "shelf-py311-ndbm", "damaged-bdb-hash",
             "made-hash-"),
    "btree": ("bdb-btree-", "bdbold-2.7.7-btree", "bdbold-3.1.17-btree", "damaged-bdb-btree"),
    "recno": ("bdb-recno-", "bdbold-3.0.55-recno", "bdbold-4.5.20-recno"),
    "queue": ("bdb-queue-", "bdbold-3.1.17-queue", "bdbold-3.2.9.2-queue", "bdbold-4.5.20-queue"),
    "heap": ("bdb-heap",),
    "multi": ("bdb-subdbs-",),
    "db185": ("bdb185-", "bdb186-", "damaged-bdb185-"),
    "db-dump": ("dbdump-", "damaged-dbdump", "made-db-dump-"),
    "sdbm": ("sdbm-", "damaged-sdbm", "made-sdbm-"),
    "ndbm-classic": ("ndbm-classic",),
    "dumb": ("dumb-", "shelf-py27-dumb", "shelf-py36-dumb", "damaged-dumb", "made-dumb-"),
    "sqlite3": ("sqlite3-", "shelf-py313-sqlite3", "damaged-sqlite3", "made-sqlite3-"),
    "cdb": ("cdb-",),
    "tdb": ("tdb-",),
    "sos": ("sos-", "made-sos-"),
}  # fmt: skip
_TEXT = ("gnu-dump", "berkeley-dump", "sos")
_SMALL = 48 << 10  # bytes; one input in a hundred is made of a larger file


@dataclass(frozen=True)
class Source:
    """A database to damage.

    Attributes:
        path: What a user would type, within the folder of the files.
        files: Name to content.
        records: By the name of the database in the file ("" for the only one); none where the
            source itself is damaged, so that nothing is known of what must come out.
        masks: By file, 0xFF for each byte that may be of a key or value.
    """

    name: str
    path: str
    flavour: str
    files: dict[str, bytes]
    records: dict[str, Records]
    masks: dict[str, bytes] = field(repr=False)

    @property
    def size(self) -> int:
        """The bytes of all files."""
        return sum(map(len, self.files.values()))


@cache
def sources_of(family: str) -> tuple[Source, ...]:
    """Return the sources of a family that can be identified at all."""
    made = [name for name in MADE if name.startswith(FAMILIES[family])]
    names = case_names(*FAMILIES[family]) + made
    return tuple(source for source in map(source_named, names) if source is not None)


@cache
def source_named(name: str) -> Source | None:
    """Return a source, or None where nothing can be damaged: it is no database any more."""
    folder = Path(tempfile.mkdtemp(prefix="plugreg-fuzz-source-"))
    try:
        path = make(name, folder) if name in MADE else copied_case(name, folder)
        return _source(name, path, folder)
    finally:
        shutil.rmtree(folder)


def _source(name: str, path: Path, folder: Path) -> Source | None:
    files = {file.name: file.read_bytes() for file in sorted(folder.iterdir()) if file.is_file()}
    try:
        found = backends.identify(path)
    except backends.PlugregError:
        return None
    trusted = name in MADE or about(name)["flavour"] != "damaged"
    records = _records(found.flavour, found.path) if trusted else {}
    all_records = [record for database in records.values() for record in database]
    is_text = found.flavour in _TEXT and "binary" not in found.evidence
    masked = text_mask if is_text else lambda data: payload_mask(data, all_records)
    if "compressed" in found.evidence:  # its keys and values do not stand there as they are
        records = {}
    masks = {file: masked(data) for file, data in files.items()} if records else {}
    return Source(name, path.name, found.flavour, files, records, masks)


def _records(flavour: str, path: str) -> dict[str, Records]:
    try:
        records = {}
        for database, opener in opened(flavour, path):
            with opener() as store:
                records[database] = Counter(every_record(store))
    except backends.PlugregError:
        return {}
    return records


def is_small(source: Source) -> bool:
    """Tell whether the source is read in about a millisecond."""
    return source.size <= _SMALL
