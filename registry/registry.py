"""The registry: which projects are known, and which of them are switched on."""

from __future__ import annotations

import os
import time

from plugreg import backends
from plugreg.backends import (
    CatalogError,
    CatalogNotFound,
    ProjectNotFound,
    RecordUnreadable,
    SchemaTooNew,
)

from .catalog import Catalog
from .locations import UNPACKED, locate_catalog, make_folder_of
from .names import normalize_name, suggestion
from .project import Project

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Self

    from plugreg.backends import Store


class Registry:
    """The projects of one catalog, and the verbs on them. A context manager.

    A verb that returned is on disk. Names are taken in any spelling. A registry belongs to the
    thread that opened it; any number of processes can have the same catalog open.

    >>> import os, tempfile
    >>> from plugreg import Project, Source
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     with Registry.open(os.path.join(folder, "catalog")) as registry:
    ...         added = registry.add(
    ...             Project(name="My_Plugin", version="1.0", source=Source("directory", "/src"))
    ...         )
    ...         registry.disable("my-plugin").enabled
    False
    """

    def __init__(self, catalog: Catalog, path: str, reason: str) -> None:
        """Use `open` instead."""
        self._catalog = catalog
        self.path = path
        self.reason = reason
        # Inside a batch: when it began, and projects whose unpacked code may lose its last user.
        self._moment: str | None = None
        self._released: list[Project] = []

    @classmethod
    def open(
        cls,
        catalog: str | os.PathLike[str] | None = None,
        *,
        flavour: str | None = None,
        read_only: bool = False,
        verify: bool = False,
    ) -> Self:
        """Open a catalog, and make it where it is missing; read-only, a missing one is empty.

        Args:
            catalog: Its path; None takes PLUGREG_CATALOG, else the user's catalog.
            flavour: What it must be, and what a new one becomes; None takes any that exists and
                makes the pinned one.
            read_only: Open it without the right to change it.
            verify: Read and check the whole file and every record first, so that damage shows now.

        Raises:
            CatalogError: It is locked, corrupt, may not be opened so, or is of a later plugreg;
                with `verify`, also RecordUnreadable, which names every record that is.
            FlavourError: The file is no DBM database, or of another flavour.
        """
        path, reason = locate_catalog(catalog)
        store = _open_to_read(path, flavour) if read_only else _open_to_write(path, flavour)
        try:
            opened = Catalog(store)
            if verify:
                from .verification import verify_catalog

                verify_catalog(opened)
            return cls(opened, path, reason)
        except BaseException:
            store.close()
            raise

    @property
    def flavour(self) -> str:
        """The flavour of the catalog's file, "memory" where there is none yet."""
        return self._catalog.store.flavour

    @property
    def read_only(self) -> bool:
        """Whether every change raises CatalogReadOnly."""
        return self._catalog.store.read_only

    @property
    def warnings(self) -> list[str]:
        """What the user should know of the catalog, looked at now: that others can change it."""
        from .trust import doubts_about

        return doubts_about(self.path)

    # Reading.

    def __getitem__(self, name: str) -> Project:
        """Return the project of that name.

        Raises:
            ProjectNotFound: There is none; the hint names the likeliest.
            RecordUnreadable: Its record is damaged.
        """
        try:
            return self._catalog[name]  # most callers hold a name that is normalised already
        except KeyError:
            found = self.get(name)
        if found is None:
            raise self._not_found(name)
        return found

    def get(self, name: str, default: Project | None = None) -> Project | None:
        """Return the project of that name, or `default`."""
        try:
            return self._catalog[normalize_name(name)]
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
            names = ", ".join(project.name for project in fitting)
            raise ProjectNotFound(
                f"{name!r} can mean {names}", hint="name one of them", name=name, code="ambiguous"
            )
        raise self._not_found(name)

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and normalize_name(name) in self._catalog

    def __len__(self) -> int:
        return len(self._catalog)

    def __iter__(self) -> Iterator[Project]:
        """Yield every readable project, sorted by name; `scan` also yields what is unreadable."""
        return (found for found in self.scan() if isinstance(found, Project))

    def scan(self, group: str = "") -> Iterator[Project | RecordUnreadable | SchemaTooNew]:
        """Yield every project sorted by name, or, for a damaged record, its error.

        With a group, only the projects that have an entry point in it.
        """
        for found in self._catalog.scan(group):
            if not group or not isinstance(found, Project) or found.is_for(group):
                yield found

    # Changing.

    def add(self, project: Project) -> Project:
        """Record a project; returns it as recorded.

        A known name is updated and keeps its switches, its order, its tags and when it was added.

        Raises:
            CatalogError: The name is that of another project in other spelling, from elsewhere
                (code "name-taken").
            SchemaTooNew: The name's record is of a later plugreg; it is not touched.
        """
        if self._moment is None:
            with self.batch():
                return self.add(project)
        moment = self._moment
        new = project._with(added_at=project._record["added_at"] or moment, updated_at=moment)
        if UNPACKED in new._record["root"]:  # nearly never: a look is enough
            from .unpacked import claim

            claim(new.root, self.path)
        return new if self._catalog.add(new) else self._update(new)

    def _update(self, new: Project) -> Project:
        old = self._known(new.name)
        if old is not None:
            _require_same(old, new)
            new = _updated(old, new)
            if old.root != new.root:
                self._released.append(old)
        self._catalog[new.name] = new
        return new

    def remove(self, name: str) -> Project | None:
        """Take a project out; returns it, or None where its record could not be read.

        Raises:
            ProjectNotFound: There is none of that name.
        """
        key = normalize_name(name)
        with self.batch():
            if key not in self._catalog:
                if self._catalog.discard_as_listed(name):
                    return None
                raise self._not_found(name)
            try:
                removed = self._catalog[key]
            except (RecordUnreadable, SchemaTooNew):
                removed = None
            del self._catalog[key]
            if removed is not None:
                self._released.append(removed)
        return removed

    def enable(self, name: str) -> Project:
        """Switch a project on; returns it."""
        return self._change(name, enabled=True)

    def disable(self, name: str) -> Project:
        """Switch a project off: hosts do not load it; returns it."""
        return self._change(name, enabled=False)

    def set(
        self,
        name: str,
        *,
        priority: int | None = None,
        before: Iterable[str] | None = None,
        after: Iterable[str] | None = None,
        tags: Iterable[str] | None = None,
    ) -> Project:
        """Change how a project loads, and its tags; None leaves a thing as it is."""
        given = {"priority": priority, "before": before, "after": after, "tags": tags}
        return self._change(name, **{key: v for key, v in given.items() if v is not None})

    def batch(self) -> _Batch:
        """Return a context manager: many changes, one commit; after an error, none of them."""
        return _Batch(self)

    def close(self) -> None:
        """Close the catalog."""
        self._catalog.store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()

    def _change(self, name: str, **changes: object) -> Project:
        with self.batch():
            old = self[name]
            new = old.replace(**changes)
            if new == old:
                return old
            new = new._with(updated_at=self._moment)
            self._catalog[new.name] = new
        return new

    def _known(self, name: str) -> Project | None:
        """Return what is recorded under a name; None where that is damaged and may be replaced."""
        try:
            return self._catalog[name]
        except RecordUnreadable:
            return None

    def _release(self, projects: list[Project]) -> None:
        if projects:
            from .unpacked import release

            used = {project.root for project in self}
            for root in {project.root for project in projects} - used:
                release(root, self.path)

    def _not_found(self, name: str) -> ProjectNotFound:
        return ProjectNotFound(
            f"no project `{name}`",
            hint=suggestion(name, self._catalog.names()) or "`plugreg list` shows what there is",
            name=name,
        )


class _Batch:
    """The context manager of `Registry.batch`: a transaction, then what waits for its end."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._transaction = registry._catalog.store.transaction()
        self._outermost = registry._moment is None

    def __enter__(self) -> None:
        self._transaction.__enter__()
        if self._outermost:
            self._registry._moment = _now()

    def __exit__(self, *exc_info: object) -> None:
        if not self._outermost:
            self._transaction.__exit__(*exc_info)  # type: ignore[arg-type]
            return
        registry = self._registry
        released, registry._released, registry._moment = registry._released, [], None
        try:
            self._transaction.__exit__(*exc_info)  # type: ignore[arg-type]
        finally:
            registry._catalog.look_again()
        if exc_info[0] is None:  # on disk: only now may code go that nobody uses any more
            registry._release(released)


def _open_to_read(path: str, flavour: str | None) -> Store:
    try:
        return backends.open(path, flavour, "r")
    except CatalogNotFound:
        return backends.MemoryStore(path)


def _open_to_write(path: str, flavour: str | None) -> Store:
    if not os.path.exists(path):
        make_folder_of(path)
    return backends.open(path, flavour, "c")


def _updated(old: Project, new: Project) -> Project:
    kept = ("enabled", "priority", "tags", "before", "after", "added_at")
    return new._with(**{field: old._record[field] for field in kept})


def _require_same(old: Project, new: Project) -> None:
    if old.display_name != new.display_name and old.source.location != new.source.location:
        raise CatalogError(
            f"{new.display_name!r} from {new.source.location} has the same normalised name as"
            f" {old.display_name!r} from {old.source.location}",
            hint=f"rename one of them, or `plugreg remove {old.name}` first",
            code="name-taken",
            name=new.name,
        )


def _module(value: str) -> str:
    return value.partition(":")[0].strip()


def _now() -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
