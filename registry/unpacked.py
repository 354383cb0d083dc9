"""The unpacked code of wheels and sdists: one folder a digest, removed with its last user.

A folder is used by catalogs, each of which leaves a claim in it: an empty file named by the digest
of the catalog's path. What lies elsewhere than below `unpacked_folder` is nobody's but its owner's
and is never touched.
"""

from __future__ import annotations

import os

from .locations import UNPACKED, data_folder

CLAIMS = ".claims"


def unpacked_folder() -> str:
    """Return the folder below which the code of archives is unpacked; it may not exist yet."""
    return os.path.join(data_folder(), UNPACKED)


def claim(root: str, catalog: str) -> None:
    """Note that `catalog` uses the unpacked code at `root`; any other root is left alone."""
    folder = _folder_of(root)
    if folder:
        os.makedirs(os.path.join(folder, CLAIMS), exist_ok=True)
        with open(_claim_path(folder, catalog), "w", encoding="utf-8") as file:
            file.write(catalog)


def release(root: str, catalog: str) -> None:
    """Take the claim of `catalog` back, and remove the code if that was the last one."""
    folder = _folder_of(root)
    if not folder:
        return
    import shutil

    try:
        os.unlink(_claim_path(folder, catalog))
        os.rmdir(os.path.join(folder, CLAIMS))  # fails while another catalog has a claim in it
    except OSError:
        return
    going = f"{folder}.going"  # torn code must never stand under the name of whole code
    try:
        os.rename(folder, going)
    except OSError:
        return
    shutil.rmtree(going, ignore_errors=True)


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
