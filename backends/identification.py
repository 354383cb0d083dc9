"""Saying which flavour a file has, from its bytes and its neighbours, never from a preference."""

from __future__ import annotations

import os
from dataclasses import dataclass

from .errors import CatalogError, CatalogNotFound, NotADatabase
from .footprint import PAIR_SUFFIXES, Footprint, footprints
from .known import flavours


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
    resolved = os.path.realpath(typed)
    while True:
        there = os.path.exists(resolved)
        try:
            return _identified(resolved)
        except (NotADatabase, CatalogNotFound):
            if os.path.exists(resolved) == there:
                raise
        # Another process made it, or took it away, between two looks: look again.


def _identified(resolved: str) -> Identification:
    found = footprints(resolved)
    refusal: NotADatabase | None = None
    for footprint in found:
        try:
            identified = _ask_flavours(footprint)
        except NotADatabase as error:  # a pair of the same name may still be one
            refusal = refusal or error
        else:
            if identified is not None:
                return identified
    raise refusal or _unidentified(resolved, found)


def _ask_flavours(footprint: Footprint) -> Identification | None:
    for flavour in flavours():
        evidence = flavour.recognise(footprint)
        if evidence is not None:
            return Identification(flavour.name, footprint.file or footprint.name, evidence)
    return None


def _unidentified(path: str, found: list[Footprint]) -> CatalogError | NotADatabase:
    if os.path.isdir(path):
        return NotADatabase(f"{path} is a directory", hint="name a file in it", path=path)
    if not os.path.exists(path):
        # An empty file is what a maker who was killed leaves: nothing that a new one would hide.
        others = [
            path + suffix
            for suffix in PAIR_SUFFIXES
            if os.path.isfile(path + suffix) and os.path.getsize(path + suffix)
        ]
        others += [footprint.file for footprint in found if footprint.file]
        if not others:
            return CatalogNotFound(f"{path} does not exist", hint="check the name", path=path)
        return NotADatabase(
            f"{path} does not exist, and {', '.join(others)} is no DBM database", path=path
        )
    if not found:
        return NotADatabase(f"{path} is not a regular file", path=path)
    if not os.path.getsize(path):
        return NotADatabase(
            f"{path} is empty: nothing says which format it should have",
            hint="delete it to start a new database under this name",
            path=path,
        )
    return NotADatabase(
        f"{path} is not a DBM database of a known flavour ({_looks_like(found[-1].head())})",
        hint="it was not touched",
        path=path,
    )


def _looks_like(head: bytes) -> str:
    if head.startswith(b"SQLite f"):
        return "it begins as a SQLite database does, and is damaged"
    try:
        text = head.decode()
    except UnicodeDecodeError:
        return f"it starts with the bytes {head[:8].hex(' ')}"
    printable = sum(character.isprintable() or character in "\r\n\t" for character in text)
    return "it is text" if printable == len(text) else f"it starts with {text[:8]!r}"
