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
    from email.message import Message
    from importlib.metadata import Distribution


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
        head = _head_of(each)
        if head["Name"]:
            found.setdefault(normalized(head["Name"]), head["Version"] or "")
    return found


def owners(tops: Iterable[str]) -> dict[str, list[str]]:
    """Return the normalised names of the distributions that have each of some top-level modules."""
    from importlib import metadata

    found: dict[str, list[str]] = {top: [] for top in tops}
    for each in metadata.distributions() if found else ():
        names = _names_at_top(each, found)
        for top, theirs in found.items():
            if top in names:
                theirs.append(normalized(_head_of(each)["Name"] or ""))
    return found


def _head_of(distribution: Distribution) -> Message:
    """Return the fields of its metadata without the description, which takes longest to read."""
    from email import message_from_string

    text = distribution.read_text("METADATA") or distribution.read_text("PKG-INFO")
    # An egg may have them in one file of its own name, and other finders wherever they like.
    head = text.partition("\n\n")[0] if text else str(distribution.metadata)
    return message_from_string(head)


def _names_at_top(distribution: Distribution, wanted: Iterable[str]) -> set[str]:
    """Return the names of its top-level modules and packages; maybe none if none is wanted."""
    from inspect import getmodulename

    told = distribution.read_text("top_level.txt")
    if told and told.strip():
        return set(told.split())
    record = distribution.read_text("RECORD")
    if record is not None and not any(top in record for top in wanted):
        return set()  # to parse them all takes longer than anything else here
    paths = distribution.files or ()
    return {
        path.parts[0] if len(path.parts) > 1 else getmodulename(path.name) or path.name
        for path in paths
    }


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
