"""Checking a project: its facts here, its code in a child of the environment that it is for."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile

from plugreg import Project, Registry
from plugreg.plugins import environment_program
from plugreg.plugins.children import end_group, environment_set
from plugreg.plugins.environments import require_python
from plugreg.plugins.hosts import importing
from plugreg.plugins.hosts.run.preparation import prepare_run
from plugreg.plugins.hosts.selection import SWITCH_OFF
from plugreg.plugins.module_text import text_of
from plugreg.starts import UNRECORDED, VARIABLE

from . import program
from .finding import ERROR, WARNING, Finding
from .judging import judge_environment, judge_metadata
from .providing import Others
from .reading_diary import findings_of
from .rivalry import rivals_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

# Entry-point group -> where that host has its hooks; `--host` names those of any other.
HOSTS = {
    "datasette": "datasette.plugins:pm",
    "llm": "llm.plugins:pm",
    "pytest11": "_pytest.config:get_config",
    "tox": "tox.plugin.spec",
}
# What is only half of a host: pytest's own manager also knows hooks by their prefix.
_WHOLE = {"_pytest.hookspec": HOSTS["pytest11"]}
TIMEOUT_S = 60.0


def check_project(
    project: Project,
    *,
    host: str = "",
    python: str = "",
    timeout_s: float = TIMEOUT_S,
    known: Iterable[Project] = (),
) -> tuple[Project, list[Finding]]:
    """Return a project as its source says now, and what is right and wrong with it.

    Its code is imported, in a child process that is ended after `timeout_s`; no catalog is changed.

    Args:
        project: The project.
        host: "MODULE:ATTR", where the host has its hooks: a pluggy manager, or a module or class of
            hook specifications. It is for all groups; "" takes those of the hosts that are known.
        python: The interpreter or the folder of the environment to check in; "" is this one.
        timeout_s: How long all imports together may take.
        known: The projects of the catalog: what it requires of those that are on is seen by its
            code, as `plugreg run` would show it; none of them may have a module that it has.

    Raises:
        SourceError: There is no such environment (code "environment-not-found").
        PlugregError: No folder of links can be made.
    """
    interpreter = require_python(python)
    with tempfile.TemporaryDirectory(prefix="plugreg-check-") as folder:
        catalog = os.path.join(folder, "catalog")
        known = list(known)
        others = Others(project, known, interpreter, catalog)
        rest = [one for one in known if one not in others.seen]
        rivals = rivals_of(project, rest, interpreter, catalog)
        with Registry.open(catalog) as registry:
            registry.add(project.replace(enabled=True))
            for other in others.seen:
                registry._catalog.add(other)  # its code stays in the keeping of its own catalog
        with environment_set({SWITCH_OFF: "", VARIABLE: UNRECORDED}):
            run = prepare_run(catalog)
        with Registry.open(catalog) as registry:
            project = registry[project.name]
            try:
                files = _files(folder, _request(project, host))
                end = _run([interpreter, *files], run.environment, timeout_s)
                events = _read(files[-1])
            finally:
                for one in (project, *others.seen):
                    registry.remove(one.name)  # lets go of unpacked code that nobody else uses
    findings = [_of_run(warning, others) for warning in run.warnings]
    findings += judge_metadata(project)
    if events:
        findings += judge_environment(project, events[0], others, rivals)
    return project, [*findings, *findings_of(project, events, end, host)]


def _of_run(warning: str, others: Others) -> Finding:
    """Return what hinders the run; of what is required, the requirement is the error."""
    of_another = any(warning.startswith(f"{other.name} ") for other in others.seen)
    return Finding("metadata", WARNING if of_another else ERROR, warning)


def _files(folder: str, request: dict[str, object]) -> list[str]:
    """Write what the child needs; returns the paths of its program, its request and its diary."""
    inner = os.path.join(folder, "child")
    os.mkdir(inner)
    paths = [os.path.join(inner, name) for name in ("check.py", "request.json", "diary.jsonl")]
    parts = {"check": program, "facts": environment_program, "importing": importing}
    for name, module in parts.items():
        with open(os.path.join(inner, f"{name}.py"), "w", encoding="utf-8") as file:
            file.write(text_of(module))
    with open(paths[1], "w", encoding="utf-8") as file:
        json.dump(request, file)
    return paths


def _run(command: list[str], environment: dict[str, str], timeout_s: float) -> str:
    """Run the child and return how it ended, "" where it came to its end."""
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(  # noqa: S603 - that is what was asked for
            command,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
        try:
            return _ending(process.wait(timeout_s))
        except subprocess.TimeoutExpired:
            return f"was still at it after {timeout_s:g} s"
        finally:
            end_group(process)


def _request(project: Project, host: str) -> dict[str, object]:
    known = dict.fromkeys(project.groups, host) if host else HOSTS
    return {
        "root": project.root,
        "tops": tops_of(project),
        "entries": [[entry.group, entry.name, entry.value] for entry in project.entry_points],
        "hosts": {
            group: _WHOLE.get(known[group], known[group])
            for group in project.groups
            if group in known
        },
    }


def tops_of(project: Project) -> list[str]:
    """Return the top-level names that it makes importable, but for namespaces that many share."""
    if not project.root:
        values = [entry.value for entry in project.entry_points]
        return sorted({value.partition(":")[0].partition(".")[0].strip() for value in values})
    places = {
        name: os.path.join(project.root, path)
        for name, path in project.modules.items()
        if "." not in name
    }
    return sorted(name for name, place in places.items() if not _is_namespace(place))


def _is_namespace(place: str) -> bool:
    return os.path.isdir(place) and not os.path.exists(os.path.join(place, "__init__.py"))


def _ending(status: int) -> str:
    if status == 0:
        return ""
    if status > 0:
        return f"ended with status {status}"
    import signal

    try:
        return f"was ended by {signal.Signals(-status).name}"
    except ValueError:
        return f"was ended by signal {-status}"


def _read(path: str) -> list[dict[str, Any]]:
    try:
        with open(path, encoding="utf-8") as file:
            return [json.loads(line) for line in file if line.endswith("\n")]
    except OSError:  # it did not even begin
        return []
