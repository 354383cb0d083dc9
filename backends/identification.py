"""Saying which flavour a file has, from its bytes and its neighbours, never from a preference."""

from __future__ import annotations

import os
from dataclasses import dataclass

from .errors import CatalogError, CatalogNotFound, NotADatabase, salvage_of
from .footprint import FILE_SUFFIX, PAIR_SUFFIXES, Footprint, footprints
from .known import built_in_flavours, count_records, recognised_outside
from .lookalikes import folder_lookalike, lookalike
from .paths import resolved as resolve

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .lookalikes import Lookalike


@dataclass(frozen=True, slots=True)
class Identification:
    """What a database is.

    Attributes:
        flavour: The flavour's name, such as "gnu".
        path: The name to open it by, absolute, symbolic links resolved.
        evidence: The facts in its bytes that say so, one line.
    """

    flavour: str
    path: str
    evidence: str

    @property
    def records(self) -> int | None:
        """How many records it has, duplicates included, counted at each asking; None: not told.

        Told where it is cheap: of a database of up to a megabyte, and in the flavours sqlite3, gnu,
        gnu-ndbm, cdb and dumb of others too; not where damage or a writer was met on the way.
        """
        return count_records(self.flavour, self.path)


def identify(path: str | bytes | os.PathLike[str]) -> Identification:
    """Return the flavour of the database at `path`, with the evidence; changes nothing.

    `path` may be any name a user would type: of the file, of one file of a pair, or the name
    without the suffix that the DBM library adds.

    Raises:
        CatalogNotFound: Nothing stands under that name.
        NotADatabase: Something else does.
        CatalogError: It may not be read, or is damaged.
    """
    typed = os.fsdecode(path)
    if "\0" in typed:
        raise CatalogNotFound(f"{typed!r} cannot be the name of a file", path=typed)
    resolved = resolve(typed)
    there = _standing(resolved)
    while True:
        try:
            return _identified(resolved)
        except (NotADatabase, CatalogNotFound):
            before, there = there, _standing(resolved)
            if there == before:
                raise
        # Another process made it, or took it away, between two looks: look again.


def _standing(resolved: str) -> list[tuple[int, bool] | None]:
    """Return which files stand under a name (inode, and whether it is empty), to tell a change."""
    found: list[tuple[int, bool] | None] = []
    for suffix in ("", FILE_SUFFIX, *PAIR_SUFFIXES):
        try:
            status = os.stat(resolved + suffix)
        except OSError:
            found.append(None)
        else:
            found.append((status.st_ino, not status.st_size))
    return found


def _identified(resolved: str) -> Identification:
    found = footprints(resolved)
    refusal: NotADatabase | None = None
    for footprint in filter(_has_files, found):  # a new catalog's start pays for no flavour
        try:
            identified = _ask_flavours(footprint)
        except NotADatabase as error:  # a pair of the same name may still be one
            refusal = refusal or error
        else:
            if identified is not None:
                return identified
    identified = _ask_outside(found)
    if identified is not None:
        return identified
    raise refusal or _unidentified(resolved, found)


def _has_files(footprint: Footprint) -> bool:
    return bool(footprint.file) or any(map(footprint.has, PAIR_SUFFIXES))


def _ask_flavours(footprint: Footprint) -> Identification | None:
    for flavour in built_in_flavours():
        evidence = flavour.recognise(footprint)
        if evidence is not None:
            return Identification(flavour.name, footprint.file or footprint.name, evidence)
    return None


def _ask_outside(found: list[Footprint]) -> Identification | None:
    """Ask the flavours of other packages, of what is there: a new catalog's start pays nothing."""
    for footprint in found:
        if footprint.file_size or any(map(footprint.has, PAIR_SUFFIXES)):
            recognised = recognised_outside(footprint)
            if recognised is not None:
                flavour, evidence = recognised
                return Identification(flavour, footprint.file or footprint.name, evidence)
    return None


def _unidentified(path: str, found: list[Footprint]) -> CatalogError | NotADatabase:
    if os.path.isdir(path):
        return _refused_folder(path)
    if not os.path.exists(path):
        return _missing(path, found)
    if not os.path.isfile(path):
        return NotADatabase(f"{path} is not a regular file", hint="name another", path=path)
    if not os.path.getsize(path):
        return NotADatabase(
            f"{path} is empty: nothing says which format it should have",
            hint="delete it to start a new database under this name",
            path=path,
        )
    return _refused_file(path, found[-1])


def _refused_folder(path: str) -> NotADatabase:
    known = folder_lookalike(path)
    if known is None:
        return NotADatabase(f"{path} is a directory", hint="name a file in it", path=path)
    return _refused(path, known)


def _missing(path: str, found: list[Footprint]) -> CatalogError | NotADatabase:
    """Return the error for a name without a file; a part of a pair may stand there alone."""
    # An empty file is what a maker who was killed leaves: nothing that a new one would hide.
    others = [
        path + suffix
        for suffix in PAIR_SUFFIXES
        if os.path.isfile(path + suffix) and os.path.getsize(path + suffix)
    ]
    if others == [path + ".dir"]:
        return NotADatabase(
            f"{path}.pag is missing (or {path}.dat): {path}.dir alone holds no record",
            hint="look for the other file of the pair in a backup",
            path=path,
        )
    files = [footprint for footprint in found if footprint.file]
    others += [footprint.file for footprint in files]
    if not others:
        return CatalogNotFound(f"{path} does not exist", hint="check the name", path=path)
    known = lookalike(files[0].head(), files[0].file_size) if files else None
    if known is not None:
        return _refused(files[0].file, known)
    verdict = "is no DBM database" if len(others) == 1 else "hold no DBM data"
    return NotADatabase(
        f"{path} does not exist, and {', '.join(others)} {verdict}",
        hint="it was not touched" + _as_dumb(path, others),
        path=path,
    )


def _as_dumb(path: str, others: list[str]) -> str:
    """Return what may help a pair whose index begins with damage; nothing tells that it is one."""
    if not {path + ".dir", path + ".dat"}.issubset(others):
        return ""
    return f"; if it was Python's dbm.dumb, {_salvaged_as(path, 'dumb')}"


def _refused_file(path: str, footprint: Footprint) -> NotADatabase:
    head = footprint.head()
    known = lookalike(head, footprint.file_size)
    if known is not None:
        return _refused(path, known)
    return NotADatabase(
        f"{path} is not a DBM database of a known flavour"
        f" (it starts with the bytes {head[:8].hex(' ')})",
        hint="it was not touched",
        path=path,
    )


def _refused(path: str, known: Lookalike) -> NotADatabase:
    way = _salvaged_as(path, known.salvaged_as) if known.salvaged_as else ""
    return NotADatabase(
        f"{path} is {known.what}{', which plugreg does not read' if known.is_database else ''}",
        hint=f"it was not touched; {known.instead}{way and f', or {way}'}",
        path=path,
    )


def _salvaged_as(path: str, flavour: str) -> str:
    return salvage_of(path, f" --from {flavour}")
