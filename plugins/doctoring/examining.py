"""Looking at all of a catalog and its projects for what is wrong."""

from __future__ import annotations

from plugreg import CatalogError, FlavourError, PlugregError, Registry
from plugreg.backends import DEFAULT_TIMEOUT_S, CatalogLocked
from plugreg.locations import is_named, layer_catalogs, locate_catalog
from plugreg.plugins.environments import prefix_of

from .catalog_file import (
    about_borrowed_code,
    about_flavour,
    about_journals,
    about_neighbours,
    about_unused_code,
)
from .past import about_history
from .problem import Problem
from .projects import about_projects
from .traces import about_header, about_mode

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from plugreg.catalog_view import CatalogView


def examine(
    catalog: str | None = None,
    *,
    layer: str = "",
    python: str = "",
    timeout_s: float = DEFAULT_TIMEOUT_S,
    progress: Callable[[str, int, int], None] | None = None,
) -> list[Problem]:
    """Return everything that is wrong: the catalogs first, then their projects.

    The whole file, every record and the code of every project are read; nothing of a project is
    imported, and no catalog is changed.

    Args:
        catalog: Its path; None takes PLUGREG_CATALOG, else all layers.
        layer: The one layer that is meant, "" for all; then PLUGREG_CATALOG does not count.
        python: The environment in which the projects are to work, and whose layer is meant: its
            folder or its interpreter; "" is this process's own.
        timeout_s: How long to wait for another process that has one locked, in seconds.
        progress: Is called before each project is looked at, with what is going on ("check"), the
            number of those done, and that of all.

    Raises:
        CatalogLocked: Another process still has one locked then.
        SourceError: There is no such environment (code "environment-not-found").
    """
    if not layer and is_named(catalog):
        return _of_one(locate_catalog(catalog)[0], python, timeout_s, progress)
    return _of_layers(layer, python, timeout_s, progress)


def _of_one(
    path: str, python: str, timeout_s: float, progress: Callable[[str, int, int], None] | None
) -> list[Problem]:
    problems = [*about_journals(path), *about_neighbours(path)]
    try:
        with Registry.open(path, read_only=True, timeout_s=timeout_s) as registry:
            problems += _of_open(registry)
            problems += about_projects(registry, python, progress)
    except (CatalogError, FlavourError) as error:
        problems.append(_of_file(error, path))
    return _each_once(problems)


def _of_layers(
    layer: str, python: str, timeout_s: float, progress: Callable[[str, int, int], None] | None
) -> list[Problem]:
    from plugreg.layered import LayeredView

    prefix = prefix_of(python) if python else None
    paths = [path for name, path in layer_catalogs(prefix) if layer in ("", name)]
    problems = [each for path in paths for each in (*about_journals(path), *about_neighbours(path))]
    with LayeredView.open(prefix, only=layer, timeout_s=timeout_s) as view:
        for one in view.layers:
            problems += _of_open(one.registry)
        problems += about_projects(view, python, progress)
        problems += [_of_file(error, "") for error in view.errors]
    return _each_once(problems)


def _each_once(problems: list[Problem]) -> list[Problem]:
    """Return them without what came up again: damage of a catalog is met by whoever reads on."""
    known = {
        (problem.subject, problem.message if problem.project else ""): problem
        for problem in problems
    }
    return list(known.values())


def _of_open(registry: CatalogView) -> Iterator[Problem]:
    if registry.flavour == "memory":  # there is none yet, so that nothing is wrong with it
        return
    damage = _damage_of(registry)
    yield from damage
    yield from about_flavour(registry.path, damaged=bool(damage))
    yield from about_mode(registry)
    yield from about_header(registry)
    yield from about_history(registry)
    yield from about_unused_code(registry)
    yield from about_borrowed_code(registry)


def _damage_of(registry: CatalogView) -> list[Problem]:
    try:
        registry._catalog.store.verify()
    except CatalogLocked:
        raise
    except PlugregError as error:
        return [_of_file(error, registry.path)]
    return []


def _of_file(error: PlugregError, path: str) -> Problem:
    """Return the error of a catalog as a problem; raise it where waiting may help."""
    if isinstance(error, CatalogLocked):
        raise error
    return Problem(error.code, error.message, error.hint, file=str(error.details.get("path", path)))
