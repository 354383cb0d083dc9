"""What can stand at a place of the command line: the kinds of `grammar.py`, looked up."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from .catalog_words import Candidate, CatalogWords

# The kinds that a method of `CatalogWords` knows, and which one.
_OF_CATALOG = {
    "project": "projects", "listed": "listed", "on": "on", "off": "off", "group": "groups",
    "tag": "tags", "kind": "kinds", "change": "changes", "project-or-file": "projects",
}  # fmt: skip


def candidates(kind: str, start: str, words: CatalogWords) -> Iterator[Candidate]:
    """Yield the words of a kind that start so, each with what it is; none where nothing is known.

    Raises:
        PlugregError: The catalog cannot be read now.
        OSError: Likewise.
    """
    found: Iterable[Candidate] = ()
    if kind in _OF_CATALOG:
        found = getattr(words, _OF_CATALOG[kind])(start)
    elif kind == "project@":
        found = words.revisions(start) if "@" in start else words.projects(start)
    elif kind == "revision":
        found = _revisions(words, start)
    elif "|" in kind:
        found = ((one, "") for one in kind.split("|"))
    elif kind in _FIXED:
        found = _FIXED[kind](start)
    return ((word, what) for word, what in found if word.startswith(start))


def _revisions(words: CatalogWords, start: str) -> Iterator[Candidate]:
    """Yield NAME@ of each project, and where there is one only, its revisions at once."""
    if "@" not in start:
        names = list(words.projects(start))
        if len(names) != 1:
            yield from ((f"{name}@", what) for name, what in names)
            return
        start = f"{names[0][0]}@"
    yield from words.revisions(start)


def _flavours(*, written: bool) -> Iterator[Candidate]:
    from plugreg import backends

    for flavour in backends.flavours():
        if not (flavour.unwritable_here() if written else flavour.unreadable_here()):
            yield flavour.name, flavour.title


def _layers(_start: str) -> Iterator[Candidate]:
    from plugreg.locations import LAYERS

    return ((layer, "") for layer in LAYERS)


def _states(_start: str) -> Iterator[Candidate]:
    from plugreg.cli.project_object import STATES

    return ((state, "") for state in STATES)


def _columns(start: str) -> Iterator[Candidate]:
    """Yield lists of columns: those that are there, and one more."""
    from plugreg.cli.project_columns import COLUMNS

    given, comma, _ = start.rpartition(",")
    return ((given + comma + name, "") for name in COLUMNS if name not in given.split(","))


def _sort_keys(start: str) -> Iterator[Candidate]:
    from plugreg.cli.project_columns import COLUMNS

    reverse = "-" if start.startswith("-") else ""
    return ((reverse + name, "") for name in COLUMNS)


_FIXED: dict[str, Callable[[str], Iterator[Candidate]]] = {
    "state": _states,
    "layer": _layers,
    "columns": _columns,
    "sort": _sort_keys,
    "read-flavour": lambda _: _flavours(written=False),
    "written-flavour": lambda _: _flavours(written=True),
}
