"""What can be said of a project without its code: its metadata, held against an environment."""

from __future__ import annotations

import os
import re

from packaging.requirements import InvalidRequirement
from packaging.specifiers import InvalidSpecifier
from packaging.version import InvalidVersion

from plugreg.names import normalize_name
from plugreg.plugins.environments import OtherEnvironment
from plugreg.plugins.hosts.gates.rules import Gates
from plugreg.plugins.hosts.gates.there import hosts_of
from plugreg.plugins.standards import allows, applies, requirement_of, specifiers_of, version_of

from .finding import ERROR, OK, WARNING, Finding

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

    from plugreg import Project

    from .providing import Others
    from .rivalry import Rival

_DECLARING = ("pyproject.toml", "setup.cfg", "setup.py")
# The entry points specification: "package.module", and perhaps ":attribute.of.it [extras]".
_VALUE = re.compile(r"\s*[\w.]+\s*(:\s*[\w.]+\s*)?(\[[^\]]*\]\s*)?")


def judge_metadata(project: Project) -> Iterator[Finding]:
    """Yield what is right and wrong with a project's name, version and entry points."""
    file = _declaring_file(project)
    faults = list(_faults(project))
    for message, hint in faults:
        yield Finding("metadata", ERROR, message, hint, file=file)
    if not faults:
        count = len(project.entry_points)
        what = f"{count} entry point{'s' if count != 1 else ''}"
        yield Finding("metadata", OK, f"{project.display_name} {project.version}, {what}")


def judge_environment(
    project: Project, facts: dict[str, Any], others: Others, rivals: Iterable[Rival] = ()
) -> Iterator[Finding]:
    """Yield how a project fits an environment.

    Args:
        project: The project.
        facts: What the child said of its environment: see the program's "environment".
        others: What the catalog's other projects provide.
        rivals: Those that have a module that the project has.
    """
    file = _declaring_file(project)
    for finding in (
        *_python(project, facts["markers"]["python_full_version"]),
        *_dependencies(project, facts, others),
        *_names(project, facts, list(rivals)),
    ):
        place = file if finding.status != OK else ""
        yield Finding(finding.check, finding.status, finding.message, finding.hint, file=place)


def _declaring_file(project: Project) -> str:
    """Return the file that most probably declares the metadata, or ""."""
    source = project.source.location
    if project.source.kind == "module":
        return source
    places = [os.path.join(source, name) for name in _DECLARING]
    return next(filter(os.path.isfile, places), "")


def _faults(project: Project) -> Iterator[tuple[str, str]]:
    try:
        version_of(project.version)
    except InvalidVersion:
        yield (f"the version {project.version!r} is none", "write it as PEP 440 says, such as 1.0")
    if not project.entry_points:
        hint = 'declare one: [project.entry-points.HOST] with NAME = "module"'
        yield ("there is no entry point, so no host loads anything of it", hint)
    for entry in project.entry_points:
        if _VALUE.fullmatch(entry.value) is None:
            hint = "write package.module or package.module:attribute"
            yield (f"the entry point {entry.name} = {entry.value!r} names no object", hint)


def _python(project: Project, version: str) -> Iterator[Finding]:
    required = project.requires_python
    try:
        fits = not required or allows(specifiers_of(required), version)
    except InvalidSpecifier:
        hint = "write requires-python as PEP 440 says, such as >=3.11"
        yield Finding("python", ERROR, f"requires-python {required!r} is no condition", hint)
        return
    if fits:
        yield Finding("python", OK, f"runs on Python {version}")
    else:
        hint = "use another Python, or widen requires-python"
        yield Finding("python", ERROR, f"needs Python {required}; this one is {version}", hint)


def _dependencies(project: Project, facts: dict[str, Any], others: Others) -> Iterator[Finding]:
    missing = 0
    for finding in _host(project, facts):
        missing += 1
        yield finding
    for text in project.dependencies:
        try:
            need = requirement_of(text)
        except InvalidRequirement as error:
            missing += 1
            yield Finding("dependencies", ERROR, f"{text!r} is no requirement: {error}")
            continue
        if not applies(need, facts["markers"]):
            continue
        found = facts["installed"].get(normalize_name(need.name))
        if found is not None and allows(need.specifier, found):
            continue
        missing += 1
        what = "is not installed" if found is None else f"is {found} here"
        message = f"needs {need.name}{need.specifier}, which {what}"
        yield Finding("dependencies", ERROR, message, others.remedy(need))
    if not missing:
        yield Finding("dependencies", OK, f"{len(project.dependencies)} required, none missing")


def _host(project: Project, facts: dict[str, Any]) -> Iterator[Finding]:
    """Hold a host's version against what `hosts` says; a requirement is judged with the others."""
    there = OtherEnvironment(facts)
    unfit = Gates(hosts_of(project, there), (), there).unfit_host(project)
    if unfit is not None:
        host, wanted, here = unfit
        hint = f"install such a version of {host}, or widen `hosts` in [tool.plugreg]"
        yield Finding("dependencies", ERROR, f"needs {host} {wanted}, and this is {here}", hint)


def _names(project: Project, facts: dict[str, Any], rivals: list[Rival]) -> Iterator[Finding]:
    shared = len(rivals)
    for rival in rivals:
        hint = f"rename it, or plugreg disable {rival.name}: only one of the two is loaded"
        status = ERROR if rival.same_host else WARNING
        yield Finding("names", status, f"{rival.conflict}: {rival.name}", hint)
    for top in facts["stdlib"]:
        shared += 1
        message = f"its module `{top}` has the name of one of Python's own, which comes first"
        yield Finding("names", ERROR, message, "rename it")
    for top, owners in facts["owners"].items():
        others = [name for name in owners if name != project.name]
        if others:
            shared += 1
            message = f"its module `{top}` has the name of one of {', '.join(sorted(set(others)))}"
            yield Finding("names", WARNING, message, "rename it: one of them hides the other")
    if not shared:
        yield Finding("names", OK, "its modules have names of their own")
