"""Which layer a change goes to: the one place that says so.

- A project that is known is changed in the layer where it is seen.
- One that is new goes to the environment's catalog where there is one already, else to the user's.
- Where a project is seen in a layer that may not be written, it is switched and ordered by a record
  of its own in the nearest layer that may be; that record hides the other one, and removing it
  brings the other one back.
- A layer that is named is the one that is changed.
"""

from __future__ import annotations

import os

from plugreg.backends import CatalogReadOnly, PlugregError, ProjectNotFound
from plugreg.backends.footprint import FILE_SUFFIX, PAIR_SUFFIXES

from .locations import ENVIRONMENT, LAYERS, USER, layer_catalogs
from .names import normalize_name
from .trust import files_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .layered import Layer, LayeredView


def is_there(path: str) -> bool:
    """Tell whether there is a catalog; some flavours put a suffix to its name."""
    return any(os.path.exists(path + end) for end in ("", FILE_SUFFIX, *PAIR_SUFFIXES))


def may_write(path: str) -> bool:
    """Tell whether this user may write a catalog, or make it and its folder; see `obstacle_at`."""
    return not obstacle_at(path, makes_folder=True)


def obstacle_at(path: str, *, makes_folder: bool) -> str:
    """Return what is in the way of writing a catalog, or of making it, as far as permissions say.

    Args:
        path: The catalog's path.
        makes_folder: Whether its folder is made where it is missing, as those of layers are.
    """
    files = files_of(path)
    for file in files:
        if os.path.exists(file) and not os.access(file, os.W_OK):
            return f"{file} may not be written"
    folder = os.path.dirname(files[0])
    while makes_folder and not os.path.exists(folder) and folder != os.path.dirname(folder):
        folder = os.path.dirname(folder)
    if os.path.isdir(folder):
        may = os.access(folder, os.W_OK | os.X_OK)
        return "" if may else f"the folder {folder} may not be written"
    for place in (folder, os.path.dirname(folder)):
        if os.path.exists(place) and not os.path.isdir(place):
            return f"{place} is no folder"
    return f"the folder {folder} does not exist"


def path_of_layer(layer: str, prefix: str | None = None) -> str:
    """Return the path of a layer's catalog, the nearest where it has several.

    Args:
        layer: "environment", "user" or "site".
        prefix: The virtual environment that is meant, "" for none; None is this process's own.

    Raises:
        PlugregError: That is no virtual environment (code "no-environment").
    """
    for name, path in layer_catalogs(prefix):
        if name == layer:
            return path
    which = "this" if prefix is None else "that"
    raise PlugregError(
        f"there is no environment layer: {which} Python is in no virtual environment",
        hint="name the environment by --python, or its catalog by --catalog",
        code="no-environment",
        layer=layer,
    )


def path_for_new(prefix: str | None = None) -> str:
    """Return the path of the catalog that new projects go to; see `path_of_layer`."""
    for name, path in layer_catalogs(prefix):
        if name == USER or (name == ENVIRONMENT and is_there(path) and may_write(path)):
            return path
    raise AssertionError  # there is always a user


def path_to_change(
    view: LayeredView,
    name: str,
    *,
    layer: str = "",
    prefix: str | None = None,
    copying: bool = False,
) -> tuple[str, Layer | None]:
    """Return the path of the catalog to change a known project in, and what to copy from.

    Args:
        view: All layers.
        name: The project's name, in any spelling.
        layer: The layer that is named, or "".
        prefix: The virtual environment that is meant, "" for none; None is this process's own.
        copying: Whether a record of its own may be made where the project's may not be written.

    Returns:
        The path; and, where the project has no record in that catalog yet, the layer that has it.

    Raises:
        ProjectNotFound: No layer has it, or the one that is named has not.
        CatalogReadOnly: It is seen in a layer that may not be written, and there is no nearer one.
    """
    having = view.layers_of(name)
    if not having:
        raise view._not_found(name)
    if layer:
        return _in_named(having, name, path_of_layer(layer, prefix), layer, copying=copying)
    seen = having[0]
    if may_write(seen.path):
        return seen.path, None
    target = _nearest_writable(seen, prefix) if copying else ""
    if not target:
        raise _read_only(seen, name, own=bool(_nearest_writable(seen, prefix)))
    return target, seen


def _in_named(
    having: list[Layer], name: str, path: str, layer: str, *, copying: bool
) -> tuple[str, Layer | None]:
    for one in having:
        if one.name == layer:
            return one.path, None
    if copying and LAYERS.index(layer) < LAYERS.index(having[0].name):
        return path, having[0]
    raise ProjectNotFound(
        f"no project `{name}` in the {layer} layer",
        hint=f"it is in the {having[0].name} layer: leave --layer out",
        name=normalize_name(name),
        layer=layer,
    )


def _nearest_writable(seen: Layer, prefix: str | None) -> str:
    """Return the nearest catalog that hides the one of `seen` and may be written, or ""."""
    target = path_for_new(prefix)
    paths = [path for _, path in layer_catalogs(prefix)]
    nearer = paths.index(target) < paths.index(seen.path)
    return target if nearer and may_write(target) else ""


def _read_only(seen: Layer, name: str, *, own: bool) -> CatalogReadOnly:
    hint = "ask whoever may write it"
    if own:  # a record of its own can be made
        hint += f", or `plugreg disable {name}`, which switches it off for you alone"
    return CatalogReadOnly(
        f"{name} is in the {seen.name} layer, {seen.path}, which you may not write",
        hint=hint,
        path=seen.path,
        name=normalize_name(name),
        layer=seen.name,
    )
