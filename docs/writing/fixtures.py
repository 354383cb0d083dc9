"""The fixtures of pytest, from their docstrings."""

from __future__ import annotations

import inspect

from plugreg.plugins import testing

from .words import as_text

# What a fixture returns, and is called by a test.
_CALLED = {"make_project": "ProjectMaker", "plugreg_manager": "ManagerMaker"}


def write() -> str:
    """Return a section for each fixture."""
    return "\n".join(map(_section, fixtures()))


def fixtures() -> list[str]:
    """Return the names of the fixtures, in the order of the code."""
    kind = type(testing.plugreg_catalog)
    return [name for name, found in vars(testing).items() if type(found) is kind]


def _section(name: str) -> str:
    said = as_text(inspect.getdoc(getattr(testing, name)) or "")
    return f"## `{name}`\n\n{said}\n\n{_call(name)}"


def _call(name: str) -> str:
    if name not in _CALLED:
        return ""
    whole = f"plugreg.plugins.testing.{_CALLED[name]}.__call__"
    return f"```{{eval-rst}}\n.. automethod:: {whole}\n```\n"
