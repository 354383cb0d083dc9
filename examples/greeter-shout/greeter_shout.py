"""A plug-in that is a single module."""

from __future__ import annotations

import pluggy

hookimpl = pluggy.HookimplMarker("greeter")


@hookimpl
def greet(name: str) -> str:
    """Return a loud greeting."""
    return f"HELLO {name.upper()}!"
