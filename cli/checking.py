"""`plugreg check`: what is right and wrong with a plug-in, for its author and for CI."""

from __future__ import annotations

import os
from contextlib import suppress

import typer

from plugreg import PlugregError, Project, ProjectNotFound, SourceError
from plugreg.backends import DEFAULT_TIMEOUT_S
from plugreg.printable import safe

from .catalogs import Catalogs, chosen, errors_of
from .options import CATALOG, LAYER
from .result import Result
from .spelling import meant, require_known

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

    from plugreg.catalog_view import ProjectsView
    from plugreg.plugins.checks.finding import Finding

    from .result import Item
    from .screen import Screen

_STYLES = {"ok": "good", "warning": "warn", "error": "bad"}
_SUBJECT: Any = typer.Argument(
    metavar="NAME_OR_SOURCE", help="A project of the catalog, or anything that `add` takes."
)
_HOST: Any = typer.Option(
    "", "--host", metavar="MODULE:ATTR", help="The host's pluggy manager, or its hook specs."
)
_PYTHON: Any = typer.Option(
    "", "--python", metavar="ENV", help="The environment to check in: its folder or interpreter."
)
_GROUP: Any = typer.Option("", "--group", metavar="G", help="The host's group of a bare module.")
_TIMEOUT: Any = typer.Option(
    60.0, "--timeout", metavar="SECONDS", help="How long its imports may take."
)
_FORMAT: Any = typer.Option(
    "text", "--format", metavar="text|github", help="Lines to read, or annotations of GitHub."
)


def check_project(
    subject: str = _SUBJECT,
    *,
    host: str = _HOST,
    python: str = _PYTHON,
    group: str = _GROUP,
    timeout: float = _TIMEOUT,
    output: str = _FORMAT,
    catalog: str | None = CATALOG,
    layer: str = LAYER,
) -> Result:
    """Check a plug-in: metadata, dependencies, names, imports, hooks.

    Its code is imported, in a process of its own, which sees what it requires of the catalog's
    other projects that are on, as `plugreg run` would show it; of a module that one of them has,
    too, a host loads only one. Exit status 1 says that there are
    errors. The hooks of Datasette, llm, pytest and tox are known; --host names those of any other
    host.

    Example: plugreg check . --format github
    """
    from plugreg.plugins.checks.checking import check_project as check

    require_known("format", output, ("text", "github"))
    catalogs = chosen(catalog, layer, DEFAULT_TIMEOUT_S, python)
    hindered: list[PlugregError] = []
    project, known = _find(subject, catalogs, python, group, hindered)
    project, findings = check(project, host=host, python=python, timeout_s=timeout, known=known)
    errors = [finding for finding in findings if finding.status == "error"]
    failed = [_failure(project, errors)] if errors else []
    text = _annotations if output == "github" else _lines
    return Result("check", "checks", list(map(_object, findings)), text, hindered + failed)


def _find(
    subject: str, catalogs: Catalogs, python: str, group: str, hindered: list[PlugregError]
) -> tuple[Project, list[Project]]:
    """Return the project that is meant, of the catalogs, else of a source; and all that they have.

    Adds to `hindered` why some catalogs were left out, where they were asked for the project.
    """
    similar = ""
    if not os.path.exists(subject):
        with catalogs.look() as view:
            try:
                return view.find(subject), _readable(view)
            except ProjectNotFound as error:
                if error.code == "ambiguous":
                    raise
                similar = meant(subject, view.names())
            finally:
                hindered += errors_of(view)
    project = _read(subject, python, group, similar)
    known: list[Project] = []
    with suppress(PlugregError), catalogs.look() as view:  # nobody asked for the catalog
        known = _readable(view)
    return project, known


def _read(subject: str, python: str, group: str, similar: str) -> Project:
    """Read a source; of one that is not there, a project of the catalog may have been meant."""
    from plugreg.plugins import read_project

    try:
        return read_project(subject, python=python, group=group)
    except SourceError as error:
        if error.code == "source-not-found":
            error.hint = similar or error.hint
        raise


def _readable(view: ProjectsView) -> list[Project]:
    return [each for each in view.scan() if isinstance(each, Project)]


def _failure(project: Project, errors: list[Finding]) -> PlugregError:
    count = f"{len(errors)} error{'s' if len(errors) != 1 else ''}"
    return PlugregError(f"{project.name} has {count}", code="check-failed", name=project.name)


def _object(finding: Finding) -> dict[str, object]:
    return {
        "check": finding.check,
        "status": finding.status,
        "message": finding.message,
        "hint": finding.hint,
        "file": finding.file or None,
        "line": finding.line,
    }


def _lines(checks: Iterable[Item], screen: Screen) -> Iterator[str]:
    for check in checks:
        status = screen.paint(check["status"].ljust(len("warning")), _STYLES[check["status"]])
        hint = f"; {check['hint']}" if check["hint"] else ""
        yield f"{status}  {check['check']:12}  {safe(_placed(check) + check['message'] + hint)}"


def _placed(check: Item) -> str:
    if not check["file"]:
        return ""
    line = f":{check['line']}" if check["line"] else ""
    return f"{_shown(check['file'])}{line}: "


def _shown(path: str, folder: str = "") -> str:
    """Return a path as seen from a folder that it lies below; "" is the working directory."""
    inside = os.path.relpath(path, folder or None)
    return path if inside.startswith(os.pardir) else inside


def _in_repository(path: str) -> str:
    """Return a path as GitHub resolves that of an annotation: from the root of the workspace."""
    workspace = os.environ.get("GITHUB_WORKSPACE")
    inside = _shown(os.path.realpath(path), os.path.realpath(workspace)) if workspace else path
    return _shown(path) if os.path.isabs(inside) else inside


def _annotations(checks: Iterable[Item], screen: Screen) -> Iterator[str]:  # noqa: ARG001 - no colour
    """Yield GitHub's workflow commands; see "Workflow commands for GitHub Actions" in its docs."""
    for check in checks:
        if check["status"] == "ok":
            continue
        place = {"file": check["file"] and _in_repository(check["file"]), "line": check["line"]}
        properties = {**place, "title": f"plugreg check: {check['check']}"}
        given = ",".join(f"{key}={_property(value)}" for key, value in properties.items() if value)
        hint = f"; {check['hint']}" if check["hint"] else ""
        yield f"::{check['status']} {given}::{_escaped(check['message'] + hint)}"


def _escaped(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(value: object) -> str:
    return _escaped(str(value)).replace(":", "%3A").replace(",", "%2C")
