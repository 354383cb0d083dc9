"""From an entry point's value to the object, and from a failure to a reason and a fix."""

from __future__ import annotations

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


def reason_of(error: BaseException) -> str:
    """Return an error as one line: its kind, and the first lines of what it says."""
    said = [line.strip() for line in str(error).splitlines() if line.strip()]
    return ": ".join([type(error).__name__, *(["; ".join(said[:_LINES])] if said else [])])


def fix_of(error: BaseException, project: Project) -> str:
    """Return what to do about a plug-in that raised this, one line."""
    off = f"plugreg disable {project.name}"
    if isinstance(error, ModuleNotFoundError) and error.name:
        top = error.name.partition(".")[0]
        if top not in project.modules:
            return f"install what provides `{top}`, or {off}"
    return f"mend the plug-in, or {off}"
