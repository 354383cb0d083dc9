"""`plugreg where`: which catalog is in use, and why this one."""

from __future__ import annotations

import os

from plugreg import PlugregError, Registry
from plugreg.backends import PINNED, identify, require_flavour
from plugreg.layered import error_of_layer
from plugreg.locations import ENVIRONMENT, SITE, USER, data_folder, locate_catalog
from plugreg.writing_layer import is_there, obstacle_at

from .catalogs import Catalogs, chosen_to_look
from .options import CATALOG, LAYER, PYTHON, TIMEOUT
from .project_text import ABSENT
from .result import Result
from .table import Column, show_fields, show_rows

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from .result import Item
    from .screen import Screen

_COLUMNS = (
    Column("layer", whole=True),
    Column("exists"),
    Column("projects"),
    Column("writable"),
    Column("path"),
)


def show_catalog(
    *,
    catalog: str | None = CATALOG,
    layer: str = LAYER,
    python: str = PYTHON,
    timeout: float = TIMEOUT,
) -> Result:
    """Show which catalog is in use, and why this one.

    Also its flavour, its size in bytes, how many projects it has, and whether it may be changed.
    Where no catalog is named, it is the one that new projects go to, and all layers are listed.

    Example: plugreg where
    """
    catalogs = chosen_to_look(catalog, layer, timeout, python)
    errors: list[PlugregError] = []
    if catalogs.named is not None:
        item = _item(catalogs, catalogs.named, locate_catalog(catalog)[1], errors)
        return Result("where", "catalog", {**item, "layers": []}, _text, errors)
    layers = [_item(catalogs, path, _reason(catalogs, path), errors) for path in catalogs.paths()]
    path = catalogs.path_for_new
    item = next(one for one in layers if one["path"] == path)
    return Result("where", "catalog", {**item, "layers": layers}, _text, errors)


def _reason(catalogs: Catalogs, path: str) -> str:
    of = {USER: "the user's", ENVIRONMENT: "the environment's", SITE: "the site's"}
    return f"it is {of[catalogs.layer_of(path) or USER]} catalog"


def _item(
    catalogs: Catalogs, path: str, reason: str, errors: list[PlugregError]
) -> dict[str, object]:
    """Return what there is to say of a catalog; where it is, and why, also where it is damaged."""
    layer = catalogs.layer_of(path)
    item: dict[str, object] = {"path": path, "reason": reason, "layer": layer}
    try:
        with catalogs.open(path, read_only=True) as registry:
            return {**item, **_facts(registry, makes_folder=_makes_folder(catalogs, path))}
    except PlugregError as error:
        errors.append(error_of_layer(error, layer) if layer else error)
        unknown = dict.fromkeys(("flavour", "size_bytes", "projects", "writable", "obstacle"))
        return {**item, "exists": is_there(path), **unknown}


def _makes_folder(catalogs: Catalogs, path: str) -> bool:
    """Tell whether a change makes the catalog's folder: that of a layer, and the user's."""
    return catalogs.named is None or os.path.dirname(path) == data_folder()


def _facts(registry: Registry, *, makes_folder: bool) -> dict[str, object]:
    """Return what an open catalog says of itself; a missing one, what it would become."""
    exists = registry.flavour != "memory"
    flavour = require_flavour(registry.flavour if exists else PINNED)
    files = _files(registry.path) if exists else []
    obstacle = obstacle_at(registry.path, makes_folder=makes_folder)
    obstacle = obstacle or flavour.unchangeable_here()
    return {
        "exists": exists,
        "flavour": flavour.name,
        "size_bytes": sum(os.stat(file).st_size for file in files),
        "projects": len(registry),
        "writable": not obstacle,
        "obstacle": obstacle or None,
    }


def _files(path: str) -> list[str]:
    """Return the files of the database that programs open as `path`; some add a suffix to it."""
    found = identify(path)
    return list(filter(os.path.isfile, require_flavour(found.flavour).files(found.path)))


def _text(catalog: Item, screen: Screen) -> Iterator[str]:
    known = catalog["flavour"] is not None
    made = "no: the first `plugreg add` makes it" if catalog["writable"] else "no"
    there = "yes" if catalog["exists"] else made if known else "not known"
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
                    ("writable", "yes" if catalog["writable"] else f"no: {catalog['obstacle']}"),
                )
                if known
                else ()
            ),
        ),
        screen,
    )
    if catalog["layers"]:
        yield ""
        yield from show_rows(_COLUMNS, map(_row, catalog["layers"]), screen)


def _row(layer: Item) -> tuple[str, ...]:
    """Return the cells of one layer; nothing of a missing one is known, and of a damaged one."""
    there = "yes" if layer["exists"] else "no"
    projects = str(layer["projects"]) if layer["exists"] else ABSENT
    if layer["projects"] is None:
        there, projects = "unreadable", ABSENT
    writable = {True: "yes", False: "no", None: ABSENT}[layer["writable"]]
    return layer["layer"], there, projects, writable, layer["path"]
