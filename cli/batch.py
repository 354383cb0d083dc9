"""Many changes in one command: the good parts are one transaction, the bad ones reported."""

from __future__ import annotations

from contextlib import nullcontext
from typing import NamedTuple

from plugreg import CatalogError, PlugregError, Registry
from plugreg.backends import RecordUnreadable, SchemaTooNew
from plugreg.unpacked import drop_unused, is_borrowed
from plugreg.writing_layer import may_write, path_to_change

from .catalogs import catalog_of
from .command_words import command_words
from .project_object import project_object

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from plugreg import Project
    from plugreg.catalog_view import ProjectsView
    from plugreg.layered import Layer

    from .catalogs import Catalogs


class Batch(NamedTuple):
    """What became of each name that a command was given.

    Attributes:
        done: What was done, one object a project, in the order in which they were named.
        errors: The errors of the others.
        warnings: What else to say.
    """

    done: list[dict[str, object]]
    errors: list[PlugregError]
    warnings: list[str]


def change_each(
    catalogs: Catalogs,
    names: Iterable[str],
    change: Callable[[Registry, str], Project],
    is_so: Callable[[Project], bool] | None = None,
) -> Batch:
    """Change every named project, each in the layer that `plugreg.writing_layer` says.

    Args:
        catalogs: What the command is about.
        names: What was typed.
        change: Changes a project in its catalog.
        is_so: Tells that a project is as wanted: a catalog that may not be written is left as it
            is then, and there is no record of its own in a nearer layer.

    Raises:
        CatalogError: The one catalog itself fails: nothing is changed then.
    """
    return each_name(
        catalogs,
        names,
        lambda registry, name: project_object(change(registry, name)),
        copying=True,
        is_so=is_so,
    )


def each_name(
    catalogs: Catalogs,
    names: Iterable[str],
    act: Callable[[Registry, str], dict[str, object]],
    *,
    resolve: Callable[[ProjectsView, str], str] | None = None,
    copying: bool = False,
    is_so: Callable[[Project], bool] | None = None,
) -> Batch:
    """Act on every named project once, whichever of its names is given; see `change_each`.

    What is done in one catalog is one change of it.
    """
    batch = Batch([], [], [])
    resolve = resolve or own_name
    if catalogs.named is None:
        plan = _plan(catalogs, names, resolve, batch, copying=copying, is_so=is_so)
    else:
        left = _left_to_change(catalogs, dict.fromkeys(names), resolve, batch, is_so=is_so)
        plan = {catalogs.named: dict.fromkeys(left)} if left else {}
    for path, parts in plan.items():
        _give_own_code(parts, path, batch.warnings)
        try:
            make = any(parts.values())
            with open_to_change(catalogs, path, make=make) as registry, transaction(registry):
                done = _act(registry, parts, act, resolve, batch.errors)
        except CatalogError as error:
            if len(plan) == 1 and not batch.done:
                raise
            batch.errors.append(error)
        else:
            batch.done.extend({**one, **catalogs.place(path)} for one in done)
        finally:
            _drop_unused_code(parts, path)
    return batch


def _give_own_code(parts: dict[str, Project | None], path: str, warnings: list[str]) -> None:
    """Unpack the code of what is copied from a farther layer for the catalog at `path`, too."""
    for name, copied in parts.items():
        if copied is None or not is_borrowed(copied.root, path):
            continue
        from plugreg.plugins.own_code import with_own_code

        try:
            parts[name] = with_own_code(copied, path)
        except PlugregError as error:
            warnings.append(f"{name} keeps code that goes with the layer it is from: {error}")


def _drop_unused_code(parts: Mapping[str, Project | None], path: str) -> None:
    """Remove the code of what was not recorded after all."""
    for copied in parts.values():
        if copied is not None and not is_borrowed(copied.root, path):
            drop_unused(copied.root)


def _act(
    registry: Registry,
    parts: Mapping[str, Project | None],
    act: Callable[[Registry, str], dict[str, object]],
    resolve: Callable[[ProjectsView, str], str],
    errors: list[PlugregError],
) -> list[dict[str, object]]:
    """Act on the projects of one catalog; those of a farther layer are recorded in it first."""
    done: dict[str, dict[str, object]] = {}
    for name, copied in parts.items():
        try:
            if copied is not None:
                registry.add(copied)
            own = resolve(registry, name)
            if own not in done:
                done[own] = act(registry, own)
        except PlugregError as error:
            require_part(error)
            errors.append(error)
    return list(done.values())


def _plan(
    catalogs: Catalogs,
    names: Iterable[str],
    resolve: Callable[[ProjectsView, str], str],
    batch: Batch,
    *,
    copying: bool,
    is_so: Callable[[Project], bool] | None,
) -> dict[str, dict[str, Project | None]]:
    """Return for each catalog which projects to change in it, and what to record there first."""
    plan: dict[str, dict[str, Project | None]] = {}
    with catalogs.look_into_layers() as view:
        for name in names:
            try:
                own = resolve(view, name)
                if not catalogs.layer and _stays(catalogs, view, own, batch, is_so=is_so):
                    continue
                path, source = path_to_change(
                    view, own, layer=catalogs.layer, prefix=catalogs.prefix, copying=copying
                )
                copied = source.registry[own] if source is not None else None
            except PlugregError as error:
                batch.errors.append(error)
                continue
            plan.setdefault(path, {})[own] = copied
            if source is not None:
                batch.warnings.append(told_of_copy(own, source, path))
        if catalogs.layer:  # what is in another cannot be meant
            batch.warnings.extend(map(str, view.errors))
        else:
            batch.errors.extend(view.errors)
    return plan


def _left_to_change(
    catalogs: Catalogs,
    names: Iterable[str],
    resolve: Callable[[ProjectsView, str], str],
    batch: Batch,
    *,
    is_so: Callable[[Project], bool] | None,
) -> list[str]:
    """Return the names of projects of the one catalog that are not as wanted already."""
    assert catalogs.named is not None
    if is_so is None or may_write(catalogs.named):
        return list(names)
    left = []
    with catalogs.look() as view:
        for name in names:
            try:
                stays = _stays(catalogs, view, resolve(view, name), batch, is_so=is_so)
            except PlugregError:  # which changing it will tell
                stays = False
            left += [] if stays else [name]
    return left


def _stays(
    catalogs: Catalogs,
    view: ProjectsView,
    name: str,
    batch: Batch,
    *,
    is_so: Callable[[Project], bool] | None,
) -> bool:
    """Tell whether a project's catalog need not be written, nor may be: it is as wanted, and done.

    Raises:
        PlugregError: Its record cannot be read.
    """
    catalog = catalog_of(view, name)
    if is_so is None or catalog is None or may_write(catalog.path) or not is_so(catalog[name]):
        return False
    one = {**project_object(catalog[name]), **catalogs.place(catalog.path)}
    if one not in batch.done:
        batch.done.append(one)
    return True


def told_of_copy(name: str, source: Layer, path: str) -> str:
    """Return the warning that a project has a record of its own in a nearer layer from now on."""
    return (
        f"{name} is in the {source.name} layer, {source.path}; a record in {path} hides it from"
        f" now on, and `plugreg remove {name}` takes that out again"
    )


def open_to_change(catalogs: Catalogs, path: str, *, make: bool = False) -> Registry:
    """Return the open registry; one without a file yet is not made only to find nothing in it."""
    if not make:
        reading = catalogs.open(path, read_only=True)
        if reading.flavour == "memory":
            return reading
        reading.close()
    return catalogs.open(path)


def own_name(registry: ProjectsView, name: str) -> str:
    """Return the normalised name of the project that is meant by any name of it.

    A record that cannot be read still has its own name.

    Raises:
        ProjectNotFound: None is, or several are.
    """
    from plugreg.names import normalize_name

    return normalize_name(name) if name in registry else registry.find(name).name


def require_part(error: PlugregError) -> None:
    """Return where an error is that of one part of a batch; raise it where it is the catalog's."""
    of_one_record = isinstance(error, RecordUnreadable | SchemaTooNew) or error.code == "name-taken"
    if isinstance(error, CatalogError) and not of_one_record:
        raise error


def transaction(registry: Registry) -> nullcontext[None]:
    """Return a batch that the history calls as the command line; of a missing catalog, nothing."""
    return nullcontext() if registry.read_only else registry.batch(command_words())  # type: ignore[return-value]
