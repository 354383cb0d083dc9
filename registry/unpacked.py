"""The unpacked code of wheels and sdists: one folder a digest, removed with its last user.

A folder is used by catalogs, each of which leaves a claim in it: an empty file named by the digest
of the catalog's path. It lies in the user's data folder; that of a catalog of an environment or a
site lies beside the catalog, where its readers can read it. What lies elsewhere is nobody's but its
owner's and is never touched.
"""

from __future__ import annotations

import os
import time
from contextlib import contextmanager, suppress

from plugreg.backends import PlugregError, SourceError, WriterLock

from .locations import UNPACKED, data_folder, is_layer
from .project import Project

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from .catalog_view import CatalogView

CLAIMS = ".claims"
_TIMEOUT_S = 10.0
_BEGUN = (".unpacking-", ".going-")
_A_DAY_S = 86_400.0
_DIGEST_SIZE = 32  # half a SHA-256, in hex


def unpacked_folder(home: str = "") -> str:
    """Return the folder below which the code of archives is unpacked; it may not exist yet.

    Args:
        home: The folder of the layer that it is for; "" is the user's data folder.
    """
    return os.path.join(home or data_folder(), UNPACKED)


def home_of(root: str) -> str:
    """Return the folder of the layer that unpacked code is for, "" for any other code.

    An environment can lie below a folder of that name, and an archive can hold one: it is the first
    that has a folder named by a digest in it, as all unpacked code has.
    """
    between = f"{os.sep}{UNPACKED}{os.sep}"
    parts = root.split(between)
    rests = {between.join(parts[:count]): parts[count] for count in range(1, len(parts))}
    name = os.path.basename(data_folder())
    homes = [home for home in rests if os.path.basename(home) == name]
    sure = (home for home in homes if _is_digest(rests[home].partition(os.sep)[0]))
    return next(sure, homes[-1] if homes else "")


def home_for(catalog: str, prefix: str | None = None) -> str:
    """Return the folder of the layer that a catalog is, "" for any other: the user's folder serves.

    Args:
        catalog: The catalog's path, absolute.
        prefix: The virtual environment that is meant, "" for none; None is this process's own.
    """
    return os.path.dirname(catalog) if is_layer(catalog, prefix) else ""


def is_borrowed(root: str, catalog: str) -> bool:
    """Tell whether unpacked code is neither the user's nor beside the catalog.

    The catalog cannot keep it: it goes when those whose it is have no more use for it.
    """
    return home_of(root) not in ("", data_folder(), os.path.dirname(catalog))


def is_kept_for(root: str, catalog: str) -> bool:
    """Tell whether a catalog has a claim on unpacked code, so that it stays while it is used."""
    return os.path.exists(_claim_path(_digest_folder(root), catalog))


def _is_digest(name: str) -> bool:
    return len(name) == _DIGEST_SIZE and not set(name) - set("0123456789abcdef")


def claim(root: str, catalog: str) -> None:
    """Note that `catalog` uses the unpacked code at `root`; any other root is left alone.

    Raises:
        SourceError: The code is gone: between reading and claiming another catalog let go of it.
    """
    folder = _folder_of(root, catalog)
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
    folder = _folder_of(root, catalog)
    if not folder:
        return
    with _held(folder):
        try:
            os.unlink(_claim_path(folder, catalog))
            os.rmdir(os.path.join(folder, CLAIMS))  # fails while another catalog has a claim in it
        except OSError:
            return
        going = _moved_aside(folder)
    _remove(going)


def drop_unused(root: str) -> None:
    """Remove unpacked code, if no catalog that still exists has a claim on it.

    For code whose project was refused, and what a killed process left. Where another process has
    just unpacked the same and not claimed it yet, that one is told so.
    """
    folder = _folder_of(root, os.path.join(home_of(root), "catalog"))
    if not folder or not os.path.isdir(folder):
        return
    with suppress(PlugregError, OSError):
        if os.path.basename(folder).startswith(_BEGUN):
            _remove(_moved_aside(folder))
            return
        with _held(folder):
            if _has_user(folder):
                return
            going = _moved_aside(folder)
        _remove(going)


def discard(root: str) -> None:
    """Remove code that was unpacked and is not needed, unless a catalog has a claim on it."""
    folder = _folder_of(root, os.path.join(home_of(root), "catalog"))
    if not folder:
        return
    with _held(folder):
        if os.path.exists(os.path.join(folder, CLAIMS)):
            return
        going = _moved_aside(folder)
    _remove(going)


def _moved_aside(folder: str) -> str:
    """Move code away whole: torn code must never stand under the name of whole code."""
    import tempfile

    going = tempfile.mkdtemp(prefix=".going-", dir=os.path.dirname(folder))
    os.rename(folder, os.path.join(going, "code"))
    return going


def _remove(going: str) -> None:
    import shutil

    shutil.rmtree(going, ignore_errors=True)


def unused_code(home: str = "") -> list[str]:
    """Return the folders of unpacked code that no catalog which still exists has a claim on.

    Code that is being unpacked at this moment has none yet; what was begun a day ago is not.

    Args:
        home: The folder of the layer; "" is the user's data folder.
    """
    return [folder for folder in _folders(home) if not _has_user(folder)]


def unused_claims(catalog: CatalogView) -> list[str]:
    """Return the folders of unpacked code that a catalog has a claim on and does not use."""
    projects = list(catalog.scan())
    roots = [one.root for one in projects if isinstance(one, Project)]
    if len(roots) < len(projects):  # who knows what an unreadable one uses
        return []
    return [
        folder
        for folder in _claimed_code(catalog.path)
        if not any(_is_code_of(root, folder) for root in roots)
    ]


def _claimed_code(catalog: str) -> list[str]:
    """Return the folders of unpacked code that a catalog has a claim on, used by it or not."""
    folders = {folder for home in ("", os.path.dirname(catalog)) for folder in _folders(home)}
    return sorted(one for one in folders if os.path.exists(_claim_path(one, catalog)))


def _is_code_of(root: str, folder: str) -> bool:
    """Tell whether a project's root is unpacked code of that folder, or lies in it."""
    return (root + os.sep).startswith(folder + os.sep)


def _folders(home: str) -> list[str]:
    """Return the folders of code, and those half-made ones that nobody can be at work on."""
    base = unpacked_folder(home)
    try:
        names = sorted(os.listdir(base))
    except OSError:
        return []
    folders = [os.path.join(base, name) for name in names]
    return [folder for folder in folders if os.path.isdir(folder) and not _is_being_made(folder)]


def _is_being_made(folder: str) -> bool:
    if not os.path.basename(folder).startswith("."):
        return False
    try:
        return time.time() - os.stat(folder).st_mtime < _A_DAY_S
    except OSError:  # gone meanwhile
        return True


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


def _folder_of(root: str, catalog: str) -> str:
    """Return the folder of one digest that `root` is or lies in, or "".

    It counts in the user's data folder, and beside the catalog, if that is a layer's.
    """
    home = home_of(root)
    if home not in (data_folder(), os.path.dirname(catalog)) or not home:
        return ""
    return _digest_folder(root)


def _digest_folder(root: str) -> str:
    base = unpacked_folder(home_of(root)) + os.sep
    return base + root[len(base) :].partition(os.sep)[0]


def _claim_path(folder: str, catalog: str) -> str:
    import hashlib

    digest = hashlib.sha256(os.fsencode(catalog)).hexdigest()[:16]
    return os.path.join(folder, CLAIMS, digest)
