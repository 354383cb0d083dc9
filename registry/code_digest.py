"""A digest of a project's code and metadata: what was approved when it was added.

A digest is SHA-256 over each file's path and the SHA-256 of its content, the paths sorted:

- of an unpacked wheel or source archive, every file;
- of a directory or module, the files of its `modules`, and those that its metadata came from;
- of an installed distribution, the files that its RECORD lists, or, without one, those of its
  metadata and of the modules that it names, and what would be imported with them or in their place
  and no RECORD lists. Of an editable install that is not its code.

Which files these are, and what is left out, `code_files` says.
"""

from __future__ import annotations

import os

from .code_files import TooLarge, files_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from .project import Project

# More than any plug-in has; what is larger gets no digest. Reading this much takes about a second.
MAX_BYTES = 256 * 1024**2
_UNREADABLE = b"unreadable"


def take_digest(project: Project) -> str:
    """Return the digest of a project's files as they are now, in hex; "" where that is too much.

    A file that cannot be read counts as one, whatever it holds. Nothing is imported.
    """
    import hashlib

    digest = hashlib.sha256()
    try:
        for name, content in _digests(files_of(project)):
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
    for name in sorted(files):
        try:
            with open(files[name], "rb") as stream:
                left -= os.fstat(stream.fileno()).st_size
                if left < 0:
                    raise TooLarge
                yield name, hashlib.file_digest(stream, "sha256").digest()
        except OSError:
            yield name, _UNREADABLE
