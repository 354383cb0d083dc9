"""A catalog as JSON that people read, compare and keep in git, and back.

The file is one object: "format" and "version" say what it is, "projects" has all that the catalog
keeps of each, sorted by name. Paths below the root, usually the file's own folder, are relative to
it and begin with "./"; those of unpacked code begin with "@unpacked/", since every user has his own
folder for that. All others are as they are; one that begins like these has "=" in front.
"""

from __future__ import annotations

import os

from plugreg.backends import PlugregError

from .locations import UNPACKED, layer_catalogs
from .project import _FIELDS, EntryPoint, Project, Source
from .record import TYPES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator
    from typing import Any

FORMAT = "plugreg-catalog"
VERSION = 1
_BELOW, _UNPACKED, _VERBATIM = "./", f"@{UNPACKED}/", "="
# What an object of the file has, just as the package's schema of exports says.
_OF_FILE = ("format", "version", "projects")
_OF_SOURCE = ("kind", "location")
_OF_ENTRY_POINT = ("group", "name", "value")
_KINDS = {
    **{field: TYPES[field] for field in _FIELDS if field != "source"},
    "entry_points": (list,),
}
_MOMENTS = ("added_at", "updated_at")
_MOMENT = "([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z)?"
_SPECIAL = (_BELOW, _UNPACKED, _VERBATIM)


def recorded_object(project: Project) -> dict[str, Any]:
    """Return all that the catalog keeps of a project, as plain data for JSON."""
    source = project.source
    entries = project.entry_points
    return {
        "name": project.name,
        "display_name": project.display_name,
        "version": project.version,
        "summary": project.summary,
        "enabled": project.enabled,
        "priority": project.priority,
        "before": list(project.before),
        "after": list(project.after),
        "tags": list(project.tags),
        "source": {"kind": source.kind, "location": source.location},
        "root": project.root,
        "modules": project.modules,
        "entry_points": [
            {"group": entry.group, "name": entry.name, "value": entry.value} for entry in entries
        ],
        "requires_python": project.requires_python,
        "dependencies": list(project.dependencies),
        "hosts": project.hosts,
        "digest": project.digest,
        "fingerprint": project.fingerprint,
        "added_at": project.added_at,
        "updated_at": project.updated_at,
    }


def export_lines(projects: Iterable[Project], root: str, home: str = "") -> Iterator[str]:
    """Yield the lines of the file, without their ends; ASCII, so that every locale keeps them.

    Args:
        projects: In the order in which they are to stand.
        root: The folder that the paths below it are made relative to, absolute.
        home: The folder of the catalog that they are from, where one is named; code unpacked below
            it is as portable as that of this process's own layers.
    """
    import json
    from textwrap import indent

    yield "{"
    yield f'  "format": {json.dumps(FORMAT)},'
    yield f'  "version": {VERSION},'
    end = '  "projects": ['
    for project in projects:
        yield end if end.endswith("[") else f"{end},"
        end = indent(json.dumps(portable_object(project, root, home), indent=2), "    ")
    yield f"{end}]" if end.endswith("[") else f"{end}\n  ]"
    yield "}"


def read_export(
    text: str, root: str, home: str = "", *, called: str = "the file"
) -> tuple[list[Project], list[PlugregError]]:
    """Return the projects of such a file, and the errors of those that are none.

    Args:
        text: What is in the file.
        root: The folder that its paths are relative to, absolute.
        home: The folder of the layer that it is for, below which code is unpacked; "" is the user's
            data folder.
        called: What errors call it.

    Raises:
        PlugregError: It is no such file (code "import-invalid"), or one of a later plugreg (code
            "import-too-new").
    """
    projects: dict[str, Project] = {}
    errors: list[PlugregError] = []
    for place, item in enumerate(_items(text, called), 1):
        try:
            project = _project(item, root, home)
            if project.name in projects:
                raise ValueError("it is there twice")
        except (PlugregError, TypeError, ValueError) as error:
            errors.append(_invalid(called, _named(place, item, error)))
        else:
            projects[project.name] = project
    return list(projects.values()), errors


def _items(text: str, called: str) -> list[object]:
    import json

    try:
        whole = json.loads(text)
    except ValueError as error:
        raise _invalid(called, f"it is no JSON: {_conflict_in(text) or error}") from error
    except RecursionError:
        raise _invalid(called, "lists in lists without end") from None
    if not isinstance(whole, dict) or whole.get("format") != FORMAT:
        raise _invalid(called, f'it does not say "format": "{FORMAT}"')
    version = whole.get("version")
    if type(version) is int and version > VERSION:
        raise PlugregError(
            f"{called} has version {version}, and this plugreg knows up to {VERSION}",
            hint="upgrade plugreg",
            code="import-too-new",
        )
    items = whole.get("projects")
    if type(version) is not int or version != VERSION or not isinstance(items, list):
        raise _invalid(called, "it has no version, or no list of projects")
    try:
        _require_just(whole, _OF_FILE)
    except TypeError as error:
        raise _invalid(called, str(error)) from None
    return items


def _conflict_in(text: str) -> str:
    """Return where a merge of git's left both sides in a file, or ""."""
    for number, line in enumerate(text.split("\n"), 1):
        if line.startswith("<<<<<<< "):
            return f"git could not merge line {number}, and left both sides there"
    return ""


def portable_object(project: Project, root: str, home: str = "") -> dict[str, Any]:
    """Return a project as the file has it, its paths relative to the root; see `export_lines`."""
    item = recorded_object(project)
    item["source"]["location"] = _written(item["source"]["location"], root, home)
    item["root"] = _written(item["root"], root, home)
    return item


def _project(item: Any, root: str, home: str) -> Project:
    """Return an item as a project; what is wrong with it raises one of a few errors."""
    parts = _require_just(item, _FIELDS)
    source = _require_texts(parts["source"], _OF_SOURCE, "source")
    for field, kinds in _KINDS.items():
        if type(parts[field]) not in kinds:
            raise TypeError(f"{field} is {type(parts[field]).__name__}, not {kinds[0].__name__}")
    points = [
        _require_texts(each, _OF_ENTRY_POINT, "an entry point") for each in parts["entry_points"]
    ]
    changed = {
        "root": _read(parts["root"], root, home),
        "source": Source(source["kind"], _read(source["location"], root, home)),
        "entry_points": [EntryPoint(each["group"], each["name"], each["value"]) for each in points],
    }
    project = Project(**{**parts, **changed})
    _require_moments(parts)
    if project.name != parts["name"]:
        raise ValueError(f"its name is not normalised: {project.name}")
    return project


def _require_just(item: Any, names: Collection[str], of: str = "") -> dict[str, Any]:
    """Return an object that has these members and no others; else a TypeError tells which."""
    what = f" of {of}" if of else ""
    if not isinstance(item, dict):
        raise TypeError(f"{of or 'it'} is no object")
    unknown = [name for name in item if name not in names]
    missing = [name for name in names if name not in item]
    if unknown:
        raise TypeError(f"no field{what} is called {unknown[0]}")
    if missing:
        raise TypeError(f"{missing[0]}{what} is missing")
    return item


def _require_texts(item: Any, names: Collection[str], of: str) -> dict[str, str]:
    """Do what `_require_just` does, where each member is text."""
    for name, value in _require_just(item, names, of).items():
        if not isinstance(value, str):
            raise TypeError(f"{name} of {of} is {type(value).__name__}, not str")
    return item  # type: ignore[no-any-return]


def _require_moments(parts: dict[str, Any]) -> None:
    import re

    for field in _MOMENTS:
        if not re.fullmatch(_MOMENT, parts[field]):
            raise ValueError(f"{field} is no moment in UTC, such as 2026-11-21T15:14:43Z")


def _written(path: str, root: str, named: str) -> str:
    from .unpacked import home_of, unpacked_folder

    homes = {named, *(os.path.dirname(catalog) for _, catalog in layer_catalogs())}
    home = home_of(path) if home_of(path) in homes else ""
    for folder, start in ((unpacked_folder(home), _UNPACKED), (root, _BELOW)):
        if path == folder:
            return start
        below = os.path.join(folder, "")
        if path.startswith(below) and os.path.normpath(path) == path:
            return start + path[len(below) :]
    return _VERBATIM + path if path.startswith(_SPECIAL) else path


def _read(path: str, root: str, home: str) -> str:
    from .unpacked import unpacked_folder

    if path.startswith(_VERBATIM):
        return path[len(_VERBATIM) :]
    for folder, start in ((unpacked_folder(home), _UNPACKED), (root, _BELOW)):
        if path.startswith(start):
            rest = path[len(start) :]
            return os.path.join(folder, "") + rest if rest else folder
    return path


def _named(place: int, item: object, error: Exception) -> str:
    name = item.get("name") if isinstance(item, dict) else None
    which = f"project {name!r}" if isinstance(name, str) else f"project number {place}"
    return f"{which}: {error.message if isinstance(error, PlugregError) else error}"


def _invalid(called: str, why: str) -> PlugregError:
    return PlugregError(
        f"{called} is no export of a catalog: {why}",
        hint="`plugreg export FILE` makes one; nothing was changed",
        code="import-invalid",
    )
