"""`plugreg enable`, `disable` and `remove`: what is done to projects by their names alone."""

from __future__ import annotations

from plugreg import PlugregError, ProjectNotFound, Registry
from plugreg.locations import layer_catalogs
from plugreg.quarantine import forget

from .batch import Batch, change_each, each_name, own_name
from .catalogs import Catalogs, chosen
from .options import CATALOG, LAYER_TO_CHANGE, NAMES, TIMEOUT
from .project_object import project_object, unreadable_object
from .project_text import changes
from .result import Result

TYPE_CHECKING = False
if TYPE_CHECKING:
    from plugreg.catalog_view import ProjectsView


def enable_projects(
    names: list[str] = NAMES,
    *,
    catalog: str | None = CATALOG,
    layer: str = LAYER_TO_CHANGE,
    timeout: float = TIMEOUT,
) -> Result:
    """Switch projects on: their hosts load them at the next start.

    Example: plugreg enable datasette-cluster-map
    """
    catalogs = chosen(catalog, layer, timeout)
    batch = change_each(catalogs, names, Registry.enable, lambda project: project.enabled)
    _forget(catalogs, [str(one["name"]) for one in batch.done], batch.errors)
    return _result("enable", "enabled", batch)


def _forget(catalogs: Catalogs, names: list[str], errors: list[PlugregError]) -> None:
    """Forget that projects ended processes, whether or not their catalog was written.

    In every layer: it can be noted beside one that hid theirs.
    """
    layers = [path for _, path in layer_catalogs()]
    for path in layers if catalogs.named is None else [catalogs.named]:
        for name in names:
            try:
                forget(path, name)
            except PlugregError as error:
                errors.append(error)


def disable_projects(
    names: list[str] = NAMES,
    *,
    catalog: str | None = CATALOG,
    layer: str = LAYER_TO_CHANGE,
    timeout: float = TIMEOUT,
) -> Result:
    """Switch projects off: they stay known; no host loads them.

    One of a layer that you may not write is switched off for you, by a record of your own.

    Example: plugreg disable datasette-cluster-map
    """
    catalogs = chosen(catalog, layer, timeout)
    batch = change_each(catalogs, names, Registry.disable, lambda project: not project.enabled)
    return _result("disable", "disabled", batch)


def remove_projects(
    names: list[str] = NAMES,
    *,
    catalog: str | None = CATALOG,
    layer: str = LAYER_TO_CHANGE,
    timeout: float = TIMEOUT,
) -> Result:
    """Take projects out of the catalog; their sources stay.

    A record that is damaged can be taken out, too. What a farther layer has of the same name is
    seen again.

    Example: plugreg remove datasette-cluster-map
    """
    catalogs = chosen(catalog, layer, timeout)
    batch = each_name(catalogs, names, _remove, resolve=_removable)
    if catalogs.named is None:
        batch.warnings.extend(_seen_again(catalogs, [str(one["name"]) for one in batch.done]))
    return _result("remove", "removed", batch)


def _result(command: str, verb: str, batch: Batch) -> Result:
    return Result(command, "projects", batch.done, changes(verb), batch.errors, batch.warnings)


def _removable(registry: ProjectsView, name: str) -> str:
    """Return the name to remove: what other programs put there can be called like no project.

    What is listed under just that name is meant before a project of which it is a spelling.
    """
    if name in registry._projects:
        return name
    try:
        return own_name(registry, name)
    except ProjectNotFound as error:
        if getattr(registry, "read_only", False) or error.code == "ambiguous":
            raise
        return name


def _remove(registry: Registry, name: str) -> dict[str, object]:
    removed = registry.remove(name)
    return unreadable_object(name) if removed is None else project_object(removed)


def _seen_again(catalogs: Catalogs, names: list[str]) -> list[str]:
    """Return a line for each name that another layer still has."""
    with catalogs.look_into_layers() as view:
        left = {name: having[0] for name in names if (having := view.layers_of(name))}
    return [f"{name} is still in the {one.name} layer, {one.path}" for name, one in left.items()]
