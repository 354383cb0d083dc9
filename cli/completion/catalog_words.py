"""The words of a catalog that a shell completes: names, groups, tags, changes."""

from __future__ import annotations

import os
from itertools import chain, islice

from plugreg import Change, PlugregError, Project
from plugreg.cli.catalogs import catalogs_in, chosen

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from plugreg.catalog_view import ProjectsView

    # A word, and what it is, in a few others.
    Candidate = tuple[str, str]

_LAST_CHANGES = 1000  # a history can be long, and nobody reads on


class CatalogWords:
    """What a catalog has to offer to somebody who types.

    All of it comes from `_open`, which waits for nobody; its errors are the caller's.
    """

    def __init__(self, catalog: str | None, layer: str = "", python: str = "") -> None:
        # A shell hands over what is typed, not what it would make of it.
        self._catalog = catalog and _expanded(catalog)
        self._layer = layer
        self._python = _expanded(python)

    def _open(self) -> ProjectsView:
        return chosen(self._catalog, self._layer, 0.0, self._python).look()

    def listed(self, start: str) -> Iterator[Candidate]:
        """Yield the names of all that `list` shows, readable or not."""
        with self._open() as registry:
            yield from ((name, "") for name in registry.names() if name.startswith(start))

    def projects(self, start: str) -> Iterator[Candidate]:
        """Yield the names of the projects, with their summaries."""
        return self._named(start, lambda _: True)

    def on(self, start: str) -> Iterator[Candidate]:
        """Yield the names of those that can be switched off."""
        return self._named(start, lambda project: project.enabled)

    def off(self, start: str) -> Iterator[Candidate]:
        """Yield the names of those that can be switched on: some are on, and quarantined."""
        from plugreg.quarantine import quarantined

        with self._open() as registry:
            left_out = quarantined(registry)
        return self._named(start, lambda each: not each.enabled or each.name in left_out)

    def _named(self, start: str, fits: Callable[[Project], bool]) -> Iterator[Candidate]:
        with self._open() as registry:
            for project in _starting(registry, start):
                if fits(project):
                    yield project.name, project.summary

    def groups(self, start: str) -> Iterator[Candidate]:
        """Yield the hosts' groups."""
        return self._counted(start, lambda project: project.groups)

    def tags(self, start: str) -> Iterator[Candidate]:
        """Yield the tags."""
        return self._counted(start, lambda project: project.tags)

    def kinds(self, start: str) -> Iterator[Candidate]:
        """Yield the kinds of sources that there are."""
        return self._counted(start, lambda project: (project.source.kind,))

    def _counted(
        self, start: str, words_of: Callable[[Project], Iterable[str]]
    ) -> Iterator[Candidate]:
        with self._open() as registry:
            counts = registry.map_reduce(
                lambda project: ((word, 1) for word in words_of(project)), int.__add__
            )
        for word, count in sorted(counts.items()):
            if word.startswith(start):
                yield word, f"{count} project{'s' if count != 1 else ''}"

    def revisions(self, start: str) -> Iterator[Candidate]:
        """Yield NAME@N for each change of a project, the last one first."""
        name, _, number = start.rpartition("@")
        return ((f"{name}@{word}", what) for word, what in self._changes(number, name))

    def changes(self, start: str) -> Iterator[Candidate]:
        """Yield the numbers of the last changes, the last one first."""
        return self._changes(start, "")

    def _changes(self, start: str, name: str) -> Iterator[Candidate]:
        with self._open() as view:
            found = chain.from_iterable(each.history(name) for each in catalogs_in(view))
            for change in islice(found, _LAST_CHANGES):
                if isinstance(change, Change) and str(change.number).startswith(start):
                    yield str(change.number), f"{change.at} {change.command}"


def _expanded(path: str) -> str:
    return os.path.expandvars(os.path.expanduser(path))


def _starting(registry: ProjectsView, start: str) -> Iterator[Project]:
    """Yield the readable projects whose names start so; of few of them no other is read."""
    if not start:
        yield from registry
        return
    for name in registry.names():
        if name.startswith(start):
            try:
                yield registry[name]
            except PlugregError:  # one that cannot be read
                continue
