"""In which layer there is something to undo, to restore, or to look back to."""

from __future__ import annotations

from plugreg import CatalogError, Change, PlugregError, Registry
from plugreg.undoing import next_redone, next_undone
from plugreg.writing_layer import may_write

from .catalogs import catalogs_in
from .result import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from plugreg.catalog_view import CatalogView, ProjectsView
    from plugreg.layered import Layer, LayeredView

    from .catalogs import Catalogs


def path_to_undo(catalogs: Catalogs, number: int | None, *, redo: bool) -> str:
    """Return the path of the catalog whose last change is the last of all, "" where none is there.

    Only those that this user may write count, unless a layer is named.

    Raises:
        UsageError: Several have a change of that number.
        CatalogError: One that this user may write cannot be read: the change may be in that one.
        PlugregError: None of them can be read.
    """
    if catalogs.named is not None:
        with catalogs.look() as view:
            return "" if view.flavour == "memory" else catalogs.named  # type: ignore[attr-defined]
    with catalogs.look_into_layers(catalogs.layer) as view:
        layers = _writable(catalogs, view)
        for error in view.errors:
            _require_elsewhere(error)
        if number is not None:
            return _with_number(layers, number)
        if len(layers) > 1:
            moment = next_redone if redo else next_undone
            layers.sort(key=lambda layer: _moment_in(layer, moment), reverse=True)
        return layers[0].path if layers else ""


def _moment_in(layer: Layer, moment: Callable[[CatalogView], tuple[str, int]]) -> tuple[str, int]:
    try:
        return moment(layer.registry)
    except CatalogError as error:
        error.message = f"the {layer.name} layer, {layer.path}: {error.message}"
        error.details["layer"] = layer.name
        raise _maybe_there(error) from error


def _writable(catalogs: Catalogs, view: LayeredView) -> list[Layer]:
    if view.errors and not view.layers:
        raise view.errors[0]
    return [layer for layer in view.layers if catalogs.layer or may_write(layer.path)]


def _require_elsewhere(error: PlugregError) -> None:
    """Raise where the change that is meant may be in the layer that cannot be read."""
    path = str(error.details.get("path", ""))
    if path and not may_write(path):
        return
    raise _maybe_there(error) from error


def _maybe_there(error: PlugregError) -> CatalogError:
    return CatalogError(
        f"{error.message}; the change to take back may be in it",
        hint="mend it, or say --layer LAYER to take back that of another",
        code=error.code,
        **error.details,
    )


def _with_number(layers: list[Layer], number: int) -> str:
    having = [layer for layer in layers if layer.registry._history().change(number) is not None]
    if len(having) > 1:
        names = " and ".join(layer.name for layer in having)
        raise UsageError(
            f"the layers {names} each have a change {number}", hint="say --layer LAYER"
        )
    return (having or layers)[0].path if layers else ""


def path_to_restore(catalogs: Catalogs, name: str, errors: list[PlugregError]) -> tuple[str, str]:
    """Return the path of the catalog whose history tells of a project, and the project's own name.

    See `catalog_with_history` and `name_in_history`.

    Args:
        catalogs: What the command is about.
        name: Any name of the project.
        errors: Gets what hinders some layers.

    Raises:
        ProjectNotFound: There is none of that name, and there never was.
        PlugregError: None of the catalogs can be read.
    """
    if catalogs.named is not None:
        with catalogs.look() as one:
            return catalogs.named, name_in_history(one, name)
    with catalogs.look_into_layers(catalogs.layer) as view:
        layers = _writable(catalogs, view)
        own = name_in_history(view, name)
        found = _that_tells(layers, own)
        errors += view.errors
        return found.path if found is not None else catalogs.path_for_new, own


def catalog_with_history(view: ProjectsView, name: str) -> CatalogView:
    """Return the nearest catalog whose history tells of a project; else the one that has it.

    Raises:
        ProjectNotFound: None does.
    """
    from plugreg.layered import LayeredView

    if not isinstance(view, LayeredView):
        assert isinstance(view, Registry)
        return view
    found = _that_tells(view.layers, name)
    if found is None:
        raise view._not_found(name)
    return found.registry


def name_in_history(view: ProjectsView, name: str) -> str:
    """Return the name of the project that is meant; one that was removed has its own name only.

    Raises:
        ProjectNotFound: None is, or several are.
    """
    if name in view:
        return name
    try:
        return view.find(name).name
    except PlugregError as error:
        told = any(_tells_of(one, name) for one in catalogs_in(view))
        if error.code == "ambiguous" or not told:
            raise
    return name


def _that_tells(layers: Sequence[Layer], name: str) -> Layer | None:
    telling = (layer for layer in layers if _tells_of(layer.registry, name))
    having = (layer for layer in layers if name in layer.registry)
    return next(telling, None) or next(having, None)


def _tells_of(registry: CatalogView, name: str) -> bool:
    """Tell whether a catalog's history has a change of a project that can be read."""
    return any(isinstance(found, Change) for found in registry.history(name))
