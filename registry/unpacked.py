"""The unpacked code of wheels and sdists: one folder a digest, removed with its last user.

A folder is used by catalogs, each of which leaves a claim in it: an empty file named by the digest
of the catalog's path. What lies elsewhere than below `unpacked_folder` is nobody's but its owner's
and is never touched.
"""

from __future__ import annotations

import os
from contextlib import contextmanager

from plugreg.backends import SourceError, WriterLock

from .locations import UNPACKED, data_folder

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

CLAIMS = ".claims"
_TIMEOUT_S = 10.0


def unpacked_folder() -> str:
    """Return the folder below which the code of archives is unpacked; it may not exist yet."""
    return os.path.join(data_folder(), UNPACKED)


def claim(root: str, catalog: str) -> None:
    """Note that `catalog` uses the unpacked code at `root`; any other root is left alone.

    Raises:
        SourceError: The code is gone: between reading and claiming another catalog let go of it.
    """
    folder = _folder_of(root)
    if not folder:
        return
    with _held(folder):
        if not os.path.isdir(root):
            raise SourceError(
                f"{root} was removed meanwhile, with the last catalog that used it",
                hint="add the source again",
                code="source-gone",
                path=root,
            )
        os.makedirs(os.path.join(folder, CLAIMS), exist_ok=True)
        with open(_claim_path(folder, catalog), "w", errors="surrogateescape") as file:
            file.write(catalog)


def release(root: str, catalog: str) -> None:
    """Take the claim of `catalog` back, and remove the code if that was the last one."""
    folder = _folder_of(root)
    if not folder:
        return
    import shutil
    import tempfile

    with _held(folder):
        try:
            os.unlink(_claim_path(folder, catalog))
            os.rmdir(os.path.join(folder, CLAIMS))  # fails while another catalog has a claim in it
        except OSError:
            return
        # Torn code must never stand under the name of whole code.
        going = tempfile.mkdtemp(prefix=".going-", dir=unpacked_folder())
        os.rename(folder, os.path.join(going, "code"))
    shutil.rmtree(going, ignore_errors=True)


def unused_code() -> list[str]:
    """Return the folders of unpacked code that no catalog which still exists has a claim on.

    Code that is being unpacked at this moment has none yet.
    """
    try:
        names = sorted(os.listdir(unpacked_folder()))
    except OSError:
        return []
    folders = [os.path.join(unpacked_folder(), name) for name in names if name[0] != "."]
    return [folder for folder in folders if os.path.isdir(folder) and not _has_user(folder)]


def _has_user(folder: str) -> bool:
    from plugreg.backends.footprint import FILE_SUFFIX, PAIR_SUFFIXES

    for claimed in _claims(folder):
        if any(os.path.exists(claimed + end) for end in ("", FILE_SUFFIX, *PAIR_SUFFIXES)):
            return True
    return False


def _claims(folder: str) -> Iterator[str]:
    """Yield the path of each catalog that has a claim; one that cannot be read has its own path."""
    claims = os.path.join(folder, CLAIMS)
    try:
        names = os.listdir(claims)
    except OSError:
        return
    for name in names:
        path = os.path.join(claims, name)
        try:
            with open(path, encoding="utf-8", errors="surrogateescape") as file:
                yield file.read() or path
        except OSError:
            yield path


@contextmanager
def _held(folder: str) -> Iterator[None]:
    """Keep other processes from claiming or releasing a folder meanwhile."""
    lock = WriterLock(folder, timeout_s=_TIMEOUT_S)
    try:
        yield
    finally:
        if os.path.isdir(folder):
            lock.release()
        else:
            lock.remove()


def _folder_of(root: str) -> str:
    """Return the folder of one digest that `root` is or lies in, or ""."""
    base = unpacked_folder() + os.sep
    if not root.startswith(base):
        return ""
    return base + root[len(base) :].partition(os.sep)[0]


def _claim_path(folder: str, catalog: str) -> str:
    import hashlib

    digest = hashlib.sha256(os.fsencode(catalog)).hexdigest()[:16]
    return os.path.join(folder, CLAIMS, digest)
