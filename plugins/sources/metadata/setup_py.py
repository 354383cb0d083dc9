"""What a `setup.py` sets, by name only: its values are known to nobody who does not run it."""

from __future__ import annotations

import ast

from plugreg import SourceError

from .literals import parse_module

TYPE_CHECKING = False
if TYPE_CHECKING:
    from plugreg.plugins.sources.folder import ProjectFolder

    from .facts import Facts

SETUP_PY = "setup.py"
# Argument of setup() -> the fact that it gives.
_ARGUMENTS = {
    "version": "version",
    "use_scm_version": "version",
    "entry_points": "entry_points",
    "install_requires": "dependencies",
}


def require_nothing_more(facts: Facts, folder: ProjectFolder) -> None:
    """Check that `setup.py` sets nothing that other files leave open.

    Raises:
        SourceError: It does (code "source-dynamic"); the message names the argument.
    """
    for argument in _arguments(folder):
        fact = _ARGUMENTS.get(argument)
        if fact is not None and getattr(facts, fact) is None:
            raise SourceError(
                f"{folder.place(SETUP_PY)} sets `{argument}`, which cannot be read without"
                " running it",
                hint="pass --build to ask setuptools",
                code="source-dynamic",
                path=folder.place(SETUP_PY),
                field=argument,
            )


def _arguments(folder: ProjectFolder) -> list[str]:
    """Return the names of the arguments of every call of something called `setup`."""
    tree = parse_module(folder.text(SETUP_PY) or "")
    calls = [] if tree is None else [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    return [
        keyword.arg
        for call in calls
        if getattr(call.func, "attr", getattr(call.func, "id", "")) == "setup"
        for keyword in call.keywords
        if keyword.arg is not None
    ]
