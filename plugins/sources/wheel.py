"""Wheels: checked, read from their metadata, and unpacked once as an installer would place them.

Specification: https://packaging.python.org/en/latest/specifications/binary-distribution-format/
"""

from __future__ import annotations

import os

from packaging.utils import InvalidWheelFilename, canonicalize_name, parse_wheel_filename

from plugreg import Source, SourceError, take_fingerprint
from plugreg.plugins.hookspecs import hookimpl
from plugreg.printable import safe

from .archive import Member, open_archive, unsafe
from .folder import ProjectFolder
from .layout.discovery import everything_in
from .layout.importable import modules_named
from .layout.names import without_tests
from .metadata.core_metadata import parse_core_metadata
from .metadata.entry_points_txt import parse_entry_points
from .metadata.facts import Facts, checked_entry_points, checked_version, make_project
from .metadata.text import MAX_LONG_BYTES
from .unpacking import unpacked

TYPE_CHECKING = False
if TYPE_CHECKING:
    from packaging.version import Version

    from plugreg import EntryPoint, Project
    from plugreg.plugins.request import ReadRequest

# Parts of NAME.data that land beside the other code; scripts, headers and data are not importable.
_CODE_PARTS = ("purelib", "platlib")


@hookimpl
def plugreg_read_project(request: ReadRequest) -> Project | None:
    """Read a wheel as a project, its code unpacked once; None where the source is not one."""
    path = request.path
    if not (path.lower().endswith(".whl") and os.path.isfile(path)):
        return None
    fingerprint = take_fingerprint(path)  # taken first: a change meanwhile is noticed later
    with open_archive(path) as members:
        facts = read_wheel(path, members)
        placed = place_members(path, members)
        with unpacked(path, placed, request.home) as root:
            found = everything_in(ProjectFolder(root), "")
            modules = without_tests(found, modules_named(facts))
            source = Source("wheel", path)
            return make_project(facts, source, root=root, modules=modules, fingerprint=fingerprint)


def read_wheel(path: str, members: dict[str, Member]) -> Facts:
    """Return what a wheel's metadata says; it is not unpacked yet.

    Raises:
        SourceError: It has no metadata (code "source-no-metadata"), or its name says something
            else than its metadata (code "source-invalid").
    """
    name, version = _of_filename(path)
    dist_info = _dist_info(path, members)
    origin = f"{path}/{dist_info}"
    facts = parse_core_metadata(
        _read(path, members[f"{dist_info}/METADATA"]), f"{origin}/METADATA", installed=True
    )
    _require_same(path, "name", name, canonicalize_name(facts.name or ""))
    _require_same(path, "version", str(version), checked_version(facts.version, facts.origin))
    found = _entry_points(path, members.get(f"{dist_info}/entry_points.txt"), origin)
    return facts.completed_by(Facts("", entry_points=found))


def _entry_points(path: str, member: Member | None, dist_info: str) -> tuple[EntryPoint, ...]:
    if member is None:
        return ()
    origin = f"{dist_info}/entry_points.txt"
    try:
        text = _read(path, member).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise SourceError(
            f"{origin} is not UTF-8 (byte {error.start})",
            hint="no installer takes it as it is; build the wheel again",
            code="source-invalid",
            path=path,
        ) from error
    return tuple(checked_entry_points(parse_entry_points(text, origin), origin))


def place_members(path: str, members: dict[str, Member]) -> dict[str, Member]:
    """Return the members by the path that installing gives them; what is no code is left out."""
    placed: dict[str, Member] = {}
    for name, member in members.items():
        top, _, rest = name.partition("/")
        if top.endswith(".data"):
            part, _, target = rest.partition("/")
            if part not in _CODE_PARTS or not target:
                continue
        else:
            target = name
        if target in placed:
            raise unsafe(path, member.name, "would be written twice")
        placed[target] = member
    return placed


def _of_filename(path: str) -> tuple[str, Version]:
    try:
        name, version, _, _ = parse_wheel_filename(os.path.basename(path))
    except InvalidWheelFilename as error:
        raise SourceError(
            f"{path} does not have the name of a wheel",
            hint="call it as it was called when it was built: NAME-VERSION-TAGS.whl",
            code="source-invalid",
            path=path,
        ) from error
    return name, version


def _dist_info(path: str, members: dict[str, Member]) -> str:
    found = [
        folder
        for name in members
        if name.count("/") == 1 and name.endswith(".dist-info/METADATA")
        for folder in [name.partition("/")[0]]
    ]
    if len(found) == 1:
        return found[0]
    has = f"has several: {', '.join(sorted(found))}" if found else "has no *.dist-info/METADATA"
    raise SourceError(
        f"{path} is no wheel: it {has}",
        hint="build it again, for example with `python -m build --wheel`",
        code="source-invalid" if found else "source-no-metadata",
        path=path,
    )


def _require_same(path: str, field: str, named: str, said: str) -> None:
    if named != said:
        raise SourceError(
            f"{path}: the file is called after {field} `{safe(named)}`, and its"
            f" metadata say `{safe(said)}`",
            hint="do not trust it; get the wheel again from where it was built",
            code="source-invalid",
            path=path,
            field=field,
        )


def _read(path: str, member: Member) -> bytes:
    if member.size > MAX_LONG_BYTES:
        raise unsafe(path, member.name, f"is metadata of {member.size} bytes")
    with member.open() as stream:
        return stream.read(member.size)  # a stream that is read to its end may hold far more
