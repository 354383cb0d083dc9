"""From an entry point's value to the object, and from a failure to a reason and a fix."""

from __future__ import annotations

import os
import sys

# pluggy says which hook, how it is defined and what is wrong in a line each.
_LINES = 3

TYPE_CHECKING = False
if TYPE_CHECKING:
    from plugreg import Project


def load_object(value: str) -> object:
    """Import what an entry point's value names: "package.module:attribute.of.it [extras]".

    Raises:
        Anything that the module raises while it is imported.
    """
    module, _, attributes = value.partition("[")[0].partition(":")
    __import__(module.strip())
    found: object = sys.modules[module.strip()]
    for attribute in attributes.strip().split(".") if attributes.strip() else ():
        found = getattr(found, attribute)
    return found


def stranger_of(value: str, project: Project, place: str) -> str:
    """Return what was imported in the place of a project's own module, or "".

    Another module of that name, such as one of the standard library, hides it.

    Args:
        value: The entry point's value, loaded already.
        project: The project; a module that it does not have itself can be anybody's.
        place: The folder of the overlays, with its separator.
    """
    top = value.partition(":")[0].partition(".")[0].strip()
    if top not in project._record["modules"]:
        return ""
    module = sys.modules[top]
    file = getattr(module, "__file__", None)
    files = [file] if file else list(getattr(module, "__path__", ())) or ["a built-in module"]
    if any(file.startswith(place) for file in files):
        return ""
    root = os.path.realpath(project.root) + os.sep
    return "" if any(os.path.realpath(file).startswith(root) for file in files) else files[0]


def reason_of(error: BaseException) -> str:
    """Return an error as one line: its kind, and the first lines of what it says."""
    try:
        text = str(error)
    except Exception:  # noqa: BLE001 - a plug-in's own error can be as broken as the plug-in
        text = ""
    plain = "".join(char if char.isprintable() or char == "\n" else "?" for char in text)
    said = [line.strip() for line in plain.split("\n") if line.strip()]
    return ": ".join([type(error).__name__, *(["; ".join(said[:_LINES])] if said else [])])


def fix_of(error: BaseException, project: Project) -> str:
    """Return what to do about a plug-in that raised this, one line."""
    off = f"plugreg disable {project.name}"
    if isinstance(error, ModuleNotFoundError) and error.name:
        top = error.name.partition(".")[0]
        if top not in project.modules:
            return f"install what provides `{top}`, or {off}"
    return f"mend the plug-in, or {off}"
