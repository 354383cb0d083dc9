"""The shapes of what `--json` prints and of an export, from the JSON Schemas in the package."""

from __future__ import annotations

import json
from importlib.resources import files

from .words import as_text, table

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

_DATA_OF = "data_of_"


def write(name: str) -> str:
    """Return a section for each shape of a schema, "envelope" or "export": the whole one first."""
    schema = schema_of(name)
    parts = [_object(schema)]
    parts += [_section(name, shape) for name, shape in sorted(schema["$defs"].items())]
    return "\n".join(filter(None, parts))


def schema_of(name: str) -> Any:
    """Return one of the package's schemas as plain data."""
    text = (files("plugreg.cli.schemas") / f"{name}.schema.json").read_text(encoding="utf-8")
    return json.loads(text)


def _section(name: str, shape: Any) -> str:
    said = shape.get("description", "")
    if "properties" in shape:
        head = f"### {_title(name)}\n\n"
        return head + (f"{as_text(said)}\n\n" if said else "") + _object(shape)
    return f"### {_title(name)}\n\n{_type(shape)}. {as_text(said)}\n"


def _title(name: str) -> str:
    if name.startswith(_DATA_OF):
        return f"`data` of `plugreg {name.removeprefix(_DATA_OF)}`"
    return name.replace("_", " ")


def _object(shape: Any) -> str:
    rows = list(_rows(shape, ""))
    return table(("member", "is", ""), rows) if rows else ""


def _rows(shape: Any, place: str) -> Iterator[tuple[str, str, str]]:
    """Yield the members of an object, and those of objects within it: `projects[].name`."""
    required = shape.get("required", ())
    for name, member in shape.get("properties", {}).items():
        here = f"{place}{name}"
        kind = _type(member) + ("" if name in required else ", may be missing")
        yield f"`{here}`", kind, as_text(member.get("description", ""))
        items = member.get("items", {})
        if "properties" in member:
            yield from _rows(member, f"{here}.")
        elif "properties" in items:
            yield from _rows(items, f"{here}[].")


def _type(shape: Any) -> str:
    if "$ref" in shape:
        name = shape["$ref"].rpartition("/")[2]
        return f"[{name.replace('_', ' ')}](#{name.replace('_', '-')})"
    if "const" in shape:
        return f"`{json.dumps(shape['const'])}`"
    if "enum" in shape:
        return " or ".join(f"`{json.dumps(value)}`" for value in shape["enum"])
    for union in ("anyOf", "oneOf"):
        if union in shape:
            return " or ".join(map(_type, shape[union]))
    if shape.get("type") == "array":
        return f"list of {_type(shape.get('items', {}))}"
    kinds = shape.get("type", "anything")
    return kinds if isinstance(kinds, str) else " or ".join(kinds)
