"""A pluggy host: it asks its plug-ins for greetings, and loads them with one call.

Usage: python host.py NAME
"""

from __future__ import annotations

import sys

import pluggy

from plugreg import plugins

hookspec = pluggy.HookspecMarker("greeter")


class GreeterSpec:
    """What a plug-in of this host can do."""

    @hookspec
    def greet(self, name: str) -> str:
        """Return a greeting for `name`."""
        raise NotImplementedError


def main() -> None:
    """Load the plug-ins that are on, and let each of them greet."""
    pm = pluggy.PluginManager("greeter")
    pm.add_hookspecs(GreeterSpec)
    report = plugins.load(pm)
    for greeting in pm.hook.greet(name=sys.argv[1]):
        print(greeting)
    if report.catalog_error:
        print(f"the catalog cannot be read: {report.catalog_error}", file=sys.stderr)
    for outcome in report.failed:
        print(f"not loaded: {outcome}", file=sys.stderr)


if __name__ == "__main__":
    main()
