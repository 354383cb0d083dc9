"""`plugreg where`: which catalog is in use, and why this one."""

from __future__ import annotations

import os

from plugreg import PlugregError, Registry
from plugreg.backends import PINNED, identify, require_flavour
from plugreg.locations import locate_catalog

from .options import CATALOG, TIMEOUT
from .result import Result
from .table import show_fields

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from .result import Item
    from .screen import Screen


def show_catalog(*, catalog: str | None = CATALOG, timeout: float = TIMEOUT) -> Result:
    """Show which catalog is in use, and why this one.

    Also its flavour, its size in bytes, how many projects it has, and whether it may be changed.

    Example: plugreg where
    """
    path, reason = locate_catalog(catalog)
    item: dict[str, object] = {"path": path, "reason": reason, "exists": os.path.exists(path)}
    try:
        with Registry.open(catalog, read_only=True, timeout_s=timeout) as registry:
            item.update(_facts(registry))
    except PlugregError as error:  # where it is, and why, is the more wanted then
        unknown = dict.fromkeys(("flavour", "size_bytes", "projects", "writable"))
        return Result("where", "catalog", {**item, **unknown}, _text, [error])
    return Result("where", "catalog", item, _text)


def _facts(registry: Registry) -> dict[str, object]:
    """Return what an open catalog says of itself; a missing one, what it would become."""
    exists = registry.flavour != "memory"
    flavour = require_flavour(registry.flavour if exists else PINNED)
    files = _files(registry.path) if exists else []
    allowed = all(os.access(file, os.W_OK) for file in files) and _folder_allows(registry.path)
    return {
        "exists": exists,
        "flavour": flavour.name,
        "size_bytes": sum(os.stat(file).st_size for file in files),
        "projects": len(registry),
        "writable": allowed and not flavour.unchangeable_here(),
    }


def _files(path: str) -> list[str]:
    """Return the files of the database that programs open as `path`; some add a suffix to it."""
    found = identify(path)
    return list(filter(os.path.isfile, require_flavour(found.flavour).files(found.path)))


def _folder_allows(path: str) -> bool:
    """Tell whether the nearest folder that is there lets files be made in it."""
    folder = os.path.dirname(path)
    while not os.path.isdir(folder) and folder != os.path.dirname(folder):
        folder = os.path.dirname(folder)
    return os.access(folder, os.W_OK | os.X_OK)


def _text(catalog: Item, screen: Screen) -> Iterator[str]:
    there = "yes" if catalog["exists"] else "no: the first `plugreg add` makes it"
    known = catalog["flavour"] is not None
    yield from show_fields(
        (
            ("catalog", catalog["path"]),
            ("reason", catalog["reason"]),
            ("exists", there),
            *(
                (
                    ("flavour", catalog["flavour"]),
                    ("size", f"{catalog['size_bytes']} bytes"),
                    ("projects", str(catalog["projects"])),
                    ("writable", "yes" if catalog["writable"] else "no"),
                )
                if known
                else ()
            ),
        ),
        screen,
    )
