"""A hosted app project: one plug-in project with its metadata and entry points."""

from __future__ import annotations

from plugreg.backends import PlugregError, RecordUnreadable, SchemaTooNew

from .names import normalize_name, require_name
from .value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from typing import Any, Self

SCHEMA = 1
# Schema n -> what makes a record of schema n + 1 of it. There is only one schema so far.
UPGRADES: dict[int, Callable[[dict[str, Any]], dict[str, Any]]] = {}


class EntryPoint(Value):
    """One entry point of a project: what a host of `group` finds under `name`.

    Attributes:
        group: The host's group, such as "datasette" or "pytest11".
        name: The plug-in's name in the host.
        value: The object, "package.module:attribute" or "package.module".
    """

    __slots__ = ("group", "name", "value")
    group: str
    name: str
    value: str

    def __init__(self, group: str, name: str, value: str) -> None:
        self._set(group, name, value)


class Source(Value):
    """Where a project was read from.

    Attributes:
        kind: "directory", "wheel", "sdist", "module" or "distribution", or an outsider's word.
        location: The absolute path of it (for a distribution: of its metadata directory).
    """

    __slots__ = ("kind", "location")
    kind: str
    location: str

    def __init__(self, kind: str, location: str) -> None:
        self._set(kind, location)


class Project:
    """One hosted app project, immutable; `replace` makes a changed copy.

    Two projects are equal where all their fields are.
    """

    __slots__ = ("_record",)
    _record: dict[str, Any]

    def __init__(
        self,
        *,
        name: str,
        version: str,
        source: Source,
        entry_points: Iterable[EntryPoint] = (),
        display_name: str = "",
        summary: str = "",
        requires_python: str | None = None,
        dependencies: Iterable[str] = (),
        root: str = "",
        modules: Mapping[str, str] | None = None,
        fingerprint: str = "",
        enabled: bool = True,
        priority: int = 0,
        tags: Iterable[str] = (),
        before: Iterable[str] = (),
        after: Iterable[str] = (),
        added_at: str = "",
        updated_at: str = "",
    ) -> None:
        """Make a project from its parts; see the properties for what each means.

        Raises:
            PlugregError: The name is not one that PEP 508 allows (code "name-invalid").
            TypeError: A part has the wrong type.
        """
        require_name(name)
        record: dict[str, Any] = {
            "schema": SCHEMA,
            "name": normalize_name(name),
            "display_name": display_name or name,
            "version": version,
            "summary": summary,
            "source": f"{source.kind}:{source.location}",
            "entry_points": {f"{entry.group}:{entry.name}": entry.value for entry in entry_points},
            "requires_python": requires_python,
            "dependencies": list(dependencies),
            "root": root,
            "modules": dict(modules or {}),
            "fingerprint": fingerprint,
            "enabled": enabled,
            "priority": priority,
            "tags": sorted(set(tags)),
            "before": [normalize_name(other) for other in before],
            "after": [normalize_name(other) for other in after],
            "added_at": added_at,
            "updated_at": updated_at,
        }
        if not _fits(record):
            raise TypeError(f"project {name!r}: {_misfit(record)}")
        _set_record(self, record)

    @classmethod
    def from_record(cls, record: object) -> Self:
        """Return the project of a catalog's record, plain data of this schema or an older one.

        Raises:
            SchemaTooNew: A later plugreg wrote it.
            RecordUnreadable: It has not the shape of a project.
        """
        if type(record) is not dict:
            raise RecordUnreadable(f"not a project but {type(record).__name__}")
        if record.get("schema") != SCHEMA:
            record = read_forward(record)
        if not _fits(record):
            raise RecordUnreadable(f"not a project: {_misfit(record)}")
        project: Self = _new(cls)
        _set_record(project, record)
        return project

    def to_record(self) -> dict[str, Any]:
        """Return the plain data that the catalog pickles."""
        return dict(self._record)

    def replace(self, **changes: Any) -> Self:
        """Return a copy with these fields changed; they are those of the constructor."""
        parts: dict[str, Any] = {field: getattr(self, field) for field in _FIELDS}
        unknown = changes.keys() - parts.keys()
        if unknown:
            raise TypeError(f"a project has no field {', '.join(sorted(unknown))}")
        if "name" in changes:
            changes.setdefault("display_name", changes["name"])
        return type(self)(**{**parts, **changes})

    def _with(self, **fields: object) -> Self:
        """Return a copy with plain fields of the record set, unchecked: for the registry's own."""
        project: Self = _new(type(self))
        _set_record(project, {**self._record, **fields})
        return project

    @property
    def name(self) -> str:
        """The name as PEP 503 normalises it: the project's key in the catalog."""
        return str(self._record["name"])

    @property
    def display_name(self) -> str:
        """The name as the project spells it."""
        return str(self._record["display_name"])

    @property
    def version(self) -> str:
        """The version, as PEP 440 spells it."""
        return str(self._record["version"])

    @property
    def summary(self) -> str:
        """The one-line description, or ""."""
        return str(self._record["summary"])

    @property
    def source(self) -> Source:
        """Where the project was read from."""
        kind, _, location = self._record["source"].partition(":")
        return Source(kind, location)

    @property
    def entry_points(self) -> tuple[EntryPoint, ...]:
        """All its entry points, in the project's order."""
        named = ((*key.partition(":"), value) for key, value in self._record["entry_points"].items())
        return tuple(EntryPoint(group, name, value) for group, _, name, value in named)

    @property
    def groups(self) -> tuple[str, ...]:
        """The groups of its entry points, sorted: the hosts that it is for."""
        return tuple(sorted({key.partition(":")[0] for key in self._record["entry_points"]}))

    @property
    def requires_python(self) -> str | None:
        """The versions of Python it runs on, as PEP 440 says them, or None for any."""
        value: str | None = self._record["requires_python"]
        return value

    @property
    def dependencies(self) -> tuple[str, ...]:
        """Its requirements, as PEP 508 spells them."""
        return tuple(self._record["dependencies"])

    @property
    def root(self) -> str:
        """The folder that `modules` is relative to; "" where its code is installed already."""
        return str(self._record["root"])

    @property
    def modules(self) -> dict[str, str]:
        """What it makes importable: import name to path, relative to `root`, "/" between parts."""
        return dict(self._record["modules"])

    @property
    def fingerprint(self) -> str:
        """How the files looked that its metadata came from; see `take_fingerprint`."""
        return str(self._record["fingerprint"])

    @property
    def enabled(self) -> bool:
        """Whether hosts load it."""
        return bool(self._record["enabled"])

    @property
    def priority(self) -> int:
        """Projects load from the lowest to the highest; pluggy calls the last loaded first."""
        return int(self._record["priority"])

    @property
    def tags(self) -> tuple[str, ...]:
        """The operator's words for it, sorted."""
        return tuple(self._record["tags"])

    @property
    def before(self) -> tuple[str, ...]:
        """Names of projects that load later than this one."""
        return tuple(self._record["before"])

    @property
    def after(self) -> tuple[str, ...]:
        """Names of projects that load earlier than this one."""
        return tuple(self._record["after"])

    @property
    def added_at(self) -> str:
        """When it was added, UTC, as "2026-01-31T12:00:00Z"; "" before."""
        return str(self._record["added_at"])

    @property
    def updated_at(self) -> str:
        """When its record was last changed, UTC, in the same form."""
        return str(self._record["updated_at"])

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"a project is immutable: use replace({name}=...) for a changed copy")

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Project) and self._record == other._record

    def __hash__(self) -> int:
        return hash((self.name, self.version, self.updated_at))

    def __repr__(self) -> str:
        state = "enabled" if self.enabled else "disabled"
        return f"<Project {self.name} {self.version} ({state})>"

    def __reduce__(self) -> tuple[Callable[[object], Project], tuple[dict[str, Any]]]:
        return (type(self).from_record, (self._record,))


_new = object.__new__
_set_record = Project._record.__set__  # type: ignore[attr-defined] # the slot's own, past __setattr__


def read_forward(
    record: dict[str, Any],
    upgrades: Mapping[int, Callable[[dict[str, Any]], dict[str, Any]]] = UPGRADES,
    current: int = SCHEMA,
) -> dict[str, Any]:
    """Return a record of an older schema as one of the current schema; the catalog keeps its own.

    Raises:
        SchemaTooNew: A later plugreg wrote it.
        RecordUnreadable: It has no schema that this plugreg knows.
    """
    schema = record.get("schema")
    if type(schema) is not int:
        raise RecordUnreadable("not a project: it names no schema version")
    if schema > current:
        raise SchemaTooNew(
            f"its schema version is {schema}, and this plugreg knows up to {current}",
            hint="upgrade plugreg",
            schema=schema,
        )
    while schema < current:
        if schema not in upgrades:
            raise RecordUnreadable(f"not a project: unknown schema version {schema}")
        record = {**upgrades[schema](record), "schema": schema + 1}
        schema += 1
    return record


_FIELDS = (
    "name display_name version summary source entry_points requires_python dependencies root"
    " modules fingerprint enabled priority tags before after added_at updated_at"
).split()
# The plain type of each field, in the order in which a record holds them.
_TYPES: dict[str, tuple[type, ...]] = {
    "schema": (int,),
    "name": (str,),
    "display_name": (str,),
    "version": (str,),
    "summary": (str,),
    "source": (str,),  # "kind:location"
    "entry_points": (dict,),  # "group:name" to value
    "requires_python": (str, type(None)),
    "dependencies": (list,),
    "root": (str,),
    "modules": (dict,),
    "fingerprint": (str,),
    "enabled": (bool,),
    "priority": (int,),
    "tags": (list,),
    "before": (list,),
    "after": (list,),
    "added_at": (str,),
    "updated_at": (str,),
}
_ORDER = tuple(_TYPES)
# Both combinations of types that `_TYPES` allows: one look-up checks a whole record.
_SHAPES = {
    tuple(kind if kind in kinds else kinds[0] for kinds in _TYPES.values())
    for kind in (str, type(None))
}


def _fits(record: dict[str, Any]) -> bool:
    """Tell whether a record has the shape of this schema; on the way of every read, so quick."""
    if tuple(map(type, record.values())) not in _SHAPES or tuple(record) != _ORDER:
        return False
    entry_points, modules = record["entry_points"], record["modules"]
    try:  # joining is the quickest way to ask whether all of them are text
        "".join(
            [
                *entry_points,
                *entry_points.values(),
                *record["dependencies"],
                *modules,
                *modules.values(),
                *record["tags"],
                *record["before"],
                *record["after"],
            ]
        )
    except TypeError:
        return False
    return True


def _misfit(record: dict[str, Any]) -> str:
    """Return the first thing in a record that has not the shape of this schema."""
    for field, kinds in _TYPES.items():
        if field not in record:
            return f"{field} is missing"
        value = record[field]
        if type(value) not in kinds:
            return f"{field} is {type(value).__name__}, not {kinds[0].__name__}"
        parts = [*value, *value.values()] if type(value) is dict else value
        if kinds[0] in (list, dict) and any(type(part) is not str for part in parts):
            return f"{field} holds more than text"
    return f"it has other fields, or in another order: {', '.join(map(str, record))}"


def unreadable_record(name: str, error: PlugregError) -> RecordUnreadable | SchemaTooNew:
    """Return the error of a record, with the record's name in its message."""
    kind = type(error) if isinstance(error, RecordUnreadable | SchemaTooNew) else RecordUnreadable
    hint = error.hint or f"the others are not affected; plugreg remove {name} takes it out"
    return kind(f"{name}: {error.message}", hint=hint, name=name, **error.details)
