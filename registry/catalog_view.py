"""What open catalogs say: the projects that they hold, and those that one held."""

from __future__ import annotations

from plugreg import backends
from plugreg.backends import (
    DEFAULT_TIMEOUT_S,
    CatalogNotFound,
    ProjectNotFound,
    RecordUnreadable,
    SchemaTooNew,
)

from .catalog import Catalog
from .locations import locate_catalog
from .names import normalize_name, suggestion
from .project import Project

TYPE_CHECKING = False
if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Iterable, Iterator
    from typing import Protocol, Self, TypeVar

    from plugreg.backends import Store

    from .change import Change, Difference
    from .history import History

    Key = TypeVar("Key")
    Value = TypeVar("Value")

    Found = Project | RecordUnreadable | SchemaTooNew

    class Projects(Protocol):
        """What projects can be read from: a catalog, or several as one."""

        def __getitem__(self, name: str) -> Project: ...
        def __contains__(self, name: str) -> bool: ...
        def __len__(self) -> int: ...
        def names(self) -> list[str]: ...  # noqa: D102 - as of `Catalog`
        def scan(self, group: str = "") -> Iterator[Found]: ...  # noqa: D102 - likewise


class ProjectsView:
    """The projects of one catalog, or of several layers.

    Attributes:
        path: The absolute path of the catalog, of layers the nearest that is there: what hosts
            keep beside their catalog is kept there.
        paths: Those of all.
    """

    path: str
    paths: list[str]

    def __init__(self, projects: Projects) -> None:
        self._projects = projects

    @property
    def warnings(self) -> list[str]:
        """What the user should know of each catalog, looked at now: that others can change it."""
        from .trust import doubts_about

        return [doubt for path in self.paths for doubt in doubts_about(path)]

    def close(self) -> None:
        """Close what is open."""
        raise NotImplementedError

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()

    def __getitem__(self, name: str) -> Project:
        """Return the project of that name.

        Raises:
            ProjectNotFound: There is none; the hint names the likeliest.
            RecordUnreadable: Its record is damaged.
        """
        try:
            return self._projects[name]  # most callers hold a name that is normalised already
        except KeyError:
            found = self.get(name)
        if found is None:
            raise self._not_found(name)
        return found

    def get(self, name: str, default: Project | None = None) -> Project | None:
        """Return the project of that name, or `default`."""
        try:
            return self._projects[normalize_name(name)]
        except KeyError:
            return default

    def find(self, name: str) -> Project:
        """Return the project that has this name as its own, or of an entry point or a module.

        Raises:
            ProjectNotFound: None has, or an entry point's name fits several; the hint names them.
        """
        own = self.get(name)
        if own is not None:
            return own
        fitting = [
            project
            for project in self
            if any(name in (entry.name, _module(entry.value)) for entry in project.entry_points)
            or name in project.modules
        ]
        if len(fitting) == 1:
            return fitting[0]
        if fitting:
            from .printable import safe

            names = ", ".join(project.name for project in fitting)
            raise ProjectNotFound(
                f"`{safe(name)}` can mean {names}",
                hint="name one of them",
                name=name,
                code="ambiguous",
            )
        raise self._not_found(name)

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and normalize_name(name) in self._projects

    def __len__(self) -> int:
        return len(self._projects)

    def __iter__(self) -> Iterator[Project]:
        """Yield every readable project, sorted by name; `scan` also yields what is unreadable."""
        return (found for found in self.scan() if isinstance(found, Project))

    def names(self) -> list[str]:
        """Return the names of all projects, readable or not, sorted; no record is read."""
        return self._projects.names()

    def scan(self, group: str = "") -> Iterator[Project | RecordUnreadable | SchemaTooNew]:
        """Yield every project sorted by name, or, for a damaged record, its error.

        With a group, only the projects that have an entry point in it.
        """
        for found in self._projects.scan(group):
            if not group or not isinstance(found, Project) or found.is_for(group):
                yield found

    def select(
        self,
        *,
        group: str = "",
        enabled: bool | None = None,
        tags: Iterable[str] = (),
        state: str = "",
        kind: str = "",
        requires: str = "",
        match: str = "",
    ) -> Iterator[Project]:
        """Yield the readable projects that fit everything that is given, sorted by name.

        One is in memory at a time.

        Args:
            group: Those with an entry point in this group.
            enabled: Those that are switched on, or off; None takes both.
            tags: Those with all of these tags.
            state: Those whose source is "ok", "changed" or "missing" now.
            kind: Those of this kind of source, such as "directory" or "distribution".
            requires: Those that require this distribution, in any spelling and any version.
            match: Those with this text, in any case, in their names, summary, location, tags,
                modules or entry points.
        """
        from .criteria import Criteria

        wanted = Criteria(
            enabled=enabled, tags=tags, state=state, kind=kind, requires=requires, match=match
        )
        found = (each for each in self.scan(group) if isinstance(each, Project))
        return filter(wanted.fits, found)

    def map_reduce(
        self,
        mapper: Callable[[Project], Iterable[tuple[Key, Value]]],
        reducer: Callable[[Value, Value], Value],
    ) -> dict[Key, Value]:
        """Return one value a key, of all readable projects, one of which is in memory at a time.

        Args:
            mapper: Returns the pairs of key and value that a project gives, in any number.
            reducer: Makes one value of two of the same key.

        >>> import os, tempfile
        >>> from plugreg import EntryPoint, Project, Registry, Source
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     with Registry.open(os.path.join(folder, "catalog")) as registry:
        ...         for name in ("one", "two"):
        ...             project = Project(
        ...                 name=name,
        ...                 version="1.0",
        ...                 source=Source("directory", "/src"),
        ...                 entry_points=[EntryPoint("datasette", name, name)],
        ...             )
        ...             _ = registry.add(project)
        ...         registry.map_reduce(lambda each: ((g, 1) for g in each.groups), int.__add__)
        {'datasette': 2}
        """
        found: dict[Key, Value] = {}
        for project in self:
            for key, value in mapper(project):
                found[key] = reducer(found[key], value) if key in found else value
        return found

    def _not_found(self, name: str) -> ProjectNotFound:
        return ProjectNotFound(
            f"no project `{name}`",
            hint=suggestion(name, self.names()) or "`plugreg list` shows what there is",
            name=name,
        )


class CatalogView(ProjectsView):
    """The reading half of a `Registry`.

    Attributes:
        path: The catalog's absolute path.
        reason: Why it is this one.
    """

    def __init__(self, catalog: Catalog, path: str, reason: str) -> None:
        super().__init__(catalog)
        self._catalog = catalog
        self.path = path
        self.paths = [path]
        self.reason = reason

    def close(self) -> None:
        """Close the catalog."""
        self._catalog.store.close()

    @property
    def flavour(self) -> str:
        """The flavour of the catalog's file, "memory" where there is none yet."""
        return self._catalog.store.flavour

    @property
    def read_only(self) -> bool:
        """Whether every change raises CatalogReadOnly."""
        return self._catalog.store.read_only

    def history(self, name: str = "", *, since: str = "") -> Iterator[Change | RecordUnreadable]:
        """Yield the changes of the catalog, the last one first; for a damaged entry, its error.

        Args:
            name: Only those of this project, and of them only what was done to it; and what is
                damaged, which may be of any project.
            since: Only those from this moment on, UTC, as "2026-01-31" or "2026-01-31T12:00:00Z".
        """
        changes = self._history().changes(name=normalize_name(name))
        return (
            change
            for change in changes
            if not since or isinstance(change, RecordUnreadable) or change.at >= since
        )

    def at(self, name: str, number: int) -> Project | None:
        """Return a project as it was after the change of that number; None if it was not there.

        Raises:
            CatalogError: The history does not tell (code "revision-not-found").
            RecordUnreadable: The record of then could not be read then either, or a change that may
                be the one that tells is damaged or gone.
            ProjectNotFound: There is none of that name, and there never was.
        """
        from .undoing import project_at

        return project_at(self, name, number)

    def differences_to(self, projects: Iterable[Project]) -> list[Difference]:
        """Return what `Registry.match` would do, sorted by name; nothing is changed."""
        from .matching import differences_to

        return differences_to(self, projects)

    def _history(self) -> History:
        from .history import History

        return History(self._catalog.store)


def open_view(
    catalog: str | os.PathLike[str] | None = None, *, timeout_s: float = DEFAULT_TIMEOUT_S
) -> CatalogView:
    """Open one catalog to look at it, without the verbs; one that is missing is empty.

    Args:
        catalog: Its path; None takes PLUGREG_CATALOG, else the user's catalog.
        timeout_s: How long to wait for another process that has it locked, in seconds.

    Raises:
        As `Registry.open`.
    """
    path, reason = locate_catalog(catalog)
    store = open_to_read(path, None, timeout_s)
    try:
        return CatalogView(Catalog(store), path, reason)
    except BaseException:
        store.close()
        raise


def open_to_read(path: str, flavour: str | None, timeout_s: float) -> Store:
    """Return the store of a catalog, an empty one where it is missing."""
    try:
        return backends.open(path, flavour, "r", timeout_s=timeout_s)
    except CatalogNotFound:
        return backends.MemoryStore(path)


def _module(value: str) -> str:
    return value.partition(":")[0].strip()
