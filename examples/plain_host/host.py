"""A host without pluggy: its plug-ins are functions, found by group, imported when they are used.

Usage: python host.py list
       python host.py NAME TEXT
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import cast

from plugreg import plugins

GROUP = "texttool.filters"


def main() -> int:
    """List the filters that are on, or run a text through one of them."""
    filters = {entry.name: entry for entry in plugins.discover(GROUP)}
    if sys.argv[1:] == ["list"]:
        for name, entry in filters.items():
            print(f"{name} ({entry.project} {entry.version})")
        return 0
    name, text = sys.argv[1:]
    if name not in filters:
        print(f"no filter {name!r}; there are: {', '.join(filters) or 'none'}", file=sys.stderr)
        return 1
    run = cast("Callable[[str], str]", filters[name].load())
    print(run(text))
    return 0


if __name__ == "__main__":
    sys.exit(main())
