"""A hosted app project: one plug-in project with its metadata and entry points."""

from __future__ import annotations

from plugreg.backends import PlugregError, RecordUnreadable

from .names import MAX_CHARS, is_module_place, normalize_name, require_name
from .record import SCHEMA, fits, misfit, read_forward
from .value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from typing import Any, Self


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
        hosts: Mapping[str, str] | None = None,
        root: str = "",
        modules: Mapping[str, str] | None = None,
        fingerprint: str = "",
        digest: str = "",
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
            PlugregError: The name is not one that PEP 508 allows (code "name-invalid"), or a group
                or the kind of source has a colon in it, or a text is none (code "word-invalid").
            TypeError: A part has the wrong type.
        """
        require_name(name)
        points = tuple(entry_points)
        _require_no_colon("kind of source", source.kind)
        for point in points:
            _require_no_colon("group", point.group)
        record: dict[str, Any] = {
            "schema": SCHEMA,
            "name": normalize_name(name),
            "display_name": display_name or name,
            "version": version,
            "summary": summary,
            "source": f"{source.kind}:{source.location}",
            "entry_points": {f"{entry.group}:{entry.name}": entry.value for entry in points},
            "requires_python": requires_python,
            "dependencies": list(dependencies),
            "hosts": dict(hosts or {}),
            "root": root,
            "modules": dict(modules or {}),
            "fingerprint": fingerprint,
            "digest": digest,
            "enabled": enabled,
            "priority": priority,
            "tags": sorted(set(tags)),
            "before": _normalized(before),
            "after": _normalized(after),
            "added_at": added_at,
            "updated_at": updated_at,
        }
        if not fits(record):
            raise TypeError(f"project {name!r}: {misfit(record)}")
        from .record_bounds import fault_in

        fault = fault_in(record)
        if fault:
            raise PlugregError(
                f"{normalize_name(name)} cannot be recorded: {fault}",
                hint="correct it in the project",
                code="word-invalid",
                name=name,
            )
        for module, path in record["modules"].items():
            _require_module_place(module, path)
        _set_record(self, record)

    @classmethod
    def from_record(cls, record: object) -> Self:
        """Return the project of a catalog's record, plain data of this schema or an older one.

        Raises:
            SchemaTooNew: A later plugreg wrote it.
            RecordUnreadable: It has not the shape of a project, or holds what none can.
        """
        if type(record) is not dict:
            raise RecordUnreadable(f"not a project but {type(record).__name__}")
        if record.get("schema") != SCHEMA:
            record = read_forward(record)
        if not fits(record):
            raise RecordUnreadable(f"not a project: {misfit(record)}")
        from .record_bounds import fault_in

        fault = fault_in(record)
        if fault:
            raise RecordUnreadable(f"not a project: {fault}")
        project: Self = _new(cls)
        _set_record(project, record)
        return project

    def to_record(self) -> dict[str, Any]:
        """Return the plain data that the catalog pickles."""
        return {
            field: value.copy() if type(value) in (list, dict) else value
            for field, value in self._record.items()
        }

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
        named = (
            (*key.partition(":"), value) for key, value in self._record["entry_points"].items()
        )
        return tuple(EntryPoint(group, name, value) for group, _, name, value in named)

    def entry_points_of(self, group: str) -> list[EntryPoint]:
        """Return its entry points in one group, in the project's order."""
        start = f"{group}:"
        return [
            EntryPoint(group, key[len(start) :], value)
            for key, value in self._record["entry_points"].items()
            if key.startswith(start)
        ]

    def is_for(self, group: str) -> bool:
        """Tell whether it has an entry point in a group."""
        start = f"{group}:"
        for key in self._record["entry_points"]:  # noqa: SIM110 - `any` takes three times as long
            if key.startswith(start):
                return True
        return False

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
    def hosts(self) -> dict[str, str]:
        """The versions of its hosts that it says it fits: name of a distribution to versions."""
        return dict(self._record["hosts"])

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
    def digest(self) -> str:
        """The digest of its code and metadata that was approved; see `take_digest`; "" if none."""
        return str(self._record["digest"])

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

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"a project is immutable: {name} cannot be deleted")

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Project) and self._record == other._record

    def __hash__(self) -> int:
        return hash((self.name, self.version, self.updated_at))

    def __repr__(self) -> str:
        state = "enabled" if self.enabled else "disabled"
        return f"<Project {self.name} {self.version} ({state})>"

    def __reduce__(self) -> tuple[Callable[[object], Project], tuple[dict[str, Any]]]:
        return (type(self).from_record, (self._record,))


# How much of a strange name an error shows.
_SHOWN = 200
_new = object.__new__
# The slot's own setter, past `__setattr__`.
_set_record = Project._record.__set__  # type: ignore[attr-defined, misc]


def proven_project(record: dict[str, Any]) -> Project:
    """Return the project of a record that surely has the shape of this schema."""
    project = _new(Project)
    _set_record(project, record)
    return project


def _normalized(names: Iterable[str]) -> list[str]:
    given = list(names)
    if any(type(name) is not str for name in given):
        raise TypeError(f"names of projects are text, not {given!r}")
    return [normalize_name(name) for name in given]


def _require_module_place(module: str, path: str) -> None:
    if not is_module_place(module, path):
        from .printable import safe

        raise PlugregError(
            f"`{safe(module[:_SHOWN])}` at `{safe(path[:_SHOWN])}` is no module of a project",
            hint=f"a module's name is identifiers with dots between, at most {MAX_CHARS} bytes, and"
            " its path lies in the project",
            code="word-invalid",
            name=module,
        )


def _require_no_colon(what: str, word: str) -> None:
    """Refuse what a record could not keep: it holds "kind:location" and "group:name"."""
    if ":" in word:
        from .printable import safe

        raise PlugregError(
            f"`{safe(word)}` is not a valid {what}: it has a colon in it",
            hint="use letters, digits, '.', '-' and '_'",
            code="word-invalid",
            word=word,
        )


_FIELDS = [
    "name",
    "display_name",
    "version",
    "summary",
    "source",
    "entry_points",
    "requires_python",
    "dependencies",
    "hosts",
    "root",
    "modules",
    "fingerprint",
    "digest",
    "enabled",
    "priority",
    "tags",
    "before",
    "after",
    "added_at",
    "updated_at",
]
