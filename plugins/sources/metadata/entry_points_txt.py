"""The text form of entry points: the file of installed metadata, and the values in `setup.cfg`."""

from __future__ import annotations

from plugreg import EntryPoint, SourceError

from .text import require_short, shown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator


def parse_entry_points(text: str, origin: str) -> tuple[EntryPoint, ...]:
    """Return the entry points of a file such as `entry_points.txt`, in its order.

    Names keep their case, may hold colons, and are never interpolated: what a configparser with its
    defaults would do to them. Of two with one group and name the last counts.

    Raises:
        SourceError: A line is neither a section, an entry, a comment nor empty (code
            "source-invalid"); the message names the line. Or it is too long.
    """
    require_short(len(text), origin)
    found: dict[tuple[str, str], str] = {}
    group = ""
    for number, line in _lines(text):
        if line.startswith("[") and line.endswith("]"):
            group = line[1:-1].strip()
        elif not group:
            raise _invalid(origin, number, line, "stands before the first [group]")
        else:
            name, value = _split(line, origin, number)
            found[group, name] = value
    return tuple(EntryPoint(group, name, value) for (group, name), value in found.items())


def parse_entries(text: str, group: str, origin: str) -> tuple[EntryPoint, ...]:
    """Return the entry points of one group from lines of "name = value"."""
    pairs = (_split(line, origin, number) for number, line in _lines(text))
    return tuple(EntryPoint(group, name, value) for name, value in pairs)


def _lines(text: str) -> Iterator[tuple[int, str]]:
    for number, raw in enumerate(text.split("\n"), 1):
        line = raw.strip()
        if line and line[0] not in "#;":
            yield number, line


def _split(line: str, origin: str, number: int) -> tuple[str, str]:
    name, equals, value = line.partition("=")
    if not equals or not name.strip() or not value.strip():
        raise _invalid(origin, number, line, "is not an entry point, `name = module:object`")
    return name.strip(), value.strip()


def _invalid(origin: str, number: int, line: str, fault: str) -> SourceError:
    return SourceError(
        f"{origin}, entry points, line {number}: {shown(line)} {fault}",
        hint="correct it in the project",
        code="source-invalid",
        path=origin,
        field="entry-points",
        line=number,
    )
