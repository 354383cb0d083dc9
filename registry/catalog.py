"""The catalog: the persistent mapping from project name to project, a shelf over one store.

A project's key is its normalised name. Every other key starts with "@", which no name can.
"""

from __future__ import annotations

from itertools import islice

from plugreg.backends import CatalogError, PlugregError, RecordUnreadable, SchemaTooNew

from .names import OWN_KEYS
from .plain import dumps
from .project import Project, proven_project
from .record import SCHEMA, unreadable_record
from .record_pickle import load_record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from plugreg.backends import Store

HEADER = "@catalog"
# What the keys begin with that are no projects'; the history's are many.
OTHERS = OWN_KEYS.encode()
_FIRST_OTHER = OTHERS[0]
# How many records of a database without a header are asked whether they are projects, or changes.
_LOOKED_AT = 100


class Catalog:
    """A mapping from normalised name to `Project`, over an open store.

    Attributes:
        store: The open store.
        header_damage: What is wrong with the record that says it is a catalog, or "".
    """

    def __init__(self, store: Store) -> None:
        """Take over `store`; close the catalog, not the store.

        Raises:
            SchemaTooNew: A later plugreg made the catalog; it is not touched.
            CatalogError: The database holds something else (code "not-a-catalog"), or its header
                is damaged and nothing in it can be read (code "header-damaged").
        """
        self.store = store
        self._add = store.add
        self._has_header = False
        self.header_damage = ""
        self._check_header()

    def _check_header(self) -> None:
        data = self.store.get(HEADER.encode())
        if data is None:
            if len(self.store) and not self._is_known():
                raise CatalogError(
                    f"{self.store.path} is a DBM database, but no catalog of plugreg's",
                    hint="it was not touched; name another file with --catalog",
                    code="not-a-catalog",
                    path=self.store.path,
                )
            return
        if data in _HEADERS:  # the walk through any other costs a host's start 2 ms
            return
        from .header import damage_of, unknown

        self.header_damage = damage_of(data, self.store.path)
        if self.header_damage and not self._is_known():
            raise unknown(self.store.path, self.header_damage)

    def _is_known(self) -> bool:
        """Tell whether it is a catalog, whatever became of its header."""
        return self._has_projects() or self._has_history()

    def _has_projects(self) -> bool:
        """Tell whether it is a catalog without its header, which damage can have taken."""
        first = islice(self.store.scan(without=OTHERS), _LOOKED_AT)
        return any(_is_project(key, data) for key, data in first)

    def _has_history(self) -> bool:
        """Tell whether it is one that damage has taken its projects from as well."""
        from .history import History  # only then

        changes = islice(History(self.store).changes(), _LOOKED_AT)
        return any(not isinstance(found, PlugregError) for found in changes)

    def __getitem__(self, name: str) -> Project:
        """Return the project of that normalised name.

        Raises:
            KeyError: There is none; the catalog's own keys are no projects.
            RecordUnreadable: Its record is damaged, unsafe, or no project.
            SchemaTooNew: A later plugreg wrote its record.
        """
        try:
            key = name.encode()
        except UnicodeEncodeError:
            key = _key(name)
        data = self.store[key]
        try:
            record, proven = load_record(data)  # `_project` again: this is the hot path
            project = proven_project(record) if proven else Project.from_record(record)
            if project._record["name"] != name:
                raise _of_another(project)
        except (PlugregError, TypeError) as error:
            if not _names_project(_key(name)):
                raise KeyError(name) from None
            raise _explained(name, error) from error
        else:
            return project

    def add(self, project: Project) -> bool:
        """Record a project of a name that is new; False, and nothing done, where it is not."""
        if not self._has_header:
            self._make_header()
        record = project._record
        return self._add(record["name"].encode(), dumps(record))

    def __setitem__(self, name: str, project: Project) -> None:
        if not self._has_header:
            self._make_header()
        self.store[name.encode()] = dumps(project._record)

    def _make_header(self) -> None:
        """Write the header with the first record: an empty catalog is an empty database."""
        self.store.add(HEADER.encode(), header_of(SCHEMA))
        self._has_header = True

    def look_again(self) -> None:
        """Forget what was remembered of the store: a transaction may have been rolled back."""
        self._has_header = False

    def __delitem__(self, name: str) -> None:
        del self.store[_key(name)]

    def __contains__(self, name: str) -> bool:
        key = _key(name)
        return _names_project(key) and key in self.store

    def discard_as_listed(self, name: str) -> tuple[bytes, bytes] | None:
        """Remove what is listed under a name that no project can have; return its key and value.

        Other programs can put any key into the file, and what is listed must be removable, by the
        key itself as well. None where nothing is listed so.
        """
        given = name.encode(errors="surrogateescape")
        for key in self.project_keys():
            if key == given or _shown(key) == name:
                data = self.store[key]
                del self.store[key]
                return key, data
        return None

    def held(self, key: bytes) -> Project | bytes | None:
        """Return the project under a key, the bytes of a record that cannot be read, or None."""
        data = self.store.get(key)
        if data is None:
            return None
        try:
            return _project(data, key)
        except (PlugregError, TypeError):
            return data

    def put(self, key: bytes, held: Project | bytes | None) -> None:
        """Make a key hold what `held` once returned."""
        if held is None:
            del self.store[key]
        else:
            if not self._has_header:
                self._make_header()
            self.store[key] = held if isinstance(held, bytes) else dumps(held._record)

    def names(self) -> list[str]:
        """Return the names of all projects, readable or not, sorted."""
        return sorted(map(_shown, self.project_keys()))

    def __len__(self) -> int:
        return sum(1 for _ in self.project_keys())

    def project_keys(self) -> Iterator[bytes]:
        """Yield the keys of all projects, readable or not, in any order."""
        return filter(None, self.store.keys_without(OTHERS))

    def scan(self, group: str = "") -> Iterator[Project | RecordUnreadable | SchemaTooNew]:
        """Yield every project in the order of the names, from one snapshot where the store has one.

        A record that cannot be read is yielded as its error, whose details hold the name. With a
        group, records that do not hold that text are not even unpickled; some may be yielded that
        hold it elsewhere.
        """
        for key, data in self.store.scan(group.encode(), without=OTHERS):
            if not key:
                continue
            try:
                project = _project(data, key)
            except (PlugregError, TypeError) as error:
                yield _explained(_shown(key), error)
            else:
                yield project


def header_of(schema: int) -> bytes:
    """Return the record that says that a catalog is one, of that version."""
    return dumps({"schema": schema, "made_by": "plugreg"})


_HEADERS = {header_of(schema) for schema in range(1, SCHEMA + 1)}


def _project(data: bytes, key: bytes) -> Project:
    record, proven = load_record(data)
    project = proven_project(record) if proven else Project.from_record(record)
    if project._record["name"].encode() != key:
        raise _of_another(project)
    return project


def _of_another(project: Project) -> RecordUnreadable:
    """Return the error of a record that is under a key that is not its name."""
    return RecordUnreadable(f"it is the record of another project, {project.name}")


def _is_project(key: bytes, data: bytes) -> bool:
    try:
        _project(data, key)
    except (PlugregError, TypeError):
        return False
    return True


def _key(name: str) -> bytes:
    """Return the key of a name; one that is no text at all is nobody's."""
    return name.encode(errors="surrogateescape")


def _shown(key: bytes) -> str:
    """Return a key as a name that can be printed, whatever another program made of it."""
    name = key.decode(errors="backslashreplace")
    if name.isprintable():
        return name
    from .printable import safe

    return safe(name)


def _names_project(key: bytes) -> bool:
    return bool(key) and key[0] != _FIRST_OTHER


def _explained(name: str, error: Exception) -> RecordUnreadable | SchemaTooNew:
    known = error if isinstance(error, PlugregError) else PlugregError(str(error))
    return unreadable_record(name, known)
