"""What an environment's Python is asked: it runs this text, and prints one line of JSON.

It imports nothing of plugreg and runs on any Python from 3.8 on. The arguments are the names of
modules to look for; nothing of them is imported.
"""

from __future__ import annotations

import json
import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable


def environment(modules: Iterable[str]) -> dict[str, object]:
    """Return what requirements and entry points are held against."""
    return {
        "prefix": sys.prefix,
        "base_prefix": sys.base_prefix,
        "path": sys.path,
        "markers": markers(),
        "installed": installed(),
        "modules": [name for name in modules if _is_there(name)],
    }


def installed() -> dict[str, str]:
    """Return the normalised name and the version of each installed distribution."""
    from importlib import metadata

    found: dict[str, str] = {}
    for each in metadata.distributions():
        name = each.metadata["Name"]
        if name:
            found.setdefault(normalized(name), each.version or "")
    return found


def normalized(name: str) -> str:
    """Return a distribution's name as it is compared."""
    parts = name.lower().replace("_", "-").replace(".", "-").split("-")
    return "-".join(part for part in parts if part)


def markers() -> dict[str, str]:
    """Return the environment as PEP 508 names its parts."""
    import platform

    version = platform.python_version()
    return {
        "implementation_name": sys.implementation.name,
        "implementation_version": version,
        "os_name": os.name,
        "platform_machine": platform.machine(),
        "platform_python_implementation": platform.python_implementation(),
        "platform_release": platform.release(),
        "platform_system": platform.system(),
        "platform_version": platform.version(),
        "python_full_version": version,
        "python_version": ".".join(version.split(".")[:2]),
        "sys_platform": sys.platform,
    }


def _is_there(name: str) -> bool:
    from importlib.util import find_spec

    try:
        return name.isidentifier() and find_spec(name) is not None
    except (ImportError, ValueError):
        return True


if __name__ == "__main__":
    if sys.path[:1] == [""]:  # not with PYTHONSAFEPATH
        del sys.path[0]  # the working directory is nobody's environment
    print(json.dumps(environment(sys.argv[1:])))  # noqa: T201 - that is what it is run for
