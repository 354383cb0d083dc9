"""Which packages and modules a project's folder makes importable: what says it best comes first."""

from __future__ import annotations

from packaging.utils import canonicalize_name

from plugreg.plugins.sources.metadata.text import MAX_LONG_BYTES
from plugreg.plugins.sources.metadata.tool_tables import backend_name

from .configured import configured_modules
from .discovery import discover, pick
from .names import METADATA, without_tests

TYPE_CHECKING = False
if TYPE_CHECKING:
    from plugreg.plugins.sources.folder import ProjectFolder
    from plugreg.plugins.sources.metadata.facts import Facts
    from plugreg.plugins.sources.metadata.table import Table

# Build backends that ship the package called like the project, and no other.
_BY_NAME = {"hatchling", "flit", "poetry-core", "uv_build"}


def find_modules(
    folder: ProjectFolder, facts: Facts, pyproject: Table, recorded: dict[str, str]
) -> dict[str, str]:
    """Return import name to path, relative to the folder, for the project's own code only.

    Args:
        folder: The project's.
        facts: What is known of it.
        pyproject: Its `pyproject.toml`.
        recorded: What an earlier build says that it makes importable, empty where none says it.
    """
    named = modules_named(facts)
    own = canonicalize_name(facts.name or "").replace("-", "_")
    found = configured_modules(folder, pyproject) or recorded
    if not found:
        found = discover(folder, named, own, by_name=backend_name(pyproject) in _BY_NAME)
    missing = named - {name.partition(".")[0] for name in found}
    late = pick(folder, sorted(missing), ("src", ""))
    _expect(folder, missing - late.keys() if found or late else {own, *missing})
    return without_tests({**late, **found}, named)


def _expect(folder: ProjectFolder, names: set[str]) -> None:
    """Have modules looked for that are named, and that are another's or yet to be made."""
    for name in sorted(filter(str.isidentifier, names)):
        for place in (name, f"{name}.py", f"src/{name}", f"src/{name}.py"):
            folder.expect(place)


def modules_named(facts: Facts) -> set[str]:
    """Return the top-level names of the modules that entry points name."""
    values = (entry.value for entry in facts.entry_points or ())
    return {value.partition(":")[0].partition(".")[0].strip() for value in values}


def recorded_modules(folder: ProjectFolder, metadata: str) -> dict[str, str]:
    """Return what the metadata of an earlier build says to be importable, and is there."""
    parent = metadata.rpartition("/")[0]
    text = folder.text(f"{metadata}/RECORD", MAX_LONG_BYTES)
    names = (
        top_level_of_record(text)
        if text
        else (folder.text(f"{metadata}/top_level.txt") or "").split()
    )
    return pick(folder, names, (parent, "", "src"))


def top_level_of_record(record: str) -> list[str]:
    """Return the top-level import names among the files of a `RECORD`."""
    tops = {line.partition(",")[0].strip('"').split("/")[0] for line in record.splitlines()}
    return sorted(top.partition(".")[0] for top in tops if top and not top.endswith(METADATA))
