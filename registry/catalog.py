"""The catalog: the persistent mapping from project name to project, a shelf over one store.

A project's key is its normalised name. Every other key starts with "@", which no name can.
"""

from __future__ import annotations

from pickle import dumps

from plugreg.backends import CatalogError, PlugregError, SchemaTooNew

from .plain import PROTOCOL, loads_own
from .project import SCHEMA, Project, unreadable_record
from .shelf import Shelf

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from plugreg.backends import RecordUnreadable, Store

HEADER = "@catalog"
_FIRST_OTHER = ord("@")


class Catalog:
    """A mapping from normalised name to `Project`, over an open store.

    Attributes:
        shelf: The same records as plain data, everything that is not a project included.
    """

    def __init__(self, store: Store) -> None:
        """Take over `store`; close the catalog, not the store.

        Raises:
            SchemaTooNew: A later plugreg made the catalog; it is not touched.
            CatalogError: The database holds something else (code "not-a-catalog").
        """
        self._store = store
        self._add = store.add
        self.shelf = Shelf(store)
        self._has_header = False
        self._check_header()

    def _check_header(self) -> None:
        header = self.shelf.get(HEADER)
        if header is None:
            if len(self._store):
                raise CatalogError(
                    f"{self._store.path} is a DBM database, but no catalog of plugreg's",
                    hint="it was not touched; name another file with --catalog",
                    code="not-a-catalog",
                    path=self._store.path,
                )
            return
        schema = header.get("schema") if isinstance(header, dict) else None
        if type(schema) is not int or schema > SCHEMA:
            raise SchemaTooNew(
                f"{self._store.path} has schema version {schema},"
                f" and this plugreg knows up to {SCHEMA}",
                hint="upgrade plugreg; the catalog was not touched",
                path=self._store.path,
                schema=schema,
            )

    def __getitem__(self, name: str) -> Project:
        """Return the project of that normalised name.

        Raises:
            KeyError: There is none.
            RecordUnreadable: Its record is damaged, unsafe, or no project.
            SchemaTooNew: A later plugreg wrote its record.
        """
        data = self._store[name.encode()]
        try:
            return Project.from_record(loads_own(data))
        except (PlugregError, TypeError) as error:
            raise _explained(name, error) from error

    def add(self, project: Project) -> bool:
        """Record a project whose name is not in the catalog yet; False, and nothing done, if it is."""
        if not self._has_header:
            self._make_header()
        record = project._record
        return self._add(record["name"].encode(), dumps(record, PROTOCOL))

    def __setitem__(self, name: str, project: Project) -> None:
        if not self._has_header:
            self._make_header()
        self._store[name.encode()] = dumps(project._record, PROTOCOL)

    def _make_header(self) -> None:
        """Write the header with the first record: an empty catalog is an empty database."""
        self._store.add(HEADER.encode(), dumps({"schema": SCHEMA, "made_by": "plugreg"}, PROTOCOL))
        self._has_header = True

    def look_again(self) -> None:
        """Forget what was remembered of the store: a transaction may have been rolled back."""
        self._has_header = False

    def __delitem__(self, name: str) -> None:
        del self._store[name.encode()]

    def __contains__(self, name: str) -> bool:
        return name.encode() in self._store

    def names(self) -> list[str]:
        """Return the names of all projects, readable or not, sorted."""
        return sorted(key.decode(errors="replace") for key in self._store if _names_project(key))

    def __len__(self) -> int:
        return sum(1 for key in self._store if _names_project(key))

    def scan(self, group: str = "") -> Iterator[Project | RecordUnreadable | SchemaTooNew]:
        """Yield every project in the order of the names, from one snapshot where the store has one.

        A record that cannot be read is yielded as its error, whose details hold the name. With a
        group, records that do not hold that text are not even unpickled; some may be yielded that
        hold it elsewhere.
        """
        for key, data in self._store.scan(group.encode()):
            if not _names_project(key):
                continue
            try:
                project = Project.from_record(loads_own(data))
            except (PlugregError, TypeError) as error:
                yield _explained(key.decode(errors="replace"), error)
            else:
                yield project


def _names_project(key: bytes) -> bool:
    return bool(key) and key[0] != _FIRST_OTHER


def _explained(name: str, error: Exception) -> RecordUnreadable | SchemaTooNew:
    known = error if isinstance(error, PlugregError) else PlugregError(str(error))
    return unreadable_record(name, known)
