"""Projects that end the process that imports them: what was seen, and when it is enough.

A start that ended during an import counts once for each project, however many of its processes did.
Two starts of the same environment are enough. What is told of a project is forgotten when it is
enabled or removed, and when its code or its metadata have changed since: both say what is imported.
"""

from __future__ import annotations

import os
import time

from plugreg.backends import CatalogError, PlugregError

from .fingerprint import files_of_metadata
from .starts import FIELD_END, LINE_END, SEEN, left_behind, possible_places, tells_something
from .value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from .catalog_view import ProjectsView
    from .project import Project

ENOUGH = 2
_LOCK = "lock"
_FIELDS_OF_A_RECORD = 4


class Sighting(Value):
    """What was seen of one project in one environment.

    Attributes:
        environment: The environment's folder and version of Python.
        project: The project's normalised name.
        plugin: The plug-in that was imported when the last of the starts ended.
        last_at: When that was, UTC, as "2026-01-31T12:00:00Z".
        look: How the project's code looked then.
        starts: The tokens of the starts that ended so, oldest first.
    """

    __slots__ = ("environment", "project", "plugin", "last_at", "look", "starts")  # noqa: RUF023 - as written
    environment: str
    project: str
    plugin: str
    last_at: str
    look: str
    starts: tuple[str, ...]

    def __init__(self, *fields: str, starts: Iterable[str]) -> None:
        self._set(*fields, tuple(starts))

    def __reduce__(self) -> tuple[object, ...]:
        return (_sighting, self._parts())

    @property
    def enough(self) -> bool:
        """Whether the project is left out in that environment."""
        return len(self.starts) >= ENOUGH

    @property
    def reason(self) -> str:
        """What was seen, one line."""
        count = len(self.starts)
        times = "a start" if count == 1 else f"{count} starts"
        return f"{times} ended while `{self.plugin}` was imported, last at {self.last_at}"


def _sighting(*parts: object) -> Sighting:
    *fields, starts = parts
    return Sighting(*fields, starts=starts)  # type: ignore[arg-type]


def quarantined(registry: ProjectsView) -> dict[str, list[Sighting]]:
    """Return the projects that are left out in some environment, by name; see `sightings`."""
    found: dict[str, list[Sighting]] = {}
    for sighting in sightings(registry):
        if sighting.enough:
            found.setdefault(sighting.project, []).append(sighting)
    return found


def sightings(registry: ProjectsView) -> list[Sighting]:
    """Return what was seen of the projects, and remember what the last starts left behind.

    What was told of code that has changed since is forgotten. Costs little where nothing was seen,
    runs nothing, and never raises for what it cannot read or write.
    """

    def find(name: str) -> Project | None:
        try:
            return registry.get(name)
        except PlugregError:  # a record that cannot be read is not loaded either
            return None

    found: dict[tuple[str, str], Sighting] = {}
    for path in registry.paths:
        for place in possible_places(path):
            for one in _settled(place, find) if tells_something(place) else ():
                known = found.setdefault((one.environment, one.project), one)
                if len(one.starts) > len(known.starts):
                    found[one.environment, one.project] = one
    return list(found.values())


def forget(catalog: str, project: str) -> None:
    """Forget what was seen of a project in any environment; nothing happens if nothing was.

    Raises:
        CatalogError: What was seen lies where this user cannot write (code "quarantine").
    """
    for place in possible_places(catalog):
        if tells_something(place):
            try:
                _forget_in(place, project)
            except OSError as error:
                raise CatalogError(
                    f"what was seen of {project} cannot be forgotten: {error}",
                    hint=f"make {place} writable, or remove it",
                    code="quarantine",
                    path=place,
                    name=project,
                ) from error


def _forget_in(place: str, project: str) -> None:
    with _Held(place):
        for path in left_behind(place):
            if any(fields[2] == project for fields in _records(path)):
                _remove(path)
        _write(place, [one for one in _read(place) if one.project != project])


def look_of(project: Project) -> str:
    """Return how a project's code looks: what changes with any of its files, also unrecorded."""
    from binascii import crc32

    lines = [project.version, project.root, project.source.location]
    lines += [f"{file} {size} {mtime_ns}" for file, size, mtime_ns in _files_of(project)]
    return f"{crc32(chr(10).join(lines).encode(errors='surrogateescape')):08x}"


def _files_of(project: Project) -> Iterator[tuple[str, int, int]]:
    """Yield path, size and mtime in ns of each file of a project, in a fixed order."""
    for place in _places(project):
        for file in sorted(_files(place)):
            try:
                status = os.stat(file)
            except OSError:
                continue
            yield file, status.st_size, status.st_mtime_ns


def _places(project: Project) -> list[str]:
    """Return the files and folders of its code, and those of its metadata."""
    if project.root:
        code = [os.path.join(project.root, path) for path in project.modules.values()]
        location, files = project.source.location, files_of_metadata(project)
        return [*code, *(os.path.join(location, file) if file else location for file in files)]
    info = project.source.location
    tops = {entry.value.partition(":")[0].partition(".")[0] for entry in project.entry_points}
    site = os.path.dirname(info)
    return [info, *(os.path.join(site, top + end) for top in tops for end in ("", ".py"))]


def _files(place: str) -> Iterator[str]:
    if not os.path.isdir(place):
        yield place
    for folder, inner, names in os.walk(place):
        inner[:] = [name for name in inner if name != "__pycache__"]
        yield from (os.path.join(folder, name) for name in names)


def _settled(place: str, find: Callable[[str], Project | None]) -> list[Sighting]:
    """Count what was left behind, forget what is outdated, and return the rest."""
    try:
        with _Held(place):
            before = _read(place)
            known = {(one.environment, one.project): one for one in before if _is_of(one, find)}
            ended = left_behind(place)
            for path, fields in _innermost(ended):
                _count(known, path, fields, find)
            after = list(known.values())
            if after != before or not after:  # what says nothing costs every start a look
                _write(place, after)
            for path in ended:
                _remove(path)
            return after
    except OSError:  # another user's: what it says counts all the same
        return [one for one in _read(place) if _is_of(one, find)]


def _is_of(sighting: Sighting, find: Callable[[str], Project | None]) -> bool:
    """Tell whether it is of a project that is there, and of its code as it is."""
    project = find(sighting.project)
    return project is not None and look_of(project) == sighting.look


def _count(
    known: dict[tuple[str, str], Sighting],
    path: str,
    fields: list[str],
    find: Callable[[str], Project | None],
) -> None:
    environment, token, name, plugin = fields
    project = find(name)
    ended_ns = os.stat(path).st_mtime_ns
    if project is None or any(mtime_ns > ended_ns for _, _, mtime_ns in _files_of(project)):
        return  # what is there now was not there then
    old = known.get((environment, name))
    starts = dict.fromkeys([*(old.starts if old else ()), token])
    moment = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(ended_ns / 1_000_000_000))
    known[environment, name] = Sighting(
        environment, name, plugin, moment, look_of(project), starts=starts
    )


def _innermost(paths: list[str]) -> Iterator[tuple[str, list[str]]]:
    """Yield one record of each process: of a host in a plug-in of a host, what it imported last."""
    last = {}
    for path in sorted(paths, key=_began):
        for fields in _records(path):
            process = os.path.basename(path).rpartition("-")[0]
            last[process, fields[1]] = (path, fields)
    yield from last.values()


def _began(path: str) -> int:
    moment = path.rpartition("-")[2]
    return int(moment) if moment.isdigit() else 0


def _records(path: str) -> list[list[str]]:
    return [fields for fields in _lines_of(path)[:1] if len(fields) == _FIELDS_OF_A_RECORD]


def _lines_of(path: str) -> list[list[str]]:
    """Return the fields of each whole line of a file; none where it cannot be read."""
    try:
        with open(path, "rb", buffering=0) as file:
            text = (file.read() or b"").decode(errors="surrogateescape")
    except OSError:
        return []
    return [line.split(FIELD_END) for line in text.split(LINE_END)[:-1]]


def _read(place: str) -> list[Sighting]:
    size = len(Sighting.__slots__)
    lines = [fields for fields in _lines_of(os.path.join(place, SEEN)) if len(fields) == size]
    return [Sighting(*fields, starts=tokens.split(",")) for *fields, tokens in lines]


def _write(place: str, sightings: list[Sighting]) -> None:
    path = os.path.join(place, SEEN)
    if not sightings:
        _remove(path)
        return
    rows = [FIELD_END.join([*one._parts()[:-1], ",".join(one.starts)]) for one in sightings]  # type: ignore[list-item]
    new = f"{path}.new"
    with open(new, "w", encoding="utf-8", errors="surrogateescape", newline="\n") as file:
        file.write("".join(row + LINE_END for row in rows))
    os.replace(new, path)


def _remove(path: str) -> None:
    try:
        os.unlink(path)
    except FileNotFoundError:  # another process was quicker
        return


class _Held:
    """A place that no other process changes meanwhile."""

    def __init__(self, place: str) -> None:
        self._place = place

    def __enter__(self) -> None:
        path = os.path.join(self._place, _LOCK)
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        os.lockf(self._file, os.F_LOCK, 0)

    def __exit__(self, *exc_info: object) -> None:
        os.close(self._file)
