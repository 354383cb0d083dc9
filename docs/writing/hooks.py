"""The hooks, from their specifications' docstrings."""

from __future__ import annotations

import inspect

from plugreg.plugins import hookspecs

from .words import as_text


def write() -> str:
    """Return a section for each hook."""
    return "\n".join(
        f"## `{name}({', '.join(inspect.signature(found).parameters)})`\n\n"
        f"{as_text(inspect.getdoc(found) or '')}\n"
        for name, found in hooks().items()
    )


def hooks() -> dict[str, object]:
    """Return the specifications by name."""
    return {
        name: found
        for name, found in vars(hookspecs).items()
        if hasattr(found, f"{hookspecs.GROUP}_spec")
    }
