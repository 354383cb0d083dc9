"""What pip is given to install again what is installed: lines for its requirements files.

Where a distribution came from neither an index nor a tool before PEP 610, its folder of metadata
says from where, in `direct_url.json`:
https://packaging.python.org/en/latest/specifications/direct-url-data-structure/
"""

from __future__ import annotations

import json
import os
from shlex import quote
from typing import NamedTuple
from urllib.parse import urlsplit
from urllib.request import url2pathname

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from plugreg import Project


class PipLine(NamedTuple):
    """A line for pip.

    Attributes:
        text: The line.
        is_of_here: Whether it names a file or folder of this machine.
    """

    text: str
    is_of_here: bool = False


def pip_line(project: Project) -> PipLine:
    """Return the line that installs a distribution again, as `pip freeze` has it.

    Its version is pinned; of what was installed from a folder, an archive or a repository, that is
    named, which alone has it.
    """
    said = _direct_url(project.source.location)
    try:
        return _direct_line(project.name, said)
    except (KeyError, TypeError, AttributeError, ValueError):  # there is none, or it is damaged
        return PipLine(f"{project.name}=={project.version}")


def _direct_url(location: str) -> Any:
    try:
        with open(os.path.join(location, "direct_url.json"), "rb") as file:
            return json.load(file)
    except (OSError, ValueError, RecursionError):
        return None


def _direct_line(name: str, said: Any) -> PipLine:
    url = said["url"]
    parts = urlsplit(url)
    is_of_here = parts.scheme == "file"
    if is_of_here and said.get("dir_info", {}).get("editable"):
        return PipLine(f"-e {quote(url2pathname(parts.path))}", is_of_here=True)
    if "vcs_info" in said:
        url = f"{said['vcs_info']['vcs']}+{url}@{said['vcs_info']['commit_id']}"
    fragment = "&".join(f"{key}={value}" for key, value in _fragment(said))
    return PipLine(f"{name} @ {url}{fragment and '#'}{fragment}", is_of_here)


def _fragment(said: Any) -> list[tuple[str, str]]:
    hashes = dict(said.get("archive_info", {}).get("hashes", {}))
    known = [(name, hashes[name]) for name in sorted(hashes)][:1]
    folder = said.get("subdirectory")
    return [*known, *([("subdirectory", folder)] if folder else [])]
