"""Many changes in one command: the good parts are one transaction, the bad ones reported."""

from __future__ import annotations

from contextlib import nullcontext

from plugreg import CatalogError, PlugregError, Registry
from plugreg.backends import RecordUnreadable, SchemaTooNew

from .command_words import command_words
from .project_object import project_object

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from plugreg import Project


def change_each(
    catalog: str | None,
    names: Iterable[str],
    change: Callable[[Registry, str], Project],
    *,
    timeout_s: float,
) -> tuple[list[dict[str, object]], list[PlugregError]]:
    """Change every named project; return the changed ones as objects, and the errors of the others.

    Raises:
        CatalogError: The catalog itself fails: nothing is changed then.
    """
    return each_name(
        catalog,
        names,
        lambda registry, name: project_object(change(registry, name)),
        timeout_s=timeout_s,
    )


def each_name(
    catalog: str | None,
    names: Iterable[str],
    act: Callable[[Registry, str], dict[str, object]],
    resolve: Callable[[Registry, str], str] | None = None,
    *,
    timeout_s: float,
) -> tuple[list[dict[str, object]], list[PlugregError]]:
    """Act on every named project once, whichever of its names is given; see `change_each`."""
    done: dict[str, dict[str, object]] = {}
    errors: list[PlugregError] = []
    with open_to_change(catalog, timeout_s) as registry, transaction(registry):
        for name in names:
            try:
                own = (resolve or own_name)(registry, name)
                if own not in done:
                    done[own] = act(registry, own)
            except PlugregError as error:
                require_part(error)
                errors.append(error)
    return list(done.values()), errors


def open_to_change(catalog: str | None, timeout_s: float) -> Registry:
    """Return the open registry; one without a file yet is not made only to find nothing in it."""
    reading = Registry.open(catalog, read_only=True, timeout_s=timeout_s)
    if reading.flavour == "memory":
        return reading
    reading.close()
    return Registry.open(catalog, timeout_s=timeout_s)


def own_name(registry: Registry, name: str) -> str:
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
