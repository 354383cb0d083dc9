"""From an entry point's value to the object, and from a failure to a reason and a fix.

A check runs a copy of this in the environment that it looks at, on any Python from 3.8 on.
"""

from __future__ import annotations

import os
import sys

# pluggy says which hook, how it is defined and what is wrong in a line each.
_LINES = 3

TYPE_CHECKING = False
if TYPE_CHECKING:
    from plugreg import Project


class ModuleHidden(ImportError):
    """Python finds another module of the name first."""


def load_object(value: str, homes: tuple[str, ...] = ()) -> object:
    """Import what an entry point's value names: "package.module:attribute.of.it [extras]".

    Args:
        value: The entry point's value.
        homes: The folders that its top-level module may come from; none allows any.

    Raises:
        ModuleHidden: Another module of that name, such as one of the standard library, hides it.
        Anything that the module raises while it is imported.
    """
    module, attributes = _module(value), value.partition("[")[0].partition(":")[2].strip()
    try:
        __import__(module)
    except ModuleNotFoundError:
        if homes and _top(value) in sys.modules:
            _require_home(_top(value), homes)
        raise
    if homes:
        _require_home(_top(value), homes)
    found: object = sys.modules[module]
    for attribute in attributes.split(".") if attributes else ():
        found = getattr(found, attribute)
    return found


def homes_of(value: str, project: Project, place: str) -> tuple[str, ...]:
    """Return the folders that the module of a project's entry point has to come from.

    None for what is installed, or not among the project's modules: that can be anybody's.

    Args:
        value: The entry point's value.
        project: The project.
        place: The folder of the overlays, with its separator.
    """
    root = project._record["root"]
    return (
        (place, os.path.join(root, ""))
        if root and _top(value) in project._record["modules"]
        else ()
    )


def _module(value: str) -> str:
    return value.partition("[")[0].partition(":")[0].strip()


def _top(value: str) -> str:
    return value.partition(":")[0].partition(".")[0].strip()


def _require_home(top: str, homes: tuple[str, ...]) -> None:
    module = sys.modules[top]
    file = getattr(module, "__file__", None)
    files = [file] if file else list(getattr(module, "__path__", ())) or ["a built-in module"]
    if any(file.startswith(homes) for file in files):
        return
    real = tuple(os.path.realpath(home) + os.sep for home in homes)
    if not any(os.path.realpath(file).startswith(real) for file in files):
        raise ModuleHidden(f"its module is hidden by another of that name: {files[0]}")


def give_back_path(before: list[str]) -> bool:
    """Put back on `sys.path` what a plug-in took from it, behind what it added; tell whether.

    Args:
        before: What was there before it was imported.
    """
    now = sys.path
    if now == before:
        return False
    if not isinstance(now, list):
        sys.path = before
        return True
    if all(entry in now for entry in before):
        return False
    now[:] = [entry for entry in now if entry not in before] + before
    return True


def reason_of(error: BaseException) -> str:
    """Return an error as one line: its kind, and the first lines of what it says."""
    try:
        text = str(error)
    except Exception:  # noqa: BLE001 - a plug-in's own error can be as broken as the plug-in
        text = ""
    plain = "".join(char if char.isprintable() or char == "\n" else "?" for char in text)
    said = [line.strip() for line in plain.split("\n") if line.strip()]
    return ": ".join([type(error).__name__, *(["; ".join(said[:_LINES])] if said else [])])


def fix_of(error: BaseException, project: Project, value: str) -> str:
    """Return what to do about a plug-in whose entry point of that value raised this, one line."""
    off = f"plugreg disable {project.name}"
    if isinstance(error, ModuleHidden):
        return f"rename its module, or {off}"
    if isinstance(error, ModuleNotFoundError) and error.name:
        return f"{_fix_of_missing(error.name, project, value)}, or {off}"
    return f"mend the plug-in, or {off}"


def _fix_of_missing(missing: str, project: Project, value: str) -> str:
    """Return what to do about a module that was not found: whose it is says that."""
    top = missing.partition(".")[0]
    refresh = f"plugreg refresh {project.name}"
    if project.root and f"{_module(value)}.".startswith(f"{missing}."):
        if missing in project.modules:
            return refresh
        return f"correct its entry point: the project has no module `{missing}`"
    if top in project.modules:
        return "mend the plug-in"
    if project.root and any(map(os.path.exists, _places_of(project.root, top))):
        return f"name `{top}` among the project's modules in its metadata, and {refresh}"
    return f"install what provides `{top}`"


def _places_of(root: str, module: str) -> list[str]:
    return [os.path.join(root, module + end) for end in (".py", "")]
