"""A digest of a project's code and metadata: what was approved when it was added.

A digest is SHA-256 over each file's path and the SHA-256 of its content, the paths sorted:

- of an unpacked wheel or source archive, every file;
- of a directory or module, the files of its `modules`, and those that its metadata came from;
- of an installed distribution, the files that its RECORD lists, or, without one, those of its
  metadata and of the modules that it names. Of an editable install that is not its code.

Byte code is left out, because Python writes it where and when it likes.
"""

from __future__ import annotations

import os

from .fingerprint import files_of_metadata

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from .project import Project

# More than any plug-in has; what is larger gets no digest. Reading this much takes about a second.
MAX_FILES = 20_000
MAX_BYTES = 256 * 1024**2
_BYTE_CODE = (".pyc", ".pyo")
_CACHE = "__pycache__"
_RECORD = "RECORD"  # lists the byte code, too, and pip adds lines to it
_UNREADABLE = b"unreadable"


class TooLarge(Exception):
    """A project has more files, or larger ones, than a digest is taken of."""


def take_digest(project: Project) -> str:
    """Return the digest of a project's files as they are now, in hex; "" where that is too much.

    A file that cannot be read counts as one, whatever it holds. Nothing is imported.
    """
    import hashlib

    digest = hashlib.sha256()
    try:
        for name, content in _digests(_files_of(project)):
            digest.update(os.fsencode(name) + b"\0" + content)
    except TooLarge:
        return ""
    return digest.hexdigest()


def code_state(project: Project) -> str:
    """Return "ok", "changed" or "unrecorded": a project's files against its digest, all read."""
    if not project.digest:
        return "unrecorded"
    return "ok" if take_digest(project) == project.digest else "changed"


def _digests(files: dict[str, str]) -> Iterator[tuple[str, bytes]]:
    """Yield the name and the digest of the content of each file, sorted by name."""
    import hashlib

    left = MAX_BYTES
    if len(files) > MAX_FILES:
        raise TooLarge
    for name in sorted(files):
        try:
            with open(files[name], "rb") as stream:
                left -= os.fstat(stream.fileno()).st_size
                if left < 0:
                    raise TooLarge
                yield name, hashlib.file_digest(stream, "sha256").digest()
        except OSError:
            yield name, _UNREADABLE


def _files_of(project: Project) -> dict[str, str]:
    """Return the files of a project: name to path, the name relative to where it lies."""
    if project.source.kind == "distribution":
        return _installed_files(project)
    root = project.root
    if project.source.kind in ("wheel", "sdist"):
        return _below(root, [""])
    metadata = filter(None, files_of_metadata(project))
    return _below(root, [*project.modules.values(), *metadata])


def _installed_files(project: Project) -> dict[str, str]:
    location = project.source.location
    site, own = os.path.split(location)
    try:
        names = _recorded(os.path.join(location, _RECORD))
    except OSError:
        tops = {entry.value.partition(":")[0].split(".")[0] for entry in project.entry_points}
        named = [part for top in tops | _top_level(location) for part in (top, f"{top}.py")]
        return _below(site, [own, *named])
    return _below(site, names)


def _recorded(path: str) -> list[str]:
    """Return what a RECORD lists beside the scripts, which are no importable code."""
    import csv

    with open(path, encoding="utf-8", errors="surrogateescape", newline="") as stream:
        names = [row[0] for row in csv.reader(stream) if row]
    return [name for name in names if not name.startswith(("/", "../"))]


def _top_level(location: str) -> set[str]:
    try:
        with open(os.path.join(location, "top_level.txt"), encoding="utf-8") as stream:
            return set(stream.read().split())
    except (OSError, UnicodeDecodeError):
        return set()


def _below(root: str, names: Iterable[str]) -> dict[str, str]:
    """Return the files that some names below a folder are, or hold; absent ones hold none."""
    files: dict[str, str] = {}
    for name in names:
        path = os.path.join(root, name) if name else root
        if os.path.isdir(path):
            _walk(path, name, files, frozenset())
        elif _counts(name) and os.path.isfile(path):
            files[name] = path
    return files


def _walk(folder: str, name: str, files: dict[str, str], above: frozenset[str]) -> None:
    """Add the files of a folder, links followed as Python does, a circle of them only once."""
    real = os.path.realpath(folder)
    if real in above or len(files) > MAX_FILES:
        return
    try:
        found = sorted(os.listdir(folder))
    except OSError:
        return
    for part in found:
        path, below = os.path.join(folder, part), f"{name}/{part}" if name else part
        if part == _CACHE or not _counts(part):
            continue
        if os.path.isdir(path):
            _walk(path, below, files, above | {real})
        elif os.path.isfile(path):
            files[below] = path


def _counts(name: str) -> bool:
    return not name.endswith(_BYTE_CODE) and name.rpartition("/")[2] != _RECORD
