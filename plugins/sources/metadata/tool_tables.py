"""Build backends: what they are called, and where each keeps what a project leaves dynamic."""

from __future__ import annotations

from .entry_points_txt import parse_entries, parse_entry_points
from .facts import Facts
from .literals import (
    first_line_of_docstring,
    literal_in,
    literal_of,
    module_files,
    version_text,
)
from .pep621 import SCRIPTS
from .requirements import own_requirements
from .setup_cfg import file_text, items

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from plugreg import EntryPoint
    from plugreg.plugins.sources.folder import ProjectFolder

    from .table import Table

_NAMES = {
    "flit_core": "flit",
    "flit": "flit",
    "poetry": "poetry-core",
    "pdm": "pdm-backend",
    "hatchling": "hatchling",
}
_VERSION_NAMES = ("__version__", "VERSION")


def backend_name(pyproject: Table) -> str:
    """Return what the project's build backend is called; setuptools where it names none."""
    module = pyproject.table("build-system").text("build-backend") or "setuptools"
    top = module.partition(":")[0].partition(".")[0]
    return _NAMES.get(top, top)


def read_tool_tables(folder: ProjectFolder, pyproject: Table) -> Facts:
    """Return what the tables of the project's own backend say of its dynamic fields."""
    reader = _READERS.get(backend_name(pyproject))
    facts = Facts(pyproject.origin)
    return reader(folder, pyproject, facts) if reader else facts


def _setuptools(folder: ProjectFolder, pyproject: Table, facts: Facts) -> Facts:
    table = pyproject.table("tool.setuptools.dynamic")
    version = table.table("version")
    attribute = version.text("attr")
    written = _file(folder, version)
    requires = _file(folder, table.table("dependencies"))
    own = Facts(
        pyproject.origin,
        version=version_text(literal_of(folder, attribute)) if attribute else written,
        summary=_file(folder, table.table("description")),
        entry_points=_entry_points(folder, table),
        requires_python=_file(folder, table.table("requires-python")),
        dependencies=None if requires is None else own_requirements(items(requires)),
    )
    return facts.completed_by(own)


def _entry_points(folder: ProjectFolder, table: Table) -> tuple[EntryPoint, ...] | None:
    text = _file(folder, table.table("entry-points"))
    if text is None:
        return None
    found = parse_entry_points(text, table.origin)
    for key, group in SCRIPTS.items():
        found += parse_entries(_file(folder, table.table(key)) or "", group, table.origin)
    return found


def _file(folder: ProjectFolder, table: Table) -> str | None:
    """Return the text of the file, or the files, that `{file = ...}` names."""
    value = table.values.get("file")
    names = [value] if isinstance(value, str) else table.texts("file")
    text = file_text(folder, "\n".join(names)) if names else None
    return None if text is None else text.strip()


def _hatchling(folder: ProjectFolder, pyproject: Table, facts: Facts) -> Facts:
    table = pyproject.table("tool.hatch.version")
    if table.text("source") not in (None, "regex") or "pattern" in table:
        return facts
    return _version_in(folder, table.text("path"), facts)


def _pdm(folder: ProjectFolder, pyproject: Table, facts: Facts) -> Facts:
    table = pyproject.table("tool.pdm.version")
    return _version_in(
        folder, table.text("path") if table.text("source") == "file" else None, facts
    )


def _version_in(folder: ProjectFolder, file: str | None, facts: Facts) -> Facts:
    text = folder.own_text(file) if file else None
    version = None if text is None else version_text(literal_in(text, _VERSION_NAMES))
    return facts.completed_by(Facts(facts.origin, version=version))


def _flit(folder: ProjectFolder, pyproject: Table, facts: Facts) -> Facts:
    named = pyproject.table("tool.flit.module").text("name")
    name = named or (pyproject.table("project").text("name") or "").replace("-", "_")
    for file in module_files(name, ("", "src")):
        text = folder.own_text(file)
        if text is not None:
            version = version_text(literal_in(text, ["__version__"]))
            own = Facts(facts.origin, version=version, summary=first_line_of_docstring(text))
            return facts.completed_by(own)
    return facts


_READERS: dict[str, Callable[[ProjectFolder, Table, Facts], Facts]] = {
    "setuptools": _setuptools,
    "hatchling": _hatchling,
    "pdm-backend": _pdm,
    "flit": _flit,
}
