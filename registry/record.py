"""What a project's record is: plain data of one shape, with the version of that shape in it."""

from __future__ import annotations

from plugreg.backends import PlugregError, RecordUnreadable, SchemaTooNew

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

SCHEMA = 2
# What any project has room in, many times over, and no reader or printer takes long for: how large
# a record may be, one text in it, and how many texts there may be.
MAX_RECORD_BYTES = 1024**2
MAX_TEXT_BYTES = 64 * 1024
MAX_TEXTS = 10_000


def _with_hosts_and_digest(record: dict[str, Any]) -> dict[str, Any]:
    """Return a record of schema 1 as one of schema 2: nothing is known of the two new fields."""
    filled = {**record, "hosts": {}, "digest": ""}
    return {field: filled[field] for field in TYPES if field in filled} | filled


# Schema n -> what makes a record of schema n + 1 of it.
UPGRADES: dict[int, Callable[[dict[str, Any]], dict[str, Any]]] = {1: _with_hosts_and_digest}


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


# How much of the names of strange fields an error shows.
_SHOWN = 200
# The plain type of each field, in the order in which a record holds them.
TYPES: dict[str, tuple[type, ...]] = {
    "schema": (int,),
    "name": (str,),
    "display_name": (str,),
    "version": (str,),
    "summary": (str,),
    "source": (str,),  # "kind:location"
    "entry_points": (dict,),  # "group:name" to value
    "requires_python": (str, type(None)),
    "dependencies": (list,),
    "hosts": (dict,),  # name of a host's distribution to versions
    "root": (str,),
    "modules": (dict,),
    "fingerprint": (str,),
    "digest": (str,),
    "enabled": (bool,),
    "priority": (int,),
    "tags": (list,),
    "before": (list,),
    "after": (list,),
    "added_at": (str,),
    "updated_at": (str,),
}
_ORDER = tuple(TYPES)


def fits(record: dict[str, Any]) -> bool:
    """Tell whether a record has the shape of this schema; on the way of every read, so quick.

    `TYPES` in a form that takes a third of the time: joining is the quickest way to ask whether
    many things are text.
    """
    if tuple(record) != _ORDER:
        return False
    # fmt: off
    (
        schema, name, display_name, version, summary, source, entry_points, requires_python,
        dependencies, hosts, root, modules, fingerprint, digest, enabled, priority, tags, before,
        after, added_at, updated_at,
    ) = record.values()
    if not (
        type(schema) is type(priority) is int
        and type(enabled) is bool
        and type(entry_points) is type(hosts) is type(modules) is dict
        and type(dependencies) is type(tags) is type(before) is type(after) is list
    ):
        return False
    try:
        "".join([
            name, display_name, version, summary, source, *entry_points, *entry_points.values(),
            requires_python or "", *dependencies, *hosts, *hosts.values(), root, *modules,
            *modules.values(), fingerprint, digest, *tags, *before, *after, added_at, updated_at,
        ])
    except TypeError:
        return False
    # fmt: on
    return requires_python is None or type(requires_python) is str


def misfit(record: dict[str, Any]) -> str:
    """Return the first thing in a record that has not the shape of this schema."""
    for field, kinds in TYPES.items():
        if field not in record:
            return f"{field} is missing"
        value = record[field]
        if type(value) not in kinds:
            return f"{field} is {type(value).__name__}, not {kinds[0].__name__}"
        parts = [*value, *value.values()] if type(value) is dict else value
        if kinds[0] in (list, dict) and any(type(part) is not str for part in parts):
            return f"{field} holds more than text"
    names = (field if type(field) is str else type(field).__name__ for field in record)
    return f"it has other fields, or in another order: {', '.join(names)[:_SHOWN]}"


def unreadable_record(name: str, error: PlugregError) -> RecordUnreadable | SchemaTooNew:
    """Return the error of a record, with the record's name in its message."""
    kind = type(error) if isinstance(error, RecordUnreadable | SchemaTooNew) else RecordUnreadable
    from .printable import as_argument

    removing = f"plugreg remove {as_argument(name)}"
    hint = error.hint or f"the others are not affected; `{removing}` takes it out"
    return kind(f"{name}: {error.message}", hint=hint, name=name, **error.details)
