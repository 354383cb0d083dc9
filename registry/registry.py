"""The registry: which projects are known, and which of them are switched on."""

from __future__ import annotations

import os
from contextlib import suppress

from plugreg import backends
from plugreg.backends import (
    DEFAULT_TIMEOUT_S,
    CatalogError,
    RecordUnreadable,
    SourceError,
)

from .catalog import Catalog
from .catalog_view import CatalogView, open_to_read
from .locations import UNPACKED, locate_catalog, make_folder_of
from .names import normalize_name
from .project import Project

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Self

    from plugreg.backends import Store

    from .batch import Batch
    from .change import Change, Difference, Held
    from .journal import Journal


class Registry(CatalogView):
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
        super().__init__(catalog, path, reason)
        # Inside a batch: what it does, and the unpacked code that may have no user at its end.
        self._journal: Journal | None = None
        self._in_doubt: set[str] = set()

    @classmethod
    def open(
        cls,
        catalog: str | os.PathLike[str] | None = None,
        *,
        flavour: str | None = None,
        read_only: bool = False,
        verify: bool = False,
        timeout_s: float = DEFAULT_TIMEOUT_S,
    ) -> Self:
        """Open a catalog, and make it where it is missing; read-only, a missing one is empty.

        Args:
            catalog: Its path; None takes PLUGREG_CATALOG, else the user's catalog.
            flavour: What it must be, and what a new one becomes; None takes any that exists and
                makes the pinned one.
            read_only: Open it without the right to change it.
            timeout_s: How long to wait for another process that has it locked, in seconds: now, and
                in each change.
            verify: Read and check the whole file and every record first, so that damage shows now.

        Raises:
            CatalogError: It is locked, corrupt, may not be opened so, or is of a later plugreg.
            RecordUnreadable: Only with `verify`; it names every record that cannot be read.
            FlavourError: The file is no DBM database, or of another flavour.
        """
        path, reason = locate_catalog(catalog)
        opening = open_to_read if read_only else _open_to_write
        store = opening(path, flavour, timeout_s)
        try:
            opened = Catalog(store)
            if verify:
                from .verification import verify_catalog

                verify_catalog(opened)
            return cls(opened, path, reason)
        except BaseException:
            store.close()
            raise

    # Changing.

    def add(self, project: Project) -> Project:
        """Record a project; returns it as recorded.

        A known name is updated and keeps its switches, its order, its tags and when it was added;
        where nothing else is new, nothing is written.

        Raises:
            CatalogError: The name is that of another project in other spelling, from elsewhere
                (code "name-taken").
            SchemaTooNew: The name's record is of a later plugreg; it is not touched.
        """
        journal = self._journal
        if journal is None:
            with self.batch("add"):
                return self.add(project)
        moment = journal.moment
        new = project._with(added_at=project._record["added_at"] or moment, updated_at=moment)
        if UNPACKED in new._record["root"]:  # nearly never: a look is enough
            from .unpacked import claim

            self._in_doubt.add(new.root)
            claim(new.root, self.path)
        if not self._catalog.add(new):
            return self._update(new)
        journal.note(new._record["name"], None, new)
        return new

    def _update(self, new: Project) -> Project:
        old = self._known(new.name)
        if old is not None:
            _require_same(old, new)
            new = _updated(old, new)
            if new._with(updated_at=old._record["updated_at"]) == old:
                return old
        self._noted(new.name, self._catalog.held(new.name.encode()) if old is None else old, new)
        self._catalog[new.name] = new
        return new

    def remove(self, name: str) -> Project | None:
        """Take a project out; returns it, or None where its record could not be read.

        What is listed under just that name goes before a project of which it is a spelling.

        Raises:
            ProjectNotFound: There is none of that name.
        """
        key = normalize_name(name)
        with self.batch("remove"):
            if key not in self._catalog or (name != key and name in self._catalog):
                self._remove_as_listed(name)
                return None
            held = self._catalog.held(key.encode(errors="surrogateescape"))
            del self._catalog[key]
            self._noted(key, held, None)
        self._forget(key)
        return held if isinstance(held, Project) else None

    def _remove_as_listed(self, name: str) -> None:
        found = self._catalog.discard_as_listed(name)
        if found is None:
            raise self._not_found(name)
        self._noted(found[0].decode(errors="surrogateescape"), found[1], None)

    def enable(self, name: str) -> Project:
        """Switch a project on, and forget that it ended processes; returns it."""
        project = self._change("enable", name, enabled=True)
        self._forget(project.name)
        return project

    def disable(self, name: str) -> Project:
        """Switch a project off: hosts do not load it; returns it."""
        return self._change("disable", name, enabled=False)

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
        return self._change("set", name, **{key: v for key, v in given.items() if v is not None})

    def batch(self, command: str = "batch") -> Batch:
        """Return a context manager: many changes, one commit; after an error, none of them.

        They are one change in the history.

        Args:
            command: What the history calls it; an inner batch has no word of its own.
        """
        from .batch import Batch

        return Batch(self, command)

    # What was.

    def undo(self, number: int | None = None, *, command: str = "") -> Change:
        """Take a change back, as a change of its own; returns that.

        Without a number, the last one that is not taken back yet: repeated, it goes further back,
        past what hosts' starts have read again.
        With one, that change only; if that was itself an undo, what it took back is done again.

        Args:
            number: The change's number in the history.
            command: What the history calls the undo; "" says "undo".

        Raises:
            CatalogError: A project is not as the change left it, so that a later change would be
                lost (code "undo-conflict"); or there is no such change (code
                "revision-not-found"). Nothing is changed then.
        """
        from .undoing import undo

        return undo(self, number, command)

    def redo(self, *, command: str = "") -> Change:
        """Do again what the last undo took back, if nothing else was changed since; see `undo`."""
        from .undoing import redo

        return redo(self, command)

    def restore(self, name: str, number: int) -> Project:
        """Make a project again what it was after the change of that number; see `at`.

        Raises:
            CatalogError: It was not in the catalog then (code "revision-not-found").
        """
        from .undoing import restore

        return restore(self, name, number)

    def match(self, projects: Iterable[Project]) -> list[Difference]:
        """Make the catalog hold exactly these projects, just as they are; all or nothing.

        One of which only the fingerprint is another, and that of the record fits the source here,
        stays as it is.

        Returns what differed before, sorted by name; `differences_to` tells it beforehand.

        Raises:
            SchemaTooNew: A record of a later plugreg would be lost.
            PlugregError: Two of the projects have the same name (code "name-taken").
        """
        with self.batch("match"):
            different = self.differences_to(projects)
            for each in different:
                self._put(each.name, each.before, each.after)
        return different

    def trim_history(self, keep: int) -> int:
        """Forget all changes but the last `keep`; return how many were forgotten."""
        with self._catalog.store.transaction():
            return self._history().trim(keep)

    def forget_unreadable(self) -> int:
        """Forget the changes that are damaged; return how many. All others stay."""
        with self._catalog.store.transaction():
            return self._history().forget_unreadable()

    def _change(self, verb: str, name: str, **changes: object) -> Project:
        with self.batch(verb):
            old = self[name]
            new = old.replace(**changes)
            if new == old:
                return old
            new = new._with(updated_at=self._moment())
            self._catalog[new.name] = new
            self._noted(new.name, old, new)
        return new

    def _forget(self, name: str) -> None:
        from .quarantine import forget

        forget(self.path, name)

    def _claim_if_there(self, project: Project) -> None:
        """Say that unpacked code is used again; where it is gone, the project's state tells so."""
        from .unpacked import claim

        if not os.path.isdir(project.root):
            return
        try:
            claim(project.root, self.path)
        except SourceError:
            return

    def _put(self, name: str, now: Held, then: Held) -> None:
        """Make what is held under a name something else, just as that is, and note it."""
        if now == then:
            return
        if isinstance(then, Project) and UNPACKED in then._record["root"]:
            self._in_doubt.add(then.root)
            self._claim_if_there(then)
        self._catalog.put(name.encode(errors="surrogateescape"), then)
        self._noted(name, now, then)

    def _moment(self) -> str:
        assert self._journal is not None
        return self._journal.moment

    def _noted(self, name: str, before: Held, after: Held) -> None:
        """Note what a change did to a project, and that unpacked code may have lost a user."""
        assert self._journal is not None
        self._journal.note(name, before, after)
        kept = isinstance(after, Project) and after.root
        if isinstance(before, Project) and before.root != kept:
            self._in_doubt.add(before.root)

    def _known(self, name: str) -> Project | None:
        """Return what is recorded under a name; None where that is damaged and may be replaced."""
        try:
            return self._catalog[name]
        except RecordUnreadable:
            return None

    def _release(self, roots: frozenset[str]) -> None:
        """Let go of the unpacked code that no record uses, after the end of a transaction.

        In another one: no process takes it into the same catalog meanwhile. Where that cannot
        begin, the code stays; nothing else suffers.
        """
        from .unpacked import release

        with suppress(CatalogError, OSError), self._catalog.store.transaction():
            for root in roots - {project.root for project in self}:
                release(root, self.path)

    def _release_unused(self) -> None:
        """Let go of the unpacked code that this catalog has a claim on and does not use.

        A process that was killed behind its commit has left it.
        """
        from .unpacked import release, unused_claims

        with self._catalog.store.transaction():
            for folder in unused_claims(self):
                release(folder, self.path)


def _open_to_write(path: str, flavour: str | None, timeout_s: float) -> Store:
    if not os.path.exists(path):
        make_folder_of(path)
    return backends.open(path, flavour, "c", timeout_s=timeout_s)


def _updated(old: Project, new: Project) -> Project:
    kept = ("enabled", "priority", "tags", "before", "after", "added_at")
    return new._with(**{field: old._record[field] for field in kept})


def _require_same(old: Project, new: Project) -> None:
    if old.display_name != new.display_name and old.source.location != new.source.location:
        from .printable import safe

        raise CatalogError(
            f"`{safe(new.display_name)}` from {new.source.location} has the same normalised name as"
            f" `{safe(old.display_name)}` from {old.source.location}",
            hint=f"rename one of them, or `plugreg remove {old.name}` first",
            code="name-taken",
            name=new.name,
        )
