"""A plug-in that is declared by its plugin.json, and is told what became of the others."""

from __future__ import annotations

import sys

import pluggy

TYPE_CHECKING = False
if TYPE_CHECKING:
    from plugreg.plugins import LoadReport

hookimpl = pluggy.HookimplMarker("greeter")


@hookimpl
def greet(name: str) -> str:
    """Return a greeting without words."""
    return f"(waves at {name})"


@hookimpl(optionalhook=True)
def plugreg_load_reported(report: LoadReport) -> None:
    """Say how many plug-ins there are, once all are loaded."""
    print(f"{len(report.loaded)} loaded, {len(report.failed)} failed", file=sys.stderr)
