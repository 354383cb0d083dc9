"""A plug-in in `src` layout, a package with a data file."""

from __future__ import annotations

from importlib.resources import files

import pluggy

hookimpl = pluggy.HookimplMarker("greeter")


@hookimpl
def greet(name: str) -> str:
    """Return the greeting in the package's text file, with the name in it."""
    return files(__name__).joinpath("greeting.txt").read_text(encoding="utf-8").format(name=name)
