"""Looking at all of a catalog and its projects for what is wrong."""

from __future__ import annotations

from plugreg import PlugregError, Registry
from plugreg.backends import DEFAULT_TIMEOUT_S, CatalogLocked
from plugreg.locations import locate_catalog

from .catalog_file import about_flavour, about_journals, about_neighbours
from .problem import Problem
from .projects import about_projects

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


def examine(
    catalog: str | None = None,
    *,
    timeout_s: float = DEFAULT_TIMEOUT_S,
    progress: Callable[[str, int, int], None] | None = None,
) -> list[Problem]:
    """Return everything that is wrong: the catalog first, then its projects.

    The whole file, every record and the code of every project are read; nothing of a project is
    imported, and the catalog is not changed.

    Args:
        catalog: Its path; None takes the one that `Registry.open` takes.
        timeout_s: How long to wait for another process that has it locked, in seconds.
        progress: Is called before each project is looked at, with what is going on ("check"), the
            number of those done, and that of all.

    Raises:
        CatalogLocked: Another process still has it locked then.
    """
    path, _ = locate_catalog(catalog)
    problems = [*about_journals(path), *about_neighbours(path)]
    try:
        with Registry.open(catalog, read_only=True, timeout_s=timeout_s) as registry:
            problems += _of_open(registry, progress)
    except CatalogLocked:
        raise
    except PlugregError as error:
        problems.append(_of_file(error, path))
    return problems


def _of_open(
    registry: Registry, progress: Callable[[str, int, int], None] | None
) -> Iterator[Problem]:
    if registry.flavour == "memory":  # there is none yet, so that nothing is wrong with it
        return
    yield from about_flavour(registry.path)
    try:
        registry._catalog.store.verify()
    except CatalogLocked:
        raise
    except PlugregError as error:
        yield _of_file(error, registry.path)
    yield from about_projects(registry, progress)


def _of_file(error: PlugregError, path: str) -> Problem:
    return Problem(error.code, error.message, error.hint, file=str(error.details.get("path", path)))
