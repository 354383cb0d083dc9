"""The codes of the problems that `plugreg doctor` tells."""

from __future__ import annotations

import ast

from .tree import nodes, text_of
from .words import as_text


def write() -> str:
    """Return a line for each code, with what is said where that is always the same."""
    return "".join(
        f"`{code}`\n: {as_text(said) or 'See the message.'}\n\n" for code, said in codes().items()
    )


def codes() -> dict[str, str]:
    """Return what is said for each code, sorted by code."""
    calls = [
        node
        for node in nodes()
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Problem" and node.args
    ]
    found = {text_of(call.args[0]): text_of(call.args[1]) for call in calls if len(call.args) > 1}
    return {code: found[code] for code in sorted(found) if code}
