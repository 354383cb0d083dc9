"""`plugreg import`: make the catalog match an export, or say what that would do."""

from __future__ import annotations

import os
import sys

import typer

from plugreg import PlugregError, Project
from plugreg.backends.paths import absolute
from plugreg.exchange import read_export
from plugreg.printable import safe

from .catalogs import chosen
from .change_object import difference_object
from .change_text import details_of_project
from .command_words import command_words
from .options import CATALOG, LAYER_TO_CHANGE, TIMEOUT
from .progress import Progress
from .result import Result, UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any, BinaryIO

    from plugreg.change import Difference

    from .result import Item
    from .screen import Screen

_FILE: Any = typer.Argument(
    metavar="FILE", help="What `plugreg export` wrote; - is standard input."
)
_ROOT: Any = typer.Option(
    "", "--root", metavar="DIR", help="What its paths are relative to; else FILE's folder."
)
_DRY_RUN: Any = typer.Option(False, "--dry-run", help="Only say what would be changed.")
# Of 10,000 projects it is some 20 MB; it is parsed whole, and a device may have no end.
MOST_BYTES = 256 * 1024**2
_SIGNS = {"added": ("+", "good"), "removed": ("-", "bad")}


def import_catalog(
    file: str = _FILE,
    *,
    root: str = _ROOT,
    dry_run: bool = _DRY_RUN,
    catalog: str | None = CATALOG,
    layer: str = LAYER_TO_CHANGE,
    timeout: float = TIMEOUT,
) -> Result:
    """Make the catalog match an export: its projects, as they are there, and no others.

    All or nothing, as one change, which `plugreg undo` takes back. The code of a wheel or sdist
    is unpacked from where the export says it is; what else is missing here is told, with a remedy.
    Of several layers it is the one that new projects go to, and what the others have stays.

    Example: plugreg import plugins.json --dry-run
    """
    folder = os.path.abspath(root or os.path.dirname(file) or ".")
    catalogs = chosen(catalog, layer, timeout)
    called = "standard input" if file == "-" else file
    projects, errors = read_export(_text_of(file), folder, catalogs.home_for_new, called=called)
    if errors:
        return Result("import", "plan", {}, _nothing, errors)
    warnings = catalogs.unread_layers()
    with catalogs.open(catalogs.path_for_new, read_only=dry_run) as registry:
        different = registry.differences_to(projects)
        if not dry_run:
            warnings += _code_brought(different)
            with registry.batch(command_words()):
                different = registry.match(projects)
    warnings += _missing(projects, dry_run=dry_run)
    return Result(
        "import", "plan", _plan(projects, different, dry_run=dry_run), _text, (), warnings
    )


def _code_brought(different: list[Difference]) -> list[str]:
    """Unpack the code of what is new here, before the catalog is changed; return what failed."""
    from plugreg.plugins.refreshing import bring_code

    failed: list[str] = []
    for each in different:
        if isinstance(each.after, Project):
            try:
                bring_code(each.after)
            except PlugregError as error:
                failed.append(str(error))
    return failed


def _text_of(file: str) -> str:
    try:
        if file == "-":
            if sys.stdin is None:
                raise UsageError("there is no standard input to read: name a FILE")
            return _bounded(file, sys.stdin.buffer)
        with open(absolute(file), "rb") as stream:
            return _bounded(file, stream)
    except UnicodeDecodeError as error:
        raise _unreadable(file, "it is not UTF-8 text") from error
    except OSError as error:
        raise _unreadable(file, error.strerror or str(error)) from error


def _bounded(file: str, stream: BinaryIO) -> str:
    data = stream.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        raise _unreadable(file, f"it has more than {MOST_BYTES:,} bytes", "is it an export?")
    return data.decode()


def _unreadable(file: str, why: str, hint: str = "check its name and permissions") -> PlugregError:
    return PlugregError(
        f"{file} cannot be read: {why}",
        hint=hint,
        code="import-unreadable",
        path=file,
    )


def _plan(
    projects: list[Project], different: list[Difference], *, dry_run: bool
) -> dict[str, object]:
    changed = {each.name for each in different}
    return {
        "dry_run": dry_run,
        "differences": [difference_object(each) for each in different],
        "unchanged": sorted(each.name for each in projects if each.name not in changed),
    }


def _missing(projects: list[Project], *, dry_run: bool) -> list[str]:
    """Return warnings that name the projects whose sources or code are not on this machine.

    Args:
        projects: Those of the export.
        dry_run: Whether code that can be unpacked is still to be.
    """
    from plugreg.plugins.missing import missing_of

    with Progress("projects") as progress:
        looked = [(each, missing_of(each)) for each in progress.over("look", projects)]
    gone = [(each, missing) for each, missing in looked if missing]
    installed = [project for project, _ in gone if project.source.kind == "distribution"]
    others = [(each, missing) for each, missing in gone if each.source.kind != "distribution"]
    absent = [each.name for each, missing in others if missing.file == each.source.location]
    warnings = []
    if absent:
        warnings.append(
            f"the source of {', '.join(absent)} is not here; bring it there, and"
            f" `plugreg refresh {' '.join(absent)}` makes the code of it again"
        )
    warnings += [
        f"{each.name}: {missing.reason}; {missing.fix}"
        for each, missing in others
        if each.name not in absent and not (dry_run and missing.can_be_unpacked)
    ]
    if installed:
        warnings.append(_not_installed(installed))
    return warnings


def _not_installed(gone: list[Project]) -> str:
    """Return what to do about distributions; a local version (PEP 440) is of no index."""
    local = [project.name for project in gone if "+" in project.version]
    pins = " ".join(f"{one.name}=={one.version}" for one in gone if one.name not in local)
    ways = [f"`pip install {pins}` here"] if pins else []
    ways += [f"install {', '.join(local)} from where it was built"] if local else []
    groups = sorted({project.groups[0] for project in gone if project.groups})
    synced = " and ".join(f"`plugreg sync --group {group}`" for group in groups)
    told = ", ".join(project.name for project in gone)
    return (
        f"{told}: not installed where the export says; {' and '.join(ways)}, then"
        f" {synced or '`plugreg add` by name'}"
    )


def _text(plan: Item, screen: Screen) -> Iterator[str]:
    for each in plan["differences"]:
        sign, style = _SIGNS.get(each["change"], ("~", "warn"))
        yield f"{screen.paint(sign, style)} {safe(each['name'])}  {safe(details_of_project(each))}"
    counts = {"added": 0, "removed": 0, "changed": 0}
    for each in plan["differences"]:
        counts[each["change"] if each["change"] in counts else "changed"] += 1
    told = ", ".join(f"{number} {word}" for word, number in counts.items())
    would = "would be: " if plan["dry_run"] else ""
    yield f"{would}{told}, {len(plan['unchanged'])} unchanged"


def _nothing(_item: Item, _screen: Screen) -> Iterator[str]:
    return iter(())
