"""`plugreg undo` and `restore`: back to what was, by the history."""

from __future__ import annotations

import typer

from plugreg import CatalogError, PlugregError, Project, state_of

from .batch import open_to_change
from .catalogs import chosen
from .change_object import change_object
from .change_text import names_by_kind
from .command_words import command_words
from .layer_of_change import path_to_restore, path_to_undo
from .options import CATALOG, LAYER_TO_CHANGE, TIMEOUT
from .project_object import project_object
from .project_text import changes
from .result import Result, UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import Any

    from plugreg import Registry
    from plugreg.change import Change, Held

    from .result import Item
    from .screen import Screen

_NUMBER: Any = typer.Argument(
    None, metavar="[N]", min=1, help="The number of a change in `plugreg history`."
)
_REDO: Any = typer.Option(False, "--redo", help="Do again what the last undo took back.")
_REVISION: Any = typer.Argument(
    metavar="NAME@N", help="A project, by any name of it, and the change after which it was so."
)


def undo_change(
    number: int | None = _NUMBER,
    *,
    redo: bool = _REDO,
    catalog: str | None = CATALOG,
    layer: str = LAYER_TO_CHANGE,
    timeout: float = TIMEOUT,
) -> Result:
    """Take the last change back, or change N; repeated, it goes further back.

    An undo is a change as well, and can be undone. The code of a wheel or sdist that comes back is
    unpacked again. A change to whose projects another one came later is left as it is, and the
    error says so. Of several layers that you may write, the last change of all is taken back; for
    change N, or where one of them cannot be read, --layer says of which.

    Example: plugreg undo
    """
    if redo and number is not None:
        raise UsageError("--redo takes no number", hint="`plugreg undo N` also takes an undo back")
    catalogs = chosen(catalog, layer, timeout)
    path = path_to_undo(catalogs, number, redo=redo)
    if not path:
        raise CatalogError(
            "there is nothing to undo: the catalog does not exist yet", code="nothing-to-undo"
        )
    with open_to_change(catalogs, path) as registry:
        if redo:
            done = registry.redo(command=command_words())
        else:
            done = registry.undo(number, command=command_words())
        warnings = [line for one in done.differences for line in _code_back(registry, one.after)]
    item = {**change_object(done), **catalogs.place(path)}
    return Result("undo", "changes", [item], _text(done), (), warnings)


def restore_project(
    revision: str = _REVISION,
    *,
    catalog: str | None = CATALOG,
    layer: str = LAYER_TO_CHANGE,
    timeout: float = TIMEOUT,
) -> Result:
    """Make a project again what it was after a change; the others stay as they are.

    The code of a wheel or sdist is unpacked again where it is gone.

    Example: plugreg restore datasette-cluster-map@12
    """
    name, number = split_revision(revision)
    if number is None:
        raise UsageError(
            f"`{revision}` names no change",
            hint=f"`plugreg history {revision}` shows them; then `plugreg restore {revision}@N`",
        )
    catalogs = chosen(catalog, layer, timeout)
    errors: list[PlugregError] = []
    path, name = path_to_restore(catalogs, name, errors)
    with open_to_change(catalogs, path) as registry:
        registry.at(name, number)  # whose errors fit a catalog that does not exist yet, too
        with registry.batch(command_words()):
            project = registry.restore(name, number)
        warnings = _code_back(registry, project)
    items = [{**project_object(project), **catalogs.place(path)}]
    return Result("restore", "projects", items, changes("restored"), errors, warnings)


def split_revision(text: str) -> tuple[str, int | None]:
    """Return name and number of "NAME@N", and None for the number of a mere name.

    >>> split_revision("my-plugin@12"), split_revision("my-plugin")
    (('my-plugin', 12), ('my-plugin', None))
    """
    name, at, number = text.rpartition("@")
    if not at:
        return text, None
    if not (name and number.isascii() and number.isdecimal()):
        raise UsageError(
            f"`{text}` is no revision of a project", hint="write NAME@N, N from `plugreg history`"
        )
    return name, int(number)


def _code_back(registry: Registry, held: Held) -> list[str]:
    """Unpack the code of a project that came back; return a warning where it is not whole."""
    if not isinstance(held, Project) or state_of(held) != "missing":
        return []
    from plugreg.plugins.missing import missing_of
    from plugreg.plugins.refreshing import bring_code_back

    again = f"{held.name} is in the catalog again, but"
    try:
        if bring_code_back(registry, held):
            return []
    except PlugregError as error:
        return [f"{again} not its code: {error}"]
    missing = missing_of(held)
    return [f"{again} {missing.reason}; {missing.fix}"] if missing else []


def _text(done: Change) -> Callable[[Iterable[Item], Screen], Iterator[str]]:
    def lines(changes: Iterable[Item], screen: Screen) -> Iterator[str]:
        verb, number = ("redid", done.redoes) if done.redoes else ("undid", done.undoes)
        yield f"{screen.paint(verb, 'good')} change {number}"
        for change in changes:
            for kind, names in names_by_kind(change).items():
                yield f"  {kind} {', '.join(names)}"

    return lines
